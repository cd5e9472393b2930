# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the OAuth2 and OpenID Connect endpoints of Identity Server 7, as a client sees
them. No Ansible import.
"""

from __future__ import annotations

import typing as t

from .._http.client import Anonymous, HttpClient
from .._http.errors import HttpError
from .._http.sign_in import Basic, is_token

_CLIENT = "check that the client was made by this very server"


def discovery(client: HttpClient, url: str) -> dict[str, t.Any]:
    """The discovery document at a well-known URL; nothing is sent but the URL. Raises HttpError."""
    doing = f"Reading the discovery document {url}"
    document = client.json(doing, "GET", url, authenticator=Anonymous())
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or not issuer:
        raise HttpError(f"{doing} failed", "it names no issuer", "check the URL")
    return document


def get_token(
    client: HttpClient, url: str, client_id: str, client_secret: str, form: t.Mapping[str, str]
) -> dict[str, t.Any]:
    """The token endpoint's answer for a client of its own (RFC 6749, 4.3, 4.4 and 6). Raises HttpError."""
    doing = f"Asking {url} for a token by {form['grant_type']}"
    client.hide([form[name] for name in ("password", "refresh_token") if name in form])
    answer = client.json(
        doing, "POST", url, data=form, authenticator=Basic(client_id, client_secret, _CLIENT), repeat=True
    )
    if not is_token(answer.get("access_token")):
        raise HttpError(f"{doing} failed", "the answer holds none", "look at Identity Server's log")
    return answer


def revoke(client: HttpClient, url: str, client_id: str, client_secret: str, token: str) -> None:
    """Revoke a token as its client (RFC 7009). Raises HttpError."""
    client.hide([token])
    client.request(
        f"Revoking a token at {url}",
        "POST",
        url,
        data={"token": token, "token_type_hint": "access_token"},
        authenticator=Basic(client_id, client_secret, _CLIENT),
        repeat=True,
    )


def jwks(client: HttpClient, url: str) -> dict[str, t.Any]:
    """The public keys at a URL (RFC 7517); nothing is sent but the URL. Raises HttpError."""
    return client.json(f"Reading the keys at {url}", "GET", url, authenticator=Anonymous())


def introspect(client: HttpClient, url: str, token: str) -> dict[str, t.Any]:
    """What the server says of a token (RFC 7662), asked as the user of the client. Raises HttpError."""
    client.hide([token])
    return client.json(f"Introspecting a token at {url}", "POST", url, data={"token": token}, repeat=True)
