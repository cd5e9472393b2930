"""Format, style, types, Ansible's own rules, documentation, changelog and licences: each a command."""

from __future__ import annotations

import os
import subprocess
import tempfile

from . import environment as env
from .results import Results

_PLUGINS = "ansible_collections.carbonops.wso2.plugins"


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
            ["mypy", "--config-file", "pyproject.toml", "-p", "testbed", "-p", "tools", "-p", "support"],
            {"MYPYPATH": f"{env.MAIN.collections}:tests:tests/stubs"},
        ),
        ("ansible-lint", ["ansible-lint", "--offline", "-q", "--profile", "production"], {}),
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
    with tempfile.TemporaryDirectory() as empty:
        for what, command, variables in commands:
            with env.step(what):
                full = {**env.MAIN.variables(), **variables, "XDG_CACHE_HOME": empty}
                program = env.MAIN.bin / command[0]
                results.check(
                    what,
                    subprocess.run(
                        [os.fspath(program), *command[1:]], env=full, cwd=env.REPOSITORY, check=False
                    ).returncode
                    == 0,
                )
