# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: listening TCP sockets of this host, from Linux's /proc. No Ansible import."""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import os
import sys
import typing as t

from .process import PROC, CarbonProcess, all_pids, program_of

_LISTEN = "0A"


@dataclasses.dataclass(frozen=True)
class Socket:
    """A listening TCP socket.

    ``address`` is the local address as text; ``name`` is what a process's open files call it; ``user`` is its
    user's id.
    """

    address: str
    port: int
    name: str
    user: int


def listening() -> list[Socket]:
    """All of this host, or network namespace."""
    sockets = []
    for table in ("tcp", "tcp6"):
        try:
            lines = (PROC / "net" / table).read_text(errors="replace").splitlines()[1:]
        except OSError:
            continue
        sockets += [socket for socket in map(_parse, lines) if socket]
    return sockets


@dataclasses.dataclass(frozen=True, order=True)
class At:
    """A port at an address, as text; at all of them where none is given."""

    port: int
    address: str = "0.0.0.0"

    def meets(self, socket: Socket) -> bool:
        """Whether nobody else can listen here beside this socket."""
        if socket.port != self.port:
            return False
        return socket.address == self.address or any(map(_is_wildcard, (socket.address, self.address)))


def is_taken(place: At) -> bool:
    """Whether any process listens there."""
    return any(map(place.meets, listening()))


def sockets_of(process: CarbonProcess) -> list[Socket] | None:
    """What this very process listens on; None where its open files may not be seen.

    A container's root may not see those of another user's process.
    """
    own = _open_files(process.pid)
    return None if own is None else [socket for socket in listening() if socket.name in own]


def likely_sockets_of(process: CarbonProcess) -> list[Socket]:
    """What this very process listens on or, where that may not be seen, what its user does."""
    own = sockets_of(process)
    return [socket for socket in listening() if socket.user == process.user] if own is None else own


def owns_port(process: CarbonProcess, port: int) -> bool:
    """Whether this very process or, where that may not be seen, its user listens on this TCP port."""
    return any(socket.port == port for socket in likely_sockets_of(process))


def places_of(process: CarbonProcess) -> set[At]:
    """Where this very process is seen to listen."""
    return {At(socket.port, socket.address) for socket in sockets_of(process) or ()}


def owner_of(place: At) -> int | None:
    """The process that is seen to listen there."""
    names = {socket.name for socket in listening() if place.meets(socket)}
    for pid in all_pids():
        if names & (_open_files(pid) or set()):
            return pid
    return None


def describe_owner(pid: int | None) -> str:
    """Who listens on a port, for a person."""
    return "another user's process" if pid is None else f"process {pid} ({program_of(pid)})"


def _parse(line: str) -> Socket | None:
    """A line of /proc/net/tcp or tcp6; None for what does not listen, and for what cannot be read."""
    fields = line.split()
    try:
        if fields[3] != _LISTEN:
            return None
        address, _colon, port = fields[1].rpartition(":")
        return Socket(_address(address), int(port, 16), f"socket:[{fields[9]}]", int(fields[7]))
    except (IndexError, ValueError):
        return None


def _address(text: str) -> str:
    """The kernel writes each 32 bits of an address as a number of its own, in the host's byte order.

    An IPv4 address that an IPv6 socket is bound to is told as the former. Raises ValueError.
    """
    words: t.Iterable[str] = (text[start : start + 8] for start in range(0, len(text), 8))
    packed = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    address = ipaddress.ip_address(packed)
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_wildcard(address: str) -> bool:
    """Also a name, of which nothing else is known."""
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return True


def _open_files(pid: int) -> set[str] | None:
    """What its open files are called; None where that may not be seen."""
    folder = PROC / str(pid) / "fd"
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
