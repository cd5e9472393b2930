"""The environment that everything runs in, made below .dev/ on first use: system packages, Python packages, the collection."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STATE = REPOSITORY / ".dev"
CACHE = STATE / "testbed"
COLLECTIONS = STATE / "collections"
COLLECTION = COLLECTIONS / "ansible_collections" / "carbonops" / "wso2"
VENV = STATE / "venv"
RUN, TEST = "requirements-run.txt", "requirements.txt"

# Program -> Debian package; ps is what the products' own scripts need.
_PROGRAMS = {"javac": "default-jdk-headless", "keytool": "default-jdk-headless", "mvn": "maven", "ps": "procps"}


class EnvironmentProblem(Exception):
    """Something is missing that cannot be installed here; the text is one sentence."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"== {what}", flush=True)
    begun = time.monotonic()
    yield
    print(f"   {time.monotonic() - begun:.1f} s", flush=True)


def require_programs() -> None:
    """Have a JDK and Maven, installed where that can be done."""
    missing = sorted({package for program, package in _PROGRAMS.items() if shutil.which(program) is None})
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        missing.append("python3-venv")
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise EnvironmentProblem(f"Missing here: a JDK (17 or 21) with Maven, or Python's venv; install them (on Debian: {' '.join(missing)}) and run again.")
    with step(f"Installing {' '.join(missing)}"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
            if done.returncode:
                raise EnvironmentProblem(f"'{' '.join(command)}' failed: {(done.stderr or done.stdout).strip()[-400:]}")


def require_python_packages(*names: str) -> None:
    """Have the packages of these requirement files in the virtual environment."""
    if not (VENV / "bin" / "python").exists():
        with step("Making a virtual environment"):
            shutil.rmtree(VENV, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    for name in names:
        file = REPOSITORY / "tests" / name
        stamp = VENV / f".{name}"
        wanted = hashlib.sha256(file.read_bytes()).hexdigest()
        if stamp.is_file() and stamp.read_text() == wanted:
            continue
        with step(f"Installing the Python packages of tests/{name}"):
            subprocess.run([str(VENV / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", "-r", str(file)], check=True)
            stamp.write_text(wanted)


def install_collection() -> None:
    """Build the collection and install the built archive, as users get it; nothing to do when it has not changed."""
    stamp = COLLECTIONS / ".fingerprint"
    wanted = _fingerprint_of_collection()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with step("Building the collection and installing it"), tempfile.TemporaryDirectory() as folder:
        galaxy = str(VENV / "bin" / "ansible-galaxy")
        run([galaxy, "collection", "build", "--force", "--output-path", folder, str(REPOSITORY)], stdout=subprocess.DEVNULL)
        archive = next(Path(folder).glob("carbonops-wso2-*.tar.gz"))
        shutil.rmtree(COLLECTIONS, ignore_errors=True)
        run([galaxy, "collection", "install", "--offline", "--force", "-p", str(COLLECTIONS), str(archive)], stdout=subprocess.DEVNULL)
        stamp.write_text(wanted)


def _fingerprint_of_collection() -> str:
    digest = hashlib.sha256()
    for name in ("galaxy.yml", "README.md", "meta", "playbooks", "plugins", "roles", "requirements.txt"):
        root = REPOSITORY / name
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def variables() -> dict[str, str]:
    """The environment variables under which Ansible finds this environment and no other."""
    return {
        **os.environ,
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOWS": "true",
        "LC_ALL": "C.UTF-8",
    }


def run(command: list[str], **options: object) -> None:
    """Run a command in this environment; subprocess.CalledProcessError where it fails."""
    subprocess.run(command, env=variables(), cwd=REPOSITORY, check=True, **options)  # type: ignore[call-overload]
