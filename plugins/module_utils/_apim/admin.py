# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the key managers of API Manager's Admin REST API (v4, the same base from 4.3 to
4.7). No Ansible import.
"""

from __future__ import annotations

import base64
import typing as t

from .._http.client import Answer, HttpClient
from .._http.errors import HttpError
from .options import KeyManager
from .rights import right_for
from .shape import fault_of, is_summary

BASE = "/api/am/admin/v4"
# A role in permissions that API Manager does not have: 404, though the key manager is there.
ROLE_UNKNOWN = 900607
# Users of a key manager that are asked for at once.
_PAGE = 100


class AdminApi:
    """The calls of the Admin REST API that key managers need. Each raises HttpError."""

    def __init__(self, client: HttpClient, everywhere: bool = False) -> None:
        """``everywhere`` is for the key managers of all tenants, which the server keeps apart."""
        self._client = client
        self._at = client.server.url
        self.everywhere = everywhere
        self._path = "/global-key-managers" if everywhere else "/key-managers"
        self._kind = "global key managers" if everywhere else "key managers"

    def _request(self, doing: str, method: str, path: str, *expected: t.Any, **options: t.Any) -> Answer:
        """As the client's; ``path`` begins behind the version, and a refusal names the scopes."""
        right = right_for(method, path)
        return self._client.request(doing, method, BASE + path, *expected, right=right, **options)

    def _json(
        self, doing: str, method: str, path: str, *expected: t.Any, **options: t.Any
    ) -> dict[str, t.Any]:
        right = right_for(method, path)
        return self._client.json(doing, method, BASE + path, *expected, right=right, **options)

    def others(self) -> AdminApi:
        """The same for those of all tenants, or for the tenant's own where this is for those."""
        return AdminApi(self._client, everywhere=not self.everywhere)

    def list_if_told(self) -> t.List[KeyManager]:
        """As list; empty where this server has none of the kind, or not for this user."""
        try:
            return self.list()
        except HttpError as exc:
            if exc.status in (400, 401, 403, 404, 405):
                return []
            raise

    def has_role(self, role: str) -> bool | None:
        """Whether API Manager knows the role; None where it does not tell this user."""
        identifier = base64.urlsafe_b64encode(role.encode()).decode()
        doing = f"Looking up role '{role}' in {self._at}"
        try:
            self._request(doing, "HEAD", f"/roles/{identifier}", (200,), repeat=True)
        except HttpError as exc:
            if exc.status == 404:
                return False
            if exc.status in (400, 401, 403, 405):
                return None
            raise
        return True

    def usages(self, identifier: str, name: str) -> dict[str, t.List[KeyManager]] | None:
        """The ``applications`` with keys of it and the ``apis`` that name it; None where the server does not
        tell.
        """
        kinds = (("app", "applications"), ("api", "apis"))
        try:
            return {told: list(self._users(identifier, name, kind, told)) for kind, told in kinds}
        except HttpError as exc:
            if exc.status in (401, 403, 404, 405):
                return None
            raise

    def _users(self, identifier: str, name: str, kind: str, member: str) -> t.Iterator[KeyManager]:
        """One page after the other."""
        doing = f"Asking {self._at} what uses key manager '{name}'"
        path = f"/key-managers/{identifier}/{kind}-usages"
        seen = 0
        while True:
            page = self._json(doing, "GET", f"{path}?limit={_PAGE}&offset={seen}").get(member)
            if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
                raise _odd(doing, f"its {member} are not what the API says they are")
            yield from page
            seen += len(page)
            if len(page) < _PAGE:
                return

    def settings(self) -> dict[str, t.Any]:
        """What this server knows: key manager types with the fields of their connectors."""
        return self._json(f"Reading the settings of {self._at}", "GET", "/settings")

    def list(self) -> list[KeyManager]:
        """All key managers, in short, each with an id and a name."""
        doing = f"Listing the {self._kind} of {self._at}"
        try:
            found = self._json(doing, "GET", self._path).get("list") or []
        except HttpError as exc:
            if self.everywhere and exc.status == 404:
                exc.advice = (
                    "this API Manager has none, unless the URL is wrong; leave global out, or update it"
                )
            raise
        if not isinstance(found, list) or not all(
            isinstance(item, dict) and is_summary(item) for item in found
        ):
            raise _odd(doing, "the list holds something that is no key manager")
        return found

    def get(self, identifier: str) -> KeyManager:
        """One key manager whole, its secrets masked by the server."""
        doing = f"Reading key manager {identifier} of {self._at}"
        found = self._json(doing, "GET", f"{self._path}/{identifier}")
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
        return self._whole(self.list(), name)

    def all_if_told(self, name: str | None = None) -> t.List[KeyManager]:
        """As all; empty where this server has none of the kind, or not for this user."""
        return self._whole(self.list_if_told(), name)

    def _whole(self, summaries: t.Iterable[KeyManager], name: str | None) -> t.List[KeyManager]:
        chosen = [item for item in summaries if name is None or item["name"] == name]
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
        self._json(
            f"Creating key manager '{body['name']}' in {self._at}",
            "POST",
            self._path,
            (200, 201),
            json=body,
        )

    def update(self, identifier: str, body: KeyManager) -> None:
        """Replace it whole. The answer holds the password in clear (measured)."""
        self._json(
            f"Updating key manager '{body['name']}' in {self._at}",
            "PUT",
            f"{self._path}/{identifier}",
            json=body,
        )

    def delete(self, identifier: str, name: str) -> None:
        """Delete it."""
        self._request(
            f"Deleting key manager '{name}' in {self._at}",
            "DELETE",
            f"{self._path}/{identifier}",
            (200, 204),
        )

    def discover(self, well_known_endpoint: str, kind: str) -> KeyManager:
        """What API Manager itself reads from a discovery document: proof that it reaches and trusts the
        server.
        """
        doing = f"Having {self._at} read {well_known_endpoint}"
        form = {"url": (None, well_known_endpoint), "type": (None, kind)}
        try:
            answer = self._json(doing, "POST", "/key-managers/discover", files=form, repeat=True)
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
