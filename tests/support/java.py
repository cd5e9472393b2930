"""Pythons that are taken for a JDK's java: by their executable, not by a name that they give themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BOOTSTRAP = "org.wso2.carbon.bootstrap.Bootstrap"
_CODE = "import sys, time; print('up', flush=True); time.sleep(60)"


def lay_java(jdk: Path, python: str = sys.executable) -> Path:
    """Lay out a JDK's folder; its jre/bin/java, which is a copy of Python that finds its library."""
    java = jdk / "jre/bin/java"
    java.parent.mkdir(parents=True)
    (jdk / "release").touch()
    real = Path(python).resolve()
    # As a virtual environment that is made of copies has it.
    (jdk / "jre/pyvenv.cfg").write_text(f"home = {real.parent}\n")
    shutil.copy(real, java)
    return java


class Javas:
    """Processes that run from a java, or from what only says so."""

    def __init__(self, java: Path) -> None:
        self._java = java
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        *arguments: str,
        name: str = "/opt/jdk/bin/java",
        program: Path | None = None,
        user: int | None = None,
        keep: tuple[int, ...] = (),
    ) -> subprocess.Popen[bytes]:
        """Start one by this name, and wait until it runs."""
        command = [name, "-c", _CODE, *arguments, *([] if BOOTSTRAP in arguments else [BOOTSTRAP])]
        return self._waited_for(
            subprocess.Popen(
                command,
                executable=program or self._java,
                stdout=subprocess.PIPE,
                pass_fds=keep,
                user=user,
            )
        )

    def start_by(self, command: Sequence[str], *arguments: str) -> subprocess.Popen[bytes]:
        """Start one by a command that is to end in executing what follows it."""
        whole = [*command, str(self._java), "-c", _CODE, *arguments, BOOTSTRAP]
        return self._waited_for(subprocess.Popen(whole, stdout=subprocess.PIPE))

    def _waited_for(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        self._started.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        return process

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()
