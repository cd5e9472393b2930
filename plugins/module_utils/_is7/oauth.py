# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the OAuth2 and OpenID Connect endpoints of Identity Server 7, as a client sees
them.
"""

from __future__ import annotations

import base64
import json
import typing as t

from .._http.client import HttpClient, HttpError
from .._http.sign_in import Anonymous, Basic


def discovery(client: HttpClient, url: str) -> dict[str, t.Any]:
    """The discovery document at a well-known URL; nothing is sent but the URL."""
    document = client.json(f"Reading the discovery document {url}", "GET", url, authenticator=Anonymous())
    if not document.get("issuer"):
        raise HttpError(f"Reading the discovery document {url} failed", "it names no issuer", "check the URL")
    return document


def client_credentials_token(
    client: HttpClient, url: str, client_id: str, client_secret: str
) -> dict[str, t.Any]:
    """The token endpoint's answer for a client of its own."""
    form = {"grant_type": "client_credentials"}
    answer = client.json(
        f"Asking {url} for a token",
        "POST",
        url,
        data=form,
        authenticator=Basic(client_id, client_secret),
        repeat=True,
    )
    if not answer.get("access_token"):
        raise HttpError(
            f"Asking {url} for a token failed", "the answer holds none", "look at Identity Server's log"
        )
    return answer


def introspect(client: HttpClient, url: str, token: str) -> dict[str, t.Any]:
    """What the server says of a token, asked as the user of the client."""
    return client.json(f"Introspecting a token at {url}", "POST", url, data={"token": token}, repeat=True)


def claims(token: str) -> dict[str, t.Any]:
    """The payload of a JWT, unverified; empty for an opaque token."""
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
