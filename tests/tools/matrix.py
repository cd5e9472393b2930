"""The supported ansible-cores beside the main one, each with a Python that it supports."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from . import environment as env
from .interpreters import find_python

# ansible-core -> the Python that it runs on here.
CORES = {"2.16": "3.11", "2.17": "3.11", "2.18": "3.11", "2.20": "3.12", "2.21": "3.12"}
_NEWEST = list(CORES)[-1]

_UNIT = env.REPOSITORY / "tests" / "unit"
# What a test names that runs modules, playbooks or programs of Ansible, or the code at Ansible's edge.
_OF_ANSIBLE = re.compile(
    r"benchmark\.|support\.(?:api_managers|modules|proof_site)|ansible\.module_utils|ansible-|plugins\.modules"
    r"|_module import|_apim\.connection|_carbon\.configuration"
)


def environment(core: str) -> env.Environment | None:
    """The environment of one of them, made on first use; None where it cannot be had, which it says."""
    python = find_python(CORES[core])
    if python is None:
        print(f"ansible-core {core} is left out: there is no Python {CORES[core]} here.", flush=True)
        return None
    folder = env.STATE / "cores" / core
    made = dataclasses.replace(
        env.MAIN, venv=folder / "venv", collections=folder / "collections", core=f"{core}.*", python=python
    )
    made.require_python_packages(env.RUN, env.TEST)
    made.install_collection()
    return made


def unit_tests(core: str) -> list[Path]:
    """The unit tests to run on it: on the newest all, for its Python; else those in which Ansible takes part,
    as the others have run on the main one.
    """
    files = sorted(_UNIT.glob("test_*.py"))
    return files if core == _NEWEST else [file for file in files if _is_of_ansible(file)]


def _is_of_ansible(file: Path) -> bool:
    return _OF_ANSIBLE.search(file.read_text(encoding="utf-8")) is not None
