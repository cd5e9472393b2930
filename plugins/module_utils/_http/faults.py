# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what went wrong below ``requests``, told by the types of the exceptions.

Their texts are shown only where the operating system or OpenSSL wrote them: a library's own may repeat what
was sent. No Ansible import.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import typing as t

from .._problem import Problem

with contextlib.suppress(ImportError):  # requests is missing too then, and the client says so
    import urllib3

# What a server did, where neither the operating system nor OpenSSL has words for it.
_IN_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    (http.client.IncompleteRead, "the answer broke off"),
    (http.client.BadStatusLine, "that is no HTTP"),
    (http.client.HTTPException, "that is no proper HTTP"),
    (socket.timeout, "timed out"),
)


def causes(exc: BaseException) -> t.Iterator[BaseException]:
    """The exception and those that it came of, the outermost first.

    urllib3 keeps the inner one as ``reason`` or among the arguments, Python as the cause or context. It ends
    at a Problem, which is ours: what was being handled when the request was made is none of its causes.
    """
    seen: list[BaseException] = []
    current: BaseException | None = exc
    while current is not None and not isinstance(current, Problem) and current not in seen:
        seen.append(current)
        yield current
        current = _inner(current)


def _inner(exc: BaseException) -> BaseException | None:
    candidates = (getattr(exc, "reason", None), exc.__cause__, *exc.args, exc.__context__)
    return next((inner for inner in candidates if isinstance(inner, BaseException)), None)


def in_words(exc: BaseException) -> str:
    """The innermost cause, in the operating system's or OpenSSL's words, or in ours."""
    innermost = list(causes(exc))[-1]
    verification = getattr(innermost, "verify_message", None)
    if verification:
        return str(verification)
    if isinstance(innermost, OSError) and innermost.strerror:
        return " ".join(innermost.strerror.split())
    if isinstance(innermost, OSError) and of_proxy(exc):
        return "it refused the tunnel"
    return next((words for kind, words in _IN_WORDS if isinstance(innermost, kind)), type(innermost).__name__)


def of_proxy(exc: BaseException) -> bool:
    """Whether it was a proxy that gave no connection."""
    return any(isinstance(cause, urllib3.exceptions.ProxyError) for cause in causes(exc))


def never_connected(exc: BaseException) -> bool:
    """Whether no connection was made, so that nothing was sent."""
    kinds = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return any(isinstance(cause, kinds) for cause in causes(exc))


def name_unknown(exc: BaseException) -> bool:
    """Whether the host's name has no address, which does not pass by itself."""
    return any(isinstance(cause, socket.gaierror) for cause in causes(exc))


def verification_error(exc: BaseException) -> ssl.SSLCertVerificationError | None:
    """What OpenSSL says of the server's certificate, None where it was not the certificate."""
    return next((cause for cause in causes(exc) if isinstance(cause, ssl.SSLCertVerificationError)), None)


def of_tls(exc: BaseException) -> bool:
    """Whether OpenSSL said anything at all."""
    return any(isinstance(cause, ssl.SSLError) for cause in causes(exc))
