"""A host run by systemd: a container with this process's Python, the collection and one folder in it, at the
same paths.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools import containers
from tools.environment import REPOSITORY

from . import module_server


class SystemdHost:
    """The running container. ``module_server`` is the socket for the modules that are to run in it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self.module_server = str(folder / "modules")
        self._name = name

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as root."""
        variables = [
            f"--env={name}={os.environ[name]}"
            for name in ("ANSIBLE_COLLECTIONS_PATH", "PYTHONPATH")
            if name in os.environ
        ]
        done = containers.podman("exec", *variables, self._name, *command)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def property(self, unit: str, name: str) -> str:
        """What systemctl shows of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def playbook(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook there, on the host itself."""
        return self.run(
            sys.executable, str(Path(sys.executable).with_name("ansible-playbook")), *arguments, check=False
        )


@contextlib.contextmanager
def systemd_host(folder: Path) -> Iterator[SystemdHost]:
    """Start one. Raises tools.environment.EnvironmentProblem where containers cannot be had."""
    containers.require()
    name = f"carbonops-systemd-{secrets.token_hex(4)}"
    inside = {REPOSITORY, Path(sys.prefix).resolve(), Path(sys.prefix).absolute(), Path(sys.base_prefix)}
    volumes = [f"--volume={path}:{path}:ro" for path in sorted(inside)]
    started = containers.podman(
        "run", "--detach", f"--name={name}", "--systemd=always", "--network=none", *volumes,
        f"--volume={folder}:{folder}", containers.image()
    )  # fmt: skip
    try:
        assert started.returncode == 0, started.stderr
        host = SystemdHost(name, folder)
        while "running" not in host.run("systemctl", "is-system-running", check=False).stdout:
            time.sleep(0.2)
        host.run(
            "systemd-run",
            "--unit=modules",
            *_environment(),
            sys.executable,
            "-c",
            _KEPT,
            sys.executable,
            module_server.__file__,
            host.module_server,
        )
        while not Path(host.module_server).exists():
            time.sleep(0.1)
        yield host
    finally:
        containers.podman("rm", "--force", "--time=0", name)


# The module server ends with its standard input.
_KEPT = "import subprocess, sys; subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE).wait()"


def _environment() -> list[str]:
    return [f"--setenv={name}={os.environ[name]}" for name in ("PATH", "PYTHONPATH") if name in os.environ]
