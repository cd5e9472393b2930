# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: processes and listening ports of this host, from Linux's /proc. No Ansible import."""

from __future__ import annotations

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
    """A running Carbon JVM. ``port_offset`` is the one on its command line, ``started_at`` Unix time in seconds."""

    pid: int
    port_offset: int | None
    started_at: float


def find_carbon(home: Path) -> CarbonProcess | None:
    """The JVM running from this home, by its command line: a pid file outlives its process and may name another's (measured)."""
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
            return CarbonProcess(int(folder.name), int(offsets[-1]) if offsets else None, _started_at(int(folder.name)))
        except OSError:  # it has just ended
            continue
    return None


def is_alive(pid: int) -> bool:
    """Whether the process exists and has not ended (a zombie has)."""
    try:
        return _stat_fields(pid)[0] != "Z"
    except OSError:
        return False


def is_listening(port: int) -> bool:
    """Whether any process listens on this TCP port."""
    return bool(_listening_sockets(port))


def owns_port(pid: int, port: int) -> bool:
    """Whether this very process listens on this TCP port; needs its user's rights."""
    return bool(_listening_sockets(port) & _sockets_of(pid))


def describe_owner(port: int) -> str:
    """Who listens on this TCP port, for a person."""
    sockets = _listening_sockets(port)
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and sockets & _sockets_of(int(folder.name)):
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


def _started_at(pid: int) -> float:
    ticks = int(_stat_fields(pid)[19])
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age


def _listening_sockets(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found


def _sockets_of(pid: int) -> set[str]:
    return set(_links(_PROC / str(pid) / "fd"))


def _links(folder: Path) -> t.Iterator[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(folder / name)
        except OSError:
            continue
