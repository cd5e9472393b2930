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

PROC = Path("/proc")
_OFFSET = re.compile(r"-DportOffset=(\d{1,5})\Z")
_BOOTSTRAP = "org.wso2.carbon.bootstrap.Bootstrap"
_SECRET = re.compile(r"(-D[^=]*(?:passw|secret|token|credential|key)[^=]*=).*", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"^Uid:\t\d+\t(\d{1,10})\t", re.MULTILINE)
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


def look_at(pid: int) -> CarbonProcess | None:
    """The process of this id, whatever it is; None if it has just ended."""
    offsets = [found.group(1) for found in map(_OFFSET.match, command_line(pid)) if found]
    status = _status(pid)
    user = _user_of(pid)
    if status is None or user is None:
        return None
    return CarbonProcess(pid, int(offsets[-1]) if offsets else None, user, status.start_ticks)


def is_alive(process: CarbonProcess) -> bool:
    """Whether this very process exists and has not ended (a zombie has)."""
    status = _status(process.pid)
    return status is not None and status.state != "Z" and status.start_ticks == process.start_ticks


def runs_in_control_group(process: CarbonProcess, control_group: str) -> bool:
    """Whether it is in this group, as systemd gives its whole path, or below it.

    A path's end tells nothing: whoever may make groups, as users may below user@.service, names them as they
    like.
    In a container, too, systemd gives the path that /proc has (measured with cgroup v1).
    """
    return bool(control_group) and f"{_systemd_group(process.pid)}/".startswith(f"{control_group}/")


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
    arguments = command_line(process.pid)
    if _BOOTSTRAP not in arguments:
        return ()
    given = arguments[arguments.index(_BOOTSTRAP) + 1 :]
    return tuple(printable(_SECRET.sub(r"\1********", argument)) for argument in given)


def is_shell_running(beginning: t.Sequence[str]) -> bool:
    """Whether a shell runs with these arguments, the last of which need only begin so."""
    *whole, begun = beginning
    for pid in all_pids():
        program, *arguments = command_line(pid)
        is_shell = os.path.basename(program) in _SHELLS and arguments[: len(whole)] == whole
        if is_shell and "".join(arguments[len(whole) : len(beginning)]).startswith(begun):
            return True
    return False


def program_of(pid: int) -> str:
    """The name of a process's program, for a person."""
    return printable(os.path.basename(command_line(pid)[0]))[:_MOST_TOLD] or "?"


def command_line(pid: int) -> list[str]:
    """Its arguments, at least one; that is empty where there is none, as of a zombie."""
    try:
        return os.fsdecode((PROC / str(pid) / "cmdline").read_bytes()).rstrip("\0").split("\0")
    except OSError:
        return [""]


@dataclasses.dataclass(frozen=True)
class _Status:
    """What /proc/PID/stat says: the state's letter, and the start in clock ticks since the host's boot."""

    state: str
    start_ticks: int


def all_pids() -> t.Iterator[int]:
    """The processes of this host that this user may know of."""
    return (int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit())


def _user_of(pid: int) -> int | None:
    """The effective user; the owner of its folder in /proc may be root's in its place."""
    try:
        found = _USER.search((PROC / str(pid) / "status").read_text(errors="replace"))
    except OSError:
        return None
    return int(found.group(1)) if found else None


def _systemd_group(pid: int) -> str:
    """Its group in the hierarchy that is systemd's: the one of its name (cgroup v1), or the only one (v2).

    Empty if it has ended.
    """
    for line in _control_groups(pid):
        _number, _colon, rest = line.partition(":")
        controllers, _colon, group = rest.partition(":")
        if controllers in ("", "name=systemd"):
            return group
    return ""


def _control_groups(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "cgroup").read_text(errors="replace").splitlines()
    except OSError:
        return []


def _status(pid: int) -> _Status | None:
    """None if it has ended. The fields are those of proc_pid_stat(5): the third and the 22nd."""
    try:
        # The second field, a program's name in brackets, may hold anything.
        fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return _Status(fields[0], int(fields[19]))
    except (OSError, IndexError, ValueError):
        return None
