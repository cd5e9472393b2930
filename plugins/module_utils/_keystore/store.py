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

from .._files.read import read_regular, reading_advice
from .._problem import Problem
from .der import count_children

SIZE_LIMIT = 64 << 20  # bytes

_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_SHORTEST_PASSWORD = 6  # what keytool asks for
_PFX_WITH_MAC = 3


@dataclasses.dataclass(frozen=True)
class Store:
    """A keystore or truststore as the server is configured to use it.

    ``alias`` is the server's own key there.
    """

    path: Path
    password: str = dataclasses.field(repr=False)
    alias: str | None = None


def read_store(path: Path, password: str, may_be_missing: bool = False) -> bytes | None:
    """The content of a store; None where it may be missing and is.

    Raises Problem for all that can be told without a JVM: about the file, and about the password.
    """
    if not password:
        # keytool lists nothing of a PKCS12 store for an empty password, without an error (measured).
        raise Problem(f"The password for the store {path} is empty", advice="give the store's password")
    try:
        content = read_regular(path, SIZE_LIMIT)
    except FileNotFoundError as exc:
        if may_be_missing:
            _check_it_can_be_made(path, password)
            return None
        raise Problem(
            f"The store {path} does not exist", advice="give the path of an existing Java store"
        ) from exc
    except IsADirectoryError as exc:
        raise Problem(f"The store {path} is a folder", advice="give the path of a Java store") from exc
    except OSError as exc:
        raise Problem(f"Reading the store {path} failed", *reading_advice(exc)) from exc
    if store_type(content) is None:
        raise Problem(
            f"The store {path} is neither JKS nor PKCS12",
            advice="give a Java truststore or keystore, or restore the file",
        )
    return content


def store_type(content: bytes) -> str | None:
    """JKS, JCEKS or PKCS12, by the first bytes; None for anything else.

    Names lie: API Manager 4.4 has PKCS12 in a file called .jks.
    """
    if content[:1] == b"\x30":
        return "PKCS12"
    return _MAGIC.get(content[:4])


def is_unprotected(content: bytes) -> bool:
    """Whether it is a PKCS12 store without the optional MAC (RFC 7292, 4), which any password opens."""
    try:
        return store_type(content) == "PKCS12" and count_children(content) < _PFX_WITH_MAC
    except ValueError:
        return False


def _check_it_can_be_made(path: Path, password: str) -> None:
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise Problem(f"The store {path} cannot be made", f"{folder} is not a folder", "make it first")
    if len(password) < _SHORTEST_PASSWORD:
        raise Problem(
            f"The store {path} cannot be made",
            f"its password is shorter than {_SHORTEST_PASSWORD} characters",
            "give a longer one",
        )
