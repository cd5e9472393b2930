"""Run by ./dev bench, in the main environment."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools import environment as env
from tools.results import Results

from . import curves, expected, runs
from .bed import RunFailed
from .plot import picture
from .report import Measured, page

SECOND, NOTHING, CERTIFICATE = "Second run", "From nothing", "One certificate changed"
ROUNDS = {NOTHING: 3, SECOND: 7, CERTIFICATE: 3}
# Seconds from the beginning, after which no further round of a situation is begun, and no further curve: on
# two cores with nothing else to do there is time for all.
UNTIL = {NOTHING: 150, SECOND: 360, CERTIFICATE: 480}
CURVES_UNTIL = 600
DOCS = env.REPOSITORY / "docs"


def main(arguments: list[str]) -> int:
    """Measure everything and write it down; with --second measure the second run alone; with --smoke count."""
    if tuple(arguments) not in _COMMANDS:
        print("./dev bench takes --second or --smoke, and nothing else.", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as name, runs.beds(Path(name)) as beds:
            return _COMMANDS[tuple(arguments)](beds, Path(name))
    except RunFailed as exc:
        print(exc, file=sys.stderr)
        return 1


def write_down(beds: runs.Beds, folder: Path) -> int:
    """Measure everything, and write the page and the picture."""
    measured = everything(beds, folder)
    (DOCS / "bench.md").write_text(page(measured))
    (DOCS / "bench.svg").write_text(picture(measured))
    print("docs/bench.md and docs/bench.svg were written anew; look at them and commit them.")
    return 0


def everything(beds: runs.Beds, folder: Path) -> Measured:
    """Every situation, with one round at least, and every curve that is begun in time."""
    begun = time.monotonic()
    found = {}
    # From nothing comes first, for its last round leaves the servers that the others need.
    for name, measure in (
        (NOTHING, runs.from_nothing),
        (SECOND, runs.second_run),
        (CERTIFICATE, runs.certificate_changed),
    ):
        with env.step(f"{name}, up to {ROUNDS[name]} rounds"):
            found[name] = measure(beds, ROUNDS[name], begun + UNTIL[name])
    made = []
    with env.step("Curves"):
        for curve in curves.CURVES:
            if time.monotonic() < begun + CURVES_UNTIL:
                made.append(curve(beds.ours, folder))
                print(f"   {made[-1].name}: {dict(made[-1].points)}", flush=True)
    return Measured(_machine(), {name: found[name] for name in (SECOND, NOTHING, CERTIFICATE)}, made)


def second(beds: runs.Beds, _folder: Path) -> int:
    """Measure the second run alone, and print the page."""
    until = time.monotonic() + UNTIL[SECOND]
    _set_up(beds)
    with env.step(f"{SECOND}, up to {ROUNDS[SECOND]} rounds"):
        samples = runs.second_run(beds, ROUNDS[SECOND], until)
    print(page(Measured(_machine(), {SECOND: samples}, [])), end="")
    return 0


def smoke(beds: runs.Beds, _folder: Path) -> int:
    """Count one second run of each way; seconds are no matter."""
    results = Results()
    try:
        _set_up(beds)
        with env.step("The proof on the peer's site"):
            beds.peer.run("carbonops.wso2.verify")
        results.check("the peer's site passes the proof", True)
        for way in expected.AT_MOST:
            with env.step(f"{SECOND}: {way}"):
                counts = beds.ways()[way]().counts
            for what, good in expected.compared(way, counts):
                print(f"   {what}", flush=True)
                results.check(what, good)
    except RunFailed as exc:
        results.check(str(exc), False)
    return results.close()


def _set_up(beds: runs.Beds) -> None:
    """Carry the document out on both beds."""
    for way in (runs.OURS, runs.PEER):
        with env.step(f"{NOTHING}: {way}"):
            beds.ways()[way]()


def _machine() -> str:
    """On what it was measured, as a sentence."""
    core = importlib.metadata.version("ansible-core")
    python = ".".join(map(str, sys.version_info[:2]))
    day = dt.datetime.now(dt.UTC).date()
    return f"This is of {day}: {os.cpu_count()} cores, ansible-core {core}, Python {python}."


_COMMANDS: dict[tuple[str, ...], Callable[[runs.Beds, Path], int]] = {
    (): write_down,
    ("--second",): second,
    ("--smoke",): smoke,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
