# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a Carbon server brought up, taken down and known to be ready. No Ansible import."""

from __future__ import annotations

import dataclasses
import http.client
import os
import re
import shlex
import signal
import ssl
import subprocess
import time
import typing as t
from pathlib import Path

from ._carbon_home import CarbonHome
from ._keytool import KeytoolError, find_java_tool
from ._process import CarbonProcess, describe_owner, find_carbon, is_alive, is_listening, owns_port

_LOG = "repository/logs/wso2carbon.log"
_CONSOLE = "repository/logs/carbonops-console.log"
_CONSOLE_BYTES = 262144
_POLL_SECONDS = 0.25
_TELLING = re.compile(r"\b(ERROR|FATAL|SEVERE)\b|(Exception|Error)\b")
_STACK_FRAME = re.compile(r"at [\w.$/@<>]+\(|\.\.\. \d+ more")
_SHOWN_LINES = 8
_SHOWN_REASON = 240


class CarbonError(Exception):
    """The server did not do what was asked. ``log`` holds the lines of its log and console that say why."""

    def __init__(self, message: str, log: t.Sequence[str] = ()) -> None:
        super().__init__(message)
        self.log = list(log)


@dataclasses.dataclass(frozen=True)
class Ready:
    """What counts as ready: every path answers with this HTTP status on the server's own HTTPS port."""

    paths: tuple[str, ...]
    status: int


