"""Whether a server answers where it listens: real TLS servers on loopback, one of which never ends its answer."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import probe as probe_module
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.probe import probe, reachable
from support.certificates import self_signed

Serve = Callable[[Callable[[ssl.SSLSocket], None]], int]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Answer every connection with a function; the port."""
    pair = self_signed()
    (tmp_path / "server.pem").write_text(pair.key_pem + pair.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    listening = []

    def server(answer: Callable[[ssl.SSLSocket], None]) -> int:
        made = socket.create_server(("127.0.0.1", 0))
        listening.append(made)

        def run() -> None:
            try:
                while True:
                    connection = context.wrap_socket(made.accept()[0], server_side=True)
                    connection.recv(65536)
                    answer(connection)
                    connection.close()
            except OSError:
                pass

        threading.Thread(target=run, daemon=True).start()
        port: int = made.getsockname()[1]
        return port

    yield server
    for made in listening:
        made.close()


def drip(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _second in range(600):
        connection.sendall(b".")
        time.sleep(0.1)


def test_the_expected_status_is_told_by_nothing_and_another_by_itself(serve: Serve) -> None:
    port = serve(lambda connection: connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"))
    assert probe(["127.0.0.1"], port, "/", 404) == ""
    assert probe(["127.0.0.1"], port, "/", 200) == "HTTP status 404 instead of 200"


@pytest.mark.parametrize("garbage", [b"", b"\xff\0\r\n\r\n", b"HTTP/1.1 2 0 0\r\n\r\n", b"H" * 100_000])
def test_what_is_no_answer_is_told_and_raises_nothing(serve: Serve, garbage: bytes) -> None:
    assert probe(["127.0.0.1"], serve(lambda connection: connection.sendall(garbage)), "/", 200)


def test_an_answer_that_drips_is_given_up_after_its_time(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "_SECONDS", 1)
    port = serve(drip)
    begun = time.monotonic()
    assert probe(["127.0.0.1"], port, "/", 200) == "its answer did not end within 1 s"
    assert time.monotonic() - begun < 3


def test_a_port_where_nothing_listens_is_told(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "refused" in probe(["127.0.0.1"], port, "/", 200)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("0.0.0.0", ("127.0.0.1",)),
        ("::", ("127.0.0.1", "::1")),
        ("127.0.0.2", ("127.0.0.2",)),
        ("::1", ("::1",)),
        ("192.0.2.7", ("192.0.2.7",)),
    ],
)
def test_a_server_is_asked_where_it_listens(address: str, asked: tuple[str, ...]) -> None:
    assert reachable(address) == asked
