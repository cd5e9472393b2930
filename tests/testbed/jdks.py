"""JDKs by their feature version: those of this machine, and Debian's own, unpacked into the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .maven import TestbedError, require_tool

VERSIONS = ("11", "17", "21", "25")

_INSTALLED = Path("/usr/lib/jvm")
# Version -> Debian suite that has it.
_SUITES = {"11": "bullseye", "21": "trixie"}
# Debian's programs run on their own suite's C library.
_KEYTOOL = """#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/..
exec "$root"/{loader} --library-path "$root"/lib/{triplet}:"$root"/usr/lib/{triplet} "$root"/{home}/bin/keytool "$@"
"""


def keytool_home(version: str, cache: Path) -> Path:
    """A folder with a bin/keytool of this JDK; raises TestbedError where it cannot be had."""
    for release in sorted(_INSTALLED.glob("*/release")):
        if re.search(rf'^JAVA_VERSION="{version}[."]', release.read_text(), re.MULTILINE):
            return release.parent
    if version not in _SUITES:
        raise TestbedError(f"There is no JDK {version} on this machine.")
    root = cache / f"jdk-{version}"
    if not root.is_dir():
        _unpack(version, root)
    return root


def _unpack(version: str, root: Path) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{root.name}-", dir=root.parent))
    made.chmod(0o755)
    package = f"openjdk-{version}-jre-headless"
    include = ("--variant=extract", f"--include={package}", '--aptopt=Apt::Install-Recommends "false"')
    done = subprocess.run(
        [require_tool("mmdebstrap"), "--quiet", *include, _SUITES[version], str(made)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(made)
        raise TestbedError(
            f"Unpacking Debian's {package} failed: {(done.stderr.strip().splitlines() or [''])[-1]}"
        )
    (home,) = [folder for folder in made.glob("usr/lib/jvm/java-*") if not folder.is_symlink()]
    for file in home.rglob("*"):
        if file.is_symlink() and os.path.isabs(target := os.readlink(file)):
            file.unlink()
            file.symlink_to(os.path.relpath(f"{made}{target}", file.parent))
    loader = next(file for file in made.rglob("ld-linux*.so.*") if file.exists())
    (made / "bin").mkdir(exist_ok=True)
    keytool = made / "bin" / "keytool"
    keytool.write_text(
        _KEYTOOL.format(
            loader=loader.relative_to(made),
            triplet=next(made.glob("usr/lib/*-linux-gnu*")).name,
            home=home.relative_to(made),
        )
    )
    keytool.chmod(0o755)
    made.rename(root)
