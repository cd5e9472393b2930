# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a key pair of its own for a server that has the one of every download.

No Ansible import.
"""

from __future__ import annotations

import re
import typing as t

from .._problem import Problem
from .certificate import Certificate
from .change import replace_store
from .fitness import is_stock, names_missing
from .keytool import Keytool, StoreEntry, entries_of
from .store import Store, read_store

# What keytool takes for a part of a name, and no name of a host has.
_HOST = re.compile(r"[A-Za-z0-9_*]([A-Za-z0-9_.:-]*[A-Za-z0-9])?")


class Pair(t.NamedTuple):
    """The server's own certificate, and whether it is to be made anew."""

    certificate: Certificate
    is_due: bool


def look_at_pair(keytool: Keytool, store: Store, names: t.Sequence[str]) -> Pair:
    """The pair in the store. Raises Problem where it is somebody's own and is for other names."""
    _refuse_unfit(names)
    found = _own(store, keytool.entries(store.path, store.password))
    if is_stock(found, store.alias or "", store.password):
        return Pair(found, True)
    others = names_missing(found, names)
    if others:
        raise Problem(
            f"The key pair '{store.alias}' of {store.path} is not the product's own and is not for"
            f" {', '.join(others)}",
            advice="have a certificate for that name made for it, or leave it as it is",
        )
    return Pair(found, False)


def make_pair(
    keytool: Keytool, store: Store, names: t.Sequence[str], only_plan: bool = False
) -> tuple[Pair, Certificate, str | None]:
    """Have a pair for these names in place of the stock one.

    Returns what was there, what is there now and the name of the old store's copy. Raises Problem.
    """
    seen = look_at_pair(keytool, store, names)
    if not seen.is_due or only_plan:
        return seen, seen.certificate, None
    content = t.cast(bytes, read_store(store.path, store.password))
    alias = str(store.alias)

    def made() -> bytes:
        written = keytool.with_new_pair(content, store.password, alias, names)
        _check(_own(store, keytool.listed(store.path, written, store.password)), names)
        return written

    copy = replace_store(store, content, made)
    return seen, _own(store, keytool.entries(store.path, store.password)), copy


def _own(store: Store, entries: t.Iterable[StoreEntry]) -> Certificate:
    for entry in entries_of(entries, store.alias or ""):
        if entry.kind == "private_key" and entry.certificate:
            return entry.certificate
    raise Problem(
        f"The store {store.path} has no key pair under the alias '{store.alias}'",
        advice="correct the alias in deployment.toml, or the store",
    )


def _check(made: Certificate, names: t.Iterable[str]) -> None:
    if names_missing(made, names) or made.is_ca:
        raise Problem("keytool's work did not come out as planned", advice="report it with keytool's version")


def _refuse_unfit(names: t.Sequence[str]) -> None:
    unfit = [name for name in names if not _HOST.fullmatch(name)]
    if not names or unfit or names[0].lower() == "localhost":  # which would be taken for a stock one
        told = f"'{unfit[0]}' is no name of a host" if unfit else "the first name is none of its own"
        raise Problem("A key pair cannot be made", told, "give the names that the server is called by")
