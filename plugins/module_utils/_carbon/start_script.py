# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a boot by the product's own script. No Ansible import."""

from __future__ import annotations

import os
import shlex
import subprocess
import typing as t
from pathlib import Path

from .boot_log import read_lines

_CONSOLE = "repository/logs/carbonops-console.log"
_CONSOLE_BYTES = 262144


class ScriptBoot:
    """The script, run as the document does.

    The boot's console, which no log has, is kept up to 256 KiB. Raises OSError.
    """

    def __init__(self, home: Path, script: str, options: t.Sequence[str], java_home: str) -> None:
        self._console = home / _CONSOLE
        self._console.parent.mkdir(parents=True, exist_ok=True)
        self._console.write_bytes(b"")
        command = " ".join(shlex.quote(argument) for argument in ("sh", str(home / "bin" / script), *options))
        keep = f"{{ head -c {_CONSOLE_BYTES} > {shlex.quote(str(self._console))}; exec cat > /dev/null; }}"
        # run_command waits for what it runs.
        self._process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            ["sh", "-c", f"{command} 2>&1 | {keep}"],
            cwd=home,
            env={**os.environ, "JAVA_HOME": java_home, "CARBON_HOME": str(home)},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def console(self) -> list[str]:
        return read_lines(self._console)