class CarbonServer:
    """The server of one home. ``timeout`` in seconds bounds each start and each stop."""

    def __init__(self, home: CarbonHome, java_home: str | None, ready: Ready | None, timeout: float) -> None:
        self.home = home
        self._java_home = java_home
        self._ready = ready
        self._timeout = timeout

    def running(self) -> CarbonProcess | None:
        return find_carbon(self.home.path)

    def offset_of(self, process: CarbonProcess) -> int:
        """The offset it runs with: its command line beats ``[server] offset`` (measured)."""
        return self.home.port_offset() if process.port_offset is None else process.port_offset

    def refuse_taken(self, port: int, own: CarbonProcess | None = None) -> None:
        """Raise CarbonError where something else than this home's own process listens on the port already."""
        if is_listening(port) and not (own and owns_port(own.pid, port)):
            owner = describe_owner(port)
            raise CarbonError(f"Starting {self.home.path} was not tried: port {port} is taken by {owner}; end that process or choose another port offset.")

    def start(self, port_offset: int | None) -> CarbonProcess:
        """Start the server and wait until it is ready. Raises CarbonError; a server that failed is not left running."""
        product = self.home.product()
        script = self.home.path / "bin" / product.script
        port = self.home.https_port(self.home.port_offset() if port_offset is None else port_offset)
        self.refuse_taken(port)
        environment = {**os.environ, "JAVA_HOME": self._find_java_home(), "CARBON_HOME": str(self.home.path)}
        log_start = _size(self.home.path / _LOG)
        launcher = self._launch(script, port_offset, environment)
        try:
            return self.wait_ready(port, launcher, log_start)
        except CarbonError:
            self._end_failed()
            raise

    def wait_ready(self, port: int, launcher: subprocess.Popen[bytes] | None = None, log_start: int = 0) -> CarbonProcess:
        """Wait until the server's own process owns the port and gives every ready answer."""
        ready = self._ready or Ready(self.home.product().ready_paths, 200)
        deadline = time.monotonic() + self._timeout
        answers: dict[str, str] = {}
        while time.monotonic() < deadline:
            process = self.running()
            if process is None and launcher is not None and launcher.poll() is not None:
                log = self._telling_lines(log_start)
                raise CarbonError(f"Starting {self.home.path} failed: the server ended while booting{_reason(log)}; correct that, more is in log.", log)
            if is_listening(port) and process is not None:
                if owns_port(process.pid, port):
                    answers = {path: _probe(port, path, ready.status) for path in ready.paths}
                    if not any(answers.values()):
                        return process
                else:
                    owner = describe_owner(port)
                    if owner != f"process {process.pid} (java)":
                        raise CarbonError(
                            f"Starting {self.home.path} failed: port {port} was taken by {owner}; end that process or choose another port offset.",
                            self._telling_lines(log_start),
                        )
            time.sleep(_POLL_SECONDS)
        open_points = "; ".join(f"{path}: {answer}" for path, answer in answers.items() if answer) or f"nothing of it listens on port {port}"
        raise CarbonError(
            f"{self.home.path} was not ready within {self._timeout:g} s ({open_points}); see log, or raise timeout.", self._telling_lines(log_start)
        )

    def stop(self, process: CarbonProcess) -> None:
        """End the process the way its script does (SIGTERM), and wait until it is gone and its port free."""
        port = self.home.https_port(self.offset_of(process))
        owned = owns_port(process.pid, port)  # not if the configured offset has changed since it started
        os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            if not is_alive(process.pid):
                if owned and is_listening(port):
                    raise CarbonError(f"{self.home.path} was stopped, but port {port} is taken by {describe_owner(port)}; end that process.")
                return
            time.sleep(_POLL_SECONDS)
        raise CarbonError(f"Stopping {self.home.path} failed: process {process.pid} did not end within {self._timeout:g} s; see its log, or raise timeout.")

    def _launch(self, script: Path, port_offset: int | None, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Run the script as the document does. The boot's console, which no log has, is kept up to 256 KiB."""
        console = self.home.path / _CONSOLE
        arguments = ["sh", str(script)] + ([] if port_offset is None else [f"-DportOffset={port_offset}"])
        command = " ".join(shlex.quote(argument) for argument in arguments)
        keep = f"{{ head -c {_CONSOLE_BYTES} > {shlex.quote(str(console))}; exec cat > /dev/null; }}"
        try:
            console.parent.mkdir(parents=True, exist_ok=True)
            console.write_bytes(b"")
            # run_command waits for what it runs.
            return subprocess.Popen(  # pylint: disable=ansible-bad-function
                ["sh", "-c", f"{command} 2>&1 | {keep}"],
                cwd=self.home.path, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as exc:
            raise CarbonError(f"Starting {script} failed: {exc.strerror}: {exc.filename}; run as the user that owns the home.") from exc

    def _find_java_home(self) -> str:
        """The folder for JAVA_HOME, without which the scripts do not start."""
        try:
            return str(Path(os.path.realpath(find_java_tool("java", self._java_home))).parent.parent)
        except KeytoolError as exc:
            raise CarbonError(f"Starting {self.home.path} was not tried: {exc}") from exc

    def _end_failed(self) -> None:
        process = self.running()
        if process is not None:
            os.kill(process.pid, signal.SIGTERM)
            deadline = time.monotonic() + 30
            while is_alive(process.pid) and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            if is_alive(process.pid):
                os.kill(process.pid, signal.SIGKILL)

    def _telling_lines(self, log_start: int) -> list[str]:
        """The lines of this boot's log and console that tell why; their last lines where none does."""
        lines = []
        for file, start in ((self.home.path / _LOG, log_start), (self.home.path / _CONSOLE, 0)):
            lines += _read_from(file, start)
        lines = [line for line in dict.fromkeys(lines) if not _STACK_FRAME.match(line)]
        telling = [line for line in lines if _TELLING.search(line)]
        return (telling or lines[-_SHOWN_LINES:])[:_SHOWN_LINES]


def newer_than(home: Path, files: t.Iterable[str], moment: float) -> list[str]:
    """The files, relative to the home or absolute, whose content or place changed after a moment (Unix time, seconds).

    A file moved or restored into place keeps its old modification time, so the change time counts too.
    """
    newer = []
    for file in files:
        try:
            status = (home / file).stat()
        except OSError:
            continue
        if max(status.st_mtime, status.st_ctime) > moment:
            newer.append(file)
    return newer


def _probe(port: int, path: str, status: int) -> str:
    """Empty if the answer is the expected one, else what came instead. Loopback and nothing secret: no verification."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return "" if answer.status == status else f"HTTP status {answer.status} instead of {status}"
    except (OSError, http.client.HTTPException) as exc:
        return str(exc) or type(exc).__name__
    finally:
        connection.close()


def _reason(log: t.Sequence[str]) -> str:
    """The innermost cause of a stack trace, else an exception with a message, else the first line, for the error's sentence."""
    causes = [line for line in log if line.startswith("Caused by:")]
    messages = [line for line in log if re.search(r"(Exception|Error): ", line)]
    chosen = (causes[-1:] or messages[:1] or list(log[:1]) or [""])[0]
    return f" ({chosen[:_SHOWN_REASON]})" if chosen else ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _read_from(path: Path, start: int) -> list[str]:
    try:
        with path.open("rb") as file:
            # A log rotated meanwhile is shorter than it was: all of it is this boot's.
            file.seek(start if start <= _size(path) else 0)
            return [line.strip() for line in file.read(1 << 20).decode("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        return []
