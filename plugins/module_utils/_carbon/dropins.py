# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the jars in a home's dropins, against those that are to be there.

A server reads that folder when it starts. No Ansible import.
"""

from __future__ import annotations

import hashlib
import os
import re
import typing as t
from pathlib import Path

from .._files.read import open_regular, reading_advice
from .._problem import Problem

DROPINS = "repository/components/dropins"
# A jar's name less its version: a part that begins with a digit, up to the end.
_VERSION = re.compile(r"[-_]v?[0-9][^/]*$")
_BLOCK = 1 << 20  # bytes


def look_at_dropins(home: Path, wanted: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Of each wanted jar, by its name with its checksum: whether it is due, and which old versions are there.

    Without a checksum its name is all that tells whether it is there. Raises Problem.
    """
    folder = home / DROPINS
    try:
        there = sorted(os.listdir(folder))
    except FileNotFoundError:
        there = []
    return [_judged(folder, there, name, str(checksum or "")) for name, checksum in wanted.items()]


def _judged(folder: Path, there: t.Sequence[str], name: str, checksum: str) -> dict[str, t.Any]:
    product = _product_of(name)
    old = [
        other for other in there if other != name and other.endswith(".jar") and _product_of(other) == product
    ]
    is_there = name in there and (not checksum or _checksum_of(folder / name, checksum) == checksum.lower())
    return {"name": name, "path": f"{DROPINS}/{name}", "old": old, "due": bool(old) or not is_there}


def _product_of(name: str) -> str:
    return _VERSION.sub("", re.sub(r"\.jar$", "", name))


def _checksum_of(path: Path, like: str) -> str:
    """The file's checksum by the algorithm of another one, ``sha256:DIGITS``."""
    algorithm = like.partition(":")[0].lower()
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise Problem(
            f"The checksum of {path.name} is not sha256:, sha384: or sha512: with its digits",
            advice="give it as sha256:DIGITS",
        )
    digest = hashlib.new(algorithm)
    try:
        with open_regular(path) as file:
            for block in iter(lambda: file.read(_BLOCK), b""):
                digest.update(block)
    except OSError as exc:
        raise Problem(f"Reading {path} failed", *reading_advice(exc)) from exc
    return f"{algorithm}:{digest.hexdigest()}"
