# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the plan for one key manager, a pure function of what is given and what is there.

A PUT replaces everything, so a plan is: read, overlay what is managed, write. Sources, the first that speaks wins:
the user, API Manager's discovery, the URL profile, the server.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .connector import Connector, ConnectorError
from .profile import CONNECTOR_ENDPOINTS, TYPE, connector_profile, profile

KeyManager = t.Dict[str, t.Any]

RESIDENT = "Resident Key Manager"
MASK = "*****"
# In the API a secret that is to be changed reads like one that is not; this stands for it in a diff.
NEW_SECRET = "***** (new)"
DESCRIPTION_LIMIT = 256
# Discovery leaves these empty or, from API Manager 4.4 on, fills in /oauth2/userinfo, which does not work.
_NOT_FROM_DISCOVERY = ("id", "name", "type", "userInfoEndpoint")
# The API has no defaults for some flags and answers 500 where one is missing (measured): all are sent.
_CREATE_DEFAULTS: KeyManager = {
    "enabled": True,
    "enableTokenGeneration": True,
    "enableMapOAuthConsumerApps": True,
    "enableOAuthAppCreation": True,
    "enableSelfValidationJWT": True,
    "enableTokenEncryption": False,
    "enableTokenHashing": False,
    "tokenType": "DIRECT",
    "claimMapping": [],
    "tokenValidation": [],
    "consumerKeyClaim": "azp",
    "scopesClaim": "scope",
}
# The connector takes a key manager without these and fails later, with a null pointer.
_NEEDED_ENDPOINTS = (
    "issuer",
    "clientRegistrationEndpoint",
    "tokenEndpoint",
    "introspectionEndpoint",
    "revokeEndpoint",
    "userInfoEndpoint",
    "scopeManagementEndpoint",
)


class PlanRefused(Exception):
    """The key manager must not be written as asked; the text is one sentence."""


@dataclasses.dataclass(frozen=True)
class Given:
    """What the user gave, by the API's own field names; ``secrets`` are connector fields that are never shown."""

    name: str
    type: str
    is7_url: str | None
    fields: KeyManager
    connector: KeyManager
    secrets: dict[str, str] = dataclasses.field(repr=False)
    always_update_secrets: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """``body`` is what to send, None where nothing is to be done. ``before`` and ``after`` hold no secret."""

    action: str
    body: KeyManager | None = dataclasses.field(repr=False)
    before: KeyManager
    after: KeyManager
    warnings: tuple[str, ...] = ()


def plan_present(given: Given, connector: Connector, discovered: KeyManager, existing: KeyManager | None) -> Plan:
    """Create the key manager, or bring what is managed of it to what was given."""
    refuse_impossible(given)
    if existing is not None and existing.get("type") != given.type:
        raise PlanRefused(f"Key manager '{given.name}' has the type '{existing.get('type')}', which cannot become '{given.type}'; use another name.")
    managed, managed_connector = _managed(given, connector, discovered)
    if existing is None:
        return _creation(given, connector, managed, managed_connector)
    return _update(given, connector, managed, managed_connector, existing)


def plan_unseen(given: Given) -> Plan:
    """The plan where the server cannot be asked: a creation with every field that may be wanted."""
    refuse_impossible(given)
    masked = frozenset(given.secrets)
    newest = Connector(given.type, frozenset(given.connector) | masked | frozenset(CONNECTOR_ENDPOINTS), masked, ())
    return _shown_creation(given, *_managed(given, newest, {}), masked)


def plan_absent(name: str, existing: KeyManager | None, masked: t.Container[str] = ("Password",)) -> Plan:
    """Delete the key manager if it is there."""
    if name == RESIDENT:
        raise PlanRefused(f"'{RESIDENT}' is API Manager's own and is never deleted; name another key manager.")
    if existing is None:
        return Plan("none", None, {}, {})
    return Plan("deleted", None, mask_secrets(existing, masked), {})


def refuse_impossible(given: Given) -> None:
    """What no server can be asked for."""
    if given.name == RESIDENT:
        raise PlanRefused(f"'{RESIDENT}' is API Manager's own and is never changed; name another key manager.")
    if not 1 <= len(given.name) <= 100 or given.name != given.name.strip():
        raise PlanRefused(f"name is '{given.name}'; give 1 to 100 characters without blanks around them.")
    if len(given.fields.get("description") or "") > DESCRIPTION_LIMIT:
        raise PlanRefused(f"description has {len(given.fields['description'])} characters; give at most {DESCRIPTION_LIMIT}.")
    if given.is7_url is not None and given.type != TYPE:
        raise PlanRefused(f"is7_url says what a key manager of type {TYPE} needs, but type is '{given.type}'; give the endpoints one by one.")


def mask_secrets(key_manager: KeyManager, masked: t.Container[str]) -> KeyManager:
    """A copy with every masked connector field as the server shows it in a GET."""
    shown = copy.deepcopy(key_manager)
    properties = shown.get("additionalProperties") or {}
    for name in properties:
        if name in masked:
            properties[name] = MASK
    return shown


