"""Format, style, types, Ansible's own rules, documentation, changelog and licences: each a command."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import environment as env
from .results import Results

_PLUGINS = "ansible_collections.carbonops.wso2.plugins"
_ANSIBLE_LINT = ["ansible-lint", "--offline", "-q", "--profile", "production"]


def _packages(*names: str) -> list[str]:
    """These packages as mypy's arguments."""
    return [argument for name in names for argument in ("-p", name)]


def lint(results: Results) -> None:
    """Run every command; each counts as one check."""
    env.MAIN.require_python_packages(env.RUN, env.TEST, env.TOOLS)
    env.MAIN.install_collection()
    sources = ["plugins", "tests", "extensions"]
    commands: list[tuple[str, list[str], dict[str, str]]] = [
        ("ruff format", ["ruff", "format", "--check", "-q", *sources], {}),
        ("ruff check", ["ruff", "check", "-q", *sources], {}),
        (
            "mypy of the plugins",
            ["mypy", "--config-file", "pyproject.toml", "-p", _PLUGINS],
            {"MYPYPATH": f"{env.MAIN.collections}:tests/stubs"},
        ),
        (
            "mypy of what the tests are made with",
            [
                "mypy",
                "--config-file",
                "pyproject.toml",
                *_packages("testbed", "tools", "support", "benchmark"),
            ],
            {"MYPYPATH": f"{env.MAIN.collections}:tests:tests/stubs"},
        ),
        ("ansible-lint", _ANSIBLE_LINT, {}),
        (
            "antsibull-docs",
            [
                "antsibull-docs",
                "lint-collection-docs",
                "--plugin-docs",
                "--skip-rstcheck",
                str(env.MAIN.collection),
            ],
            {},
        ),
        ("antsibull-changelog", ["antsibull-changelog", "lint"], {}),
        ("reuse", ["reuse", "lint", "-q"], {}),
        ("ansible-doc of every plugin and role", ["python", "-m", "tools.docs"], {"PYTHONPATH": "tests"}),
    ]
    for what, command, variables in commands:
        results.check(what, _passes(what, command, variables, env.REPOSITORY))
    with tempfile.TemporaryDirectory() as folder:
        what = "ansible-lint of the archive that users install"
        alone = {"ANSIBLE_COLLECTIONS_PATH": folder}
        results.check(what, _passes(what, _ANSIBLE_LINT, alone, _unpacked_archive(Path(folder))))


def _passes(what: str, command: list[str], variables: dict[str, str], folder: Path) -> bool:
    with env.step(what), tempfile.TemporaryDirectory() as empty:
        full = {**env.MAIN.variables(), **variables, "XDG_CACHE_HOME": empty}
        program = os.fspath(env.MAIN.bin / command[0])
        return subprocess.run([program, *command[1:]], env=full, cwd=folder, check=False).returncode == 0


def _unpacked_archive(folder: Path) -> Path:
    """The collection as users have it, in a place without this repository's settings."""
    content = folder / "ansible_collections" / "carbonops" / "wso2"
    with tarfile.open(env.MAIN.build_collection(folder)) as archive:
        archive.extractall(content, filter="data")
    return content
