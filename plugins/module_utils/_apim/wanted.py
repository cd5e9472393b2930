# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what is wanted of a key manager, by what the user, API Manager's discovery and
the URL of Identity Server 7 say.

The first of them that speaks of a field wins: the user, discovery, the URL. What none of them speaks of is
not wanted, so it stays what it is on the server. Pure.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._is7.profile import (
    PUBLIC,
    TOKEN_PATH,
    TYPE,
    USER_INFO_PATH,
    connector_profile,
    discovered_elsewhere,
    profile,
    public_profile,
)
from .._problem import Problem
from .compare import equal, tidy
from .connector import CONSTRAINTS, Connector
from .options import CONNECTOR_SECRETS, ENDPOINT_FIELDS, FIELD_PROPERTIES, KeyManager

# Where a value comes from.
OPTION, DISCOVERY, URL, DEFAULT = "option", "discovery", "is7_url", "default"
PUBLIC_URL = "is7_public_url"
# Of the rest discovery says only defaults.
_FROM_DISCOVERY = {"issuer", "availableGrantTypes", "certificates", *ENDPOINT_FIELDS.values()}

# What a connector does that has no such field.
_WITHOUT_THE_FIELD: dict[str, t.Any] = {"Authentication": "BasicAuth", "enable_roles_creation": False}


@dataclasses.dataclass(frozen=True)
class Given:
    """What the user gave, by the API's own field names.

    ``connector`` are fields of the connector that have an option of their own, ``additional`` those that have
    none, ``secrets`` those that are never shown. ``constraints`` are by the application's field.
    """

    name: str
    type: str
    is7_url: str | None
    fields: KeyManager
    connector: KeyManager
    secrets: dict[str, t.Any] = dataclasses.field(repr=False)
    additional: KeyManager = dataclasses.field(default_factory=dict)
    always_update_secrets: bool = False
    is7_public_url: str | None = None
    constraints: KeyManager | None = None

    @property
    def secret_texts(self) -> list[str]:
        """Every text in the secrets, which may be nested."""
        return list(_texts(list(self.secrets.values())))


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The fields and connector fields that somebody speaks of, and by ``sources`` who does."""

    fields: KeyManager
    connector: KeyManager
    sources: dict[str, str]
    warnings: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Source:
    """What one of them says."""

    name: str
    fields: KeyManager = dataclasses.field(default_factory=dict)
    connector: KeyManager = dataclasses.field(default_factory=dict)


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def wanted(
    given: Given, connector: Connector, discovered: KeyManager, stored: t.Mapping[str, t.Any]
) -> Wanted:
    """All that is wanted, as far as this API Manager's connector takes it; ``stored`` are the connector's
    fields as they are. Raises Problem.
    """
    fields: KeyManager = {}
    connector_fields: KeyManager = {}
    sources: dict[str, str] = {}
    # Each one overrides those before it.
    for source in (
        _from_url(given, connector),
        *_from_discovery(given, discovered),
        _from_public_url(given),
        _from_user(given, connector),
    ):
        fields.update(source.fields)
        connector_fields.update(source.connector)
        sources.update(dict.fromkeys((*source.fields, *source.connector), source.name))
    if given.constraints is not None:
        connector_fields[CONSTRAINTS] = connector.constraints_of(given.constraints)
        sources[CONSTRAINTS] = OPTION
    connector_fields = _with_authentication(given, connector, connector_fields, stored)
    connector_fields = _without_needless(connector, connector_fields)
    _refuse_tenant_wide(given, connector_fields, stored)
    _refuse_secrets_in_clear(connector, given)
    unknown = _unknown(connector, (*connector_fields, *given.secrets))
    _refuse_unknown(given, connector, unknown)
    unfit = connector.unfit(connector_fields)
    if unfit:
        raise Problem(f"A connector field of key manager '{given.name}' does not fit", unfit, "correct it")
    warnings = tuple(
        f"This API Manager does not describe a field {name} of its connector {given.type}; it is sent"
        " as given."
        for name in unknown
    )
    return Wanted(fields, connector_fields, sources, warnings)


def _from_url(given: Given, connector: Connector) -> _Source:
    """What follows from the URL of Identity Server 7."""
    if not given.is7_url:
        return _Source(URL)
    return _Source(URL, profile(given.is7_url), connector_profile(given.is7_url, connector.known))


def _from_discovery(given: Given, discovered: KeyManager) -> tuple[_Source, ...]:
    """What the server's document says, and for Identity Server 7 the user information that works.

    API Manager's discovery leaves that empty or, from 4.4 on, fills in /oauth2/userinfo. Where the server
    has a public URL beside the one given, the document's own endpoints are what the public sees, and what API
    Manager calls stays at the URL given.
    """
    moved = discovered_elsewhere(discovered, given.is7_url) if given.is7_url else None
    said = discovered if moved is None else moved
    fields = {
        name: value
        for name, value in said.items()
        if name in _FROM_DISCOVERY and not equal(value, None, name)
    }
    token = str(fields.get("tokenEndpoint") or "")
    if given.type == TYPE:
        fields.pop("userInfoEndpoint", None)
    if given.type == TYPE and token.endswith(TOKEN_PATH):
        fields["userInfoEndpoint"] = token[: -len(TOKEN_PATH)] + USER_INFO_PATH
    if moved is None:
        return (_Source(DISCOVERY, fields),)
    of_url = {name for name, value in fields.items() if not equal(value, discovered.get(name), name)} - set(
        PUBLIC
    )
    return (
        _Source(DISCOVERY, {name: value for name, value in fields.items() if name not in of_url}),
        _Source(URL, {name: fields[name] for name in of_url}),
    )


def _from_public_url(given: Given) -> _Source:
    """What follows from the URL by which browsers and client applications call the server."""
    return _Source(PUBLIC_URL, public_profile(given.is7_public_url) if given.is7_public_url else {})


def _from_user(given: Given, connector: Connector) -> _Source:
    """What the options give; an empty claim stands for the one that the server falls back on."""
    fields = {name: tidy(value, name) for name, value in given.fields.items() if name != "endpoints"}
    for item in given.fields.get("endpoints") or []:
        fields[ENDPOINT_FIELDS[item["name"]]] = item["value"].strip()
    for name, claim in connector.claims:
        if fields.get(name) == "":
            fields[name] = claim
    additional = {name: value for name, value in given.additional.items() if name not in FIELD_PROPERTIES}
    connector_fields = {**given.connector, **additional}
    return _Source(OPTION, fields, {name: tidy(value, name) for name, value in connector_fields.items()})


def _with_authentication(
    given: Given, connector: Connector, fields: KeyManager, stored: t.Mapping[str, t.Any]
) -> KeyManager:
    """The connector's fields with how it signs in, where it has the choice: as it does, unless a user or a
    password is given.
    """
    if "Authentication" not in connector.known or given.type != TYPE:
        return fields
    is_by_user = any(name in fields or name in given.secrets for name in ("Username", "Password"))
    as_it_does = None if is_by_user else stored.get("Authentication")
    chosen = {"Authentication": as_it_does or "BasicAuth", **fields}
    if chosen["Authentication"] == "MutualTLS":
        chosen.setdefault("MutualTLSOptions", stored.get("MutualTLSOptions") or "ServerWide")
    return chosen


def _without_needless(connector: Connector, fields: KeyManager) -> KeyManager:
    """The connector's fields without those that it does not have and that say what it does anyway."""
    return {
        name: value
        for name, value in fields.items()
        if not connector.known or name in connector.known or _WITHOUT_THE_FIELD.get(name, ()) != value
    }


