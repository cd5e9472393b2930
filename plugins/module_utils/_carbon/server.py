# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a Carbon server brought up, taken down and known to be ready.

No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import signal
import ssl
import time
import typing as t
from pathlib import Path

from .._keystore.jdk import find_java_tool
from .._problem import Problem
from .boot_log import last_lines, read_lines, reason, relevant_lines, size_of
from .home import CarbonHome
from .process import (
    CarbonProcess,
    describe_owner,
    find_carbon,
    is_alive,
    is_listening,
    owns_port,
    ports_of,
    runs_in_unit,
)
from .start_script import ScriptBoot
from .systemd import SystemdUnit

_LOG = "repository/logs/wso2carbon.log"
_POLL_SECONDS = 0.25
_END_SECONDS = 30
_LINGER_SECONDS = 2


@dataclasses.dataclass(frozen=True)
class Ready:
    """What counts as ready: every path answers with this HTTP status on the server's own HTTPS port."""

    paths: tuple[str, ...]
    status: int


class Boot(t.Protocol):
    """A start that has been set going."""

    def has_ended(self) -> bool:
        """Whether what was started is gone again."""

    def console(self) -> list[str]:
        """What it wrote that no log has."""


class CarbonServer:
    """The server of one home, run by its script or, where one is given, by its systemd unit.

    ``timeout`` in seconds bounds each start and each stop.
    """

    def __init__(
        self,
        home: CarbonHome,
        java_home: str | None,
        ready: Ready | None,
        timeout: float,
        unit: SystemdUnit | None = None,
    ) -> None:
        self.home = home
        self.unit = unit
        self._java_home = java_home
        self._ready = ready
        self._timeout = timeout

    def running(self) -> CarbonProcess | None:
        """Its process. Raises Problem where this user may not look into it."""
        process = find_carbon(self.home.path)
        if process and os.geteuid() not in (0, process.user):
            raise Problem(
                f"The server of {self.home.path} is process {process.pid} of user id {process.user}, which"
                f" user id {os.geteuid()} may not touch; nothing was changed",
                advice="run as that user (use become_user)",
            )
        return process

    def offset_of(self, process: CarbonProcess) -> int:
        """The offset it runs with: its command line beats ``[server] offset`` (measured)."""
        return self.home.port_offset() if process.port_offset is None else process.port_offset

    def runs_in_unit(self, process: CarbonProcess) -> bool:
        """Whether it is the given unit that runs it."""
        return self.unit is not None and runs_in_unit(process, self.unit.name)

    def refuse_start(self, port: int, own: CarbonProcess | None) -> None:
        """Raise Problem where a start is bound to fail, while this home's own process, if any, still
        runs.
        """
        self.home.product()
        # A process that has just been killed has its port for a moment longer.
        if not (own and owns_port(own, port)) and not _wait_until(
            lambda: not is_listening(port), _LINGER_SECONDS
        ):
            owner = describe_owner(port)
            raise Problem(
                f"Starting {self.home.path} was not tried",
                f"port {port} is taken by {owner}",
                "end that process or choose another port offset",
            )
        try:
            if self.unit:
                self.unit.require()
                return
            find_java_tool("java", self._java_home)
        except Problem as exc:
            raise exc.during(f"Starting {self.home.path} was not tried") from exc
        if not os.access(self.home.path, os.W_OK):
            raise Problem(
                f"Starting {self.home.path} was not tried",
                f"user id {os.geteuid()} may not write to it",
                "run as the user that owns it (use become_user)",
            )

    def java_home(self) -> str | None:
        """The folder for JAVA_HOME, without which the scripts do not start; none where there is no JDK."""
        try:
            return str(Path(os.path.realpath(find_java_tool("java", self._java_home))).parent.parent)
        except Problem:
            return None

    def start(self, port_offset: int | None) -> CarbonProcess:
        """Start the server and wait until it is ready.

        Raises Problem; a server that failed is not left running.
        """
        port = self.home.https_port(self.home.port_offset() if port_offset is None else port_offset)
        log_start = size_of(self.home.path / _LOG)
        try:
            return self.wait_ready(port, self._boot(port_offset), log_start)
        except Problem:
            self._end_failed()
            raise

    def wait_ready(self, port: int, boot: Boot | None = None, log_start: int = 0) -> CarbonProcess:
        """Wait until the server's own process owns the port and gives every ready answer."""
        ready = self._ready or Ready(self.home.product().ready_paths, 200)
        deadline = time.monotonic() + self._timeout
        answers: dict[str, str] = {}
        seen: CarbonProcess | None = None
        while time.monotonic() < deadline:
            process = self.running()
            if process is None and boot and boot.has_ended():
                log = relevant_lines(self._log(boot, log_start))
                why = reason(log)
                told = (
                    f" ({why}); correct that, more is in log."
                    if why
                    else ", and nothing that it wrote says why; see whether it was killed."
                )
                raise Problem(
                    f"Starting {self.home.path} failed",
                    f"the server ended while booting{told}",
                    facts={"log": log},
                )
            if process and process != seen:
                seen = process
                self._refuse_other_port(process, port)
            if process and is_listening(port):
                if owns_port(process, port):
                    answers = {path: _probe(port, path, ready.status) for path in ready.paths}
                    if not any(answers.values()):
                        return process
                else:
                    owner = describe_owner(port)
                    if owner != f"process {process.pid} (java)":
                        raise Problem(
                            f"Starting {self.home.path} failed",
                            f"port {port} was taken by {owner}",
                            "end that process or choose another port offset",
                            facts={"log": relevant_lines(self._log(boot, log_start))},
                        )
            time.sleep(_POLL_SECONDS)
        open_points = (
            "; ".join(f"{path}: {answer}" for path, answer in answers.items() if answer)
            or f"nothing of it listens on port {port}"
        )
        raise Problem(
            f"{self.home.path} was not ready within {self._timeout:g} s ({open_points})",
            advice="see log, or raise timeout",
            facts={"log": last_lines(self._log(boot, log_start))},
        )

    def stop(self, process: CarbonProcess) -> None:
        """End the process the way its script does (SIGTERM) or by its unit, and wait until it is gone and its
        ports free.
        """
        ports = ports_of(process)
        try:
            self._end(process)
        except Problem as exc:
            raise exc.during(f"Stopping {self.home.path} failed") from exc
        if not _wait_until(lambda: not is_alive(process), self._timeout):
            raise Problem(
                f"Stopping {self.home.path} failed",
                f"process {process.pid} did not end within {self._timeout:g} s",
                "see its log, or raise timeout",
            )
        # Its first thread can be gone before the last one, which still has its files open.
        if not _wait_until(lambda: not any(map(is_listening, ports)), _END_SECONDS):
            port = min(filter(is_listening, ports), default=0)
            raise Problem(
                f"{self.home.path} was stopped, but port {port} is taken by {describe_owner(port)}",
                advice="end that process",
            )

    def _boot(self, port_offset: int | None) -> Boot:
        script = self.home.product().script
        try:
            if self.unit:
                return self.unit.boot()
            return ScriptBoot(
                self.home.path,
                script,
                [] if port_offset is None else [f"-DportOffset={port_offset}"],
                self.java_home() or "",
            )
        except Problem as exc:
            raise exc.during(f"Starting {self.home.path} failed") from exc
        except OSError as exc:
            raise Problem(
                f"Starting {self.home.path} by {script} failed",
                f"{exc.strerror}: {exc.filename}",
                "run as the user that owns the home",
            ) from exc

    def _refuse_other_port(self, process: CarbonProcess, port: int) -> None:
        """A unit has a command line of its own."""
        offset = self.offset_of(process)
        if self.home.https_port(offset) != port:
            by = self.unit.name if self.unit else "its script"
            raise Problem(
                f"Starting {self.home.path} failed",
                f"{by} starts it with port offset {offset}, which is port {self.home.https_port(offset)}"
                f" instead of {port}",
                "correct that, or port_offset",
            )

    def _end(self, process: CarbonProcess) -> None:
        if self.unit and self.runs_in_unit(process):
            self.unit.stop()
        elif is_alive(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGTERM)

    def _end_failed(self) -> None:
        process = self.running()
        if process is None:
            return
        with contextlib.suppress(Problem):
            self._end(process)
        if not _wait_until(lambda: not is_alive(process), _END_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            _wait_until(lambda: not is_alive(process), _END_SECONDS)

    def _log(self, boot: Boot | None, log_start: int) -> list[str]:
        return read_lines(self.home.path / _LOG, log_start) + (boot.console() if boot else [])


def newer_than(home: Path, files: t.Iterable[str], moment: float) -> list[str]:
    """The files, relative to the home or absolute, whose content or place changed after a moment (Unix time,
    seconds).

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


def _wait_until(condition: t.Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _probe(port: int, path: str, status: int) -> str:
    """Empty if the answer is the expected one, else what came instead.

    Loopback and nothing secret: no verification.
    """
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
