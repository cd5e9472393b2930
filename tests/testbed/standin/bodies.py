"""Reading a request's key manager as the product's JSON binding does: unknown names, kinds and lengths."""

from __future__ import annotations

import json
from typing import Any

from .refusals import bad_request
from .releases import Release

KeyManager = dict[str, Any]

TEXTS = ("name", "type", "displayName", "description", "tokenType", "alias")
URLS = (
    "wellKnownEndpoint", "introspectionEndpoint", "clientRegistrationEndpoint", "tokenEndpoint",
    "displayTokenEndpoint", "revokeEndpoint",
    "displayRevokeEndpoint", "userInfoEndpoint", "authorizeEndpoint", "scopeManagementEndpoint", "issuer",
)  # fmt: skip
# Text -> its value where the request has none.
CLAIMS = {"consumerKeyClaim": "azp", "scopesClaim": "scope"}
# Flag -> its value where the request has none.
FLAGS: dict[str, bool | None] = {
    "enabled": None, "enableTokenGeneration": None, "enableTokenEncryption": False,
    "enableTokenHashing": False,
    "enableMapOAuthConsumerApps": False, "enableOAuthAppCreation": False, "enableSelfValidationJWT": True,
}  # fmt: skip
_LISTS: dict[str, tuple[str, ...] | None] = {
    "availableGrantTypes": None, "claimMapping": ("remoteClaim", "localClaim"),
    "tokenValidation": ("id", "enable", "type", "value"),
    "endpoints": ("name", "value"),
}  # fmt: skip
_OBJECTS: dict[str, tuple[str, ...] | None] = {
    "certificates": ("type", "value"),
    "permissions": ("permissionType", "roles"),
    "additionalProperties": None,
}
_LENGTHS = {"name": (1, 100), "type": (1, 45), "displayName": (0, 100), "description": (0, 256)}
_DISALLOWED = "One or more request body parameters contain disallowed values."


def read_key_manager(raw: bytes, release: Release) -> KeyManager:
    """The body of a POST or PUT. Raises Refused."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise bad_request("Malformed request body.") from None
    if not isinstance(body, dict):
        raise bad_request(_DISALLOWED)
    lists = {**_LISTS, **({"allowedOrganizations": None} if release.organizations else {})}
    _no_others(body, {"id", "global", *TEXTS, *URLS, *CLAIMS, *FLAGS, *lists, *_OBJECTS})
    for name, value in body.items():
        body[name] = None if value is None else _read(name, value, lists)
    errors = [error for name, limits in _LENGTHS.items() for error in _length_error(body, name, limits)]
    if errors:
        raise bad_request("Validation Error", errors)
    return body


def _no_others(item: dict[str, Any], known: set[str]) -> None:
    for name in item:
        if name not in known:
            raise bad_request(f"Unrecognized property '{name}'")


def _read(name: str, value: Any, lists: dict[str, tuple[str, ...] | None]) -> Any:
    if name in (*TEXTS, *URLS, *CLAIMS, "id"):
        if isinstance(value, (dict, list)):
            raise bad_request(_DISALLOWED)
        return value if isinstance(value, str) else json.dumps(value)
    if name in FLAGS or name == "global":
        if value not in (True, False, "true", "false"):
            raise bad_request(_DISALLOWED)
        return value in (True, "true")
    if not isinstance(value, list if name in lists else dict):
        raise bad_request(_DISALLOWED)
    known = lists.get(name) or _OBJECTS.get(name)
    if known:
        items: list[Any] = value if isinstance(value, list) else [value]
        for item in items:
            _no_others(item, set(known))
    return value


def _length_error(body: KeyManager, name: str, limits: tuple[int, int]) -> list[dict[str, Any]]:
    value = body.get(name)
    if value is None:
        wrong = "must not be null" if name in ("name", "type") else ""
    else:
        wrong = (
            ""
            if limits[0] <= len(value) <= limits[1]
            else f"size must be between {limits[0]} and {limits[1]}"
        )
    return [{"code": f"400_{name}", "message": f"{name}: {wrong}", "description": None}] if wrong else []
