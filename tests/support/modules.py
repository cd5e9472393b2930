"""The collection's modules, run as Ansible runs them: a process of their own, JSON in, JSON out."""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


class Outcome(dict[str, Any]):
    """A module's result; ``output`` is all that it wrote, byte for byte what could be logged."""

    output: str

    @property
    def failed(self) -> bool:
        return bool(self.get("failed"))


class RunningModule:
    """A module at work; ``pid`` is its process."""

    def __init__(self, module: str, request: dict[str, Any], server: str | None) -> None:
        self._module = module
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(server or _server())
            self._stream = connection.makefile("rw", encoding="utf-8")
        self._stream.write(json.dumps(request) + "\n")
        self._stream.flush()
        self.pid = int(self._stream.readline())

    def outcome(self) -> Outcome:
        """Its result, once it has ended."""
        with self._stream:
            answer = self._stream.read()
        if not answer:
            raise AssertionError(f"{self._module} wrote no result: its process was killed")
        written = json.loads(answer)
        try:
            outcome = Outcome(json.loads(written["stdout"].strip().splitlines()[-1]))
        except (IndexError, ValueError) as exc:
            raise AssertionError(
                f"{self._module} wrote no result: {written['stdout']}\n{written['stderr']}"
            ) from exc
        outcome.output = written["stdout"] + written["stderr"]
        return outcome


def start_module(
    module: str,
    /,
    check: bool = False,
    environment: dict[str, str] | None = None,
    user: int | None = None,
    server: str | None = None,
    **options: Any,
) -> RunningModule:
    """Start one module with these options, with diff, as the user of this id (only root can), by the module
    server at this socket.
    """
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_no_log": False}
    variables = dict(os.environ) if environment is None else environment
    return RunningModule(
        module, {"module": module, "arguments": arguments, "environment": variables, "user": user}, server
    )


def run_module(
    module: str,
    /,
    check: bool = False,
    environment: dict[str, str] | None = None,
    user: int | None = None,
    **options: Any,
) -> Outcome:
    """Run one module with these options, with diff, as the user of this id (only root can)."""
    return start_module(module, check, environment, user, **options).outcome()


@functools.cache
def _server() -> str:
    """The socket of this test process's module server."""
    folder = tempfile.TemporaryDirectory(prefix="modules-")
    path = f"{folder.name}/socket"
    command = [sys.executable, str(Path(__file__).with_name("module_server.py")), path]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    assert process.stdout.readline() == "ready\n"
    stdin = process.stdin

    def end() -> None:
        stdin.close()
        process.wait(10)
        folder.cleanup()

    atexit.register(end)
    return path
