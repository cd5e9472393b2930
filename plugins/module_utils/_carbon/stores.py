# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the Java stores and certificates that the options of a module mean.

No Ansible import.
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from .._files.read import read_regular
from .._keystore.store import SIZE_LIMIT, Store, is_unprotected
from .._keystore.trust import Wanted
from .._keystore.wanted import wanted_certificates
from .._problem import Problem, option
from .home import CarbonHome


def chosen_store(options: t.Mapping[str, t.Any], name: str, password: str | None) -> Store:
    """The store at ``path``, or the home's truststore or keystore. Raises Problem."""
    if options["path"]:
        return Store(Path(options["path"]), password or "")
    return store_of(CarbonHome(options["carbon_home"]), name, password)


def store_of(home: CarbonHome, name: str, password: str | None) -> Store:
    """The home's truststore or keystore; a given password beats the configured one. Raises Problem.

    The Carbon kernel's own truststore is a PKCS12 file that opens with any password (measured on 4.10.32), so
    there only the configuration can tell a wrong one.
    """
    store = home.store(name, password)
    if (
        password is not None
        and _opens_with_any_password(store.path)
        and _configured_password(home, name) not in (None, password)
    ):
        raise Problem(
            f"The password given for the store {store.path} is wrong",
            f"{home.deployment_toml} says another",
            "give that one, or none",
        )
    return store


def _opens_with_any_password(path: Path) -> bool:
    """Of a file that cannot be read, the reading itself tells why."""
    try:
        return is_unprotected(read_regular(path, SIZE_LIMIT))
    except OSError:
        return False


def _configured_password(home: CarbonHome, name: str) -> str | None:
    """None where only the server can see it."""
    try:
        return home.store(name).password
    except Problem:
        return None


def certificates_of(options: list[dict[str, t.Any]]) -> list[Wanted]:
    """The certificates that are given and there. Raises Problem."""
    there = [one for one in options if one["content"] or os.path.isfile(one["src"] or "")]
    return wanted_certificates({"certificates": there, "state": "present"})


def unfit_certificate(home: CarbonHome, doubts: list[str]) -> Problem:
    """What is wrong with the certificate that the server presents."""
    return Problem(
        f"The certificate that {home.path} presents does not fit",
        " and ".join(doubts),
        f"give the server one for its name, or have one made by {option('keystore_pair')}: generate",
    )


def refuse_unfit_peers(home: CarbonHome, verifier: str | None, unfit_peers: list[str]) -> None:
    """Refuse certificates that this server's own verification of names would refuse. Raises Problem."""
    if unfit_peers and verifier != "AllowAll":
        raise Problem(
            f"{home.path} verifies the names of servers that it calls",
            " and ".join(unfit_peers),
            "give that server a certificate for its name, as is7_keystore_pair: generate does",
        )
