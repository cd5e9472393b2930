"""What one second run may come to at most, two hosts together: what `./dev bench --smoke` holds it to.

This is the table to tighten when a run gets leaner.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from .counts import Counts
from .runs import OURS, PEER, PROVED

AT_MOST: Mapping[str, Counts] = {
    OURS: Counts(results=7, skips=12, changes=0, modules=3, jvms=4, requests=8, restarts=0),
    PROVED: Counts(results=10, skips=11, changes=0, modules=4, jvms=4, requests=22, restarts=0),
    PEER: Counts(results=14, skips=1, changes=0, modules=18, jvms=6, requests=3, restarts=0),
}


def compared(way: str, counts: Counts) -> Iterator[tuple[str, bool]]:
    """(what was held to its bound, whether it kept it) for each number."""
    for name, most in dataclasses.asdict(AT_MOST[way]).items():
        found = getattr(counts, name)
        yield f"{way}: {found} {name}, at most {most}", found <= most
