"""Run as a program: forks for each module that it is sent over a socket, so that each is a process of its own
without the cost of a new Python.

A request is JSON {module, arguments, environment, user}, an answer the process's id at once and JSON {stdout,
stderr} in the end.
It ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import tempfile
import traceback
from typing import Any

from ansible.module_utils import basic

_MODULES = "ansible_collections.carbonops.wso2.plugins.modules"


def serve(path: str) -> None:
    """Listen on a Unix socket until standard input ends."""
    for found in pkgutil.iter_modules(importlib.import_module(_MODULES).__path__):
        importlib.import_module(f"{_MODULES}.{found.name}")
        del sys.modules[
            f"{_MODULES}.{found.name}"
        ]  # what it imports is there now, itself it is still to be run
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(16)
        print("ready", flush=True)
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            connection = listening.accept()[0]
            if os.fork() == 0:
                listening.close()
                _answer(connection)
                os._exit(0)
            connection.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _answer(connection: socket.socket) -> None:
    with connection, connection.makefile("rw", encoding="utf-8") as stream:
        request = json.loads(stream.readline())
        # As in a terminal, also where the tests run in the background or under nohup, which ignore them.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        print(os.getpid(), file=stream, flush=True)
        with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            _run(**request)
            sys.stdout.flush()
            sys.stderr.flush()
            stdout.seek(0)
            stderr.seek(0)
            json.dump({"stdout": stdout.read(), "stderr": stderr.read()}, stream)


def _run(module: str, arguments: dict[str, Any], environment: dict[str, str], user: int | None) -> None:
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # what this process found out by its own environment
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()  # type: ignore[attr-defined]
    if hasattr(basic, "_ANSIBLE_PROFILE"):
        basic._ANSIBLE_PROFILE = "legacy"
    try:
        runpy.run_module(f"{_MODULES}.{module}", run_name="__main__")
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()


if __name__ == "__main__":
    serve(sys.argv[1])
