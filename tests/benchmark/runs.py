"""What is measured on the two test beds: the second run, from nothing, and one certificate changed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from .bed import Bed
from .counts import Sample

HERE = Path(__file__).parent
OURS, PROVED, PEER, FLOOR, BOOTS = "ours", "with the proof", "the peer", "the floor", "boots alone"
# One sample of each round, in the order of the rounds.
Samples = dict[str, list[Sample]]
Measure = Callable[[], Sample]


class Beds:
    """The collection has one bed, the peer another; the floor does nothing on either."""

    def __init__(self, folder: Path) -> None:
        self.ours = Bed(folder / "ours")
        self.peer = Bed(folder / "peer")
        self._floor = folder / "floor.yml"
        self._floor.write_text(floor((HERE / "peer.yml").read_text()))

    def ways(self) -> dict[str, Measure]:
        """What is compared, by its name."""
        return {
            OURS: lambda: self.ours.run("carbonops.wso2.site", key_manager_check=False),
            PROVED: lambda: self.ours.run("carbonops.wso2.site", key_manager_check=True),
            PEER: lambda: self.peer.run(HERE / "peer.yml"),
            FLOOR: lambda: self.peer.run(self._floor),
        }

    def stop(self) -> None:
        """End all servers."""
        for bed in (self.ours, self.peer):
            bed.site.stop()


@contextlib.contextmanager
def beds(folder: Path) -> Iterator[Beds]:
    """Two beds in this folder, whose servers end with the block."""
    made = Beds(folder)
    try:
        yield made
    finally:
        made.stop()


def floor(playbook: str) -> str:
    """The same plays with a bare ping in place of each task: what Ansible takes for so many tasks that do
    nothing.
    """
    plays: list[dict[str, Any]] = yaml.safe_load(playbook)
    for play in plays:
        play["tasks"] = [{"name": task["name"], "ansible.builtin.ping": None} for task in play["tasks"]]
    text: str = yaml.safe_dump(plays, sort_keys=False)
    return text


# Each of the three makes so many rounds, but begins none after ``until``, of time.monotonic(), except the first.
def second_run(made: Beds, rounds: int, until: float) -> Samples:
    """Runs that have nothing to do."""
    return alternate(made.ways(), rounds, until)


def from_nothing(made: Beds, rounds: int, until: float) -> Samples:
    """Runs on homes as they were unpacked, without servers; the last round's stay, as the two playbooks left
    them.
    """
    ways = {
        BOOTS: _after(made.peer.start_over, made.peer.boot),
        OURS: _after(made.ours.start_over, made.ways()[OURS]),
        PEER: _after(made.peer.start_over, made.ways()[PEER]),
    }
    return alternate(ways, rounds, until, always_first=1)


def certificate_changed(made: Beds, rounds: int, until: float) -> Samples:
    """Runs after Identity Server 7's certificate was renewed: both servers have to restart."""
    ways = {
        OURS: _after(made.ours.renew_certificate, made.ways()[OURS]),
        PEER: _after(made.peer.renew_certificate, made.ways()[PEER]),
    }
    return alternate(ways, rounds, until)


def _after(prepare: Callable[[], None], measure: Measure) -> Measure:
    def prepared() -> Sample:
        prepare()
        return measure()

    return prepared


def alternate(ways: Mapping[str, Measure], rounds: int, until: float, always_first: int = 0) -> Samples:
    """One after the other in each round; behind those that are always first, who begins changes, for a
    machine remembers.
    """
    samples: Samples = {name: [] for name in ways}
    openers, others = list(ways)[:always_first], list(ways)[always_first:]
    for number in range(rounds):
        if number and time.monotonic() > until:
            break
        turn = number % len(others)
        for name in openers + others[turn:] + others[:turn]:
            samples[name].append(ways[name]())
        told = ", ".join(f"{name} {found[-1].seconds:.1f} s" for name, found in samples.items())
        print(f"   round {number + 1}: {told}", flush=True)
    return samples
