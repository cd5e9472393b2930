# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a boot's log and console tell of why it failed. No Ansible import."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

_TELLING = re.compile(r"\b(ERROR|FATAL|SEVERE)\b|(Exception|Error)\b|^Caused by:")
_STACK_FRAME = re.compile(r"at [\w.$/@<>]+\(|\.\.\. \d+ more")
_SHOWN_LINES = 8
_SHOWN_REASON = 240
_READ_BYTES = 1 << 20


def size_of(path: Path) -> int:
    """The size of a log in bytes, 0 if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_lines(path: Path, start: int = 0) -> list[str]:
    """The last lines of a log that were written after it had this size in bytes.

    None where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = size_of(path)
            # A log rotated meanwhile is shorter than it was: all of it is this boot's.
            file.seek(max(start if start <= size else 0, size - _READ_BYTES))
            return file.read(_READ_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def relevant_lines(lines: t.Iterable[str]) -> list[str]:
    """The first lines that tell why a boot failed; the last lines where none does."""
    shown = _without_stack_frames(lines)
    refusal = _refusal_of_jvm(shown)
    return [line for line in shown if _TELLING.search(line) or line == refusal][:_SHOWN_LINES] or shown[
        -_SHOWN_LINES:
    ]


def last_lines(lines: t.Iterable[str]) -> list[str]:
    """What a boot that goes on and on was last about."""
    return _without_stack_frames(lines)[-_SHOWN_LINES:]


def reason(lines: t.Sequence[str]) -> str:
    """The one line that tells most: why the JVM refused, the innermost cause, an exception with a message,
    else the first that tells; empty where none does.
    """
    causes = [line for line in lines if line.startswith("Caused by:")]
    messages = [line for line in lines if re.search(r"\w(Exception|Error): ", line)]
    first = [line for line in lines if _TELLING.search(line)][:1]
    return (_refusal_of_jvm(lines) or (causes[-1:] or messages[:1] or first or [""])[0])[:_SHOWN_REASON]


def _refusal_of_jvm(lines: t.Sequence[str]) -> str:
    """The line beside the one with which a JVM gives up: below it or above it, by its kind (measured, JDK 17
    and 25).
    """
    for above, line, below in zip(["", *lines], lines, [*lines[1:], ""]):
        if line.startswith("Error occurred during initialization of VM"):
            return below
        if line.startswith("Error: Could not create the Java Virtual Machine"):
            return above
    return ""


def _without_stack_frames(lines: t.Iterable[str]) -> list[str]:
    stripped = dict.fromkeys(line.strip() for line in lines)
    return [line for line in stripped if line and not _STACK_FRAME.match(line)]
