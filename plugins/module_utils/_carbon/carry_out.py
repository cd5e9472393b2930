# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a server looked at, planned for, and brought to what was asked for.

No Ansible import.
"""

from __future__ import annotations

import os
import typing as t

from .._problem import Problem
from .home import CarbonHome
from .plan import Asked, Plan, Seen, plan
from .process import CarbonProcess
from .server import CarbonServer, newer_than


def carry_out(server: CarbonServer, asked: Asked, check_mode: bool) -> dict[str, t.Any]:
    """Look, plan, act, and tell; the module's result. Raises Problem."""
    home = server.home
    before = server.running()
    planned = plan(_look(server, asked, before), asked)
    port_before = _https_port(home, asked, before.port_offset) if before else None
    port = port_before if before and not planned.starts else _https_port(home, asked, asked.port_offset)
    warnings = []
    if planned.starts and port is not None:
        server.refuse_start(port, before)
        warnings = [] if server.unit else _warnings_of_another_owner(home)
        if not check_mode:  # what is only foreseen may be meant for a unit that is not there yet
            server.refuse_script_of_another()
    after = before if check_mode else _act(server, asked, planned, before, port)
    waited = asked.waits and not check_mode
    return {
        "changed": planned.action != "none",
        "action": planned.action,
        "reason": planned.reason,
        "restart_due": planned.restart_due,
        "pid": after.pid if after else None,
        "process": after.identity if after else None,
        "ready": after is not None and waited,
        "https_port": port,
        "script": str(home.path / "bin" / home.product().script),
        "java_home": server.java_home(),
        "diff": _diff(planned, before is not None, port_before, port),
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


def _https_port(home: CarbonHome, asked: Asked, offset: int | None) -> int | None:
    """The HTTPS port with this offset, else with the configured one; None where a stop need not know it."""
    try:
        return home.https_port(home.port_offset() if offset is None else offset)
    except Problem:
        if asked.state == "stopped":
            return None
        raise


def _warnings_of_another_owner(home: CarbonHome) -> list[str]:
    owner, runner = home.path.stat().st_uid, os.geteuid()
    if owner == runner:
        return []
    return [
        f"{home.path} belongs to user id {owner}, but the server runs as {runner}; its files become that"
        " user's. Use become_user."
    ]


def _act(
    server: CarbonServer, asked: Asked, planned: Plan, before: CarbonProcess | None, port: int | None
) -> CarbonProcess | None:
    """Carry the plan out; the process that runs afterwards. Raises Problem."""
    if before and planned.stops:
        server.stop(before)
    if planned.starts:
        return _start(server, asked, was_stopped=before is not None)
    if planned.stops:
        return None
    if asked.waits and port is not None and (before or asked.state == "ready"):
        return server.wait_ready(port)
    return before


def _start(server: CarbonServer, asked: Asked, was_stopped: bool) -> CarbonProcess:
    try:
        return server.start(asked.port_offset, asked.waits)
    except Problem as exc:
        if not was_stopped:
            raise
        advice = f"{exc.advice}. The server that ran before had been stopped"
        raise Problem(exc.doing, exc.came_back, advice, exc.facts) from exc


def _diff(planned: Plan, ran: bool, port_before: int | None, port: int | None) -> dict[str, str]:
    runs = planned.starts or (ran and not planned.stops)
    restarted = f"restarted: {planned.reason}\n" if planned.action == "restarted" else ""
    return {"before": _line(ran, port_before), "after": _line(runs, port) + restarted}


def _line(runs: bool, port: int | None) -> str:
    if not runs:
        return "stopped\n"
    return "running\n" if port is None else f"running on port {port}\n"
