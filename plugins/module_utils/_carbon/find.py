# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: which process is the server of a home, among all that say so.

Anybody can start a process that calls itself java and names the home on its command line, and a container may
have another home at the same path. No Ansible import.
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from .process import BOOTSTRAP, PROC, CarbonProcess, all_pids, command_line, look_at

_HOME = "-Dcarbon.home="
_DELETED = " (deleted)"
# What a JDK, or its jre folder, has above its bin.
_MARKS_OF_JDK = ("release", "lib/jvm.cfg", "../release")
_MOST_LINKS = 40  # as the kernel, path_resolution(7)


def find_carbon(home: Path, users: t.Collection[int] = ()) -> CarbonProcess | None:
    """The JVM that runs from this home; a pid file outlives its process and may name another's (measured).

    It is a JDK's java, sees this very folder as its home, and belongs to somebody who may run the server: the
    owner of the home or of its logs, root, whoever runs this, or one of ``users``. Where its executable and
    its folders may not be seen, as a container's root may not see another user's, its command line counts.
    """
    trusted = {*users, *_owners(home), 0, os.geteuid()}
    for pid in all_pids():
        named = _home_named_by(command_line(pid))
        process = look_at(pid) if named else None
        if process and named and process.user in trusted and _is_server_of(home, process, named):
            return process
    return None


def may_be_seen(process: CarbonProcess) -> bool:
    """Whether more than its command line tells that it is the server of its home."""
    try:
        os.readlink(PROC / str(process.pid) / "exe")
    except PermissionError:
        return False
    except OSError:
        return True  # it has just ended
    return True


def _owners(home: Path) -> t.Iterator[int]:
    for folder in (home, home / "repository/logs"):
        try:
            yield folder.stat().st_uid
        except OSError:
            continue


def _home_named_by(arguments: t.Sequence[str]) -> str | None:
    """The home that a server's command line names; the last one counts, as it does for Java.

    API Manager's script runs a second JVM beside it, which names the home but not the bootstrap class.
    """
    if BOOTSTRAP not in arguments:
        return None
    homes = [argument[len(_HOME) :] for argument in arguments if argument.startswith(_HOME)]
    return homes[-1] if homes and os.path.basename(arguments[0]) == "java" else None


def _is_server_of(home: Path, process: CarbonProcess, named: str) -> bool:
    folder = PROC / str(process.pid)
    try:
        return _is_java(folder) and os.path.samestat(os.stat(_seen_by(folder, named)), home.stat())
    except PermissionError:
        return os.path.realpath(named) == os.path.realpath(home)
    except (OSError, ValueError):  # it has just ended, or names no path
        return False


def _is_java(folder: Path) -> bool:
    """Whether it runs a JDK's java, which may have been replaced meanwhile by a newer one. Raises OSError."""
    executable = os.readlink(folder / "exe")
    program = executable.removesuffix(_DELETED)
    if os.path.basename(program) != "java":
        return False
    above = os.path.dirname(os.path.dirname(program))
    marks = (_seen_by(folder, f"{above}/{mark}") for mark in _MARKS_OF_JDK)
    return program != executable or any(map(os.path.exists, marks))


def _seen_by(folder: Path, path: str) -> str:
    """Where a path leads as the process sees it, without any symlink. Raises OSError.

    Through /proc/PID/root alone an absolute symlink would lead to the files of who follows it.
    """
    os.readlink(folder / "root")  # so that what may not be seen is not taken for missing
    if not os.path.isabs(path):
        path = os.path.join(os.readlink(folder / "cwd"), path)
    links = 0
    seen, ahead = "", _names(path)
    while ahead:
        name = ahead.pop()
        here = f"{folder}/root{seen}/{name}"
        if name == "..":
            seen = os.path.dirname(seen).rstrip("/")
        elif not os.path.islink(here) or links == _MOST_LINKS:
            seen = f"{seen}/{name}"
        else:
            links += 1
            leads_to = os.readlink(here)
            seen = "" if os.path.isabs(leads_to) else seen
            ahead += _names(leads_to)
    return f"{folder}/root{seen}"


def _names(path: str) -> list[str]:
    """The parts of a path, the last one first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
