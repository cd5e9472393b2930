"""Python interpreters of this machine, by their version."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def find_python(version: str) -> Path | None:
    """The interpreter of a version like "3.12": pyenv's newest one, else that of the PATH; None where there
    is none that runs.
    """
    for candidate in (*_of_pyenv(version), shutil.which(f"python{version}")):
        if candidate and _runs(Path(candidate), version):
            return Path(candidate)
    return None


def _of_pyenv(version: str) -> list[Path]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)


def _runs(python: Path, version: str) -> bool:
    """A shim of pyenv is there for versions that are not switched on, too; and Debian has Pythons that cannot
    make an environment.
    """
    test = "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([str(python), "-c", test], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version
