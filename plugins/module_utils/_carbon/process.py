# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: Carbon processes of this host, from Linux's /proc. No Ansible import."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import subprocess
import time
import typing as t
from pathlib import Path

from .._problem import printable

PROC = Path("/proc")
_OFFSET = re.compile(r"-DportOffset=(\d{1,5})\Z")
BOOTSTRAP = "org.wso2.carbon.bootstrap.Bootstrap"
_SECRET = re.compile(r"(-D[^=]*(?:passw|secret|token|credential|key)[^=]*=).*", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"^Uid:\t\d+\t(\d{1,10})\t", re.MULTILINE)
_GROUP = re.compile(r"^Gid:\t\d+\t(\d{1,10})\t", re.MULTILINE)
_MOST_TOLD = 60
SHELLS = ("sh", "bash", "dash", "ksh", "zsh", "ash")


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


def user_unit_of(process: CarbonProcess) -> str | None:
    """The service of a user's own systemd in whose control group it is, if it is in one."""
    for line in _control_groups(process.pid):
        _before, manager, below = line.partition("/user@")
        services = [part for part in below.split("/")[1:] if part.endswith(".service")]
        if manager and services:
            return services[-1]
    return None


def in_group_with(process: CarbonProcess) -> set[int]:
    """The processes in its control group, and it."""
    group = _systemd_group(process.pid)
    return {pid for pid in all_pids() if _systemd_group(pid) == group}


def start_arguments_of(process: CarbonProcess) -> tuple[str, ...]:
    """What its start script was given, as it may be shown."""
    return tuple(shown_argument(argument) for argument in given_arguments(process) or ())


def given_arguments(process: CarbonProcess) -> tuple[str, ...] | None:
    """What its start script was given: all after the bootstrap class; None where that cannot be seen."""
    arguments = command_line(process.pid)
    if BOOTSTRAP not in arguments:
        return None
    return tuple(arguments[arguments.index(BOOTSTRAP) + 1 :])


def shown_argument(argument: str) -> str:
    """An argument without the value of a secret."""
    return printable(_SECRET.sub(r"\1********", argument))


def environment_of(process: CarbonProcess) -> dict[str, str]:
    """The variables that it was started with. Raises OSError."""
    file = PROC / str(process.pid) / "environ"
    try:
        read = file.read_bytes()
    except PermissionError:
        if os.geteuid() != 0:
            raise
        read = _read_as_its_user(process.pid, file)
    named = (entry.partition("=") for entry in os.fsdecode(read).split("\0") if "=" in entry)
    return {name: value for name, _equals, value in named}


def _read_as_its_user(pid: int, file: Path) -> bytes:
    """A container's root may not see another user's, but may be that user. Raises OSError."""
    user, group = _number_in_status(pid, _USER), _number_in_status(pid, _GROUP)
    # run_command does not change the group.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        ["cat", str(file)], user=user, group=group, extra_groups=[], capture_output=True, check=False
    )
    if done.returncode:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
    return done.stdout


def ancestors_of(pid: int) -> list[int]:
    """Its parent, that one's parent, and so on, up to the first process of the host or container."""
    found: list[int] = []
    parent = _parent_of(pid)
    while parent and parent not in found:
        found.append(parent)
        parent = _parent_of(parent)
    return found


def script_run_by(pid: int) -> str:
    """The path of the script that a shell runs, as it was given; empty for what is no such shell."""
    program, *arguments = command_line(pid)
    if os.path.basename(program).lstrip("-") not in SHELLS:
        return ""
    if "-c" in arguments[:1]:
        return ""
    return next((argument for argument in arguments if not argument.startswith("-")), "")


def is_shell_running(beginning: t.Sequence[str]) -> bool:
    """Whether a shell runs with these arguments, the last of which need only begin so."""
    *whole, begun = beginning
    for pid in all_pids():
        program, *arguments = command_line(pid)
        is_shell = os.path.basename(program) in SHELLS and arguments[: len(whole)] == whole
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
    """What /proc/PID/stat says: the state's letter, the parent, the start in clock ticks since the boot."""

    state: str
    parent: int
    start_ticks: int


def all_pids() -> t.Iterator[int]:
    """The processes of this host that this user may know of."""
    return (int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit())


def _user_of(pid: int) -> int | None:
    """The effective user; the owner of its folder in /proc may be root's in its place."""
    return _number_in_status(pid, _USER)


def _number_in_status(pid: int, wanted: t.Pattern[str]) -> int | None:
    try:
        found = wanted.search((PROC / str(pid) / "status").read_text(errors="replace"))
    except OSError:
        return None
    return int(found.group(1)) if found else None


def _parent_of(pid: int) -> int:
    """0 for the first process, and for one that has ended."""
    status = _status(pid)
    return status.parent if status else 0


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
    """None if it has ended. The fields are those of proc_pid_stat(5): the third, fourth and 22nd."""
    try:
        # The second field, a program's name in brackets, may hold anything.
        fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return _Status(fields[0], int(fields[1]), int(fields[19]))
    except (OSError, IndexError, ValueError):
        return None
