# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the plan for one key manager, a pure function of what is given and what is
there.

A PUT replaces everything, so a plan is: read, overlay what is managed, write. Sources, the first that speaks
wins:
the user, API Manager's discovery, the URL profile, the server.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .._is7.profile import CONNECTOR_ENDPOINTS, TOKEN_PATH, TYPE, USER_INFO_PATH, connector_profile, profile
from .._problem import Problem
from .compare import equal, tidy
from .connector import Connector
from .options import BY_NAME, ENDPOINT_FIELDS, FIELD_PROPERTIES, FIELDS, KeyManager

RESIDENT = "Resident Key Manager"
MASK = "*****"
# In the API a secret that is to be changed reads like one that is not; this stands for it in a diff.
NEW_SECRET = "***** (new)"
# Where a value comes from.
OPTION, DISCOVERY, URL, DEFAULT = "option", "discovery", "is7_url", "default"
# Of the rest discovery says only defaults. It leaves UserInfo empty or, from API Manager 4.4 on, fills in
# /oauth2/userinfo, which does not work.
_FROM_DISCOVERY = {"issuer", "availableGrantTypes", "certificates", *ENDPOINT_FIELDS.values()} - {
    "userInfoEndpoint"
}
# The connector takes a key manager without these and fails later, with a null pointer.
_NEEDED = (
    "issuer",
    "clientRegistrationEndpoint",
    "tokenEndpoint",
    "introspectionEndpoint",
    "revokeEndpoint",
    "userInfoEndpoint",
    "scopeManagementEndpoint",
)


