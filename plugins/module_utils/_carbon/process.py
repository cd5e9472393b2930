# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: processes and listening ports of this host, from Linux's /proc.

No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import time
import typing as t
from pathlib import Path

_PROC = Path("/proc")
_LISTEN = "0A"
_HOME = "-Dcarbon.home="
_OFFSET = re.compile(r"-DportOffset=(\d+)\Z")


@dataclasses.dataclass(frozen=True)
class CarbonProcess:
    """A running Carbon JVM. ``port_offset`` is the one on its command line, ``started_at`` Unix time in
    seconds.

    ``user`` is its user's id; ``start_ticks`` tells it from a later process of the same id.
    """

    pid: int
    port_offset: int | None
    user: int
    start_ticks: int

    @property
    def started_at(self) -> float:
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - self.start_ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - age


@dataclasses.dataclass(frozen=True)
class _Socket:
    """A listening TCP socket: its name as a process's open files call it, and its user's id."""

    port: int
    name: str
    user: int


def find_carbon(home: Path) -> CarbonProcess | None:
    """The JVM running from this home, by its command line: a pid file outlives its process and may name
    another's (measured).
    """
    wanted = os.path.realpath(home)
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        arguments = _command_line(int(folder.name))
        homes = [argument[len(_HOME) :] for argument in arguments if argument.startswith(_HOME)]
        if not homes or os.path.basename(arguments[0]) != "java" or os.path.realpath(homes[-1]) != wanted:
            continue
        offsets = [found.group(1) for found in map(_OFFSET.match, arguments) if found]
        try:
            return CarbonProcess(
                int(folder.name),
                int(offsets[-1]) if offsets else None,
                folder.stat().st_uid,
                _start_ticks(int(folder.name)),
            )
        except OSError:  # it has just ended
            continue
    return None


def is_alive(process: CarbonProcess) -> bool:
    """Whether this very process exists and has not ended (a zombie has)."""
    try:
        return _stat_fields(process.pid)[0] != "Z" and _start_ticks(process.pid) == process.start_ticks
    except OSError:
        return False


def runs_in_unit(process: CarbonProcess, unit: str) -> bool:
    """Whether systemd started it for this unit, by its control group (cgroup v1 and v2)."""
    try:
        return any(
            unit in line.split("/") for line in (_PROC / str(process.pid) / "cgroup").read_text().splitlines()
        )
    except OSError:
        return False


def is_listening(port: int) -> bool:
    """Whether any process listens on this TCP port."""
    return bool(_listening_sockets(port))


def owns_port(process: CarbonProcess, port: int) -> bool:
    """Whether this very process listens on this TCP port.

    Where its open files may not be seen, as a container's root may not see another user's, whether its user
    does.
    """
    own = _sockets_of(process.pid)
    if own is None:
        return process.user in {socket.user for socket in _listening() if socket.port == port}
    return not own.isdisjoint(_listening_sockets(port))


def ports_of(process: CarbonProcess) -> set[int]:
    """The TCP ports that this very process is seen to listen on."""
    own = _sockets_of(process.pid) or set()
    return {socket.port for socket in _listening() if socket.name in own}


def describe_owner(port: int) -> str:
    """Who listens on this TCP port, for a person."""
    sockets = _listening_sockets(port)
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and sockets & (_sockets_of(int(folder.name)) or set()):
            program = os.path.basename((_command_line(int(folder.name)) or ["?"])[0])
            return f"process {folder.name} ({program})"
    return "another user's process"


def _command_line(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
    except OSError:
        return []


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (the second may hold anything)."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _start_ticks(pid: int) -> int:
    """When it started, in clock ticks since the host did (proc_pid_stat(5), field 22)."""
    return int(_stat_fields(pid)[19])


def _listening_sockets(port: int) -> set[str]:
    return {socket.name for socket in _listening() if socket.port == port}


def _listening() -> t.Iterator[_Socket]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTEN:
                yield _Socket(int(fields[1].rpartition(":")[2], 16), f"socket:[{fields[9]}]", int(fields[7]))


def _sockets_of(pid: int) -> set[str] | None:
    """What its open files are called; none where that may not be seen."""
    folder = _PROC / str(pid) / "fd"
    found = set()
    try:
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                found.add(os.readlink(folder / name))
    except PermissionError:
        return None
    except OSError:
        return set()
    return found
