# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a Carbon server brought up, taken down and known to be ready.

No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
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
from .launch import Launch, first_launch, next_launch, product_run_by, refuse_lost
from .process import CarbonProcess, is_alive, unit_of
from .products import Product
from .ready import Boot, Ready, ReadyCheck, first_found
from .sockets import At, describe_owner, is_taken, owner_of, owns_port, places_of
from .start_script import boot_by_script, earlier_boot, forget_boot
from .supervisor import is_run_by, supervisor_of
from .systemd import SystemdUnit, is_booted, units_starting

_END_SECONDS = 30
_LINGER_SECONDS = 2


FindUnit = t.Callable[[str], t.Optional[SystemdUnit]]


@dataclasses.dataclass(frozen=True)
class Way:
    """How a server is stopped and started: by which unit, else by a signal and by the script's launch.

    ``port_offset`` is the one that it is then going to run with.
    """

    stop_by: SystemdUnit | None = None
    start_by: SystemdUnit | None = None
    launch: Launch | None = None
    port_offset: int = 0


class CarbonServer:
    """The server of one home, run by its script or by a systemd unit.

    The unit is the given one, else the one that runs it, unless the script is to run it. ``find_unit`` gives
    the unit of a name. With ``unit_is_planned`` the given one is still to be written, and what it says now
    does not count; with ``offset_in_file`` an offset that is asked for is in deployment.toml by the start.
    ``start_arguments`` are those of a first start by the script. ``timeout`` in seconds bounds each start
    and each stop.
    """

    def __init__(
        self,
        home: CarbonHome,
        java_home: str | None,
        ready: Ready | None,
        timeout: float,
        unit: SystemdUnit | None = None,
        *,
        find_unit: FindUnit = lambda _name: None,
        by_script: bool = False,
        unit_is_planned: bool = False,
        offset_in_file: bool = False,
        start_arguments: t.Sequence[str] = (),
    ) -> None:
        self.home = home
        self.unit = unit
        self._find_unit = find_unit
        self._by_script = by_script
        self.unit_is_planned = unit_is_planned
        self._offset_in_file = offset_in_file
        self._start_arguments = start_arguments
        self._java_home = java_home
        self._ready = ready
        self._timeout = timeout

    def running(self) -> CarbonProcess | None:
        """Its process. Raises Problem where this user may not look into it."""
        process = find_carbon(self.home.path, self._users) or self._run_by_a_unit()
        if process and os.geteuid() not in (0, process.user):
            raise Problem(
                f"The server of {self.home.path} is process {process.pid} of user id {process.user}, which"
                f" user id {os.geteuid()} may not touch; nothing was changed",
                advice="run as that user (use become_user)",
            )
        return process

    def _run_by_a_unit(self) -> CarbonProcess | None:
        """Its process of a user who is told by the unit that starts it. Raises Problem."""
        users = {user for user in map(SystemdUnit.user, self._units) if user is not None}
        return find_carbon(self.home.path, users) if users else None

    @functools.cached_property
    def _units(self) -> list[SystemdUnit]:
        """The units of this host that start something in the home."""
        names = units_starting(self.home.path) if is_booted() else []
        return [unit for unit in map(self._find_unit, names) if unit]

    @functools.cached_property
    def _users(self) -> tuple[int, ...]:
        """Who else may run the server. Raises Problem."""
        user = self.unit.user() if self.unit else None
        return () if user is None else (user,)

    def offset_of(self, process: CarbonProcess) -> int:
        """The offset it runs with: its command line beats ``[server] offset`` (measured)."""
        return self.home.port_offset() if process.port_offset is None else process.port_offset

    def product(self, process: CarbonProcess | None = None) -> Product:
        """What a process is by the script that runs it, else what the home is. Raises Problem."""
        return (process and product_run_by(process, self.home.path)) or self.home.product()

    def runs_in_unit(self, process: CarbonProcess) -> bool:
        """Whether it is the given unit that runs it."""
        return self.unit is not None and self.unit.runs(process)

    def unit_running(self, process: CarbonProcess) -> SystemdUnit | None:
        """The unit of this host that runs it, whatever its name. Raises Problem where nobody can tell."""
        if self.runs_in_unit(process):
            return self.unit
        name = unit_of(process)
        unit = self._find_unit(name) if name and is_booted() else None
        return unit if unit and is_run_by(process, self.home.path, unit.name, unit.state()) else None

    def unit_waiting(self) -> SystemdUnit | None:
        """The unit that would start this server, which is down, by itself. Raises Problem for several."""
        waiting = [unit for unit in self._units if unit.state().starts_by_itself]
        if len(waiting) > 1:
            raise self._not_tried(
                f"{' and '.join(unit.name for unit in waiting)} would both start it", "disable one of them"
            )
        return waiting[0] if waiting else None

    def way(
        self, process: CarbonProcess | None, *, stops: bool, starts: bool, port_offset: int | None
    ) -> Way:
        """How it will be stopped and started. Raises Problem where that would lose or double something."""
        if not (stops or starts):
            return Way()
        if starts and self.unit and not self.unit_is_planned:
            self._require(self.unit)
        running = self.unit_running(process) if process else None
        if process and stops and running is None:
            self._refuse_supervised(process)
        if not starts:
            return Way(stop_by=running)
        unit = self._unit_to_start_by(running if process else self.unit_waiting(), is_down=process is None)
        if running and (unit is None or unit.name != running.name):
            self._refuse_to_leave(running)
        if unit:
            return self._way_by_unit(process, running, unit, port_offset)
        script, configured = self.product(process).script, self._configured(port_offset)
        if process is None:
            launch = first_launch(script, self._start_arguments, port_offset, configured)
            return Way(launch=launch, port_offset=_first(port_offset, configured))
        text = self.home.configuration_text()
        launch = next_launch(
            process,
            self.home.path,
            script,
            offset=port_offset,
            configured=configured,
            configuration=text,
        )
        return Way(running, None, launch, _first(port_offset, process.port_offset, configured))

    def _unit_to_start_by(self, own: SystemdUnit | None, is_down: bool) -> SystemdUnit | None:
        """None for the script. ``own`` runs it, or would start it by itself. Raises Problem."""
        wanted = self.unit if self.unit or self._by_script else own
        if is_down and own and (wanted is None or wanted.name != own.name):
            raise self._not_tried(
                f"{own.name} would start it as well", "disable that unit, or have it run it"
            )
        return wanted

    def _way_by_unit(
        self,
        process: CarbonProcess | None,
        running: SystemdUnit | None,
        unit: SystemdUnit,
        port_offset: int | None,
    ) -> Way:
        if self.unit_is_planned:
            return Way(running, unit, None, _first(port_offset, self.home.port_offset()))
        stays = running is not None and running.name == unit.name
        if process and not stays:
            refuse_lost(process, self.home.path, unit.name, unit.state(), unit.has_files())
        unit_offset = unit.offset_said()
        runs_with = process.port_offset if process and stays else None
        comes_up_with = _first(unit_offset, runs_with, self._configured(port_offset))
        if port_offset not in (None, comes_up_with) and (stays or unit_offset is not None):
            raise self._not_tried(
                f"{unit.name} starts it with port offset {comes_up_with} instead of {port_offset}",
                "correct the unit, or the port offset that is asked for",
            )
        return Way(running, unit, None, _first(port_offset, comes_up_with))

    def _configured(self, port_offset: int | None) -> int:
        """The offset of ``[server] offset`` at the start."""
        return port_offset if self._offset_in_file and port_offset is not None else self.home.port_offset()

    def _require(self, unit: SystemdUnit) -> None:
        try:
            unit.require()
        except Problem as exc:
            raise exc.during(f"Starting {self.home.path} was not tried") from exc

    def _refuse_supervised(self, process: CarbonProcess) -> None:
        by = supervisor_of(process)
        if by:
            raise Problem(
                f"Stopping {self.home.path} was not tried",
                by,
                "have that stop and start it, or only tell that a restart is due",
            )

    def _refuse_to_leave(self, unit: SystemdUnit) -> None:
        if unit.state().file_state.startswith("enabled"):
            raise self._not_tried(
                f"{unit.name} runs it, and would start it again when the host boots",
                "leave it to that unit, or disable it",
            )

    def _not_tried(self, why: str, advice: str) -> Problem:
        return Problem(f"Starting {self.home.path} was not tried", why, advice)

    def java_home(self) -> str | None:
        """The folder for JAVA_HOME, without which the scripts do not start; None where there is no JDK."""
        try:
            return str(Path(os.path.realpath(find_java_tool("java", self._java_home))).parent.parent)
        except Problem:
            return None

    def refuse_start(self, way: Way, own: CarbonProcess | None) -> None:
        """Raise Problem where a start is bound to fail.

        ``own`` is this home's own process, if it still runs.
        """
        self.home.product()
        self.refuse_taken_port(self.home.https_port(way.port_offset), own)
        if way.start_by:
            return
        try:
            find_java_tool("java", self._java_home)
        except Problem as exc:
            raise exc.during(f"Starting {self.home.path} was not tried") from exc
        if not os.access(self.home.path, os.W_OK):
            raise self._not_tried(
                f"user id {os.geteuid()} may not write to it",
                "run as the user that owns it (use become_user)",
            )

    def refuse_script_of_another(self, way: Way) -> None:
        """Raise Problem where root would run a start script that another user can change."""
        if way.launch is None or os.geteuid() != 0:
            return
        script = self.home.path / "bin" / way.launch.script
        for path in (self.home.path, script.parent, script):
            owner = path.stat().st_uid
            if owner != 0:
                raise self._not_tried(
                    f"{path} belongs to user id {owner}, whose script root does not run",
                    "run as that user (use become_user)",
                )

    def start(self, way: Way, wait: bool) -> CarbonProcess:
        """Start the server and wait until it is ready or, without ``wait``, until its process is there.

        Raises Problem; a server that failed is not left running.
        """
        boot = self._boot(way)
        check = self._check(self.home.https_port(way.port_offset), way.start_by, lambda: boot)
        try:
            return self._found(check, check.look if wait else check.look_for_process)
        except Problem:
            self._end_failed(way.start_by)
            raise

    def wait_ready(self, port: int) -> CarbonProcess:
        """Wait until a server that was started earlier is ready. Raises Problem; it is left as it is."""
        check = self._check(port, self.unit, self._earlier_boot)
        return self._found(check, check.look)

    def stop(self, process: CarbonProcess, unit: SystemdUnit | None) -> None:
        """End the process as its script does (SIGTERM) or by its unit.

        Waits until it is gone and its ports are free. Raises Problem.
        """
        places = places_of(process)
        try:
            _end(process, unit)
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
        if not _comes_true(lambda: not any(map(is_taken, places)), _END_SECONDS):
            place = min(filter(is_taken, places), default=At(0))
            raise Problem(
                f"{self.home.path} was stopped, but port {place.port} is taken by"
                f" {describe_owner(owner_of(place))}",
                advice="end that process",
            )

    def refuse_taken_port(self, port: int, own: CarbonProcess | None) -> None:
        """Raise Problem where another process, or one that nobody can see, listens on the port."""
        place = At(port, self.home.address())
        # A process that has just been killed has its port for a moment longer.
        if not (own and owns_port(own, port)) and not _comes_true(
            lambda: not is_taken(place), _LINGER_SECONDS
        ):
            raise self._not_tried(
                f"port {port} is taken by {describe_owner(owner_of(place))}",
                "end that process or choose another port offset",
            )

    def _check(
        self, port: int, unit: SystemdUnit | None, find_boot: t.Callable[[], Boot | None]
    ) -> ReadyCheck:
        starter = unit.name if unit else "its script"
        return ReadyCheck(
            self.home,
            port,
            lambda process: self._ready or Ready(self.product(process).ready_paths(self.home.path)),
            find=self.running,
            starter=starter,
            find_boot=find_boot,
        )

    def _found(self, check: ReadyCheck, look: t.Callable[[], CarbonProcess | None]) -> CarbonProcess:
        process = first_found(look, self._timeout)
        if process is None:
            raise check.not_in_time(self._timeout)
        return process

    def _boot(self, way: Way) -> Boot:
        launch = way.launch or Launch("")
        try:
            if way.start_by:
                return way.start_by.boot(self.home.path / CARBON_LOG)
            return boot_by_script(self.home.path, launch, self.java_home() or "")
        except Problem as exc:
            raise exc.during(f"Starting {self.home.path} failed") from exc
        except OSError as exc:
            raise Problem(
                f"Starting {self.home.path} by {launch.script} failed",
                f"{exc.strerror}: {exc.filename}",
                "run as the user that owns the home",
            ) from exc

    def _earlier_boot(self) -> Boot | None:
        unit = self.unit or (None if self._by_script else self.unit_waiting())
        if unit:
            return unit.earlier_boot(self.home.path / CARBON_LOG)
        return earlier_boot(self.home.path, self.home.product().script)

    def _end_failed(self, unit: SystemdUnit | None) -> None:
        process = self.running()
        if process is None:
            return
        with contextlib.suppress(Problem):
            _end(process, unit if unit and unit.runs(process) else None)
        if not _comes_true(lambda: not is_alive(process), _END_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            _comes_true(lambda: not is_alive(process), _END_SECONDS)


def _end(process: CarbonProcess, unit: SystemdUnit | None) -> None:
    """Raises Problem."""
    if unit:
        unit.stop()
    elif is_alive(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)


def _first(*offsets: int | None) -> int:
    """The first of these port offsets that is said."""
    return next((offset for offset in offsets if offset is not None), 0)


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
