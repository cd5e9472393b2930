# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a look at a server that changes nothing and waits for nothing.

No Ansible import.
"""

from __future__ import annotations

import dataclasses

from .._problem import Problem, printable
from .find import find_carbon, may_be_seen
from .home import CarbonHome
from .launch import product_run_by
from .process import CarbonProcess, start_arguments_of
from .ready import Ready
from .sockets import likely_sockets_of, sockets_of


@dataclasses.dataclass(frozen=True)
class ServerState:
    """What is seen of a home's server. Where none runs, all but ``unseen`` is empty.

    ``user`` is its user's id, ``started_at`` Unix time in seconds, ``port_offset`` the one it runs with.
    ``arguments`` are what its start script was given, secrets left out. ``answers`` has for each path that
    tells readiness what came in place of the expected answer, empty for that one. ``unseen`` says by the name
    of a field why it could not be seen.
    """

    pid: int | None = None
    user: int | None = None
    started_at: float | None = None
    port_offset: int | None = None
    https_port: int | None = None
    arguments: tuple[str, ...] = ()
    listens: tuple[tuple[str, int], ...] = ()
    ready: bool = False
    answers: dict[str, str] = dataclasses.field(default_factory=dict)
    unseen: dict[str, str] = dataclasses.field(default_factory=dict)


def look_at_server(
    home: CarbonHome, ready: Ready | None = None, process: CarbonProcess | None = None
) -> ServerState:
    """Look once: one request for each path that tells readiness, if the server listens on its HTTPS port.

    ``ready`` is None for the server's own paths; ``process`` is its process, if it was found before. Never
    raises Problem: what it could not see is in ``unseen``.
    """
    process = process or find_carbon(home.path)
    if process is None:
        return ServerState()
    unseen: dict[str, str] = {}
    if not may_be_seen(process):
        unseen["pid"] = (
            f"the executable and folders of user id {process.user}'s process may not be seen by this user, so"
            " its user and command line alone tell that it is this server"
        )
    own = sockets_of(process)
    if own is None:
        unseen["listens"] = f"user id {process.user}'s open files may not be seen by this user"
    offset, port = _ports(home, process, unseen)
    answers = _answers(home, ready, process, port, unseen)
    return ServerState(
        pid=process.pid,
        user=process.user,
        started_at=process.started_at,
        port_offset=offset,
        https_port=port,
        arguments=start_arguments_of(process),
        listens=tuple(sorted({(socket.address, socket.port) for socket in own or ()})),
        ready=bool(answers) and not any(answers.values()),
        answers=answers,
        unseen=unseen,
    )


def _ports(home: CarbonHome, process: CarbonProcess, unseen: dict[str, str]) -> tuple[int | None, int | None]:
    """Its port offset and HTTPS port, as far as its command line and configuration tell them."""
    offset = process.port_offset
    try:
        offset = home.port_offset() if offset is None else offset
        return offset, home.https_port(offset)
    except Problem as exc:
        unseen["https_port"] = printable(exc.clause)
        if offset is None:
            unseen["port_offset"] = printable(exc.clause)
        return offset, None


def _answers(
    home: CarbonHome, ready: Ready | None, process: CarbonProcess, port: int | None, unseen: dict[str, str]
) -> dict[str, str]:
    """What each path gives; empty where the server does not listen on its HTTPS port (yet)."""
    sockets = likely_sockets_of(process)
    if port is None or not any(socket.port == port for socket in sockets):
        return {}
    try:
        product = product_run_by(process, home.path) or home.product()
        return (ready or Ready(product.ready_paths(home.path))).answers(sockets, port)
    except Problem as exc:
        unseen["ready"] = printable(exc.clause)
        return {}