def same(one: t.Any, other: t.Any, field: str = "") -> bool:
    """Equal as the server sees it: strings trimmed, empty as good as absent, whole numbers as floats, grant types a set."""
    if field == "availableGrantTypes":
        return set(one or []) == set(other or [])
    return bool(_normal(one) == _normal(other))


def _normal(value: t.Any) -> t.Any:
    if isinstance(value, bool):
        return ("flag", value)  # in Python true equals 1
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, dict):
        return {key: item for key, item in ((key, _normal(item)) for key, item in value.items()) if item is not None}
    if isinstance(value, list):
        return [_normal(item) for item in value] or None
    return value


def _managed(given: Given, connector: Connector, discovered: KeyManager) -> tuple[KeyManager, KeyManager]:
    """The fields and connector fields with a say of user, discovery or profile."""
    from_profile = profile(given.is7_url) if given.is7_url else {}
    from_discovery = {
        key: value
        for key, value in discovered.items()
        if key not in _NOT_FROM_DISCOVERY and key != "additionalProperties" and _normal(value) not in (None, {}) and not isinstance(value, bool)
    }
    fields = {**from_profile, **from_discovery, **given.fields}
    connector_fields = {**(connector_profile(given.is7_url, connector.known) if given.is7_url else {}), **given.connector}
    if given.type == TYPE and "Authentication" in connector.known:
        connector_fields.setdefault("Authentication", "BasicAuth")
        if connector_fields["Authentication"] == "MutualTLS":
            connector_fields.setdefault("MutualTLSOptions", "ServerWide")
    unknown = sorted(name for name in (*connector_fields, *given.secrets) if connector.known and name not in connector.known)
    if unknown == ["Authentication"] and connector_fields["Authentication"] == "BasicAuth":
        connector_fields.pop("Authentication")  # the only way that an older connector has
    elif unknown:
        raise ConnectorError(f"This API Manager's connector {given.type} has no field {', '.join(unknown)}; leave it out, or update API Manager.")
    return fields, connector_fields


def _creation(given: Given, connector: Connector, fields: KeyManager, connector_fields: KeyManager) -> Plan:
    values = {**connector_fields, **given.secrets}
    without = [field for field in _NEEDED_ENDPOINTS if given.type == TYPE and not fields.get(field)]
    if without:
        raise PlanRefused(f"Key manager '{given.name}' would not work without {', '.join(without)}; give is7_url, or these endpoints one by one.")
    missing = connector.missing(values)
    if missing:
        raise ConnectorError(f"Creating key manager '{given.name}' needs the connector field {', '.join(missing)}; give it in connector_configuration.")
    if MASK in given.secrets.values():
        raise PlanRefused(f"A connector secret of key manager '{given.name}' is given as {MASK}, which stands for one that is stored; give the real one.")
    shown = _shown_creation(given, fields, connector_fields, connector.masked | frozenset(given.secrets))
    body = {**shown.after, "additionalProperties": values}
    return dataclasses.replace(shown, body=body)


def _shown_creation(given: Given, fields: KeyManager, connector_fields: KeyManager, masked: frozenset[str]) -> Plan:
    after = {"name": given.name, "type": given.type, "displayName": given.name, **_CREATE_DEFAULTS, **fields}
    after["additionalProperties"] = {**connector_fields, **dict.fromkeys(given.secrets, MASK)}
    return Plan("created", None, {}, mask_secrets(after, masked))


def _update(given: Given, connector: Connector, fields: KeyManager, connector_fields: KeyManager, existing: KeyManager) -> Plan:
    masked = connector.masked | frozenset(given.secrets)
    stored = existing.get("additionalProperties") or {}
    changes = {key: value for key, value in fields.items() if not same(existing.get(key), value, key)}
    connector_changes = {key: value for key, value in connector_fields.items() if not same(stored.get(key), value)}
    secrets = {key: value for key, value in given.secrets.items() if value != MASK and (given.always_update_secrets or not stored.get(key))}

    missing = connector.missing({**stored, **connector_fields, **given.secrets})
    before = mask_secrets(existing, masked)
    if not (changes or connector_changes or secrets):
        return Plan("none", None, before, before)
    if missing:
        raise ConnectorError(f"Updating key manager '{given.name}' needs the connector field {', '.join(missing)}; give it in connector_configuration.")
    # A null stands for what a newer server knows and nobody set; sent back it would be read as given.
    body = {key: value for key, value in {**existing, **changes}.items() if value is not None}
    body["additionalProperties"] = {**stored, **connector_changes, **secrets}
    after = mask_secrets({**existing, **changes, "additionalProperties": {**stored, **connector_changes}}, masked)
    after["additionalProperties"].update(dict.fromkeys(secrets, NEW_SECRET))
    return Plan("updated", body, before, after)


def shared_issuer(plan: Plan, name: str, others: t.Iterable[KeyManager]) -> str | None:
    """The other key manager that has the plan's issuer: with two of them the gateway's choice is arbitrary."""
    issuer = plan.after.get("issuer")
    if not issuer or issuer == plan.before.get("issuer"):
        return None
    return next((str(other["name"]) for other in others if other.get("name") != name and same(other.get("issuer"), issuer)), None)
