# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a server looked at, planned for, and brought to what was asked for.

No Ansible import.
"""

from __future__ import annotations

import os
import time
import typing as t

from .._problem import Problem
from .home import CarbonHome
from .plan import Asked, Plan, Seen, plan
from .process import CarbonProcess
from .server import CarbonServer, Way, newer_than

_UTC = "%Y-%m-%dT%H:%M:%SZ"


def carry_out(server: CarbonServer, asked: Asked, check_mode: bool) -> dict[str, t.Any]:
    """Look, plan, act, and tell; the module's result. Raises Problem."""
    home = server.home
    before = server.running()
    planned = plan(_look(server, asked, before), asked)
    way = server.way(before, stops=planned.stops, starts=planned.starts, port_offset=asked.port_offset)
    port_before = _https_port(home, asked, before.port_offset) if before else None
    port = _https_port(home, asked, _offset_then(asked, planned, way, before))
    script = way.launch.script if way.launch else server.product(before).script
    warnings = _warnings_of_left(home, planned, before)
    if planned.starts:
        server.refuse_start(way, before)
        warnings += _warnings_of_another_owner(home) if way.launch else []
        if not check_mode:  # what is only foreseen may be meant for a unit that is not there yet
            server.refuse_script_of_another(way)
    after = before if check_mode else _act(server, asked, planned, before, way=way, port=port)
    waited = asked.waits and not check_mode
    carried = list(way.launch.carried) if way.launch else []
    return {
        "changed": planned.action != "none",
        "action": planned.action,
        "reason": planned.reason,
        "restart_due": planned.restart_due,
        "restart_required": [_left(home, planned, asked, before)] if planned.left else [],
        "carried_over": carried,
        "pid": after.pid if after else None,
        "process": after.identity if after else None,
        "ready": after is not None and waited,
        "https_port": port,
        "script": str(home.path / "bin" / script),
        "java_home": server.java_home(),
        "diff": _diff(planned, before is not None, port_before, port, carried),
        **({"warnings": warnings} if warnings else {}),
    }


def _look(server: CarbonServer, asked: Asked, process: CarbonProcess | None) -> Seen | None:
    """What the plan depends on. Raises Problem."""
    if process is None:
        return None
    if asked.state == "stopped":
        return Seen()  # a configuration that cannot be read is no reason not to stop the server
    newer = newer_than(server.home.path, asked.boot_files, process.started_at)
    return Seen(server.offset_of(process), tuple(newer), server.runs_in_unit(process))


def _offset_then(asked: Asked, planned: Plan, way: Way, before: CarbonProcess | None) -> int | None:
    """The port offset that it has in the end; None for the configured one."""
    if planned.starts:
        return way.port_offset
    return before.port_offset if before else asked.port_offset


def _https_port(home: CarbonHome, asked: Asked, offset: int | None) -> int | None:
    """The HTTPS port with this offset, else with the configured one; None where a stop need not know it."""
    try:
        return home.https_port(home.port_offset() if offset is None else offset)
    except Problem:
        if asked.state == "stopped":
            return None
        raise


def _left(home: CarbonHome, planned: Plan, asked: Asked, before: CarbonProcess | None) -> dict[str, t.Any]:
    """What is not done because nobody may start or stop the server."""
    started_at = before.started_at if before else None
    newer = newer_than(home.path, asked.boot_files, started_at) if started_at is not None else []
    since = time.strftime(_UTC, time.gmtime(started_at)) if started_at is not None else None
    return {"server": str(home.path), "since": since, "newer": newer, "reason": planned.reason}


def _warnings_of_left(home: CarbonHome, planned: Plan, before: CarbonProcess | None) -> list[str]:
    if not planned.left:
        return []
    since = f" runs since {time.strftime(_UTC, time.gmtime(before.started_at))} and" if before else ""
    verb = "restarted" if before else "started"
    return [f"The server of {home.path}{since} has to be {verb}: {planned.reason}."]


def _warnings_of_another_owner(home: CarbonHome) -> list[str]:
    owner, runner = home.path.stat().st_uid, os.geteuid()
    if owner == runner:
        return []
    return [
        f"{home.path} belongs to user id {owner}, but the server runs as {runner}; its files become that"
        " user's. Use become_user."
    ]


def _act(
    server: CarbonServer,
    asked: Asked,
    planned: Plan,
    before: CarbonProcess | None,
    *,
    way: Way,
    port: int | None,
) -> CarbonProcess | None:
    """Carry the plan out; the process that runs afterwards. Raises Problem."""
    if before and planned.stops:
        server.stop(before, way.stop_by)
    if planned.starts:
        return _start(server, asked, way, was_stopped=before is not None)
    if planned.stops:
        return None
    if asked.waits and port is not None and (before or asked.state == "ready"):
        return server.wait_ready(port)
    return before


def _start(server: CarbonServer, asked: Asked, way: Way, was_stopped: bool) -> CarbonProcess:
    try:
        return server.start(way, asked.waits)
    except Problem as exc:
        if not was_stopped:
            raise
        advice = f"{exc.advice}. The server that ran before had been stopped"
        raise Problem(exc.doing, exc.came_back, advice, exc.facts) from exc


def _diff(
    planned: Plan, ran: bool, port_before: int | None, port: int | None, carried: t.Sequence[str]
) -> dict[str, str]:
    runs = planned.starts or (ran and not planned.stops)
    restarted = f"restarted: {planned.reason}\n" if planned.action == "restarted" else ""
    with_it = f"started again with {' '.join(carried)}\n" if carried else ""
    return {"before": _line(ran, port_before), "after": _line(runs, port) + restarted + with_it}


def _line(runs: bool, port: int | None) -> str:
    if not runs:
        return "stopped\n"
    return "running\n" if port is None else f"running on port {port}\n"
