# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the OAuth2 and OpenID Connect endpoints of Identity Server 7, as a client sees
them. No Ansible import.
"""

from __future__ import annotations

import base64
import typing as t

from .._http.client import Anonymous, HttpClient
from .._http.errors import HttpError
from .._http.json_text import read_json
from .._http.sign_in import Basic, is_token


def discovery(client: HttpClient, url: str) -> dict[str, t.Any]:
    """The discovery document at a well-known URL; nothing is sent but the URL. Raises HttpError."""
    doing = f"Reading the discovery document {url}"
    document = client.json(doing, "GET", url, authenticator=Anonymous())
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or not issuer:
        raise HttpError(f"{doing} failed", "it names no issuer", "check the URL")
    return document


def client_credentials_token(
    client: HttpClient, url: str, client_id: str, client_secret: str
) -> dict[str, t.Any]:
    """The token endpoint's answer for a client of its own (RFC 6749, 4.4). Raises HttpError."""
    doing = f"Asking {url} for a token"
    answer = client.json(
        doing,
        "POST",
        url,
        data={"grant_type": "client_credentials"},
        authenticator=Basic(client_id, client_secret),
        repeat=True,
    )
    if not is_token(answer.get("access_token")):
        raise HttpError(f"{doing} failed", "the answer holds none", "look at Identity Server's log")
    return answer


def introspect(client: HttpClient, url: str, token: str) -> dict[str, t.Any]:
    """What the server says of a token (RFC 7662), asked as the user of the client. Raises HttpError."""
    client.hide([token])
    return client.json(f"Introspecting a token at {url}", "POST", url, data={"token": token}, repeat=True)


def claims(token: str) -> dict[str, t.Any]:
    """The payload of a JWT, unverified; empty for an opaque token."""
    parts = token.split(".")
    if len(parts) < 2:
        return {}
    payload = parts[1]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except ValueError:
        return {}
    found = read_json(raw)
    return found if isinstance(found, dict) else {}
