"""Artifacts from Maven Central, by the user's own `mvn`, kept in the user's Maven repository."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


class TestbedError(Exception):
    """The test bed cannot be built or run; the text is one sentence for a person."""


def require_tool(name: str) -> str:
    """Return the full path of a command-line tool, or say which one is missing."""
    found = shutil.which(name)
    if found is None:
        raise TestbedError(
            f"The test bed needs '{name}', which is not on the PATH: install a JDK (17 or 21) and Maven."
        )
    return found


def fingerprint(paths: Iterable[Path]) -> str:
    """Hash of the files and folders given, by relative name and content."""
    digest = hashlib.sha256()
    for root in sorted(paths):
        files = (
            sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
            if root.is_dir()
            else [root]
        )
        for file in files:
            digest.update(str(file.relative_to(root.parent)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def copy_dependencies(project: Path, into: Path) -> None:
    """Copy every dependency of the Maven project in folder `project` into folder `into`.

    Nothing happens when `into` already holds the artifacts of exactly this project.
    """
    stamp = into / ".fingerprint"
    wanted = fingerprint([project])
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    print(f"  fetching artifacts of {project.name} from Maven Central", file=sys.stderr, flush=True)
    done = subprocess.run(
        [
            require_tool("mvn"), "-B", "-q", "-f", str(project / "pom.xml"),
            "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
            f"-DoutputDirectory={into}",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if "ERROR" in line]
        raise TestbedError(f"Fetching the artifacts of {project} failed: {' '.join(errors[:2])[:600]}")
    stamp.write_text(wanted)


def compile_java(sources: Iterable[Path], classpath: str, into: Path) -> None:
    """Compile Java sources into class files below `into`."""
    into.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [require_tool("javac"), "-nowarn", "--release", "11", "-cp", classpath, "-d", str(into),
            *map(str, sorted(sources))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise TestbedError(f"Compiling the test bed failed: {done.stderr[-2000:]}")
