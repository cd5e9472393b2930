# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: waiting until a server is ready. No Ansible import."""

from __future__ import annotations

import dataclasses
import functools
import time
import typing as t

from .._problem import Problem, option
from .boot_log import last_lines, reason, relevant_lines
from .home import CarbonHome
from .probe import probe, reachable
from .process import CarbonProcess
from .sockets import At, Socket, describe_owner, is_taken, likely_sockets_of, owner_of

POLL_SECONDS = 0.25

_Found = t.TypeVar("_Found")


@dataclasses.dataclass(frozen=True)
class Ready:
    """What counts as ready: every path answers with this HTTP status on the server's own HTTPS port."""

    paths: tuple[str, ...]
    status: int = 200

    def answers(self, sockets: t.Iterable[Socket], port: int) -> dict[str, str]:
        """What each path gives instead, empty for the expected answer; asked where the server listens."""
        addresses = [at for socket in sockets if socket.port == port for at in reachable(socket.address)]
        return {path: probe(addresses, port, path, self.status) for path in self.paths}


class Boot(t.Protocol):
    """A start that has been set going."""

    def has_ended(self) -> bool:
        """Whether what was started is gone again."""

    def lines(self) -> list[str]:
        """What it wrote on its console and to the log."""


class ReadyCheck:
    """A look at a server that comes up, to be repeated until it is ready.

    ``ready`` says of its process when it is ready; ``find`` finds it; ``starter`` is what starts it, for a
    person; ``find_boot`` is asked when it matters, and gives None where nobody knows of a boot.
    """

    def __init__(
        self,
        home: CarbonHome,
        port: int,
        ready: t.Callable[[CarbonProcess], Ready],
        *,
        find: t.Callable[[], CarbonProcess | None],
        starter: str,
        find_boot: t.Callable[[], Boot | None],
    ) -> None:
        self._home = home
        self._port = port
        self._ready = ready
        self._find = find
        self._starter = starter
        self._find_boot = find_boot
        self._answers: dict[str, str] = {}
        self._seen: CarbonProcess | None = None

    @functools.cached_property
    def _boot(self) -> Boot | None:
        return self._find_boot()

    @functools.cached_property
    def _place(self) -> At:
        return At(self._port, self._home.address())

    def look(self) -> CarbonProcess | None:
        """The server's process once it is ready. Raises Problem where it cannot become so."""
        process = self.look_for_process()
        if process is None or not is_taken(self._place):
            return None
        own = likely_sockets_of(process)
        if not any(socket.port == self._port for socket in own):
            self._refuse_taken_port(process)
            return None
        self._answers = self._ready(process).answers(own, self._port)
        return None if any(self._answers.values()) else process

    def look_for_process(self) -> CarbonProcess | None:
        """The server's process once there is one. Raises Problem where it cannot become ready."""
        process = self._find()
        if process is None and (self._boot is None or self._boot.has_ended()):
            process = self._find()  # it can have come up before its script ended
            if process is None:
                self._refuse_ended()
        if process and process != self._seen:
            self._seen = process
            self._refuse_other_port(process)
        return process

    def not_in_time(self, seconds: float) -> Problem:
        """That it is not ready after so many seconds, and what is still open."""
        answers = "; ".join(f"{path}: {answer}" for path, answer in self._answers.items() if answer)
        return Problem(
            f"{self._home.path} was not ready within {seconds:g} s"
            f" ({answers or f'nothing of it listens on port {self._port}'})",
            advice=f"see log, or raise {option('timeout')}",
            facts={"log": last_lines(self._lines())},
        )

    def _refuse_ended(self) -> None:
        if self._boot is None:
            raise Problem(
                f"Waiting for {self._home.path} failed", "its server does not run", "start it first"
            )
        log = relevant_lines(self._lines())
        why = reason(log)
        came_back = f" ({why})" if why else ", and nothing that it wrote says why"
        raise Problem(
            f"Starting {self._home.path} failed",
            f"the server ended while booting{came_back}",
            "correct that, more is in log" if why else "see whether it was killed",
            facts={"log": log},
        )

    def _refuse_other_port(self, process: CarbonProcess) -> None:
        """A unit has a command line of its own."""
        offset = self._home.port_offset() if process.port_offset is None else process.port_offset
        port = self._home.https_port(offset)
        if port != self._port:
            raise Problem(
                f"Starting {self._home.path} failed",
                f"{self._starter} starts it with port offset {offset}, which is port {port}"
                f" instead of {self._port}",
                f"correct that, or {option('port_offset')}",
            )

    def _refuse_taken_port(self, process: CarbonProcess) -> None:
        owner = owner_of(self._place)
        if owner != process.pid:
            raise Problem(
                f"Starting {self._home.path} failed",
                f"port {self._port} was taken by {describe_owner(owner)}",
                "end that process or choose another port offset",
                facts={"log": relevant_lines(self._lines())},
            )

    def _lines(self) -> list[str]:
        return self._boot.lines() if self._boot else []


def first_found(look: t.Callable[[], _Found | None], seconds: float) -> _Found | None:
    """What a look finds first; None if it finds nothing within these seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(POLL_SECONDS)
