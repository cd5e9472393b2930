# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the proof that a key manager works, by using it once. No Ansible import."""

from __future__ import annotations

import dataclasses
import secrets
import time
import typing as t

from .._http.client import HttpClient, HttpError
from .._is7.oauth import claims, client_credentials_token, introspect
from .._problem import Problem
from .devportal import DevPortalApi

_RETRY_SECONDS = 2


@dataclasses.dataclass(frozen=True)
class Proof:
    """What was seen: no token and no client secret."""

    application: str
    client_id: str
    issuer: str | None
    token_type: str | None
    expires_in: int | None
    active: bool
    attempts: int


def prove(apim: HttpClient, is7: HttpClient, key_manager: dict[str, t.Any], timeout: float) -> Proof:
    """Make an application and its keys, get a token for it from the key manager, introspect it, and remove it
    all again.

    A new key manager reaches the part of API Manager that uses it only after a while, and a key generation
    that
    fails leaves a row behind, so each attempt within ``timeout`` seconds has an application of its own.
    """
    portal = DevPortalApi(apim)
    deadline = time.monotonic() + timeout
    attempts = 0
    while True:
        attempts += 1
        name = f"carbonops-check-{secrets.token_hex(4)}"
        identifier = portal.create_application(name)
        try:
            keys = _generate_keys(
                portal,
                identifier,
                name,
                key_manager["id"],
                may_fail=time.monotonic() + _RETRY_SECONDS < deadline,
            )
            if keys is not None:
                return Proof(
                    application=name, client_id=keys[0], attempts=attempts, **_use(is7, key_manager, *keys)
                )
        finally:
            portal.delete_application(identifier, name)
        time.sleep(_RETRY_SECONDS)


def _generate_keys(
    portal: DevPortalApi, identifier: str, name: str, key_manager_id: str, may_fail: bool
) -> tuple[str, str] | None:
    """Client id and secret, or None for a failure that may pass."""
    try:
        return portal.generate_keys(identifier, name, key_manager_id)
    except HttpError as exc:
        if may_fail and exc.status is not None and exc.status not in (401, 403):
            return None
        raise


def _use(
    is7: HttpClient, key_manager: dict[str, t.Any], client_id: str, client_secret: str
) -> dict[str, t.Any]:
    """Get a token and look at it from both sides."""
    answer = client_credentials_token(is7, key_manager["tokenEndpoint"], client_id, client_secret)
    token = answer["access_token"]
    issuer = claims(token).get("iss")
    if issuer != key_manager.get("issuer"):
        expected = key_manager.get("issuer")
        raise Problem(
            f"The token's issuer is {issuer}, the key manager's is {expected}, so API Manager would refuse"
            " it",
            advice="correct the key manager",
        )
    state = introspect(is7, key_manager["introspectionEndpoint"], token)
    if state.get("active") is not True or state.get("client_id", client_id) != client_id:
        raise Problem(
            "The introspection endpoint does not know the token that was just issued",
            advice="check that both endpoints are of the same server",
        )
    return {
        "issuer": issuer,
        "token_type": answer.get("token_type"),
        "expires_in": answer.get("expires_in"),
        "active": True,
    }
