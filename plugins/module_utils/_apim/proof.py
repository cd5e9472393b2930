# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the proof that a key manager works, by using it once. No Ansible import."""

from __future__ import annotations

import dataclasses
import secrets
import time
import typing as t

from .._http.client import HttpClient
from .._http.errors import HttpError
from .._http.text import told
from .._http.url import origin
from .._is7.oauth import claims, client_credentials_token, introspect
from .._problem import Problem
from .admin import AdminApi
from .devportal import DevPortalApi
from .options import KeyManager

# Between two attempts.
_PAUSE_SECONDS = 2

# A client of the server of this URL.
Connect = t.Callable[[str], HttpClient]


@dataclasses.dataclass(frozen=True)
class Proof:
    """What was seen: no token and no client secret."""

    application: str
    client_id: str
    attempts: int
    issuer: str
    token_type: str | None
    expires_in: int | None
    active: bool


def find_usable(apim: HttpClient, name: str) -> KeyManager:
    """The key manager of this name, as far as it can work at all. Raises Problem."""
    key_manager = AdminApi(apim).find(name)
    if key_manager is None:
        raise Problem(
            f"There is no key manager '{name}' in {apim.server.url}",
            advice="register it with apim_key_manager",
        )
    missing = [field for field in ("tokenEndpoint", "introspectionEndpoint") if not key_manager.get(field)]
    if missing or not key_manager.get("enabled"):
        why = f"it has no {' and '.join(missing)}" if missing else "it is disabled"
        raise Problem(f"Key manager '{name}' cannot work", why, "correct it")
    return key_manager


def refuse_strangers(key_manager: KeyManager, is7_url: str | None, trusted: t.Iterable[str]) -> None:
    """Refuse endpoints of another server than the key manager's own. Raises Problem.

    A password is sent to them, or they say whose tokens are good. The key manager's own server is that of
    ``is7_url``, or without one that of its issuer; ``trusted`` are URLs of further ones.
    """
    own = origin(is7_url or str(key_manager.get("issuer") or ""))
    origins = {own, *map(origin, trusted)} - {""}
    for field, url in _endpoints(key_manager).items():
        if origin(url) not in origins:
            at = told(origin(url) or url)
            there = own or "a server that its issuer names"
            raise Problem(
                f"Key manager '{key_manager['name']}' has its {field} at {at}, not at {there}, so nothing is"
                " sent there",
                advice="correct the key manager, or name that server in trusted_origins",
            )


def _endpoints(key_manager: KeyManager) -> dict[str, str]:
    """What must not be a stranger's."""
    endpoints = {name: str(key_manager[name]) for name in ("tokenEndpoint", "introspectionEndpoint")}
    certificates = key_manager.get("certificates") or {}
    if certificates.get("type") == "JWKS" and certificates.get("value"):
        endpoints["JWKS"] = str(certificates["value"])
    return endpoints


def prove(apim: HttpClient, is7: Connect, key_manager: KeyManager, timeout: float) -> Proof:
    """Make an application and its keys, get a token for it from the key manager, introspect it, and remove it
    all again. Raises Problem.

    A new key manager reaches the part of API Manager that uses it only after a while, and a key generation
    that fails leaves a row behind, so each attempt within ``timeout`` seconds has an application of its own.
    """
    portal = DevPortalApi(apim)
    deadline = time.monotonic() + timeout
    attempts = 0
    while True:
        attempts += 1
        may_fail = time.monotonic() + _PAUSE_SECONDS < deadline
        name = f"carbonops-check-{secrets.token_hex(4)}"
        identifier = portal.create_application(name)
        try:
            keys = _generate_keys(portal, identifier, name, key_manager["id"], may_fail)
            if keys is not None:
                client_id, client_secret = keys
                seen = _use(is7, key_manager, client_id, client_secret)
                return Proof(application=name, client_id=client_id, attempts=attempts, **seen)
        finally:
            portal.delete_application(identifier, name)
        time.sleep(_PAUSE_SECONDS)


def _generate_keys(
    portal: DevPortalApi, identifier: str, name: str, key_manager_id: str, may_fail: bool
) -> tuple[str, str] | None:
    """Client id and secret, or None for a failure that may pass. Raises HttpError."""
    try:
        return portal.generate_keys(identifier, name, key_manager_id)
    except HttpError as exc:
        if may_fail and exc.status is not None and exc.status not in (401, 403):
            return None
        raise


def _use(is7: Connect, key_manager: KeyManager, client_id: str, client_secret: str) -> dict[str, t.Any]:
    """Get a token and look at it from both sides. Raises Problem."""
    token_endpoint, introspection = key_manager["tokenEndpoint"], key_manager["introspectionEndpoint"]
    answer = client_credentials_token(is7(token_endpoint), token_endpoint, client_id, client_secret)
    token = answer["access_token"]
    issuer, expected = claims(token).get("iss"), key_manager.get("issuer")
    if issuer != expected:
        raise Problem(
            f"The token's issuer is {told(issuer)}, the key manager's is {expected}, so API Manager would"
            " refuse it",
            advice="correct the key manager",
        )
    state = introspect(is7(introspection), introspection, token)
    if state.get("active") is not True or state.get("client_id", client_id) != client_id:
        raise Problem(
            "The introspection endpoint does not know the token that was just issued",
            advice="check that both endpoints are of the same server",
        )
    token_type, expires_in = answer.get("token_type"), answer.get("expires_in")
    return {
        "issuer": issuer,
        "token_type": told(token_type) if isinstance(token_type, str) else None,
        "expires_in": expires_in if isinstance(expires_in, int) else None,
        "active": True,
    }
