"""docs/bench.md: what was measured, as a page. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from .counts import Counts, Sample
from .curves import Curve
from .figures import Spread, ratios, spread
from .runs import PEER, Samples

_HEAD = """# How fast

Written by `./dev bench`, which takes at most ten minutes. {machine}

![Ratios and curves](bench.svg)

## Beside a hand-written playbook

The same document by a playbook that people write, well made: `tests/benchmark/peer.yml`, 13 tasks. Its site passes the same proof.
The floor is its plays with a bare `ping` in place of each task: what Ansible takes for so many tasks that do nothing.
Both have servers and homes of their own on this machine (connection local, 5 forks), and take turns.
*Boots alone* is both servers started at the same time without Ansible.
A ratio is of one round, for what slows the machine down slows both; given are the median and, in brackets, the lowest and the highest.
CPU seconds are of Ansible and everything that it started but the servers; they depend less on what else the machine has to do.
"""
_COUNTS = """
## What a run does

Two hosts together, the last round. *Modules* are Python processes that Ansible started for a module; *JVMs* are starts of keytool;
*requests* are in the access logs of both servers, without those that servers send to each other and themselves;
*restarts* are servers that had another process afterwards, so two where both were down.
"""
_CURVES = """
## How it grows

Seconds by size. An exponent is the slope of the straight line through the points' logarithms: 1 is linear, 0 is no growth.
The last step is between the two largest sizes, where what every run takes weighs least.
Modules were run without Ansible around them. The hosts are names for one home of each kind, with its one server:
every task runs for each name, on real files, stores and servers, but all on this machine.
"""


@dataclasses.dataclass(frozen=True)
class Measured:
    """Everything that one call measured; ``situations`` is what was measured -> samples of each way."""

    machine: str
    situations: dict[str, Samples]
    curves: list[Curve]


def page(measured: Measured) -> str:
    """The whole page."""
    return (
        _HEAD.format(machine=measured.machine)
        + "".join(_ratios(name, samples) for name, samples in measured.situations.items())
        + _COUNTS
        + "".join(_counts(name, samples) for name, samples in measured.situations.items())
        + (_CURVES + _curves(measured.curves) if measured.curves else "")
    )


def ratios_to_peer(samples: Samples) -> dict[str, Spread]:
    """Of each way but the peer itself."""
    base = seconds(samples[PEER])
    return {name: ratios(seconds(found), base) for name, found in samples.items() if name != PEER}


def seconds(samples: Sequence[Sample]) -> list[float]:
    """Their wall-clock times."""
    return [sample.seconds for sample in samples]


def cpu(samples: Sequence[Sample]) -> list[float]:
    """Their CPU times."""
    return [sample.cpu for sample in samples]


def _ratios(situation: str, samples: Samples) -> str:
    peer = samples[PEER]
    rows = (
        (
            name,
            spread(seconds(found)),
            ratios(seconds(found), seconds(peer)),
            spread(cpu(found)),
            ratios(cpu(found), cpu(peer)),
        )
        for name, found in samples.items()
    )
    head = ("", "seconds", "ratio to the peer", "CPU seconds", "ratio to the peer")
    rounds = f"{len(peer)} round{'s' if len(peer) > 1 else ''}"
    return f"\n### {situation}, {rounds}\n\n" + _table(head, rows)


def _counts(situation: str, samples: Samples) -> str:
    names = [field.name for field in dataclasses.fields(Counts)]
    rows = ((name, *dataclasses.astuple(found[-1].counts)) for name, found in samples.items())
    return f"\n### {situation}\n\n" + _table(("", *(_HEADINGS.get(name, name) for name in names)), rows)


_HEADINGS = {"jvms": "JVMs"}


def _curves(curves: Iterable[Curve]) -> str:
    rows = (
        (
            curve.name,
            curve.how,
            ", ".join(f"{size}: {taken:.2f}" for size, taken in curve.points.items()),
            f"{curve.exponent:.2f}",
            f"{curve.last_step:.2f}",
        )
        for curve in curves
    )
    return "\n" + _table(("many", "what was run", "seconds by size", "exponent", "last step"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in lines)
