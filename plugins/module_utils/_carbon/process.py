# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: Carbon processes of this host, from Linux's /proc. No Ansible import."""

from __future__ import annotations

import dataclasses
import os
import re
import time
import typing as t
from pathlib import Path

from .._problem import printable

_PROC = Path("/proc")
_HOME = "-Dcarbon.home="
_OFFSET = re.compile(r"-DportOffset=(\d+)\Z")
_BOOTSTRAP = "org.wso2.carbon.bootstrap.Bootstrap"
_SECRET = re.compile(r"(-D[^=]*(?:passw|secret|token|credential|key)[^=]*=).*", re.IGNORECASE | re.DOTALL)
_MOST_TOLD = 60
_SHELLS = ("sh", "bash", "dash")


@dataclasses.dataclass(frozen=True)
class CarbonProcess:
    """A running Carbon JVM.

    ``port_offset`` is the one on its command line, ``user`` its user's id; ``start_ticks``, clock ticks from
    the host's boot, tells it from a later process of the same id.
    """

    pid: int
    port_offset: int | None
    user: int
    start_ticks: int

    @property
    def identity(self) -> str:
        """A text that no other process of this host has, before or after it."""
        return f"{self.pid}:{self.start_ticks}"

    @property
    def started_at(self) -> float:
        """Unix time in seconds."""
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - self.start_ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - age


def find_carbon(home: Path) -> CarbonProcess | None:
    """The JVM that runs from this home, by its command line.

    A pid file outlives its process and may name another's (measured).
    """
    wanted = os.path.realpath(home)
    for pid in all_pids():
        arguments = _command_line(pid)
        if _is_java(arguments) and _home_of(arguments) == wanted:
            found = _seen(pid, arguments)
            if found:
                return found
    return None


def is_alive(process: CarbonProcess) -> bool:
    """Whether this very process exists and has not ended (a zombie has)."""
    status = _status(process.pid)
    return status is not None and status.state != "Z" and status.start_ticks == process.start_ticks


def runs_in_unit(process: CarbonProcess, unit: str) -> bool:
    """Whether systemd started it for this unit, by its control group (cgroup v1 and v2)."""
    return any(unit in line.split("/") for line in _control_groups(process.pid))


def unit_of(process: CarbonProcess) -> str | None:
    """The system service in whose control group it is; None in a login session, a scope or no group.

    A server that its script started may be in the group of what the login came by, such as ssh.service.
    """
    for line in _control_groups(process.pid):
        parts = line.split("/")
        services = [part for part in parts if part.endswith(".service")]
        if services and "user.slice" not in parts:
            return services[-1]
    return None


def start_arguments_of(process: CarbonProcess) -> tuple[str, ...]:
    """What its start script was given: all after the bootstrap class, the values of secrets left out."""
    arguments = _command_line(process.pid)
    if _BOOTSTRAP not in arguments:
        return ()
    given = arguments[arguments.index(_BOOTSTRAP) + 1 :]
    return tuple(printable(_SECRET.sub(r"\1********", argument)) for argument in given)


def is_shell_running(beginning: t.Sequence[str]) -> bool:
    """Whether a shell runs with these arguments, the last of which need only begin so."""
    *whole, begun = beginning
    for pid in all_pids():
        program, *arguments = _command_line(pid)
        is_shell = os.path.basename(program) in _SHELLS and arguments[: len(whole)] == whole
        if is_shell and "".join(arguments[len(whole) : len(beginning)]).startswith(begun):
            return True
    return False


def program_of(pid: int) -> str:
    """The name of a process's program, for a person."""
    return printable(os.path.basename(_command_line(pid)[0]))[:_MOST_TOLD] or "?"


@dataclasses.dataclass(frozen=True)
class _Status:
    """What /proc/PID/stat says: the state's letter, and the start in clock ticks since the host's boot."""

    state: str
    start_ticks: int


def all_pids() -> t.Iterator[int]:
    """The processes of this host that this user may know of."""
    return (int(folder.name) for folder in _PROC.iterdir() if folder.name.isdigit())


def _is_java(arguments: t.Sequence[str]) -> bool:
    return os.path.basename(arguments[0]) == "java"


def _home_of(arguments: t.Iterable[str]) -> str | None:
    """The home that a command line names; the last one counts, as it does for Java."""
    homes = [argument[len(_HOME) :] for argument in arguments if argument.startswith(_HOME)]
    return os.path.realpath(homes[-1]) if homes else None


def _seen(pid: int, arguments: t.Iterable[str]) -> CarbonProcess | None:
    """The process; None if it has just ended."""
    offsets = [found.group(1) for found in map(_OFFSET.match, arguments) if found]
    status = _status(pid)
    try:
        user = (_PROC / str(pid)).stat().st_uid
    except OSError:
        return None
    if status is None:
        return None
    return CarbonProcess(pid, int(offsets[-1]) if offsets else None, user, status.start_ticks)


def _command_line(pid: int) -> list[str]:
    """Its arguments, at least one; that is empty where there is none, as of a zombie."""
    try:
        return os.fsdecode((_PROC / str(pid) / "cmdline").read_bytes()).rstrip("\0").split("\0")
    except OSError:
        return [""]


def _control_groups(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "cgroup").read_text(errors="replace").splitlines()
    except OSError:
        return []


def _status(pid: int) -> _Status | None:
    """None if it has ended. The fields are those of proc_pid_stat(5): the third and the 22nd."""
    try:
        # The second field, a program's name in brackets, may hold anything.
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return _Status(fields[0], int(fields[19]))
    except (OSError, IndexError, ValueError):
        return None
