# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a Java store: where it is, its type, and what can be told of it without a JVM.

No Ansible import.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from .._problem import Problem
from .certificate import count_children

_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_SHORTEST_PASSWORD = 6  # what keytool asks for
_PFX_WITH_MAC = 3


@dataclasses.dataclass(frozen=True)
class Store:
    """A key store or trust store as the server is configured to use it; ``alias`` is the server's own key
    there.
    """

    path: Path
    password: str = dataclasses.field(repr=False)
    alias: str | None = None


def store_type(path: Path) -> str:
    """JKS, JCEKS or PKCS12, by the file's first bytes: names lie (API Manager 4.4 has PKCS12 in a .jks)."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError as exc:
        raise Problem(
            f"The store {path} does not exist", advice="give the path of an existing Java store"
        ) from exc
    except IsADirectoryError as exc:
        raise Problem(f"The store {path} is a folder", advice="give the path of a Java store") from exc
    except OSError as exc:
        raise Problem(
            f"Reading the store {path} failed", f"{exc.strerror}", "check the path and its permissions"
        ) from exc
    if start in _MAGIC:
        return _MAGIC[start]
    if start[:1] == b"\x30":
        return "PKCS12"
    raise Problem(
        f"The store {path} is neither JKS nor PKCS12",
        advice="give a Java truststore or keystore, or restore the file",
    )


def is_unprotected(path: Path) -> bool:
    """Whether it is a PKCS12 store without the optional MAC (RFC 7292, 4), which any password opens."""
    try:
        content = path.read_bytes()
        return store_type(path) == "PKCS12" and count_children(content) < _PFX_WITH_MAC
    except (OSError, ValueError, IndexError, Problem):
        return False


def check_store(path: Path, password: str, may_be_missing: bool) -> bool:
    """Whether the store is there; raises Problem for what can be told without a JVM."""
    if not password:
        # keytool lists nothing of a PKCS12 store for an empty password, without an error (measured).
        raise Problem(f"The password for the store {path} is empty", advice="give the store's password")
    if may_be_missing and not os.path.exists(path):
        folder = os.path.dirname(os.path.realpath(path))
        if not os.path.isdir(folder):
            raise Problem(f"The store {path} cannot be made", f"{folder} is not a folder", "make it first")
        if len(password) < _SHORTEST_PASSWORD:
            raise Problem(
                f"The store {path} cannot be made",
                f"its password is shorter than {_SHORTEST_PASSWORD} characters",
                "give a longer one",
            )
        return False
    store_type(path)
    return True