def _refuse_tenant_wide(given: Given, fields: KeyManager, stored: t.Mapping[str, t.Any]) -> None:
    """Refuse what the connector takes and does not do (read from the sources of 2.0.7 to 2.1.3)."""
    name = "MutualTLSOptions"
    if given.type == TYPE and fields.get(name) == "TenantWide" and stored.get(name) != "TenantWide":
        raise Problem(
            f"MutualTLSOptions TenantWide has no effect in key manager '{given.name}': its connector presents"
            " the certificate of API Manager's primary keystore all the same",
            advice="leave it out, which is ServerWide",
        )


def _unknown(connector: Connector, names: t.Iterable[str]) -> list[str]:
    """The names that the connector does not have; none where it describes no fields at all."""
    return sorted(name for name in names if name not in connector.known) if connector.known else []


def _refuse_secrets_in_clear(connector: Connector, given: Given) -> None:
    """Refuse secrets where they would be shown: what the server masks can't be compared either."""
    for name in given.additional:
        if name in connector.masked:
            ways = {"Password": "connector_configuration"} if given.type == TYPE else {}
            raise Problem(
                f"additional_properties gives {name} of key manager '{given.name}', which is a secret",
                advice=f"give it in {ways.get(name, 'secret_properties')}",
            )


def _refuse_unknown(given: Given, connector: Connector, unknown: t.Iterable[str]) -> None:
    """Refuse a field with an option of its own that this connector does not have. Raises Problem."""
    refused = [name for name in unknown if name in given.connector or name in CONNECTOR_SECRETS]
    if refused:
        raise Problem(
            f"This API Manager's connector {given.type} has no field {', '.join(refused)}",
            advice="leave it out, or update API Manager",
        )
