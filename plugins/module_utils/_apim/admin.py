# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the key managers of API Manager's Admin REST API (v4, the same base from 4.3 to 4.7)."""

from __future__ import annotations

import typing as t

from .._http import HttpClient, HttpError
from .fields import KeyManager

BASE = "/api/am/admin/v4"


class AdminApi:
    """The calls of the Admin REST API that key managers need. Each raises HttpError."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._at = client.server.url

    def settings(self) -> dict[str, t.Any]:
        """What this server knows: key manager types with the fields of their connectors."""
        return self._client.json(f"Reading the settings of {self._at}", "GET", f"{BASE}/settings")

    def list(self) -> list[KeyManager]:
        """All key managers, in short."""
        found = self._client.json(f"Listing the key managers of {self._at}", "GET", f"{BASE}/key-managers")
        return t.cast("list[KeyManager]", found.get("list") or [])

    def get(self, identifier: str) -> KeyManager:
        """One key manager whole, its secrets masked by the server."""
        return self._client.json(f"Reading key manager {identifier} of {self._at}", "GET", f"{BASE}/key-managers/{identifier}")

    def find(self, name: str, summaries: t.Iterable[KeyManager] | None = None) -> KeyManager | None:
        """The key manager of this name, whole, or None. The API has no query, so the list is searched."""
        for summary in self.list() if summaries is None else summaries:
            if summary.get("name") == name:
                try:
                    return self.get(summary["id"])
                except HttpError as exc:
                    if exc.status == 404:  # deleted meanwhile
                        return None
                    raise
        return None

    def create(self, body: KeyManager) -> KeyManager:
        """Create and read back by name: of parallel creations the answer may name an id that does not exist (measured)."""
        doing = f"Creating key manager '{body['name']}' in {self._at}"
        self._client.json(doing, "POST", f"{BASE}/key-managers", (200, 201), json=body)
        return self._read_back(doing, body["name"])

    def update(self, identifier: str, body: KeyManager) -> KeyManager:
        """Replace it whole and read it back: the answer holds the password in clear (measured)."""
        doing = f"Updating key manager '{body['name']}' in {self._at}"
        self._client.json(doing, "PUT", f"{BASE}/key-managers/{identifier}", json=body)
        return self._read_back(doing, body["name"])

    def delete(self, identifier: str, name: str) -> None:
        """Delete it; that it has just gone is no error."""
        self._client.request(f"Deleting key manager '{name}' in {self._at}", "DELETE", f"{BASE}/key-managers/{identifier}", (200, 204, 404))

    def discover(self, well_known_endpoint: str, kind: str) -> KeyManager:
        """What API Manager itself reads from a discovery document: proof that it reaches and trusts the server."""
        doing = f"Having {self._at} read {well_known_endpoint}"
        form = {"url": (None, well_known_endpoint), "type": (None, kind)}
        try:
            answer = self._client.json(doing, "POST", f"{BASE}/key-managers/discover", files=form)
        except HttpError as exc:
            if exc.status != 500:
                raise
            raise HttpError(
                f"{doing} failed: it cannot reach that URL or does not trust its certificate; check that the server runs there, that its certificate is in"
                " API Manager's truststore and that API Manager was restarted since; API Manager's log has the cause.",
                exc.status, exc.code, exc.description,
            ) from exc  # fmt: skip
        if not answer.get("valid"):
            raise HttpError(f"{doing} failed: it found no discovery document there; check well_known_endpoint.")
        return t.cast(KeyManager, answer.get("value") or {})

    def _read_back(self, doing: str, name: str) -> KeyManager:
        found = self.find(name)
        if found is None:
            raise HttpError(f"{doing} failed: it was accepted, but is not there; another run may have deleted it, run again.")
        return found
