"""What becomes of a key manager between the request that writes it and the one that reads it, as measured on
WSO2's classes 9.33.90.
"""

from __future__ import annotations

import copy
from typing import Any

from .bodies import CLAIMS, FLAGS, URLS, KeyManager
from .refusals import Refused, configuration_missing, general, internal
from .releases import Release

MASK = "*****"
ROLES = ("admin", "Internal/everyone", "Internal/subscriber")
# Connector field -> the field of the API that holds its value.
_URL_FIELDS = {
    "client_registration_endpoint": "clientRegistrationEndpoint",
    "introspection_endpoint": "introspectionEndpoint", "token_endpoint": "tokenEndpoint",
    "revoke_endpoint": "revokeEndpoint",
}  # fmt: skip


def accept(body: KeyManager, release: Release, replacing: bool) -> None:
    """Refuse what the product refuses, and fail where it fails."""
    permissions = body.get("permissions") or {}
    roles = permissions.get("roles") or []
    if body.get("enabled") is None or body.get("tokenType", "DIRECT") not in ("DIRECT", "EXCHANGED", "BOTH"):
        raise internal()
    if permissions.get("permissionType") in ("ALLOW", "DENY"):
        if any(role not in ROLES for role in roles):
            raise Refused(404, 900607, "Role does not exist in the system")
        if replacing and names_a_role_twice(body):
            raise general()
    if body.get("tokenType") == "EXCHANGED":
        return  # read from the product's classes: then they ask for nothing of the connector
    if body.get("tokenType") == "EXCHANGED":  # no connector is asked then, as the classes' code reads
        return
    connector = release.connector(body["type"])
    if connector is None:
        raise Refused(400, 901400, "Key Manager Type not configured")
    properties = body.get("additionalProperties") or {}
    absent = [
        field
        for field in connector["configurations"]
        if field["required"] and properties.get(field["name"]) is None
    ]
    absent += [
        field
        for field in connector["endpointConfigurations"]
        if field["required"] and not body.get(_URL_FIELDS[field["name"]])
    ]
    if absent:
        raise configuration_missing()
    if connector["authConfigurations"]:
        _accept_authentication(properties)


def names_a_role_twice(body: KeyManager) -> bool:
    """Measured: a PUT of that is 500, and a POST is answered with 201 and an id that does not exist."""
    permissions = body.get("permissions") or {}
    roles = permissions.get("roles") or []
    return permissions.get("permissionType") in ("ALLOW", "DENY") and len(set(roles)) < len(roles)


def _accept_authentication(properties: dict[str, Any]) -> None:
    """Only the way that is chosen is looked at; an absent user name is a null pointer, an empty one is
    missing.
    """
    chosen = properties.get("Authentication")
    if chosen == "BasicAuth":
        values = [properties.get("Username"), properties.get("Password")]
        if None in values:
            raise internal()
        if "" in values:
            raise configuration_missing()
    if chosen == "MutualTLS" and not (properties.get("MutualTLSOptions") and properties.get("IdentityUser")):
        raise configuration_missing()


def keep(body: KeyManager, old: KeyManager | None, identifier: str, release: Release) -> KeyManager:
    """What is stored, secrets in clear; it is also what answers a POST or PUT.

    ``old`` is what it replaces.
    """
    properties = {
        name: value
        for name, value in _as_read(body.get("additionalProperties") or {}).items()
        if value is not None
    }
    for name in masked(body["type"], release):
        if old and properties.get(name) == MASK:
            properties[name] = old["additionalProperties"].get(name)
    flags = {name: body.get(name, default) for name, default in FLAGS.items()}
    if flags["enableSelfValidationJWT"] is None:
        flags["enableSelfValidationJWT"] = True
        properties.pop("self_validate_jwt", None)
    else:
        properties["self_validate_jwt"] = flags["enableSelfValidationJWT"]
    for name in ("enableMapOAuthConsumerApps", "enableOAuthAppCreation"):
        flags[name] = bool(flags[name])
    stored: KeyManager = {
        "id": identifier,
        **{name: body.get(name) for name in ("name", "displayName", "type", "description", "alias")},
        **{name: body[name].strip() if body.get(name) else None for name in URLS},
        **{name: body[name].strip() if body.get(name) else default for name, default in CLAIMS.items()},
        **flags,
        "endpoints": [],
        "certificates": _certificates(body, release),
        "availableGrantTypes": body.get("availableGrantTypes") or [],
        "claimMapping": [
            {name: item.get(name) for name in ("remoteClaim", "localClaim")}
            for item in body.get("claimMapping") or []
        ],
        "tokenValidation": [_token_validation(item) for item in body.get("tokenValidation") or []],
        "global": False,
        "additionalProperties": properties,
        "permissions": _permissions(body),
        "tokenType": body.get("tokenType", "DIRECT"),
    }
    if release.organizations:
        stored["allowedOrganizations"] = body.get("allowedOrganizations") or []
    return stored


def show(stored: KeyManager, release: Release) -> KeyManager:
    """What a GET answers: secrets masked, and only what was really kept."""
    shown = copy.deepcopy(stored)
    properties = shown["additionalProperties"]
    for name in masked(stored["type"], release):
        if properties.get(name):
            properties[name] = MASK
    if shown["permissions"]["permissionType"] == "PUBLIC" or not shown["permissions"]["roles"]:
        shown["permissions"] = {"permissionType": "PUBLIC", "roles": []}
    if shown["tokenType"] == "DIRECT":
        shown["alias"] = None
    return shown


def masked(kind: str, release: Release) -> list[str]:
    """The connector fields that a GET does not show."""
    connector = release.connector(kind)
    return (
        []
        if connector is None
        else list(_masked([*connector["configurations"], *connector["authConfigurations"]]))
    )


def _masked(fields: list[Any]) -> Any:
    for field in fields:
        if isinstance(field, dict):
            if field["mask"]:
                yield field["name"]
            yield from _masked(field["values"])


def _certificates(body: KeyManager, release: Release) -> KeyManager | None:
    given = body.get("certificates") or {}
    lost = release.drops_pem and given.get("type") == "PEM" and body.get("tokenType", "DIRECT") != "DIRECT"
    if lost or given.get("type") not in ("JWKS", "PEM") or given.get("value") is None:
        return None
    return {"type": given["type"], "value": given["value"].strip()}


def _permissions(body: KeyManager) -> KeyManager:
    given = body.get("permissions") or {}
    kind = given.get("permissionType", "PUBLIC")
    if kind not in ("PUBLIC", "ALLOW", "DENY"):
        return {"permissionType": "PUBLIC", "roles": []}
    return {"permissionType": kind, "roles": given.get("roles") or []}


def _token_validation(item: dict[str, Any]) -> dict[str, Any]:
    kind = item.get("type")
    known = kind if kind in ("REFERENCE", "JWT", "CUSTOM") else None
    return {
        "id": item.get("id"),
        "enable": item.get("enable", True),
        "type": known,
        "value": _nested(item.get("value")),
    }


def _as_read(value: Any) -> Any:
    """The properties go through a JSON column: strings trimmed at the top, every number a double, nulls of
    objects dropped.
    """
    if isinstance(value, dict):
        return {
            name: _nested(item) if not isinstance(item, str) else item.strip()
            for name, item in value.items()
            if item is not None
        }
    return _nested(value)


def _nested(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _nested(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_nested(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
