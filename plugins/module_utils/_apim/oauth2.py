# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: signing in to API Manager by OAuth2: a client, then a token of the user for it.
No Ansible import.
"""

from __future__ import annotations

from .._http.client import HttpClient, HttpError
from .._http.sign_in import Authenticator, Basic

REGISTRATION = "/client-registration/v0.17/register"
TOKEN = "/oauth2/token"
# One client of each user for all runs: a registration of the same name gives the same client.
CLIENT_NAME = "carbonops.wso2"


class OAuth2:
    """Gets a token when one is first needed, and another when the server no longer takes it.

    Without ``registered``, the id and secret of a client that is there, one is registered for the user.
    """

    advice = "check that the user has the rights"

    def __init__(
        self, client: HttpClient, user: Basic, scopes: str, registered: Authenticator | None = None
    ) -> None:
        self._client = client
        self._user = user
        self._scopes = scopes
        self._registered = registered
        self._token: str | None = None

    def authorization(self) -> str:
        if self._token is None:
            if self._registered is None:
                self._registered = self._register()
            self._token = self._get_token(self._registered)
        return f"Bearer {self._token}"

    def renew(self) -> bool:
        self._token = None
        return True

    def _register(self) -> Basic:
        """Registration can answer 500 for a while after API Manager's boot."""
        doing = f"Registering an OAuth2 client of {self._user.username} in {self._client.server.url}"
        wanted = {
            "callbackUrl": "",
            "clientName": CLIENT_NAME,
            "owner": self._user.username,
            "grantType": "password",
            "saasApp": True,
        }
        made = self._client.json(
            doing, "POST", REGISTRATION, (200, 201), json=wanted, authenticator=self._user, until_ready=True
        )
        if not made.get("clientId") or not made.get("clientSecret"):
            raise HttpError(
                f"{doing} failed",
                "the answer holds no client",
                "look at API Manager's log, or give client_id and client_secret",
            )
        return Basic(made["clientId"], made["clientSecret"], "check client_id and client_secret")

    def _get_token(self, registered: Authenticator) -> str:
        doing = f"Asking {self._client.server.url} for a token of {self._user.username}"
        form = {
            "grant_type": "password",
            "username": self._user.username,
            "password": self._user.password,
            "scope": self._scopes,
        }
        answer = self._client.json(doing, "POST", TOKEN, data=form, authenticator=registered, repeat=True)
        token, granted = answer.get("access_token"), str(answer.get("scope") or self._scopes).split()
        if not token:
            raise HttpError(f"{doing} failed", "the answer holds none", "look at API Manager's log")
        without = [scope for scope in self._scopes.split() if scope not in granted]
        if without:
            raise HttpError(f"{doing} failed", f"it has not the scope {', '.join(without)}", f"{self.advice}")
        return str(token)
