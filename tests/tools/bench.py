"""The benchmark beside a hand-written playbook, and the collection that such a playbook needs."""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

from . import environment as env

_FOLDER = env.STATE / "bench"
# The Python package that carries community.general 11, for ansible-core 2.19; nothing else of it is kept.
_PACKAGE = "ansible==12.3.0"
_PEERS_COLLECTION = "ansible_collections/community/general/"
_JAVA_CERT = "plugins/modules/java_cert.py"
# What the peer needs beside what everything here needs.
_PROGRAMS = {"openssl": "openssl"}


def bench(*arguments: str) -> int:
    """Run it in the main environment, where everything that tests need is there already."""
    env.require_programs(_PROGRAMS)
    _have_community_general()
    variables = {
        **env.MAIN.variables(),
        "ANSIBLE_COLLECTIONS_PATH": f"{env.MAIN.collections}{os.pathsep}{_FOLDER}",
        "ANSIBLE_FORKS": "5",
        "ANSIBLE_NOCOLOR": "true",
        "PYTHONPATH": f"{env.MAIN.collections}{os.pathsep}{env.REPOSITORY / 'tests'}",
        "CARBONOPS_TESTBED_CACHE": str(env.CACHE),
    }
    command = [str(env.MAIN.bin / "python"), "-m", "benchmark", *arguments]
    return subprocess.run(command, env=variables, cwd=env.REPOSITORY, check=False).returncode


def _have_community_general() -> None:
    """Have the collection of the peer's java_cert, out of the Python package that carries it."""
    target = _FOLDER / _PEERS_COLLECTION
    if (target / _JAVA_CERT).is_file():
        return
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        env.step(f"Having community.general for the peer, out of the Python package {_PACKAGE}"),
        tempfile.TemporaryDirectory(dir=_FOLDER) as scratch,
    ):
        env.MAIN.run(
            "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "-d", scratch, _PACKAGE
        )
        package = next(Path(scratch).glob("*.whl"))
        with zipfile.ZipFile(package) as archive:
            archive.extractall(
                scratch, [name for name in archive.namelist() if name.startswith(_PEERS_COLLECTION)]
            )
        made = Path(scratch) / _PEERS_COLLECTION
        if not (made / _JAVA_CERT).is_file():
            raise env.EnvironmentProblem(f"{_PACKAGE} does not carry community.general.java_cert.")
        target.parent.mkdir(parents=True, exist_ok=True)
        made.rename(target)
