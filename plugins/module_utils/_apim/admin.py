# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the key managers of API Manager's Admin REST API (v4, the same base from 4.3 to
4.7). No Ansible import.
"""

from __future__ import annotations

import typing as t

from .._http.client import HttpClient
from .._http.errors import HttpError
from .options import KeyManager
from .shape import fault_of, is_summary

BASE = "/api/am/admin/v4"
# A role in permissions that API Manager does not have: 404, though the key manager is there.
ROLE_UNKNOWN = 900607


class AdminApi:
    """The calls of the Admin REST API that key managers need. Each raises HttpError."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._at = client.server.url

    def settings(self) -> dict[str, t.Any]:
        """What this server knows: key manager types with the fields of their connectors."""
        return self._client.json(f"Reading the settings of {self._at}", "GET", f"{BASE}/settings")

    def list(self) -> list[KeyManager]:
        """All key managers, in short, each with an id and a name."""
        doing = f"Listing the key managers of {self._at}"
        found = self._client.json(doing, "GET", f"{BASE}/key-managers").get("list") or []
        if not isinstance(found, list) or not all(
            isinstance(item, dict) and is_summary(item) for item in found
        ):
            raise _odd(doing, "the list holds something that is no key manager")
        return found

    def get(self, identifier: str) -> KeyManager:
        """One key manager whole, its secrets masked by the server."""
        doing = f"Reading key manager {identifier} of {self._at}"
        found = self._client.json(doing, "GET", f"{BASE}/key-managers/{identifier}")
        fault = fault_of(found) or (None if is_summary(found) else "id or name")
        if fault:
            raise _odd(doing, f"its {fault} is not what the API says it is")
        return found

    def find(self, name: str, summaries: t.Iterable[KeyManager] | None = None) -> KeyManager | None:
        """The key manager of this name, whole, or None. The API has no query, so the list is searched."""
        for item in self.list() if summaries is None else summaries:
            found = self.get_if_there(item) if item["name"] == name else None
            if found is not None:
                return found
        return None

    def all(self, name: str | None = None) -> t.List[KeyManager]:
        """The key managers, or those of one name, whole, with what only the list tells of them."""
        chosen = [item for item in self.list() if name is None or item["name"] == name]
        there = [(item, self.get_if_there(item)) for item in chosen]
        return [
            {**found, **{key: item[key] for key in ("isGlobal", "isUsed") if key in item}}
            for item, found in there
            if found is not None
        ]

    def get_if_there(self, summary: KeyManager) -> KeyManager | None:
        """None for one that was deleted meanwhile."""
        try:
            return self.get(summary["id"])
        except HttpError as exc:
            if is_gone(exc):
                return None
            raise

    def create(self, body: KeyManager) -> None:
        """Create it. The answer is of no use: it holds the password in clear, and maybe an id that does not
        exist (measured).
        """
        self._client.json(
            f"Creating key manager '{body['name']}' in {self._at}",
            "POST",
            f"{BASE}/key-managers",
            (200, 201),
            json=body,
        )

    def update(self, identifier: str, body: KeyManager) -> None:
        """Replace it whole. The answer holds the password in clear (measured)."""
        self._client.json(
            f"Updating key manager '{body['name']}' in {self._at}",
            "PUT",
            f"{BASE}/key-managers/{identifier}",
            json=body,
        )

    def delete(self, identifier: str, name: str) -> None:
        """Delete it."""
        self._client.request(
            f"Deleting key manager '{name}' in {self._at}",
            "DELETE",
            f"{BASE}/key-managers/{identifier}",
            (200, 204),
        )

    def discover(self, well_known_endpoint: str, kind: str) -> KeyManager:
        """What API Manager itself reads from a discovery document: proof that it reaches and trusts the
        server.
        """
        doing = f"Having {self._at} read {well_known_endpoint}"
        form = {"url": (None, well_known_endpoint), "type": (None, kind)}
        try:
            answer = self._client.json(
                doing, "POST", f"{BASE}/key-managers/discover", files=form, repeat=True
            )
        except HttpError as exc:
            if exc.status != 500:
                raise
            raise HttpError(
                f"{doing} failed",
                "it cannot reach that URL or does not trust its certificate",
                status=exc.status,
                code=exc.code,
                description=exc.description,
            ) from exc
        if not answer.get("valid"):
            raise HttpError(
                f"{doing} failed", "it found no discovery document there", "check well_known_endpoint"
            )
        value = answer.get("value") or {}
        fault = fault_of(value) if isinstance(value, dict) else "value"
        if fault:
            raise _odd(doing, f"its {fault} is not what the API says it is")
        return t.cast(KeyManager, value)


def is_gone(exc: HttpError) -> bool:
    """Whether the key manager of an id is not there; older releases say so with 400."""
    return (exc.status == 404 and exc.code != ROLE_UNKNOWN) or exc.code in (901403, 901411)


def is_taken(exc: HttpError) -> bool:
    """Whether there is a key manager of the name already."""
    return exc.status == 409 or exc.code == 901402


def is_in_use(exc: HttpError) -> bool:
    """Whether the key manager has keys of applications."""
    return exc.status == 412 or exc.code in (901409, 902015)


def _odd(doing: str, came_back: str) -> HttpError:
    """The error of an answer of another shape than the API's description gives."""
    return HttpError(f"{doing} failed", came_back, "check that the URL is API Manager's", status=200)
