"""The supported ansible-cores beside the main one, each with a Python that it supports."""

from __future__ import annotations

import dataclasses

from . import environment as env
from .interpreters import find_python

# ansible-core -> the Python that it runs on here.
CORES = {"2.16": "3.11", "2.17": "3.11", "2.18": "3.11", "2.20": "3.12", "2.21": "3.12"}


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
