# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a boot's log and console tell of why it failed. No Ansible import."""

from __future__ import annotations

import re
import time
import typing as t
from pathlib import Path

from .._files.read import read_end
from .._problem import printable

CARBON_LOG = "repository/logs/wso2carbon.log"

_TELLING = re.compile(r"\b(ERROR|FATAL|SEVERE)\b|(Exception|Error)\b|^Caused by:")
_MESSAGE = re.compile(r"\w(Exception|Error): ")
_STACK_FRAME = re.compile(r"at [\w.$/@<>]+\(|\.\.\. \d+ more")
_STAMP = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3}\]")
_SHOWN_LINES = 8
_SHOWN_LINE = 2000
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

    At most 1 MiB of them; none where there is no log, and a line that says so where it may not be read. A log
    rotated meanwhile is shorter than it was: all of it is this boot's.
    """
    try:
        return read_end(path, _READ_BYTES, start).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as exc:
        return [f"{path} was not read: {exc.strerror}"]


def read_lines_since(path: Path, moment: float) -> list[str]:
    """The last lines of a log that were written since a moment (Unix time, seconds), by their time stamps.

    A log without any, as before the server's logging is set up, is told by its own time alone.
    """
    if _changed(path) < moment:
        return []
    lines = read_lines(path)
    stamps = [(number, _stamp_of(line)) for number, line in enumerate(lines)]
    stamped = [(number, stamp) for number, stamp in stamps if stamp is not None]
    if not stamped:
        return lines
    # A stamp is read without its fraction of a second.
    first = next((number for number, stamp in stamped if stamp >= int(moment)), len(lines))
    return lines[first:]


def relevant_lines(lines: t.Iterable[str]) -> list[str]:
    """The first lines that tell why a boot failed; the last lines where none does."""
    shown = _without_stack_frames(lines)
    refusal = _refusal_of_jvm(shown)
    telling = [line for line in shown if _TELLING.search(line) or line == refusal]
    return telling[:_SHOWN_LINES] or shown[-_SHOWN_LINES:]


def last_lines(lines: t.Iterable[str]) -> list[str]:
    """What a boot that goes on and on was last about."""
    return _without_stack_frames(lines)[-_SHOWN_LINES:]


def reason(lines: t.Sequence[str]) -> str:
    """The one line that tells most; empty where none does.

    That is why the JVM refused, else the innermost cause, else an exception with a message, else the first
    line that tells anything.
    """
    for find in (_refusal_of_jvm, _innermost_cause, _first_message, _first_telling):
        line = find(lines)
        if line:
            return line[:_SHOWN_REASON]
    return ""


def _refusal_of_jvm(lines: t.Sequence[str]) -> str:
    """The line beside the one with which a JVM gives up.

    By its kind that is the one below it or the one above it (measured, JDK 17 and 25).
    """
    for above, line, below in zip(["", *lines], lines, [*lines[1:], ""]):
        if line.startswith("Error occurred during initialization of VM"):
            return below
        if line.startswith("Error: Could not create the Java Virtual Machine"):
            return above
    return ""


def _innermost_cause(lines: t.Sequence[str]) -> str:
    return next((line for line in reversed(lines) if line.startswith("Caused by:")), "")


def _first_message(lines: t.Sequence[str]) -> str:
    return next(filter(_MESSAGE.search, lines), "")


def _first_telling(lines: t.Sequence[str]) -> str:
    return next(filter(_TELLING.search, lines), "")


def _without_stack_frames(lines: t.Iterable[str]) -> list[str]:
    """Each line once, as it may be shown."""
    stripped = dict.fromkeys(printable(line.strip().replace("\t", " "))[:_SHOWN_LINE] for line in lines)
    return [line for line in stripped if line and not _STACK_FRAME.match(line)]


def _changed(path: Path) -> float:
    """When a file's content changed last (Unix time, seconds); long ago where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0


def _stamp_of(line: str) -> float | None:
    """When a line was written (Unix time, seconds): log4j2 writes the host's local time."""
    found = _STAMP.search(line)
    if found is None:
        return None
    try:
        return time.mktime(time.strptime(found.group(1), "%Y-%m-%d %H:%M:%S"))
    except (ValueError, OverflowError):
        return None
