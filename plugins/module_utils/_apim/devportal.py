# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: applications and their keys in API Manager's developer portal API (v3). No
Ansible import.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._http.client import HttpClient
from .._http.errors import HttpError
from .._http.json_text import objects
from .rights import PORTAL_RIGHT

BASE = "/api/am/devportal/v3"
APPROVED = "APPROVED"
_PAGE = 100


@dataclasses.dataclass(frozen=True)
class Application:
    """An application as the portal tells of it; ``status`` is APPROVED once it may be used."""

    identifier: str
    name: str
    status: str
    owner: str
    description: str


@dataclasses.dataclass(frozen=True)
class Keys:
    """The client of an application; without id and secret as long as ``state`` is not APPROVED."""

    state: str
    client_id: str
    client_secret: str = dataclasses.field(repr=False)


class DevPortalApi:
    """The calls that prove a key manager. Each raises HttpError."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._at = client.server.url

    def application_tiers(self) -> list[str]:
        """The names of the tiers that an application may have."""
        doing = f"Listing the application tiers of {self._at}"
        answer = self._json(doing, "GET", "/throttling-policies/application")
        names = [tier.get("name") for tier in objects(answer.get("list"))]
        return [name for name in names if isinstance(name, str) and name]

    def create_application(self, name: str, tier: str, description: str) -> Application:
        """Create an application, which may have to wait for approval."""
        doing = f"Creating application '{name}' in {self._at}"
        body = {"name": name, "throttlingPolicy": tier, "description": description, "tokenType": "JWT"}
        made = self._json(doing, "POST", "/applications", (200, 201), json=body)
        _text(made, "applicationId", doing)
        return _application({**made, "name": name})

    def applications(self, query: str) -> list[Application]:
        """The user's applications whose names hold this text."""
        doing = f"Listing the applications of {self._at}"
        found: list[dict[str, t.Any]] = []
        while True:
            asked = {"query": query, "limit": str(_PAGE), "offset": str(len(found))}
            answer = self._json(doing, "GET", "/applications", params=asked)
            page = objects(answer.get("list"))
            found += page
            if len(page) < _PAGE:
                return [_application(item) for item in found if isinstance(item.get("applicationId"), str)]

    def delete_application(self, identifier: str, name: str) -> bool:
        """Delete an application with its keys; that it has just gone is no error.

        Whether the deletion has to wait for approval: API Manager answers 201 then.
        """
        answer = self._client.request(
            f"Deleting application '{name}' in {self._at}",
            "DELETE",
            f"{BASE}/applications/{identifier}",
            (200, 201, 202, 204, 404),
            repeat=True,
            right=PORTAL_RIGHT,
        )
        return answer.status in (201, 202)

    def generate_keys(
        self, identifier: str, name: str, key_manager_id: str, grant_types: t.Sequence[str]
    ) -> Keys:
        """Have the key manager make a client for the application, which may have to wait for approval."""
        doing = f"Generating keys of application '{name}' in {self._at}"
        body = {
            "keyType": "PRODUCTION",
            "keyManager": key_manager_id,
            "grantTypesToBeSupported": list(grant_types),
        }
        path = f"/applications/{identifier}/generate-keys"
        made = self._json(doing, "POST", path, (200, 201), json=body)
        state = _told(made, "keyState")
        if state not in ("", APPROVED, "COMPLETED"):
            return Keys(state, "", "")
        return Keys(APPROVED, _text(made, "consumerKey", doing), _text(made, "consumerSecret", doing))

    def _json(
        self, doing: str, method: str, path: str, *expected: t.Any, **options: t.Any
    ) -> dict[str, t.Any]:
        """As the client's; ``path`` begins behind the version, and a refusal names the scopes."""
        return self._client.json(doing, method, BASE + path, *expected, right=PORTAL_RIGHT, **options)


def _application(item: t.Mapping[str, t.Any]) -> Application:
    """What a portal that says nothing of approval makes is approved."""
    return Application(
        identifier=_told(item, "applicationId"),
        name=_told(item, "name"),
        status=_told(item, "status") or APPROVED,
        owner=_told(item, "owner"),
        description=_told(item, "description"),
    )


def _told(item: t.Mapping[str, t.Any], member: str) -> str:
    """A member's text, empty where it holds none."""
    value = item.get(member)
    return value if isinstance(value, str) else ""


def _text(made: t.Mapping[str, t.Any], member: str, doing: str) -> str:
    """A member of an answer without which nothing can go on."""
    value = _told(made, member)
    if not value:
        raise HttpError(
            f"{doing} failed", f"the answer holds no {member}", "look at API Manager's log", status=200
        )
    return value
