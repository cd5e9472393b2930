"""A proxy between a module and API Manager in which one request, and only that, goes wrong."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .api_managers import ApiManager, session
from .certificates import Pair, self_signed
from .web import RESET, Says, Seen, Web, serving

# Seconds that a module waits, that a slow server takes, and that a port is closed.
TIMEOUT, SLOW, CLOSED = 3.0, 3.6, 0.3

Forward = Callable[[], Says]
Fault = Callable[["Proxy", Forward], Says]


@functools.cache
def _certificate() -> Pair:
    return self_signed()


@dataclass
class Proxy:
    """``server`` is what the modules should speak to.

    ``seen`` tells which requests came, each as its method and path.
    """

    behind: ApiManager
    fault: Fault | None
    at: int
    server: ApiManager = field(init=False)
    web: Web = field(init=False)
    seen: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Seen) -> Says:
        with self.lock:
            position = len(self.seen)
            self.seen.append((request.method, request.path))
        if self.fault is refused and position + 1 == self.at:
            self.web.refuse_connections(CLOSED)  # the next request comes over a connection of its own
        if self.fault and position == self.at:
            return self.fault(self, lambda: self._forward(request))
        return self._forward(request)

    def _forward(self, request: Seen) -> Says:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.title() not in ("Host", "Connection", "Content-Length")
        }
        answer = session().request(
            request.method,
            self.behind.url + request.path,
            data=request.body,
            headers=headers,
            timeout=30,
            auth=lambda sent: sent,
        )
        kept = {name: value for name, value in answer.headers.items() if name in ("Content-Type", "Location")}
        return Says(answer.status_code, answer.content, kept)


@contextlib.contextmanager
def faulty(behind: ApiManager, fault: Fault | None = None, at: int = -1) -> Iterator[Proxy]:
    """A proxy before this server, in which the request number ``at`` meets the fault."""
    proxy = Proxy(behind, fault, at)
    pin = hashlib.sha256(_certificate().der).hexdigest()
    with serving(proxy.answer, _certificate()) as proxy.web:
        proxy.server = ApiManager(behind.tier, proxy.web.url, {"server_cert_sha256": pin})
        if fault is refused and at == 0:
            proxy.web.refuse_connections(CLOSED)
        yield proxy


def refused(_proxy: Proxy, forward: Forward) -> Says:
    """The fault comes before the request, which arrives when the port is open again."""
    return forward()


def tokens_revoked(proxy: Proxy, forward: Forward) -> Says:
    """As if the time of every token had just run out; of the stand-in only."""
    assert proxy.behind.stand_in
    proxy.behind.stand_in.accounts.revoke_tokens()
    return forward()


def _error(status: int, headers: dict[str, str] | None = None) -> Says:
    body = {
        "code": status,
        "message": "Broken",
        "description": "Broken for a test",
        "moreInfo": "",
        "error": [],
    }
    return Says(status, json.dumps(body), {"Content-Type": "application/json", **(headers or {})})


def _page(status: int) -> Says:
    return Says(status, "<html><body>Please sign in</body></html>", {"Content-Type": "text/html"})


def _lost(_proxy: Proxy, forward: Forward) -> Says:
    forward()
    return RESET


def _late(_proxy: Proxy, forward: Forward) -> Says:
    says = forward()
    time.sleep(SLOW)
    return says


def _gateway_lost(_proxy: Proxy, forward: Forward) -> Says:
    forward()
    return _page(502)


def _half(_proxy: Proxy, forward: Forward) -> Says:
    says = forward()
    raw = says.body or b" " * 8
    return Says(says.status, raw[: len(raw) // 2], {**says.headers, "Content-Length": str(len(raw))})


# What keeps a request from the server.
KEPT_AWAY: dict[str, Fault] = {
    "connection refused": refused,
    "connection reset": lambda _proxy, _forward: RESET,
    "status 429": lambda _proxy, _forward: _error(429, {"Retry-After": "1"}),
    "status 500": lambda _proxy, _forward: _error(500),
    "status 502": lambda _proxy, _forward: _page(502),
    "status 503": lambda _proxy, _forward: _error(503, {"Retry-After": "1"}),
    "status 401": lambda _proxy, _forward: _error(401),
    "a page instead of JSON": lambda _proxy, _forward: _page(200),
}
# What lets it have its effect.
CARRIED_OUT: dict[str, Fault] = {
    "answer lost": _lost,
    "answer too late": _late,
    "answer lost by a gateway": _gateway_lost,
    "half an answer": _half,
}
FAULTS = {**KEPT_AWAY, **CARRIED_OUT}
