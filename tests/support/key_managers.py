"""The rules by which API Manager stores a key manager, as they were measured, and the settings that it answers with."""

from __future__ import annotations

import copy
from typing import Any

KeyManager = dict[str, Any]

BASIC = {
    "name": "BasicAuth",
    "values": [{"name": "Username", "required": True}, {"name": "Password", "required": True, "mask": True}],
}
TENANT_WIDE = {"name": "TenantWide", "values": [{"name": "TenantWideCertificate", "required": True}]}
MUTUAL = {
    "name": "MutualTLS",
    "values": [
        {"name": "IdentityUser", "required": True},
        {"name": "MutualTLSOptions", "required": True, "values": [{"name": "ServerWide", "values": []}, TENANT_WIDE]},
    ],
}
ENDPOINTS = [{"name": "api_resource_management_endpoint", "required": True}, {"name": "is7_roles_endpoint", "required": True}]
# The connectors that API Manager 4.3 to 4.7 came with.
SETTINGS: dict[str, dict[str, Any]] = {
    "4.3": {"type": "WSO2-IS-7", "configurations": [{"name": "Username", "required": True}, {"name": "Password", "required": True, "mask": True}]},
    "4.4": {"type": "WSO2-IS-7", "configurations": [*BASIC["values"], *ENDPOINTS]},
    "4.7": {
        "type": "WSO2-IS-7",
        "authConfigurations": [{"name": "Authentication", "required": True, "default": "BasicAuth", "values": [BASIC, MUTUAL]}],
        "configurations": [*ENDPOINTS, {"name": "enable_roles_creation"}],
    },
}


def settings(version: str) -> dict[str, Any]:
    """The answer to GET /settings."""
    return {"keyManagerConfiguration": [{"type": "Auth0", "configurations": [{"name": "audience", "required": True}]}, SETTINGS[version]]}


class KeyManagerServer:
    """One key manager's place in a server's memory; ``sent`` counts what was written."""

    def __init__(self) -> None:
        self.stored: KeyManager | None = None
        self.sent = 0

    def post(self, body: KeyManager) -> None:
        assert self.stored is None
        self._store(body, {})

    def put(self, body: KeyManager) -> None:
        assert self.stored is not None
        assert (body["name"], body["id"]) == (self.stored["name"], self.stored["id"])
        self._store(body, self.stored["additionalProperties"])

    def get(self) -> KeyManager | None:
        """With the password masked."""
        shown = copy.deepcopy(self.stored)
        if shown and shown["additionalProperties"].get("Password"):
            shown["additionalProperties"]["Password"] = "*****"
        return shown

    def password(self) -> Any:
        assert self.stored is not None
        return self.stored["additionalProperties"].get("Password")

    def _store(self, body: KeyManager, old: dict[str, Any]) -> None:
        self.sent += 1
        body = _as_read(body) or {}
        for flag in ("enabled", "enableTokenGeneration", "enableSelfValidationJWT"):
            assert isinstance(body.get(flag), bool), f"the server answers 500 without {flag}"
        properties = body.get("additionalProperties") or {}
        if properties.get("Password") == "*****" and old:
            properties["Password"] = old["Password"]
        properties["self_validate_jwt"] = body["enableSelfValidationJWT"]
        self.stored = {
            "description": None,
            "displayName": None,
            "claimMapping": [],
            "tokenValidation": [],
            "endpoints": [],
            "permissions": {"permissionType": "PUBLIC", "roles": []},
            **body,
            "id": "2b00c905",
            "availableGrantTypes": sorted(body.get("availableGrantTypes") or []),
            "consumerKeyClaim": body.get("consumerKeyClaim") or "azp",
            "additionalProperties": properties,
        }


def _as_read(value: Any) -> Any:
    """Strings trimmed, the empty one as null, whole numbers as floats, null properties dropped."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        read = {key: _as_read(item) for key, item in value.items()}
        return {key: item for key, item in read.items() if item is not None}
    if isinstance(value, list):
        return [_as_read(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
