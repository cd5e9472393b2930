# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a boot by the product's own script. No Ansible import."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import typing as t
from pathlib import Path

from .boot_log import CARBON_LOG, read_lines, size_of
from .process import is_script_running

_CONSOLE = "repository/logs/carbonops-console.log"
_CONSOLE_BYTES = 262144
# The console's first line tells a later run where in the log this boot begins.
_FIRST_LINE = "carbonops: started with {size} bytes in wso2carbon.log"
_FIRST_LINE_READ = re.compile(r"carbonops: started with (\d+) bytes in wso2carbon\.log\Z")


class ScriptBoot:
    """A boot by the script, set going by this run or by an earlier one."""

    def __init__(
        self, home: Path, script: str, log_start: int, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self._home = home
        self._script = script
        self._log_start = log_start
        self._process = process

    def has_ended(self) -> bool:
        """Whether neither the script nor, as its child, the server runs any more."""
        if self._process is not None:
            return self._process.poll() is not None
        return not is_script_running(self._home / "bin" / self._script)

    def lines(self) -> list[str]:
        """What it wrote to the log and on its console."""
        return read_lines(self._home / CARBON_LOG, self._log_start) + read_lines(self._home / _CONSOLE)[1:]


def boot_by_script(home: Path, script: str, options: t.Sequence[str], java_home: str) -> ScriptBoot:
    """Run the script as the document does, and return at once.

    Its console, which no log has, is kept up to 256 KiB. Raises OSError.
    """
    log_start = size_of(home / CARBON_LOG)
    console = home / _CONSOLE
    console.parent.mkdir(parents=True, exist_ok=True)
    console.write_text(_FIRST_LINE.format(size=log_start) + "\n")
    command = " ".join(shlex.quote(argument) for argument in ("sh", str(home / "bin" / script), *options))
    keep = f"{{ head -c {_CONSOLE_BYTES} >> {shlex.quote(str(console))}; exec cat > /dev/null; }}"
    # run_command waits for what it runs.
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function
        ["sh", "-c", f"{command} 2>&1 | {keep}"],
        cwd=home,
        env={**os.environ, "JAVA_HOME": java_home, "CARBON_HOME": str(home)},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return ScriptBoot(home, script, log_start, process)


def earlier_boot(home: Path, script: str) -> ScriptBoot | None:
    """The boot that an earlier run set going; None where there was none, or its server was stopped since."""
    for line in read_lines(home / _CONSOLE)[:1]:
        found = _FIRST_LINE_READ.match(line)
        if found:
            return ScriptBoot(home, script, int(found.group(1)))
    return None


def forget_boot(home: Path) -> None:
    """Of a server that was stopped, no boot failed."""
    with contextlib.suppress(OSError):
        (home / _CONSOLE).unlink()
