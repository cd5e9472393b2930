"""A peer on the loopback that speaks TLS with a certificate of the tests."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from .certificates import Pair


@contextlib.contextmanager
def tls_peer(folder: Path, pair: Pair) -> Iterator[int]:
    """The port of a server that presents this certificate until the end of the block."""
    (folder / "peer.pem").write_text(pair.pem + pair.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "peer.pem")
    with socket.create_server(("localhost", 0)) as listening:

        def serve() -> None:
            # Ends when the socket is shut down; a client that does not trust the peer hangs up.
            while True:
                try:
                    connection = listening.accept()[0]
                except OSError:
                    return
                with (
                    connection,
                    contextlib.suppress(OSError),
                    context.wrap_socket(connection, server_side=True) as secure,
                ):
                    secure.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)
