# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the plan for one key manager, a pure function of what is given and what is
there.

A PUT replaces everything, so a plan is: read, lay over it what is wanted, write. Pure.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .._http.url import origin
from .._is7.profile import CONNECTOR_ENDPOINTS, TYPE
from .._problem import Problem, option
from .compare import equal
from .connector import CONSTRAINTS, RESIDENT_TYPE, Connector
from .options import BY_NAME, CONNECTOR_SECRETS, FIELDS, KeyManager
from .refuse import is_read_by_connector, refuse_impossible, refuse_repeated
from .takeover import carried_over, claims_of, notes, secret_names
from .wanted import DEFAULT, OPTION, Given, Wanted, wanted

MASK = "*****"
# In the API a secret that is to be changed reads like one that is not; this stands for it in a diff.
NEW_SECRET = "***** (new)"
# API Manager's own key manager, by name and type; another one of that type is no different from any other.
RESIDENT = "Resident Key Manager"
_SERVERS = ("clientRegistrationEndpoint", "tokenEndpoint", "introspectionEndpoint")


@dataclasses.dataclass(frozen=True)
class Plan:
    """``body`` is what to send, None where nothing is to be done. ``before`` and ``after`` hold no secret.

    ``sources`` says of each field to be written where its value comes from. ``dropped`` are the connector's
    fields that are there, and that the key manager loses with its type.
    """

    action: str
    body: KeyManager | None = dataclasses.field(repr=False)
    before: KeyManager
    after: KeyManager
    sources: dict[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def plan_present(
    given: Given,
    connector: Connector,
    discovered: KeyManager,
    existing: KeyManager | None,
    former: Connector | None = None,
) -> Plan:
    """Create the key manager, or bring what is wanted of it to what was given.

    ``former`` is the connector of the type that it has, where that may be changed. Raises Problem.
    """
    refuse_impossible(given)
    stored = (existing or {}).get("additionalProperties") or {}
    refuse_repeated(given, stored)
    if existing is None and given.name == RESIDENT:
        raise Problem(
            f"'{RESIDENT}' is the name of API Manager's own, which is not made by anybody else",
            advice="name another key manager",
        )
    has_other_type = existing is not None and existing.get("type") != given.type
    if existing is not None and has_other_type and former is None:
        raise Problem(
            f"Key manager '{given.name}' has the type '{existing.get('type')}', which cannot become"
            f" '{given.type}'",
            advice=f"use another name, or set {option('adopt')} to have it taken over",
        )
    _refuse_unknown_options(given, connector, existing)
    # How a connector of another type signs in says nothing of this one.
    now_wanted = wanted(given, connector, discovered, {} if has_other_type else stored)
    if existing is None:
        return _creation(given, connector, now_wanted)
    if former is not None and has_other_type:
        return _takeover(given, connector, now_wanted, existing, former)
    return _update(given, connector, now_wanted, existing)


def _refuse_unknown_options(given: Given, connector: Connector, existing: KeyManager | None) -> None:
    """Refuse what this release does not have. Raises Problem."""
    if given.constraints is not None and connector.constraints is None:
        raise Problem(
            "This API Manager has no constraints", advice="leave constraints out, or update API Manager"
        )
    has_organizations = connector.organizations or "allowedOrganizations" in (existing or {})
    if given.fields.get("allowedOrganizations") is not None and not has_organizations:
        raise Problem(
            "This API Manager has no allowed organizations",
            advice="leave allowed_organizations out, or update API Manager",
        )


def plan_unseen(given: Given) -> Plan:
    """The plan where the server cannot be asked: a creation with every field that may be wanted.

    Raises Problem.
    """
    refuse_impossible(given)
    refuse_repeated(given, {})
    masked = frozenset(given.secrets)
    known = frozenset(
        (*given.connector, *given.additional, *given.secrets, *CONNECTOR_ENDPOINTS, CONSTRAINTS)
    )
    newest = Connector(given.type, known, masked | CONNECTOR_SECRETS)
    return _shown_creation(given, newest, wanted(given, newest, {}, {}))


def plan_absent(
    name: str,
    existing: KeyManager | None,
    used: bool | None = None,
    force: bool = False,
    users: t.Iterable[str] = (),
    *,
    adopted: bool = False,
) -> Plan:
    """Delete the key manager if it is there. ``used`` is None where the server does not tell, ``users`` are
    the applications and APIs, told by name. ``adopted`` is for one that may be older than its first run.

    Raises Problem.
    """
    if existing is None:
        return Plan("none", None, {}, {})
    if is_resident(existing):
        raise Problem(
            f"'{name}' is API Manager's own and is never deleted",
            advice="name another key manager, or switch this one off with enabled",
        )
    if used and not force:
        raise Problem(
            f"Key manager '{name}' is in use",
            ", ".join(users),
            "delete its keys from the applications and its name from the APIs, or set force",
        )
    if used is None and adopted and not force:
        raise Problem(
            f"Key manager '{name}' may have been taken over, and this API Manager does not tell whether it is"
            " in use",
            advice=f"set {option('force')} to remove it with the keys that applications have of it",
        )
    unknown = (
        f"This API Manager does not tell whether key manager '{name}' is in use; applications that have"
        " keys of it lose them."
    )
    warnings = () if force or used is not None else (unknown,)
    return Plan("deleted", None, mask_secrets(existing, CONNECTOR_SECRETS), {}, warnings=warnings)


def is_resident(key_manager: KeyManager) -> bool:
    """Whether it is API Manager's own key manager, whole or in short."""
    return key_manager.get("name") == RESIDENT and key_manager.get("type") == RESIDENT_TYPE


def mask_secrets(key_manager: KeyManager, masked: t.Container[str]) -> KeyManager:
    """A copy with every masked connector field as the server shows it in a GET."""
    shown = copy.deepcopy(key_manager)
    properties = shown.get("additionalProperties") or {}
    for name in properties:
        if name in masked:
            properties[name] = MASK
    return shown


def shared_issuer(plan: Plan, others: t.Iterable[KeyManager]) -> str | None:
    """One of the other key managers that has the plan's issuer: with two of them the gateway's choice is
    arbitrary."""
    issuer = plan.after.get("issuer")
    if not issuer or issuer == plan.before.get("issuer"):
        return None
    for other in others:
        if equal(other.get("issuer"), issuer):
            return str(other.get("name"))
    return None


def describe_sources(plan: Plan) -> str:
    """Which of the fields that are written came from where, a source a line; then those that are not carried
    over."""
    fields: dict[str, list[str]] = {}
    for field, source in sorted(plan.sources.items()):
        fields.setdefault(source, []).append(field)
    lines = [f"from {source}: {', '.join(names)}\n" for source, names in sorted(fields.items())]
    if plan.dropped:
        lines.append(f"not carried over: {', '.join(plan.dropped)}\n")
    return "".join(lines)


def _creation(given: Given, connector: Connector, now_wanted: Wanted) -> Plan:
    plan = _shown_creation(given, connector, now_wanted)
    values = {**now_wanted.connector, **given.secrets}
    _refuse_unusable(f"Creating key manager '{given.name}'", connector, plan.after, values, {})
    if MASK in given.secrets.values():
        raise Problem(
            f"A connector secret of key manager '{given.name}' is given as {MASK}, which stands for one"
            " that is stored",
            advice="give the real one",
        )
    return dataclasses.replace(plan, body={**plan.after, "additionalProperties": values})


def _shown_creation(given: Given, connector: Connector, now_wanted: Wanted) -> Plan:
    """A creation as it is shown, without its secrets and so without a body."""
    after = {
        "name": given.name,
        "type": given.type,
        "displayName": given.name,
        **_defaults(),
        **dict(connector.claims),
        **now_wanted.fields,
    }
    _refuse_alias_without_exchange(given, after)
    sources = {name: now_wanted.sources.get(name, DEFAULT) for name in (*after, *now_wanted.connector)}
    sources.update(dict.fromkeys(("name", "type", *given.secrets), OPTION))
    after["additionalProperties"] = {**now_wanted.connector, **dict.fromkeys(given.secrets, MASK)}
    warnings = (*now_wanted.warnings, *_warnings(connector, after, sources))
    return Plan("created", None, {}, mask_secrets(after, connector.masked), sources, warnings)


def _defaults() -> KeyManager:
    """The fields that a creation gives where nobody speaks of them."""
    return {
        field.name: list(field.default) if isinstance(field.default, tuple) else field.default
        for field in FIELDS
        if field.default is not None
    }


def _update(given: Given, connector: Connector, now_wanted: Wanted, existing: KeyManager) -> Plan:
    stored: KeyManager = existing.get("additionalProperties") or {}
    changes = _changed_fields(given, now_wanted, existing)
    connector_changes = {
        name: value for name, value in now_wanted.connector.items() if not equal(stored.get(name), value)
    }
    secrets = _secrets_to_send(given, connector, existing, changes, connector_changes)
    masked = connector.masked | frozenset(given.secrets)
    before = mask_secrets(existing, masked)
    if not (changes or connector_changes or secrets):
        return Plan(
            "none", None, before, before, {}, (*now_wanted.warnings, *_warnings(connector, existing, {}))
        )
    doing = f"Updating key manager '{given.name}'"
    _refuse_change_of_fixed(doing, connector, connector_changes, stored)
    _refuse_stale_secrets(doing, connector, connector_changes, stored, secrets)
    after = {**existing, **changes, "additionalProperties": {**stored, **connector_changes}}
    _refuse_alias_without_exchange(given, after)
    values = {**stored, **now_wanted.connector, **given.secrets}
    _refuse_unusable(doing, connector, after, values, existing)
    body, shown = _sent_and_shown(after, secrets, masked)
    sources = {name: now_wanted.sources.get(name, DEFAULT) for name in (*changes, *connector_changes)}
    sources.update(dict.fromkeys(secrets, OPTION))
    warnings = (*now_wanted.warnings, *_warnings(connector, after, sources))
    return Plan("updated", body, before, shown, sources, warnings)


def _sent_and_shown(
    after: KeyManager, secrets: KeyManager, masked: t.Container[str]
) -> tuple[KeyManager, KeyManager]:
    """What replaces a key manager, whole: with its secrets, and as it is shown.

    A null stands for what a newer server knows and nobody set; sent back it would be read as given.
    """
    properties = after["additionalProperties"]
    body: KeyManager = {**_without_nulls(after), "additionalProperties": {**properties, **secrets}}
    shown = mask_secrets(after, masked)
    shown["additionalProperties"].update(dict.fromkeys(secrets, NEW_SECRET))
    return body, shown


def _takeover(
    given: Given, connector: Connector, now_wanted: Wanted, existing: KeyManager, former: Connector
) -> Plan:
    """The update by which it gets another type, and with it what a new one of that type would need."""
    stored: KeyManager = existing.get("additionalProperties") or {}
    kept = carried_over(stored, former, connector)
    secrets = {name: value for name, value in given.secrets.items() if value != MASK}
    changes = {
        "type": given.type,
        **claims_of(existing, former, connector),
        **_changed_fields(given, now_wanted, existing),
    }
    properties = {**kept, **now_wanted.connector}
    after = {**existing, **changes, "additionalProperties": properties}
    _refuse_alias_without_exchange(given, after)
    # The endpoints of the former connector are not those of this one: each has to be said by somebody.
    said = {**now_wanted.fields, "tokenType": after.get("tokenType")}
    doing = f"Taking over key manager '{given.name}' of type {former.kind}"
    _refuse_unusable(doing, connector, said, {**properties, **secrets}, {})
    masked = connector.masked | frozenset(given.secrets)
    body, shown = _sent_and_shown(after, secrets, masked)
    written = {name for name, value in now_wanted.connector.items() if not equal(kept.get(name), value)}
    sources = {name: now_wanted.sources.get(name, DEFAULT) for name in (*changes, *sorted(written))}
    sources.update(dict.fromkeys(("type", *secrets), OPTION))
    dropped = tuple(sorted(set(stored) - set(properties) - set(secrets)))
    warnings = (
        *now_wanted.warnings,
        *_warnings(connector, after, sources),
        *notes(existing, after, dropped),
    )
    before = mask_secrets(existing, secret_names(stored, former, connector) | frozenset(given.secrets))
    return Plan("updated", body, before, shown, sources, warnings, dropped)


def _changed_fields(given: Given, now_wanted: Wanted, existing: KeyManager) -> KeyManager:
    changes = {
        name: value for name, value in now_wanted.fields.items() if not equal(existing.get(name), value, name)
    }
    if existing.get("alias") and changes.get("tokenType") == "DIRECT":
        changes["alias"] = given.fields.get("alias")  # it goes with the identity provider that kept it
    return changes


def _secrets_to_send(
    given: Given,
    connector: Connector,
    existing: KeyManager,
    changes: KeyManager,
    connector_changes: KeyManager,
) -> dict[str, t.Any]:
    """Those that are to be sent in each run, that the server does not have yet, or that may be another's."""
    stored: KeyManager = existing.get("additionalProperties") or {}
    all_of_them = (
        given.always_update_secrets
        or bool(_changed_credentials(connector, connector_changes, stored))
        or any(_server(changes[name]) != _server(existing.get(name)) for name in _SERVERS if name in changes)
    )
    return {
        name: value
        for name, value in given.secrets.items()
        if value != MASK and (all_of_them or not stored.get(name))
    }


def _changed_credentials(connector: Connector, changes: KeyManager, stored: KeyManager) -> list[str]:
    """The fields that a secret belongs to and that had another value before."""
    return [name for name in changes if connector.is_credential(name) and stored.get(name)]


def _server(url: t.Any) -> str:
    """Which server a URL is of."""
    return origin(str(url or "").strip())


def _refuse_stale_secrets(
    doing: str, connector: Connector, changes: KeyManager, stored: KeyManager, sent: t.Container[str]
) -> None:
    """Refuse another user with the password of the one before, which would fail with the first key."""
    changed = [name for name in _changed_credentials(connector, changes, stored) if connector.is_owner(name)]
    needed = connector.secrets_needed({**stored, **changes}) if changed else []
    stale = [name for name in needed if stored.get(name) and name not in sent]
    if stale:
        raise Problem(
            f"{doing} would change {', '.join(changed)} and leave the {', '.join(stale)} that is stored",
            advice="give that too, in connector_configuration or secret_properties",
        )


def _warnings(connector: Connector, after: KeyManager, written: t.Container[str]) -> t.Iterator[str]:
    """What is taken and will not do what it says."""
    name = after.get("name")
    if after.get("tokenType") in ("EXCHANGED", "BOTH") and not after.get("certificates"):
        yield (
            f"Key manager '{name}' has the token type {after['tokenType']} and no certificates, so no token"
            " of it can be exchanged; give certificates."
        )
    properties = after.get("additionalProperties") or {}
    if properties.get("enable_roles_creation") is True and "enable_roles_creation" in written:
        yield (
            "Identity Server 7 refuses the roles that enable_roles_creation makes unless its deployment.toml"
            " says [role_mgt] allow_system_prefix_for_role = true."
        )
    if after.get("allowedOrganizations") == [] and "allowedOrganizations" in written:
        yield "allowed_organizations is empty, which means every organization; say ALL for that, or none."
    user_info = str(after.get("userInfoEndpoint") or "")
    if connector.kind == TYPE and user_info and not is_read_by_connector(user_info):
        yield (
            f"The connector cannot read the user information of key manager '{name}' at {user_info}; give"
            " is7_url, or user_info_endpoint with the path /scim2/Me."
        )


def _without_nulls(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _refuse_change_of_fixed(
    doing: str, connector: Connector, changes: KeyManager, stored: KeyManager
) -> None:
    fixed = sorted(name for name in changes if name in connector.fixed and stored.get(name) is not None)
    if fixed:
        raise Problem(
            f"{doing} would change the connector field {', '.join(fixed)}, which is set only once",
            advice="leave it, or use another name",
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
    without = _lacking_endpoints(connector, after, existing)
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


def _lacking_endpoints(connector: Connector, after: KeyManager, existing: KeyManager) -> list[str]:
    """What it would need and not have. What it lacks already is only told where the server refuses it."""
    lacking = [name for name in connector.needed if not after.get(name)]
    return [name for name in lacking if not existing or existing.get(name) or name in connector.endpoints]