@dataclasses.dataclass(frozen=True)
class Given:
    """What the user gave, by the API's own field names.

    ``connector`` are fields of the connector that have an option of their own, ``additional`` those that have
    none,
    ``secrets`` those that are never shown.
    """

    name: str
    type: str
    is7_url: str | None
    fields: KeyManager
    connector: KeyManager
    secrets: dict[str, t.Any] = dataclasses.field(repr=False)
    additional: KeyManager = dataclasses.field(default_factory=dict)
    always_update_secrets: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """``body`` is what to send, None where nothing is to be done. ``before`` and ``after`` hold no secret.

    ``sources`` says of each field to be written where its value comes from.
    """

    action: str
    body: KeyManager | None = dataclasses.field(repr=False)
    before: KeyManager
    after: KeyManager
    sources: dict[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Managed:
    """The fields and connector fields with a say of user, discovery or profile, and whose say it is."""

    fields: KeyManager
    connector: KeyManager
    sources: dict[str, str]
    warnings: tuple[str, ...]


def plan_present(
    given: Given, connector: Connector, discovered: KeyManager, existing: KeyManager | None
) -> Plan:
    """Create the key manager, or bring what is managed of it to what was given."""
    refuse_impossible(given)
    if existing is not None and existing.get("type") != given.type:
        raise Problem(
            f"Key manager '{given.name}' has the type '{existing.get('type')}', which cannot become"
            f" '{given.type}'",
            advice="use another name",
        )
    if given.fields.get("allowedOrganizations") is not None and not (
        connector.organizations or "allowedOrganizations" in (existing or {})
    ):
        raise Problem(
            "This API Manager has no allowed organizations",
            advice="leave allowed_organizations out, or update API Manager",
        )
    managed = _managed(given, connector, discovered)
    if existing is None:
        return _creation(given, connector, managed)
    return _update(given, connector, managed, existing)


def plan_unseen(given: Given) -> Plan:
    """The plan where the server cannot be asked: a creation with every field that may be wanted."""
    refuse_impossible(given)
    masked = frozenset(given.secrets)
    known = frozenset(given.connector) | frozenset(given.additional) | masked | frozenset(CONNECTOR_ENDPOINTS)
    newest = Connector(given.type, known, masked)
    return _shown_creation(given, newest, _managed(given, newest, {}))


def plan_absent(
    name: str, existing: KeyManager | None, used: bool | None = None, force: bool = False
) -> Plan:
    """Delete the key manager if it is there. ``used`` is None where the server does not tell."""
    if name == RESIDENT:
        raise Problem(
            f"'{RESIDENT}' is API Manager's own and is never deleted", advice="name another key manager"
        )
    if existing is None:
        return Plan("none", None, {}, {})
    if used and not force:
        raise Problem(
            f"Key manager '{name}' is in use",
            advice="delete its keys from the applications and its name from the APIs, or set force",
        )
    unknown = (
        f"This API Manager does not tell whether key manager '{name}' is in use; applications that have"
        " keys of it lose them."
    )
    return Plan(
        "deleted",
        None,
        mask_secrets(existing, ("Password",)),
        {},
        warnings=() if force or used is not None else (unknown,),
    )


def refuse_impossible(given: Given) -> None:
    """What no server can be asked for."""
    if given.name == RESIDENT:
        raise Problem(
            f"'{RESIDENT}' is API Manager's own and is never changed", advice="name another key manager"
        )
    if not 1 <= len(given.name) <= 100 or given.name != given.name.strip():
        raise Problem(f"name is '{given.name}'", advice="give 1 to 100 characters without blanks around them")
    if not 1 <= len(given.type) <= 45:
        raise Problem(f"type is '{given.type}'", advice="give 1 to 45 characters")
    if given.is7_url is not None and given.type != TYPE:
        raise Problem(
            f"is7_url says what a key manager of type {TYPE} needs, but type is '{given.type}'",
            advice="give the endpoints one by one",
        )
    for field in FIELDS:
        length = len(tidy(given.fields.get(field.name) or "", field.name)) if field.limit else 0
        if length > (field.limit or 0):
            raise Problem(f"{field.option} has {length} characters", advice=f"give at most {field.limit}")
    permissions = given.fields.get("permissions") or {}
    if (
        permissions.get("permissionType") in ("ALLOW", "DENY")
        and not tidy(permissions, "permissions")["roles"]
    ):
        raise Problem(
            f"permissions says {permissions['permissionType']} without a role, which API Manager reads as"
            " PUBLIC",
            advice="give roles, or say PUBLIC",
        )
    _refuse_said_twice(given)


def _refuse_said_twice(given: Given) -> None:
    for name in (*given.additional, *given.secrets):
        if name in FIELD_PROPERTIES:
            raise Problem(
                f"The additional property {name} is what the option"
                f" {BY_NAME[FIELD_PROPERTIES[name]].option} gives",
                advice="use that",
            )
        if sum(name in names for names in (given.connector, given.additional, given.secrets)) > 1:
            raise Problem(f"The connector field {name} is given twice", advice="give it once")
    for item in given.fields.get("endpoints") or []:
        field = ENDPOINT_FIELDS.get(item["name"])
        if field is None:
            raise Problem(
                f"endpoints names '{item['name']}', which API Manager does not keep (it keeps",
                f"{', '.join(ENDPOINT_FIELDS)})",
                "leave it out",
            )
        if not equal(given.fields.get(field, item["value"]), item["value"]):
            raise Problem(
                f"endpoints gives another {item['name']} than {BY_NAME[field].option}", advice="give it once"
            )


def mask_secrets(key_manager: KeyManager, masked: t.Container[str]) -> KeyManager:
    """A copy with every masked connector field as the server shows it in a GET."""
    shown = copy.deepcopy(key_manager)
    properties = shown.get("additionalProperties") or {}
    for name in properties:
        if name in masked:
            properties[name] = MASK
    return shown


def shared_issuer(plan: Plan, name: str, others: t.Iterable[KeyManager]) -> str | None:
    """The other key manager that has the plan's issuer: with two of them the gateway's choice is
    arbitrary."""
    issuer = plan.after.get("issuer")
    if not issuer or issuer == plan.before.get("issuer"):
        return None
    return next(
        (
            str(other["name"])
            for other in others
            if other.get("name") != name and equal(other.get("issuer"), issuer)
        ),
        None,
    )


def _managed(given: Given, connector: Connector, discovered: KeyManager) -> _Managed:
    by_source: tuple[tuple[str, KeyManager, KeyManager], ...] = (
        (
            URL,
            *(
                (profile(given.is7_url), connector_profile(given.is7_url, connector.known))
                if given.is7_url
                else ({}, {})
            ),
        ),
        (DISCOVERY, _from_discovery(given.type, discovered), {}),
        (
            OPTION,
            _given_fields(given, connector),
            {name: tidy(value, name) for name, value in {**given.connector, **given.additional}.items()},
        ),
    )
    fields: KeyManager = {}
    connector_fields: KeyManager = {}
    sources: dict[str, str] = {}
    for source, some_fields, some_connector_fields in by_source:
        fields.update(some_fields)
        connector_fields.update(some_connector_fields)
        sources.update(dict.fromkeys((*some_fields, *some_connector_fields), source))
    if given.type == TYPE and "Authentication" in connector.known:
        connector_fields.setdefault("Authentication", "BasicAuth")
        if connector_fields["Authentication"] == "MutualTLS":
            connector_fields.setdefault("MutualTLSOptions", "ServerWide")
    unknown = [
        name
        for name in (*connector_fields, *given.secrets)
        if connector.known and name not in connector.known
    ]
    if "Authentication" in unknown and connector_fields["Authentication"] == "BasicAuth":
        connector_fields.pop("Authentication")  # the only way that an older connector has
        unknown.remove("Authentication")
    refused = sorted(name for name in unknown if name in given.connector or name == "Password")
    if refused:
        raise Problem(
            f"This API Manager's connector {given.type} has no field {', '.join(refused)}",
            advice="leave it out, or update API Manager",
        )
    unfit = connector.unfit(connector_fields)
    if unfit:
        raise Problem(
            f"A connector field of key manager '{given.name}' does not fit", f"{unfit}", "correct it"
        )
    warnings = tuple(
        f"This API Manager's connector {given.type} has no field {name}; it stores it, but nothing may read"
        " it."
        for name in sorted(unknown)
    )
    return _Managed(fields, connector_fields, sources, warnings)


def _given_fields(given: Given, connector: Connector) -> KeyManager:
    fields = {name: tidy(value, name) for name, value in given.fields.items() if name != "endpoints"}
    for item in given.fields.get("endpoints") or []:
        fields[ENDPOINT_FIELDS[item["name"]]] = item["value"].strip()
    for name, claim in connector.claims:
        if fields.get(name) == "":
            fields[name] = claim
    return fields


def _from_discovery(kind: str, discovered: KeyManager) -> KeyManager:
    """What the document of the server says, and for IS 7 the user information that works."""
    fields = {
        name: value
        for name, value in discovered.items()
        if name in _FROM_DISCOVERY and not equal(value, None, name)
    }
    token = str(fields.get("tokenEndpoint") or "")
    if kind == TYPE and token.endswith(TOKEN_PATH):
        fields["userInfoEndpoint"] = token[: -len(TOKEN_PATH)] + USER_INFO_PATH
    return fields


def _creation(given: Given, connector: Connector, managed: _Managed) -> Plan:
    plan = _shown_creation(given, connector, managed)
    values = {**managed.connector, **given.secrets}
    _refuse_unusable(f"Creating key manager '{given.name}'", connector, plan.after, values, {})
    if MASK in given.secrets.values():
        raise Problem(
            f"A connector secret of key manager '{given.name}' is given as {MASK}, which stands for one"
            " that is stored",
            advice="give the real one",
        )
    return dataclasses.replace(plan, body={**plan.after, "additionalProperties": values})


def _shown_creation(given: Given, connector: Connector, managed: _Managed) -> Plan:
    defaults = {field.name: copy.copy(field.default) for field in FIELDS if field.default is not None}
    after = {
        "name": given.name,
        "type": given.type,
        "displayName": given.name,
        **_lists(defaults),
        **dict(connector.claims),
        **managed.fields,
    }
    sources = {name: managed.sources.get(name, DEFAULT) for name in (*after, *managed.connector)}
    _refuse_alias_without_exchange(given, after)
    after["additionalProperties"] = {**managed.connector, **dict.fromkeys(given.secrets, MASK)}
    sources.update(dict.fromkeys(("name", "type", *given.secrets), OPTION))
    return Plan("created", None, {}, mask_secrets(after, connector.masked), sources, managed.warnings)


def _without_nulls(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _lists(values: KeyManager) -> KeyManager:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _update(given: Given, connector: Connector, managed: _Managed, existing: KeyManager) -> Plan:
    masked = connector.masked | frozenset(given.secrets)
    stored = existing.get("additionalProperties") or {}
    changes = {
        name: value for name, value in managed.fields.items() if not equal(existing.get(name), value, name)
    }
    connector_changes = {
        name: value for name, value in managed.connector.items() if not equal(stored.get(name), value)
    }
    secrets = {
        name: value
        for name, value in given.secrets.items()
        if value != MASK and (given.always_update_secrets or not stored.get(name))
    }
    before = mask_secrets(existing, masked)
    if not (changes or connector_changes or secrets):
        return Plan("none", None, before, before, {}, managed.warnings)
    doing = f"Updating key manager '{given.name}'"
    fixed = sorted(
        name for name in connector_changes if name in connector.fixed and stored.get(name) is not None
    )
    if fixed:
        raise Problem(
            f"{doing} would change the connector field {', '.join(fixed)}, which is set only once",
            advice="leave it, or use another name",
        )
    if existing.get("alias") and changes.get("tokenType") == "DIRECT":
        changes["alias"] = given.fields.get("alias")  # it goes with the identity provider that kept it
    after = {**existing, **changes, "additionalProperties": {**stored, **connector_changes}}
    _refuse_alias_without_exchange(given, after)
    _refuse_unusable(doing, connector, after, {**stored, **managed.connector, **given.secrets}, existing)
    # A null stands for what a newer server knows and nobody set; sent back it would be read as given.
    body: KeyManager = _without_nulls(after)
    body["additionalProperties"] = {**stored, **connector_changes, **secrets}
    after = mask_secrets(after, masked)
    after["additionalProperties"].update(dict.fromkeys(secrets, NEW_SECRET))
    sources = {name: managed.sources.get(name, DEFAULT) for name in (*changes, *connector_changes)}
    return Plan(
        "updated", body, before, after, {**sources, **dict.fromkeys(secrets, OPTION)}, managed.warnings
    )


def _refuse_alias_without_exchange(given: Given, after: KeyManager) -> None:
    """The server keeps an alias only with the identity provider that token exchange has (measured)."""
    if given.fields.get("alias") and after.get("tokenType") == "DIRECT":
        raise Problem(
            f"The alias of key manager '{given.name}' is kept only for token exchange",
            advice="give token_type EXCHANGED or BOTH, or leave alias out",
        )


def _refuse_unusable(
    doing: str, connector: Connector, after: KeyManager, values: KeyManager, existing: KeyManager
) -> None:
    """Name what the server would refuse without a name (901401), and what would be taken and not work."""
    if after.get("tokenType") == "EXCHANGED":  # no connector is asked then (read from the server's classes)
        return
    needed = (*(_NEEDED if connector.kind == TYPE else ()), *connector.endpoints)
    without = [
        name
        for name in dict.fromkeys(needed)
        if not after.get(name) and (not existing or existing.get(name) or name in connector.endpoints)
    ]
    if without:
        options = ", ".join(BY_NAME[name].option for name in without)
        ways = f"is7_url, or {options} one by one" if connector.kind == TYPE else options
        raise Problem(
            f"{doing} without {', '.join(without)} gives one that does not work", advice=f"give {ways}"
        )
    missing = connector.missing(values)
    if missing:
        raise Problem(
            f"{doing} needs the connector field {', '.join(missing)}",
            advice="give it in connector_configuration, additional_properties or secret_properties",
        )
