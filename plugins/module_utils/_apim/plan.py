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

from .._is7.profile import CONNECTOR_ENDPOINTS, TYPE
from .._problem import Problem
from .compare import equal
from .connector import Connector
from .options import BY_NAME, CONNECTOR_SECRETS, FIELDS, KeyManager
from .wanted import DEFAULT, OPTION, RESIDENT, Given, Wanted, refuse_impossible, wanted

MASK = "*****"
# In the API a secret that is to be changed reads like one that is not; this stands for it in a diff.
NEW_SECRET = "***** (new)"
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


def plan_present(
    given: Given, connector: Connector, discovered: KeyManager, existing: KeyManager | None
) -> Plan:
    """Create the key manager, or bring what is wanted of it to what was given. Raises Problem."""
    refuse_impossible(given)
    if existing is not None and existing.get("type") != given.type:
        raise Problem(
            f"Key manager '{given.name}' has the type '{existing.get('type')}', which cannot become"
            f" '{given.type}'",
            advice="use another name",
        )
    has_organizations = connector.organizations or "allowedOrganizations" in (existing or {})
    if given.fields.get("allowedOrganizations") is not None and not has_organizations:
        raise Problem(
            "This API Manager has no allowed organizations",
            advice="leave allowed_organizations out, or update API Manager",
        )
    now_wanted = wanted(given, connector, discovered)
    if existing is None:
        return _creation(given, connector, now_wanted)
    return _update(given, connector, now_wanted, existing)


def plan_unseen(given: Given) -> Plan:
    """The plan where the server cannot be asked: a creation with every field that may be wanted.

    Raises Problem.
    """
    refuse_impossible(given)
    masked = frozenset(given.secrets)
    known = frozenset((*given.connector, *given.additional, *given.secrets, *CONNECTOR_ENDPOINTS))
    newest = Connector(given.type, known, masked)
    return _shown_creation(given, newest, wanted(given, newest, {}))


def plan_absent(
    name: str, existing: KeyManager | None, used: bool | None = None, force: bool = False
) -> Plan:
    """Delete the key manager if it is there. ``used`` is None where the server does not tell.

    Raises Problem.
    """
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
    warnings = () if force or used is not None else (unknown,)
    return Plan("deleted", None, mask_secrets(existing, CONNECTOR_SECRETS), {}, warnings=warnings)


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
    for other in others:
        if other.get("name") != name and equal(other.get("issuer"), issuer):
            return str(other.get("name"))
    return None


def describe_sources(plan: Plan) -> str:
    """Which of the fields that are written came from where, a source a line."""
    fields: dict[str, list[str]] = {}
    for field, source in sorted(plan.sources.items()):
        fields.setdefault(source, []).append(field)
    return "".join(f"from {source}: {', '.join(names)}\n" for source, names in sorted(fields.items()))


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
    return Plan("created", None, {}, mask_secrets(after, connector.masked), sources, now_wanted.warnings)


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
    secrets = _secrets_to_send(given, stored)
    masked = connector.masked | frozenset(given.secrets)
    before = mask_secrets(existing, masked)
    if not (changes or connector_changes or secrets):
        return Plan("none", None, before, before, {}, now_wanted.warnings)
    doing = f"Updating key manager '{given.name}'"
    _refuse_change_of_fixed(doing, connector, connector_changes, stored)
    after = {**existing, **changes, "additionalProperties": {**stored, **connector_changes}}
    _refuse_alias_without_exchange(given, after)
    values = {**stored, **now_wanted.connector, **given.secrets}
    _refuse_unusable(doing, connector, after, values, existing)
    # A null stands for what a newer server knows and nobody set; sent back it would be read as given.
    body: KeyManager = _without_nulls(after)
    body["additionalProperties"] = {**stored, **connector_changes, **secrets}
    shown = mask_secrets(after, masked)
    shown["additionalProperties"].update(dict.fromkeys(secrets, NEW_SECRET))
    sources = {name: now_wanted.sources.get(name, DEFAULT) for name in (*changes, *connector_changes)}
    sources.update(dict.fromkeys(secrets, OPTION))
    return Plan("updated", body, before, shown, sources, now_wanted.warnings)


def _changed_fields(given: Given, now_wanted: Wanted, existing: KeyManager) -> KeyManager:
    changes = {
        name: value for name, value in now_wanted.fields.items() if not equal(existing.get(name), value, name)
    }
    if existing.get("alias") and changes.get("tokenType") == "DIRECT":
        changes["alias"] = given.fields.get("alias")  # it goes with the identity provider that kept it
    return changes


def _secrets_to_send(given: Given, stored: KeyManager) -> dict[str, t.Any]:
    """Those that are to be sent in each run, or that the server does not have yet."""
    return {
        name: value
        for name, value in given.secrets.items()
        if value != MASK and (given.always_update_secrets or not stored.get(name))
    }


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
    needed = dict.fromkeys((*(_NEEDED if connector.kind == TYPE else ()), *connector.endpoints))
    lacking = [name for name in needed if not after.get(name)]
    return [name for name in lacking if not existing or existing.get(name) or name in connector.endpoints]
