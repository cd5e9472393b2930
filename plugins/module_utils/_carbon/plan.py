# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what is to be done about a server, from what is seen of it. Pure."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Seen:
    """A server that runs.

    ``port_offset`` is the one it runs with, None where nothing depends on it; ``newer`` are the files read at
    boot that have changed since; ``in_unit`` says whether the unit that was asked for runs it.
    """

    port_offset: int | None = None
    newer: tuple[str, ...] = ()
    in_unit: bool = False


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is wanted.

    ``state`` is started, ready, stopped or restarted; ``unit`` the whole name of the systemd unit that is to
    run the server, if any; ``boot_files`` are those whose change asks for a restart, relative to the home or
    absolute. ``restart_if`` tells of a change to what it reads at boot that no file shows (yet). Without
    ``wait`` a start ends when the server's process is there. Without ``may_restart`` nothing is started or
    stopped.
    """

    state: str
    port_offset: int | None = None
    unit: str | None = None
    boot_files: tuple[str, ...] = ()
    restart_if: bool = False
    wait: bool = True
    may_restart: bool = True

    @property
    def waits(self) -> bool:
        """Whether the run ends only when the server is ready."""
        return (self.wait or self.state == "ready") and self.may_restart


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do and why.

    ``action`` is none, started, stopped or restarted; ``restart_due`` tells that a server which is only
    waited for would be restarted, for the reason given; ``left`` that one which nobody may touch would be
    started, stopped or restarted.
    """

    action: str
    reason: str
    restart_due: bool = False
    left: bool = False

    @property
    def stops(self) -> bool:
        return self.action in ("stopped", "restarted")

    @property
    def starts(self) -> bool:
        return self.action in ("started", "restarted")


def plan(seen: Seen | None, asked: Asked) -> Plan:
    """``seen`` is None where no server runs."""
    planned = _plan(seen, asked)
    if asked.may_restart:
        return planned
    is_down = seen is None and asked.state != "stopped"
    return Plan("none", planned.reason, left=is_down or planned.restart_due or planned.action != "none")


def _plan(seen: Seen | None, asked: Asked) -> Plan:
    if seen is None:
        return Plan("started" if asked.state in ("started", "restarted") else "none", "it does not run")
    if asked.state == "stopped":
        return Plan("stopped", "it runs")
    if asked.state == "restarted":
        return Plan("restarted", "asked for")
    outdated = outdated_by(seen, asked)
    if asked.state == "ready" and outdated:
        return Plan("none", outdated, restart_due=True)
    return Plan("restarted", outdated) if outdated else Plan("none", "it runs")


def outdated_by(seen: Seen, asked: Asked) -> str:
    """Why a running server is not the one that was asked for; empty if it is."""
    if asked.unit and not seen.in_unit:
        return f"it does not run by {asked.unit}"
    if asked.port_offset not in (None, seen.port_offset):
        return f"it runs with port offset {seen.port_offset} instead of {asked.port_offset}"
    if seen.newer:
        return f"{', '.join(seen.newer)} changed after the process began"
    if asked.restart_if:
        return "what it reads when it starts has changed"
    return ""
