"""A web server of one test, on a free port of this host, with or without TLS."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .certificates import Pair


@dataclass(frozen=True)
class Seen:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Says:
    """One answer; a body that is neither text nor bytes is sent as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


# Not an answer: the connection is reset.
RESET = Says(0)


@dataclass
class Web:
    """Where the server is, and what it was asked."""

    url: str
    listening: socket.socket
    seen: list[Seen] = field(default_factory=list)

    def refuse_connections(self, seconds: float) -> None:
        """Nothing listens on the port for so long; on Linux a socket that was shut down can be bound and
        listen again.
        """
        address = self.listening.getsockname()

        def accept_again() -> None:
            self.listening.bind(address)
            self.listening.listen(16)

        self.listening.settimeout(0.05)  # the server would wait here for a connection, and not for its end
        self.listening.shutdown(socket.SHUT_RD)
        threading.Timer(seconds, accept_again).start()


Answer = Callable[[Seen], "Says | None"]


@contextlib.contextmanager
def serving(
    answer: Says | Answer, tls: Pair | None = None, clients: Pair | None = None, keep_alive: bool = False
) -> Iterator[Web]:
    """Serve until the block ends, with TLS to ``clients`` alone if given.

    An answer of None cuts the connection; ``keep_alive`` leaves it open for the next request.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Seen(self.command, self.path, dict(self.headers), body)
            web.seen.append(request)
            says = answer(request) if callable(answer) else answer
            if says is None or says is RESET:
                if says is RESET:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            raw = (
                says.body
                if isinstance(says.body, bytes)
                else says.body.encode()
                if isinstance(says.body, str)
                else json.dumps(says.body).encode()
            )
            # A date of the test's own stands in place of the server's.
            send_status = self.send_response_only if "Date" in says.headers else self.send_response
            send_status(says.status)
            for name, value in {
                "Content-Length": str(len(raw)),
                "Connection": "keep-alive" if keep_alive else "close",
                **says.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            # The answer to HEAD has no body: the next one on this connection would begin with it.
            self.wfile.write(b"" if self.command == "HEAD" else raw)
            self.close_connection = not keep_alive

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    if tls:
        server.socket = _context(tls, clients).wrap_socket(server.socket, server_side=True)
    web = Web(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}", server.socket)
    with _running(server):
        yield web


@contextlib.contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _context(pair: Pair, clients: Pair | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_text(pair.key_pem + pair.pem)
        context.load_cert_chain(file)
    return context


@contextlib.contextmanager
def tunnel() -> Iterator[Web]:
    """A proxy that tunnels every CONNECT, on a free port of this host."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            proxy.seen.append(Seen(self.command, self.path, dict(self.headers), b""))
            host, _colon, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as target:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_pass_on, args=(target, self.connection), daemon=True)
                back.start()
                _pass_on(self.connection, target)
                back.join()
            self.close_connection = True

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = Web(f"http://127.0.0.1:{server.server_port}", server.socket)
    with _running(server):
        yield proxy


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
