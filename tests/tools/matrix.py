"""The supported ansible-cores beside the main one, each with a Python that it supports."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from . import environment as env
from .interpreters import find_python

# ansible-core -> the Python that it runs on here.
_CORES = {"2.16": "3.11", "2.17": "3.11", "2.18": "3.11", "2.20": "3.12", "2.21": "3.12"}


def environments() -> Iterator[env.Environment]:
    """An environment for each, made on first use; says what cannot be had."""
    for core, version in _CORES.items():
        python = find_python(version)
        if python is None:
            print(f"ansible-core {core} is left out: there is no Python {version} here.", flush=True)
            continue
        folder = env.STATE / "cores" / core
        made = dataclasses.replace(env.MAIN, venv=folder / "venv", collections=folder / "collections", core=f"{core}.*", python=python)
        made.require_python_packages(env.RUN, env.TEST)
        made.install_collection()
        yield made
