# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a server is started with, so that a restart loses nothing of it.

No Ansible import.
"""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t
from pathlib import Path

from .._problem import Problem
from .process import (
    CarbonProcess,
    ancestors_of,
    environment_of,
    given_arguments,
    look_at,
    script_run_by,
    shown_argument,
)
from .products import Product, product_of
from .supervisor import UnitState

# What the start scripts take from their environment.
_OPTIONS = ("JAVA_OPTS", "JVM_MEM_OPTS")
# What deployment.toml takes from it, as $env{NAME}.
_TAKEN = re.compile(r"\$env\{(\w+)\}")
_OFFSET = "-DportOffset="


@dataclasses.dataclass(frozen=True)
class Launch:
    """A start by a script: the script's name, its arguments, and the variables that it is to have.

    ``carried`` tells which of them the process before had, without the values of secrets.
    """

    script: str
    arguments: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    carried: tuple[str, ...] = ()


def product_run_by(process: CarbonProcess, home: Path) -> Product | None:
    """The product whose script in this home runs the process; None where no such script is seen."""
    shell = _script_shell(process, home)
    return None if shell is None else product_of(os.path.basename(script_run_by(shell)))


def first_launch(script: str, arguments: t.Iterable[str], offset: int | None, configured: int) -> Launch:
    """That of a server that does not run."""
    return Launch(script, _with_offset(arguments, offset, configured))


def next_launch(
    process: CarbonProcess,
    home: Path,
    script: str,
    *,
    offset: int | None,
    configured: int,
    configuration: str,
) -> Launch:
    """That of a server that is to be stopped first: as it runs, but for an offset that is asked for.

    ``configuration`` is the text of its deployment.toml. Raises Problem where it cannot be seen how it runs.
    """
    given = given_arguments(process)
    if given is None:
        raise _not_seen(home, "its command line does not name what its script was given")
    variables = _variables(process, home, configuration)
    arguments = tuple(_with_offset(given, offset, configured))
    kept = [shown_argument(argument) for argument in given if argument in arguments]
    return Launch(script, arguments, variables, (*kept, *variables))


def refuse_lost(process: CarbonProcess, home: Path, unit: str, state: UnitState, has_files: bool) -> None:
    """Raise Problem where a unit would start without something that the process was started with.

    ``has_files`` tells that the unit has files of variables, which may hold any.
    """
    given = given_arguments(process)
    if given is None:
        raise _not_seen(home, "its command line does not name what its script was given")
    variables = [] if has_files else [f"{name}=" for name in _variables(process, home, "")]
    wanted = [one for one in given if not one.startswith(_OFFSET)]
    lost = [one for one in (*wanted, *variables) if one not in f"{state.command} {state.environment}"]
    if lost:
        told = ", ".join(shown_argument(one).rstrip("=") for one in lost)
        raise Problem(
            f"Restarting {home} was not tried",
            f"it runs with {told}, and {unit} would start it without",
            "have the unit give it",
        )


def _with_offset(arguments: t.Iterable[str], offset: int | None, configured: int) -> tuple[str, ...]:
    """The configured offset needs no argument, and one that is given would beat it from then on."""
    if offset is None:
        return tuple(arguments)
    others = [argument for argument in arguments if not argument.startswith(_OFFSET)]
    return (*others, *([] if offset == configured else [f"{_OFFSET}{offset}"]))


def _variables(process: CarbonProcess, home: Path, configuration: str) -> dict[str, str]:
    """What of its environment the script and the configuration use. Raises Problem."""
    # The script's own environment, where it can be had: a script may add to what it hands on.
    shell = _script_shell(process, home)
    origin = (shell and look_at(shell)) or process
    try:
        found = environment_of(origin)
    except OSError as exc:
        raise _not_seen(home, f"the environment of process {process.pid} may not be read") from exc
    names = dict.fromkeys((*_OPTIONS, *_TAKEN.findall(configuration)))
    return {name: found[name] for name in names if found.get(name)}


def _script_shell(process: CarbonProcess, home: Path) -> int | None:
    """The shell that runs the home's script, of which the process is a child."""
    for pid in ancestors_of(process.pid)[:2]:
        name = os.path.basename(script_run_by(pid))
        if product_of(name) and (home / "bin" / name).is_file():
            return pid
    return None


def _not_seen(home: Path, why: str) -> Problem:
    return Problem(
        f"Restarting {home} was not tried",
        f"{why}, so it could not be started again as it runs",
        "run as its user or as root, or restart it as it was started",
    )
