"""Run as a program in place of java, under the products' own start script: owns a port as a Carbon server
does, or fails as one.

The file scripted_jvm.json in its home says how: ``console`` and ``log`` are lines to write first, ``seconds``
how long it boots; then it ends if ``ends``,
gives its port to a process of another program if ``loses_port``, and answers ``statuses``, the last one for
good, or what ``paths`` says of a path. It listens on ``address``, at the port offset ``offset`` where its
arguments say none. ``stubborn`` takes no SIGTERM.
Its certificate is in server.pem in JAVA_HOME.
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BEHAVIOUR = "scripted_jvm.json"

_STRANGER = (
    "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
)


def main(arguments: list[str]) -> int:
    if arguments == ["-version"]:
        print('openjdk version "17.0.1" 2021-10-19', file=sys.stderr)
        return 0
    options = dict(argument.partition("=")[::2] for argument in arguments if argument.startswith("-D"))
    home = Path(options["-Dcarbon.home"])
    how: dict[str, Any] = json.loads((home / BEHAVIOUR).read_text())
    if how.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (home / "wso2carbon.pid").write_bytes(str(os.getpid()).encode().ljust(100, b"\0"))
    for line in how.get("console", []):
        print(line, flush=True)
    (home / "repository/logs").mkdir(exist_ok=True)
    with (home / "repository/logs/wso2carbon.log").open("a") as log:
        log.writelines(f"{line}\n" for line in how.get("log", []))
    time.sleep(how.get("seconds", 0))
    if how.get("ends"):
        return 0
    port = 9443 + int(options.get("-DportOffset", how.get("offset", 0)))
    if how.get("loses_port"):
        with subprocess.Popen([os.readlink("/proc/self/exe"), "-c", _STRANGER, str(port)]) as stranger:
            signal.signal(signal.SIGTERM, lambda *_received: stranger.terminate())
        return 0
    _serve(how.get("address", "127.0.0.1"), port, how.get("statuses", [200]), how.get("paths", {}))
    return 0


def _serve(address: str, port: int, statuses: list[int], paths: dict[str, int]) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            self.send_response(paths.get(self.path, status))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *values: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(os.environ["JAVA_HOME"]) / "server.pem")
    server = http.server.HTTPServer((address, port), Handler, bind_and_activate=False)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.server_bind()
    server.server_activate()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
