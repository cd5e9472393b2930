# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a systemd unit, asked and told by systemctl. No Ansible import."""

from __future__ import annotations

import time
import typing as t

from .._problem import Problem

# Runs a command; its exit code, standard output and standard error.
Run = t.Callable[[t.List[str]], t.Tuple[int, str, str]]

_CONSOLE_LINES = 200


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

    def stop(self) -> None:
        self._systemctl("stop")

    def boot(self) -> UnitBoot:
        """Start it, also where it is active already without a server."""
        begun = time.time()
        self._systemctl("restart")
        return UnitBoot(self, begun)

    def is_down(self) -> bool:
        return self._property("ActiveState") in ("inactive", "failed")

    def journal(self, since: float) -> list[str]:
        """What it wrote since a moment (Unix time, seconds)."""
        # journald may lag behind what a service that has just ended wrote.
        self._run(["journalctl", "--sync"])
        command = [
            "journalctl",
            "--unit",
            self.name,
            "--since",
            f"@{since:.6f}",
            "--lines",
            str(_CONSOLE_LINES),
            "--output",
            "cat",
            "--no-pager",
        ]
        return self._run(command)[1].splitlines()

    def _property(self, name: str) -> str:
        code, output, error = self._run(["systemctl", "show", "--property", name, self.name])
        if code:
            raise Problem(
                f"Asking systemd for {self.name} failed",
                f"{_sentence(error or output)}",
                "this host must be run by systemd",
            )
        return output.strip().partition("=")[2]

    def _systemctl(self, verb: str) -> None:
        code, output, error = self._run(["systemctl", verb, self.name])
        if code:
            raise Problem(
                f"systemctl {verb} {self.name} failed",
                f"{_sentence(error or output)}",
                "this needs root's rights and a unit that starts",
            )


class UnitBoot:
    """A boot of the unit that began at a moment (Unix time, seconds)."""

    def __init__(self, unit: SystemdUnit, begun: float) -> None:
        self._unit = unit
        self._begun = begun

    def has_ended(self) -> bool:
        return self._unit.is_down()

    def console(self) -> list[str]:
        return self._unit.journal(self._begun)


def _sentence(text: str) -> str:
    """What a command wrote, as a part of a sentence."""
    return " ".join(text.split()).rstrip(".")
