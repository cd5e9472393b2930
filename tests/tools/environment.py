"""The environment that everything runs in, made below .dev/ on first use: system packages, Python packages,
the collection.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
STATE = REPOSITORY / ".dev"
CACHE = STATE / "testbed"
# What the collection runs with; what its tests need besides; what only the main environment has.
RUN, TEST, TOOLS = "requirements-run.txt", "requirements-test.txt", "requirements.txt"

# Program -> Debian package; ps is what the products' own scripts need, git knows which files are the
# project's.
_PROGRAMS = {
    "git": "git",
    "javac": "default-jdk-headless",
    "keytool": "default-jdk-headless",
    "mvn": "maven",
    "ps": "procps",
}


class EnvironmentProblem(Exception):
    """Something is missing that cannot be installed here; the text is one sentence."""


# What was done so far, with its seconds.
STEPS: list[tuple[str, float]] = []


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"== {what}", flush=True)
    begun = time.monotonic()
    yield
    seconds = time.monotonic() - begun
    STEPS.append((what, seconds))
    print(f"   {seconds:.1f} s: {what}", flush=True)


def require_programs(programs: Mapping[str, str] | None = None) -> None:
    """Have these programs (by default a JDK and Maven) and Python's venv, installed where that can
    be done."""
    missing = sorted(
        {package for program, package in (programs or _PROGRAMS).items() if shutil.which(program) is None}
    )
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        missing.append("python3-venv")
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise EnvironmentProblem(
            f"Missing here: {', '.join(missing)} (by Debian's names; the JDK is 17 or 21); install them and"
            " run again."
        )
    with step(f"Installing {' '.join(missing)}"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
        ):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
            if done.returncode:
                raise EnvironmentProblem(
                    f"'{' '.join(command)}' failed: {(done.stderr or done.stdout).strip()[-400:]}"
                )


@dataclasses.dataclass(frozen=True)
class Environment:
    """A virtual environment with an ansible-core, and the collection installed for it, both below .dev/."""

    venv: Path
    collections: Path
    core: str
    python: Path = Path(sys.executable)

    @property
    def name(self) -> str:
        """What its files are called by, like "2.19.14" or "2.16"."""
        return self.core.removesuffix(".*")

    @property
    def bin(self) -> Path:
        return self.venv / "bin"

    @property
    def collection(self) -> Path:
        return self.collections / "ansible_collections" / "carbonops" / "wso2"

    def python_version(self) -> str:
        """Like "3.11"."""
        test = "import sys; print('%d.%d' % sys.version_info[:2])"
        return subprocess.run(
            [str(self.bin / "python"), "-c", test], capture_output=True, text=True, check=True
        ).stdout.strip()

    def require_python_packages(self, *names: str) -> None:
        """Have ansible-core and the packages of these requirement files."""
        if not (self.bin / "python").exists():
            with step(f"Making the virtual environment .dev/{self.venv.relative_to(STATE)}"):
                shutil.rmtree(self.venv, ignore_errors=True)
                subprocess.run([str(self.python), "-m", "venv", str(self.venv)], check=True)
        for name in names:
            file = REPOSITORY / "tests" / name
            wanted = hashlib.sha256(file.read_bytes() + self.core.encode()).hexdigest()
            with _unless_done(self.venv / f".{name}", wanted) as to_do:
                if to_do:
                    with step(
                        f"Installing the Python packages of tests/{name} in"
                        f" .dev/{self.venv.relative_to(STATE)}"
                    ):
                        packages = ["-r", str(file), f"ansible-core=={self.core}"]
                        subprocess.run(
                            [
                                str(self.bin / "pip"),
                                "install",
                                "-q",
                                "--disable-pip-version-check",
                                *packages,
                            ],
                            check=True,
                        )

    def install_collection(self) -> None:
        """Build the collection and install the built archive, as users get it; nothing to do when it has not
        changed.
        """
        with _unless_done(self.collections / ".fingerprint", _fingerprint_of_collection()) as to_do:
            if to_do:
                with (
                    step(
                        "Building the collection and installing it in"
                        f" .dev/{self.collections.relative_to(STATE)}"
                    ),
                    tempfile.TemporaryDirectory() as folder,
                ):
                    archive = self.build_collection(Path(folder))
                    shutil.rmtree(self.collections, ignore_errors=True)
                    install = [
                        "collection",
                        "install",
                        "--offline",
                        "--force",
                        "-p",
                        str(self.collections),
                        str(archive),
                    ]
                    self.run("ansible-galaxy", *install, stdout=subprocess.DEVNULL)

    def build_collection(self, folder: Path) -> Path:
        """The archive that users install, made in this folder."""
        self.run(
            "ansible-galaxy",
            "collection",
            "build",
            "--force",
            "--output-path",
            str(folder),
            str(REPOSITORY),
            stdout=subprocess.DEVNULL,
        )
        return next(folder.glob("carbonops-wso2-*.tar.gz"))

    def variables(self) -> dict[str, str]:
        """The environment variables under which Ansible finds this environment and no other."""
        return {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOWS": "true",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, program: str, *arguments: str, **options: Any) -> None:
        """Run one of its programs; subprocess.CalledProcessError where it fails."""
        subprocess.run(
            [str(self.bin / program), *arguments], env=self.variables(), cwd=REPOSITORY, check=True, **options
        )


MAIN = Environment(STATE / "venv", STATE / "collections", "2.19.14")


@contextmanager
def _unless_done(stamp: Path, wanted: str) -> Iterator[bool]:
    """Whether there is something to do: the file does not say what is wanted, and will when it is done."""
    to_do = not (stamp.is_file() and stamp.read_text() == wanted)
    yield to_do
    if to_do:
        stamp.write_text(wanted)


def _fingerprint_of_collection() -> str:
    digest = hashlib.sha256()
    for name in (
        "galaxy.yml",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "LICENSES",
        "REUSE.toml",
        "bindep.txt",
        "changelogs",
        "docs",
        "meta",
        "playbooks",
        "plugins",
        "roles",
        "requirements.txt",
    ):
        root = REPOSITORY / name
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
