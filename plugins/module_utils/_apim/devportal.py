# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: applications and their keys in API Manager's developer portal API (v3). No
Ansible import.
"""

from __future__ import annotations

from .._http.client import HttpClient
from .._http.errors import HttpError

BASE = "/api/am/devportal/v3"


class DevPortalApi:
    """The calls that prove a key manager. Each raises HttpError."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._at = client.server.url

    def create_application(self, name: str) -> str:
        """Create an application and return its id."""
        doing = f"Creating application '{name}' in {self._at}"
        body = {
            "name": name,
            "throttlingPolicy": "Unlimited",
            "description": "Made to check a key manager; may be deleted.",
            "tokenType": "JWT",
        }
        made = self._client.json(doing, "POST", f"{BASE}/applications", (200, 201), json=body)
        return _text(made, "applicationId", doing)

    def delete_application(self, identifier: str, name: str) -> None:
        """Delete an application with its keys; that it has just gone is no error."""
        self._client.request(
            f"Deleting application '{name}' in {self._at}",
            "DELETE",
            f"{BASE}/applications/{identifier}",
            (200, 204, 404),
            repeat=True,
        )

    def generate_keys(self, identifier: str, name: str, key_manager_id: str) -> tuple[str, str]:
        """Have the key manager make a client for the application; return its id and secret."""
        doing = f"Generating keys of application '{name}' in {self._at}"
        body = {
            "keyType": "PRODUCTION",
            "keyManager": key_manager_id,
            "grantTypesToBeSupported": ["client_credentials"],
        }
        path = f"{BASE}/applications/{identifier}/generate-keys"
        made = self._client.json(doing, "POST", path, (200, 201), json=body)
        return _text(made, "consumerKey", doing), _text(made, "consumerSecret", doing)


def _text(made: dict[str, object], member: str, doing: str) -> str:
    """A member of an answer without which nothing can go on."""
    value = made.get(member)
    if not isinstance(value, str) or not value:
        raise HttpError(
            f"{doing} failed", f"the answer holds no {member}", "look at API Manager's log", status=200
        )
    return value
