# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: who runs a server, and so would start again what somebody else has stopped.

No Ansible import.
"""

from __future__ import annotations

import dataclasses
import os
import typing as t
from pathlib import Path

from .._problem import Problem
from .process import (
    SHELLS,
    CarbonProcess,
    ancestors_of,
    command_line,
    in_group_with,
    program_of,
    runs_in_control_group,
    script_run_by,
    user_unit_of,
)
from .products import product_of

# Programs that start again what ends below them, or end a container with it.
_SUPERVISORS = (
    "supervisord", "runsv", "s6-supervise", "supervise", "supervise-daemon", "circusd", "perpd", "immortal",
    "god", "pm2", "forever", "conmon", "docker-init",
)  # fmt: skip
_SUPERVISORS_BEGIN = ("containerd-shim", "wrapper-linux")
# What may stand between a unit's main process and the server that it runs.
_PASSED_THROUGH = (
    *SHELLS, "java", "su", "sudo", "runuser", "setpriv", "env", "nice", "numactl", "taskset", "chpst",
)  # fmt: skip
# What somebody logs in or has commands run by: who starts a server there is in that service's group.
_SESSIONS = ("sshd", "sshd-session", "login", "agetty", "cron", "crond", "anacron", "atd", "tmux", "screen")
_FORKING = ("forking", "oneshot")
_UP = ("active", "activating", "reloading")


@dataclasses.dataclass(frozen=True)
class UnitState:
    """What systemd says of a unit; ``main_pid`` is 0 where it knows of no main process."""

    loaded: str
    active: str
    kind: str
    main_pid: int
    control_group: str
    file_state: str
    file: str
    command: str
    environment: str

    @property
    def is_up(self) -> bool:
        """Whether it runs, or is about to."""
        return self.active in _UP

    @property
    def starts_by_itself(self) -> bool:
        """Whether it would start its server without being asked: now, or when the host boots."""
        return self.is_up or self.file_state.startswith("enabled")


def supervisor_of(process: CarbonProcess) -> str:
    """What would start it again, or would end with it, for a person; empty where nothing is seen."""
    unit = user_unit_of(process)
    if unit:
        return f"a user's own systemd runs it ({unit})"
    for pid in [process.pid, *ancestors_of(process.pid)]:
        name = _name_of(pid)
        if name in _SUPERVISORS or name.startswith(_SUPERVISORS_BEGIN):
            return f"{name} runs it (process {pid})"
        if pid == 1 and (pid == process.pid or product_of(os.path.basename(script_run_by(pid)))):
            return "it is the first process of its container, which would end with it"
    return ""


def is_run_by(process: CarbonProcess, home: Path, unit: str, state: UnitState) -> bool:
    """Whether a unit runs a home's server, which is in its control group. Raises Problem if nobody can tell.

    What is started in a session is in the group of the service that one came by, such as ssh.service.
    """
    if not runs_in_control_group(process, state.control_group):
        return False  # of a systemd that is not this host's, as a container's
    if f"{home}/" in state.command:
        return True
    line = [process.pid, *ancestors_of(process.pid)]
    if state.main_pid == 0:
        return state.is_up and state.kind in _FORKING and _is_alone(process, line, unit)
    if state.main_pid not in line:
        return False
    between = [_name_of(pid) for pid in line[: line.index(state.main_pid) + 1]]
    if any(name in _SESSIONS for name in between):
        return False
    strange = [name for name in between if name not in _PASSED_THROUGH]
    if strange:
        raise Problem(
            f"Nobody can tell whether {unit} runs process {process.pid}",
            f"{strange[0]} stands between them",
            f"name {unit} as the server's, or stop the server yourself",
        )
    return True


def _is_alone(process: CarbonProcess, line: t.Sequence[int], unit: str) -> bool:
    """Raises Problem where the unit runs something else, too, which would be stopped with it."""
    group = in_group_with(process)
    top = [pid for pid in line if pid in group][-1]
    others = [pid for pid in group if top not in (pid, *ancestors_of(pid))]
    if others:
        raise Problem(
            f"{unit} runs more than process {process.pid}",
            f"{program_of(others[0])} is process {others[0]} of it",
            "stop the server yourself, or give it a unit of its own",
        )
    return True


def _name_of(pid: int) -> str:
    """The name of a program; of one that an interpreter runs, its own."""
    program, *arguments = command_line(pid)
    name = os.path.basename(program)
    if arguments and name.startswith(("python", "ruby", "node", "perl")):
        return os.path.basename(next((one for one in arguments if not one.startswith("-")), name))
    # sshd writes what it does over its command line, as "sshd: user@pts/0".
    return name.split(":")[0].split(" ")[0].lstrip("-")
