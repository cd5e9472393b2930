# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a boot by the product's own script. No Ansible import."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import typing as t
from pathlib import Path

from .boot_log import CARBON_LOG, read_lines, size_of
from .launch import Launch
from .process import is_shell_running
from .ready import first_found

_CONSOLE_FOLDER = "repository/logs"
_CONSOLE_NAME = "carbonops-console.log"
_CONSOLE = f"{_CONSOLE_FOLDER}/{_CONSOLE_NAME}"
# The shell's ulimit counts blocks of 512 bytes.
_CONSOLE_BLOCKS = 512
_COPY_SECONDS = 1
# Unlike head, cat writes at once what it reads; the limit ends it.
_KEEP = f"(ulimit -c 0; ulimit -f {_CONSOLE_BLOCKS}; exec cat); exec cat > /dev/null"
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
            ended = self._process.poll() is not None
        else:
            ended = not is_shell_running([str(self._home / "bin" / self._script)])
        if ended:
            # What it wrote last is still on its way to the console. Something else that the script has
            # started, as API Manager's does, may have the way there open for longer.
            first_found(lambda: not is_shell_running(["-c", _KEEP, str(self._home)]), _COPY_SECONDS)
        return ended

    def lines(self) -> list[str]:
        """What it wrote on its console and to the log, which begins later."""
        return read_lines(self._home / _CONSOLE)[1:] + read_lines(self._home / CARBON_LOG, self._log_start)


def boot_by_script(home: Path, launch: Launch, java_home: str) -> ScriptBoot:
    """Run the script as the document does, and return at once.

    Its console, which no log has, is kept up to 256 KiB. Raises OSError.
    """
    log_start = size_of(home / CARBON_LOG)
    console = _new_console(home)
    try:
        os.write(console, (_FIRST_LINE.format(size=log_start) + "\n").encode())
        keep = _begin(["sh", "-c", _KEEP, str(home)], home, stdin=subprocess.PIPE, stdout=console)
    finally:
        os.close(console)
    with t.cast(t.BinaryIO, keep.stdin) as way:
        process = _begin(
            ["sh", str(home / "bin" / launch.script), *launch.arguments],
            home,
            env={**os.environ, **launch.environment, "JAVA_HOME": java_home, "CARBON_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=way,
            stderr=subprocess.STDOUT,
        )
    return ScriptBoot(home, launch.script, log_start, process)


def _begin(command: list[str], home: Path, **how: t.Any) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own. Raises OSError."""
    how.setdefault("stderr", subprocess.DEVNULL)
    # run_command waits for what it runs.
    return subprocess.Popen(command, cwd=home, start_new_session=True, **how)  # pylint: disable=ansible-bad-function


def earlier_boot(home: Path, script: str) -> ScriptBoot | None:
    """The boot that an earlier run set going; None where there was none, or its server was stopped since."""
    for line in read_lines(home / _CONSOLE)[:1]:
        found = _FIRST_LINE_READ.match(line)
        if found:
            return ScriptBoot(home, script, int(found.group(1)))
    return None


def forget_boot(home: Path) -> None:
    """Of a server that was stopped, no boot failed."""
    with contextlib.suppress(OSError), _console_folder(home) as folder:
        os.unlink(_CONSOLE_NAME, dir_fd=folder)


def _new_console(home: Path) -> int:
    """A file of its own, in place of whatever another user has put there; its descriptor. Raises OSError."""
    (home / _CONSOLE_FOLDER).mkdir(parents=True, exist_ok=True)
    with _console_folder(home) as folder:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_CONSOLE_NAME, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_APPEND
        return os.open(_CONSOLE_NAME, flags, 0o600, dir_fd=folder)


@contextlib.contextmanager
def _console_folder(home: Path) -> t.Iterator[int]:
    handle = os.open(home / _CONSOLE_FOLDER, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)
