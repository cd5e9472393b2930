# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a key manager of one type that becomes one of another: what of it the new
connector has a place for, what has to be left behind, and what somebody has to look at. Pure.
"""

from __future__ import annotations

import typing as t

from .._http.text import told
from .._http.url import origin
from .connector import Connector
from .options import CONNECTOR_SECRETS, FIELD_PROPERTIES, KeyManager


def carried_over(stored: KeyManager, former: Connector, connector: Connector) -> KeyManager:
    """The properties that mean the same to both connectors.

    As whom and how the former one signed in is none of them, and a secret even less.
    """
    left = secret_names(stored, former, connector) | connector.sign_in
    return {
        name: value
        for name, value in stored.items()
        if name in FIELD_PROPERTIES or (name in connector.known and name not in left)
    }


def secret_names(stored: KeyManager, former: Connector, connector: Connector) -> frozenset[str]:
    """Which of the properties may hold a secret: those that one of the connectors masks.

    Where the former one describes nothing, any that the new one does not know. API Manager itself shows in
    clear what the type of the moment does not mask (measured on 9.33.90).
    """
    masked = former.masked | connector.masked | CONNECTOR_SECRETS
    if former.known:
        return masked
    return masked | (frozenset(stored) - connector.known - frozenset(FIELD_PROPERTIES))


def claims_of(existing: KeyManager, former: Connector, connector: Connector) -> KeyManager:
    """The claims that a new key manager would have, where the site has not chosen others."""
    usual = dict(former.claims)
    return {
        name: claim
        for name, claim in connector.claims
        if existing.get(name) in (None, "", usual.get(name)) and existing.get(name) != claim
    }


def notes(existing: KeyManager, after: KeyManager, dropped: t.Sequence[str]) -> t.Iterator[str]:
    """What the takeover does not do, a sentence each. ``dropped`` are properties, by name."""
    name, kind, former = told(existing.get("name")), after["type"], told(existing.get("type"))
    if dropped:
        yield (
            f"Key manager '{name}' becomes one of type {kind}; what it had as one of type {former} and is"
            f" not carried over: {told(', '.join(dropped))}."
        )
    before, now = (origin(str(item.get("tokenEndpoint") or "")) for item in (existing, after))
    if before and now and before != now:
        yield (
            f"Key manager '{name}' was one of {before} and becomes one of {now}: the keys of applications go"
            " on working only if their clients are there too."
        )
    if existing.get("claimMapping") and existing["claimMapping"] == after.get("claimMapping"):
        yield (
            f"The claim mapping of key manager '{name}' stays as it is; see whether its remote claims are"
            f" what the connector {kind} gets, or give claim_mapping."
        )
    yield (
        f"Scopes that API Manager has made through key manager '{name}', and their roles, are not moved: save"
        " the APIs and the shared scopes that have some again."
    )
