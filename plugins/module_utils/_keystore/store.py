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
from .der import CONTEXT_0, OBJECT_IDENTIFIER, SEQUENCE, children, count_children, first

SIZE_LIMIT = 64 << 20  # bytes

_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_SHORTEST_PASSWORD = 6  # what keytool asks for
_PFX_WITH_MAC = 3
_BEGIN_OF_DER = b"\x30"
_INTEGER, _BIT_STRING, _OCTET_STRING = 0x02, 0x03, 0x04
_PFX_VERSION = b"\x03"
_ADVICE = "give a Java truststore or keystore, or restore the file"


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
        raise Problem(f"The store {path} {_what_else(content)}", advice=_ADVICE)
    return content


def store_type(content: bytes) -> str | None:
    """JKS, JCEKS or PKCS12, by the first bytes; None for anything else.

    Names lie: API Manager 4.4 has PKCS12 in a file called .jks.
    """
    if content[:1] == _BEGIN_OF_DER:
        return None if _other_der(content) else "PKCS12"
    return _MAGIC.get(content[:4])


def _what_else(content: bytes) -> str:
    """What a file is that is no store that keytool reads."""
    other = _other_der(content) if content[:1] == _BEGIN_OF_DER else ""
    return f"is {other}" if other else "is neither JKS nor PKCS12"


def _other_der(content: bytes) -> str:
    """What it is that begins as PKCS12 does (RFC 7292, 4) and is none; empty for that and for what is cut."""
    try:
        parts = list(children(first(content, SEQUENCE)))
    except ValueError:
        return ""
    tags = [tag for tag, _content in parts]
    if tags[:1] == [_INTEGER]:
        return "" if parts[0][1] == _PFX_VERSION else "a private key (DER), and no store"
    return next((told for form, told in _OTHER_FORMS if tags == form), "")


# By their first level: X.509, PKCS#7 (RFC 2315), PKCS#8 (RFC 5958), and Bouncy Castle's ObjectStore.
_BCFKS = "a BCFKS store, which only Bouncy Castle's FIPS provider reads and no keytool of a plain JDK"
_OTHER_FORMS = (
    ([SEQUENCE, SEQUENCE], _BCFKS),
    ([SEQUENCE, CONTEXT_0], _BCFKS),
    ([SEQUENCE, SEQUENCE, _BIT_STRING], "a certificate or request (DER), and no store"),
    ([SEQUENCE, _OCTET_STRING], "an encrypted private key (DER), and no store"),
    ([OBJECT_IDENTIFIER, CONTEXT_0], "a PKCS#7 file, and no store"),
)


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
