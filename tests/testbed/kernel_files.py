"""The Carbon kernel's own files, changed into those of a product's home."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .maven import TestbedError

Change = tuple[str, str]

# A JVM small enough for tests, which boots on two thirds of the processor time.
SMALL_JVM: Change = (
    'JVM_MEM_OPTS="-Xms256m -Xmx1024m"',
    'JVM_MEM_OPTS="-Xms64m -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"',
)


def changed(file: Path, changes: Sequence[Change]) -> str:
    """Return the text of one of the kernel's files with changes, each of which must apply."""
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        if before not in text:
            raise TestbedError(
                f"The kernel's {file.name} has changed: it no longer holds {before.strip()!r}."
            )
        text = text.replace(before, after)
    return text
