# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: whether a server answers where it listens. No Ansible import."""

from __future__ import annotations

import contextlib
import http.client
import io
import ipaddress
import socket
import ssl
import string
import time
import typing as t
import urllib.parse

from .._problem import printable

_SECONDS = 5
_MOST_BYTES = 1 << 20
_MOST_TOLD = 200


def reachable(address: str) -> tuple[str, ...]:
    """The addresses to ask, in this order, of a server that listens on this one.

    The IPv6 wildcard mostly takes IPv4 too, also on hosts without an IPv6 loopback address.
    """
    if not ipaddress.ip_address(address).is_unspecified:
        return (address,)
    return ("127.0.0.1", "::1") if ":" in address else ("127.0.0.1",)


def probe(addresses: t.Iterable[str], port: int, path: str, status: int) -> str:
    """Empty if one of the addresses gives the expected HTTP status, else what came from the last one instead.

    This host and nothing secret: no verification. An answer may take 5 s in all and has a limit of 1 MiB.
    """
    told = "nothing listens there"
    for address in addresses:
        try:
            found = _status_of(address, port, path)
        except socket.timeout:  # no TimeoutError before Python 3.10
            told = f"its answer did not end within {_SECONDS} s"
            continue
        except (OSError, http.client.HTTPException, ValueError) as exc:
            told = printable(str(exc))[:_MOST_TOLD] or type(exc).__name__
            continue
        return "" if found == status else f"HTTP status {found} instead of {status}"
    return told


def _status_of(address: str, port: int, path: str) -> int:
    """Raises OSError, HTTPException; ValueError where a header cannot be read."""
    deadline = time.monotonic() + _SECONDS
    connection = socket.create_connection((address, port), _SECONDS)
    with (
        contextlib.closing(connection),
        _without_verification().wrap_socket(connection, do_handshake_on_connect=False) as secured,
    ):
        # The time of a handshake is bounded as a whole, that of reading one answer by each piece of it.
        secured.settimeout(_left(deadline))
        secured.do_handshake()
        secured.sendall(_request(address, port, path))
        answer = http.client.HTTPResponse(
            t.cast(socket.socket, _UntilDeadline(secured, deadline)), method="GET"
        )
        answer.begin()
        answer.read(_MOST_BYTES)
        return answer.status


def _request(address: str, port: int, path: str) -> bytes:
    host = f"[{address}]" if ":" in address else address
    target = urllib.parse.quote(path, safe=string.punctuation)
    lines = (f"GET {target} HTTP/1.1", f"Host: {host}:{port}", "Accept: */*", "Connection: close", "", "")
    return "\r\n".join(lines).encode()


def _without_verification() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise socket.timeout
    return left


class _UntilDeadline(io.RawIOBase):
    """What a socket gives until a moment, as a file."""

    def __init__(self, secured: ssl.SSLSocket, deadline: float) -> None:
        super().__init__()
        self._socket = secured
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As HTTPResponse asks a socket for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)
