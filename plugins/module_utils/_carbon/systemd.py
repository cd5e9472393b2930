# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a systemd unit, asked and told by systemctl. No Ansible import."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import time
import typing as t
from pathlib import Path

from .._files.read import open_regular
from .._problem import Problem
from .boot_log import read_lines, read_lines_since, size_of
from .process import CarbonProcess, runs_in_control_group
from .supervisor import UnitState

# Runs a command; its exit code, standard output and standard error.
Run = t.Callable[[t.List[str]], t.Tuple[int, str, str]]

_CONSOLE_LINES = 200
# How the first line of a unit of the roles begins.
_OURS = "# Written by carbonops.wso2"
# There only where systemd is the first process (sd_booted(3)).
_BOOTED = "/run/systemd/system"
# Where units are read from, the first one of a name counts (systemd.unit(5)).
_UNIT_FOLDERS = (
    "/etc/systemd/system", "/run/systemd/transient", _BOOTED, "/run/systemd/generator.late",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
)  # fmt: skip
_UNIT_FILE_BYTES = 64 << 10
_STARTS = re.compile(r"^ExecStart=[@\-:+!|]*((?:\\\n|.)*)", re.MULTILINE)
_OFFSET = re.compile(r"-DportOffset=(\d{1,5})\b")


def unit_named(name: str | None, run_command: t.Callable[..., t.Any]) -> SystemdUnit | None:
    """The unit of this name, if one is given, asked by the run_command of a module."""

    def run(command: list[str]) -> tuple[int, str, str]:
        done: tuple[int, str, str] = run_command(command, environ_update={"LC_ALL": "C.UTF-8"})
        return done

    return SystemdUnit(name, run) if name else None


def is_booted() -> bool:
    """Whether systemd runs this host."""
    return os.path.isdir(_BOOTED)


def units_starting(home: Path) -> list[str]:
    """The names of the units that start something in the home's bin folder, by their files.

    A template's is not among them: it names nothing yet.
    """
    folder = os.path.realpath(home / "bin")
    seen: dict[str, bool] = {}
    for parent in map(Path, _UNIT_FOLDERS):
        for file in sorted(parent.glob("*.service")):
            if "@" not in file.name:
                seen.setdefault(file.name, folder in map(_folder_of, _started_by(file)))
    return [name for name, starts in seen.items() if starts]


