# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a Carbon server brought up, taken down and known to be ready.

No Ansible import.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import typing as t
from pathlib import Path

from .._keystore.jdk import find_java_tool
from .._problem import Problem
from .boot_log import CARBON_LOG
from .find import find_carbon
from .home import CarbonHome
from .process import CarbonProcess, is_alive
from .ready import Boot, Ready, ReadyCheck, first_found
from .sockets import describe_owner, is_listening, owner_of, owns_port, ports_of
from .start_script import boot_by_script, earlier_boot, forget_boot
from .systemd import SystemdUnit

_END_SECONDS = 30
_LINGER_SECONDS = 2


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
        process = find_carbon(self.home.path, self._users)
        if process and os.geteuid() not in (0, process.user):
            raise Problem(
                f"The server of {self.home.path} is process {process.pid} of user id {process.user}, which"
                f" user id {os.geteuid()} may not touch; nothing was changed",
                advice="run as that user (use become_user)",
            )
        return process

    @functools.cached_property
    def _users(self) -> tuple[int, ...]:
        """Who else may run the server. Raises Problem."""
        user = self.unit.user() if self.unit else None
        return () if user is None else (user,)

    def offset_of(self, process: CarbonProcess) -> int:
        """The offset it runs with: its command line beats ``[server] offset`` (measured)."""
        return self.home.port_offset() if process.port_offset is None else process.port_offset

    def runs_in_unit(self, process: CarbonProcess) -> bool:
        """Whether it is the given unit that runs it."""
        return self.unit is not None and self.unit.runs(process)

    def java_home(self) -> str | None:
        """The folder for JAVA_HOME, without which the scripts do not start; None where there is no JDK."""
        try:
            return str(Path(os.path.realpath(find_java_tool("java", self._java_home))).parent.parent)
        except Problem:
            return None

    def refuse_start(self, port: int, own: CarbonProcess | None) -> None:
        """Raise Problem where a start is bound to fail.

        ``own`` is this home's own process, if it still runs.
        """
        self.home.product()
        self.refuse_taken_port(port, own)
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

    def refuse_script_of_another(self) -> None:
        """Raise Problem where root would run a start script that another user can change."""
        if self.unit or os.geteuid() != 0:
            return
        script = self.home.path / "bin" / self.home.product().script
        for path in (self.home.path, script.parent, script):
            owner = path.stat().st_uid
            if owner != 0:
                raise Problem(
                    f"Starting {self.home.path} was not tried",
                    f"{path} belongs to user id {owner}, whose script root does not run",
                    "run as that user (use become_user)",
                )

    def start(self, port_offset: int | None, wait: bool) -> CarbonProcess:
        """Start the server and wait until it is ready or, without ``wait``, until its process is there.

        Raises Problem; a server that failed is not left running.
        """
        port = self.home.https_port(self.home.port_offset() if port_offset is None else port_offset)
        boot = self._boot(port_offset)
        check = self._check(port, lambda: boot)
        try:
            return self._found(check, check.look if wait else check.look_for_process)
        except Problem:
            self._end_failed()
            raise

    def wait_ready(self, port: int) -> CarbonProcess:
        """Wait until a server that was started earlier is ready. Raises Problem; it is left as it is."""
        check = self._check(port, self._earlier_boot)
        return self._found(check, check.look)

    def stop(self, process: CarbonProcess) -> None:
        """End the process as its script does (SIGTERM) or by its unit.

        Waits until it is gone and its ports are free. Raises Problem.
        """
        ports = ports_of(process)
        try:
            self._end(process)
        except Problem as exc:
            raise exc.during(f"Stopping {self.home.path} failed") from exc
        if not _comes_true(lambda: not is_alive(process), self._timeout):
            raise Problem(
                f"Stopping {self.home.path} failed",
                f"process {process.pid} did not end within {self._timeout:g} s",
                "see its log, or raise timeout",
            )
        forget_boot(self.home.path)
        # Its first thread can be gone before the last one, which still has its files open.
        if not _comes_true(lambda: not any(map(is_listening, ports)), _END_SECONDS):
            port = min(filter(is_listening, ports), default=0)
            raise Problem(
                f"{self.home.path} was stopped, but port {port} is taken by {describe_owner(owner_of(port))}",
                advice="end that process",
            )

    def refuse_taken_port(self, port: int, own: CarbonProcess | None) -> None:
        """Raise Problem where another process, or one that nobody can see, listens on the port."""
        # A process that has just been killed has its port for a moment longer.
        if not (own and owns_port(own, port)) and not _comes_true(
            lambda: not is_listening(port), _LINGER_SECONDS
        ):
            raise Problem(
                f"Starting {self.home.path} was not tried",
                f"port {port} is taken by {describe_owner(owner_of(port))}",
                "end that process or choose another port offset",
            )

    def _check(self, port: int, find_boot: t.Callable[[], Boot | None]) -> ReadyCheck:
        ready = self._ready or Ready(self.home.product().ready_paths)
        starter = self.unit.name if self.unit else "its script"
        return ReadyCheck(self.home, port, ready, find=self.running, starter=starter, find_boot=find_boot)

    def _found(self, check: ReadyCheck, look: t.Callable[[], CarbonProcess | None]) -> CarbonProcess:
        process = first_found(look, self._timeout)
        if process is None:
            raise check.not_in_time(self._timeout)
        return process

    def _boot(self, port_offset: int | None) -> Boot:
        script = self.home.product().script
        options = [] if port_offset is None else [f"-DportOffset={port_offset}"]
        try:
            if self.unit:
                return self.unit.boot(self.home.path / CARBON_LOG)
            return boot_by_script(self.home.path, script, options, self.java_home() or "")
        except Problem as exc:
            raise exc.during(f"Starting {self.home.path} failed") from exc
        except OSError as exc:
            raise Problem(
                f"Starting {self.home.path} by {script} failed",
                f"{exc.strerror}: {exc.filename}",
                "run as the user that owns the home",
            ) from exc

    def _earlier_boot(self) -> Boot | None:
        if self.unit:
            return self.unit.earlier_boot(self.home.path / CARBON_LOG)
        return earlier_boot(self.home.path, self.home.product().script)

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
        if not _comes_true(lambda: not is_alive(process), _END_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            _comes_true(lambda: not is_alive(process), _END_SECONDS)


def newer_than(home: Path, files: t.Iterable[str], moment: float) -> list[str]:
    """Which files have changed in content or place after a moment (Unix time, seconds).

    They are given relative to the home or absolute. A file moved or restored into place keeps its old
    modification time, so the change time counts too.
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


def _comes_true(condition: t.Callable[[], bool], seconds: float) -> bool:
    return first_found(lambda: condition() or None, seconds) is not None