def _started_by(file: Path) -> list[str]:
    """The words of a unit's start commands."""
    try:
        with open_regular(file) as opened:
            text = opened.read(_UNIT_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    return [word for found in _STARTS.finditer(text) for word in _words_of(found.group(1))]


def _words_of(command: str) -> list[str]:
    """Quoted as a shell does, as far as it matters here, with % and $ doubled (systemd.service(5))."""
    plain = command.replace("\\\n", " ").replace("%%", "%").replace("$$", "$")
    try:
        return shlex.split(plain)
    except ValueError:
        return plain.split()


def _folder_of(word: str) -> str:
    return os.path.realpath(os.path.dirname(word)) if word.startswith("/") else ""


class SystemdUnit:
    """A service of this host's systemd. Its name may come without ``.service``."""

    def __init__(self, name: str, run: Run) -> None:
        self.name = name if name.endswith(".service") else f"{name}.service"
        self._run = run

    def require(self) -> None:
        """Raise Problem where systemd does not know the unit."""
        state = self._property("LoadState")
        if state != "loaded":
            raise Problem(
                f"The systemd unit {self.name} is {state.replace('-', ' ') or 'unknown'} on this host",
                advice="install it or correct its name",
            )

    def is_known(self) -> bool:
        """Whether systemd knows the unit; false where there is no systemd."""
        try:
            return self._property("LoadState") == "loaded"
        except Problem:
            return False

    def user(self) -> int | None:
        """The id of the user that it runs its server as; None where this host knows no such user."""
        name = self._property("User")
        if not name or name.isdigit():
            return int(name or 0)
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            return None

    def runs(self, process: CarbonProcess) -> bool:
        """Whether this unit runs a process, by the control group that systemd gave it. Raises Problem."""
        return runs_in_control_group(process, self._property("ControlGroup"))

    def refuse_foreign(self) -> None:
        """Raise Problem where the unit's file is there and is somebody else's."""
        file = self.state().file or f"{_UNIT_FOLDERS[0]}/{self.name}"
        lines = read_lines(Path(file))
        if os.path.lexists(file) and not any(line.startswith(_OURS) for line in lines):
            raise Problem(
                f"The unit {file} is not written by this collection, and so not overwritten",
                advice="have it run the server as it is, by the service 'existing', or choose another name",
            )

    def state(self) -> UnitState:
        """What systemd says of it. Raises Problem."""
        names = ("LoadState", "ActiveState", "Type", "MainPID", "ControlGroup", "UnitFileState")
        said = self._properties(*names, "FragmentPath", "ExecStart", "Environment")
        loaded, active, kind, main, group, file_state, file, command, environment = said
        main_pid = int(main) if main.isdigit() else 0
        return UnitState(loaded, active, kind, main_pid, group, file_state, file, command, environment)

    def offset_said(self) -> int | None:
        """The port offset that its command or environment gives, if it does. Raises Problem."""
        state = self.state()
        given = _OFFSET.findall(f"{state.environment} {state.command}")
        return int(given[-1]) if given else None

    def has_files(self) -> bool:
        """Whether it takes variables from files. Raises Problem."""
        return bool(self._property("EnvironmentFiles"))

    def stop(self) -> None:
        self._systemctl("stop")

    def boot(self, log: Path) -> UnitBoot:
        """Start it, also where it is active already without a server, and return at once.

        ``log`` is what its server writes. Raises Problem.
        """
        begun, log_start = time.time(), size_of(log)
        self._systemctl("restart")
        return UnitBoot(self, begun, log, log_start)

    def earlier_boot(self, log: Path) -> UnitBoot | None:
        """The last boot that was set going, by whomever; None where there was none. Raises Problem."""
        ago = self._property("ExecMainStartTimestampMonotonic")
        if not ago.isdigit() or int(ago) == 0:
            return None
        return UnitBoot(self, time.time() - time.monotonic() + int(ago) / 1e6, log)

    def is_down(self) -> bool:
        return self._property("ActiveState") in ("inactive", "failed")

    def journal(self, since: float) -> list[str]:
        """What it wrote since a moment (Unix time, seconds)."""
        # journald may lag behind what a service that has just ended wrote.
        self._run(["journalctl", "--sync"])
        command = ["journalctl", "--unit", self.name, "--since", f"@{since:.6f}"]
        command += ["--lines", str(_CONSOLE_LINES), "--output", "cat", "--no-pager"]
        return self._run(command)[1].splitlines()

    def _property(self, name: str) -> str:
        return self._properties(name)[0]

    def _properties(self, *names: str) -> list[str]:
        """In the order of their names, empty for what systemd does not say. Raises Problem."""
        asked = [word for name in names for word in ("--property", name)]
        code, output, error = self._run(["systemctl", "show", *asked, self.name])
        if code:
            raise Problem(
                f"Asking systemd for {self.name} failed",
                _sentence(error or output),
                "this host must be run by systemd",
            )
        said = dict(line.partition("=")[::2] for line in output.splitlines())
        return [said.get(name, "") for name in names]

    def _systemctl(self, verb: str) -> None:
        code, output, error = self._run(["systemctl", verb, self.name])
        if code:
            raise Problem(
                f"systemctl {verb} {self.name} failed",
                _sentence(error or output),
                "this needs root's rights and a unit that starts",
            )


class UnitBoot:
    """A boot of the unit that began at a moment (Unix time, seconds).

    ``log_start`` is the size in bytes that the server's log had then, if it is known.
    """

    def __init__(self, unit: SystemdUnit, begun: float, log: Path, log_start: int | None = None) -> None:
        self._unit = unit
        self._begun = begun
        self._log = log
        self._log_start = log_start

    def has_ended(self) -> bool:
        return self._unit.is_down()

    def lines(self) -> list[str]:
        """What it wrote to the journal and to the log, which begins later."""
        if self._log_start is None:
            logged = read_lines_since(self._log, self._begun)
        else:
            logged = read_lines(self._log, self._log_start)
        return self._unit.journal(self._begun) + logged


def _sentence(text: str) -> str:
    """What a command wrote, as a part of a sentence."""
    return " ".join(text.split()).rstrip(".")
