"""The key managers of one tenant, and what can be done to them."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from .bodies import KeyManager, read_key_manager
from .refusals import Refused, bad_request
from .releases import Release
from .stored import accept, keep, names_a_role_twice, show

RESIDENT = "Resident Key Manager"


class KeyManagers:
    """``used`` are the names of those that applications or APIs use, ``applications`` and ``apis`` what those
    are. ``everywhere`` is for the key managers of all tenants, which have no resident one among them.
    """

    def __init__(self, release: Release, everywhere: bool = False) -> None:
        self._release = release
        self._everywhere = everywhere
        self.applications: list[dict[str, str]] = []
        self.apis: list[dict[str, str]] = []
        self._lock = threading.Lock()
        self.used: set[str] = set()
        self._meeting: threading.Barrier | None = None
        self.rows: dict[str, KeyManager] = {}
        resident = {
            "name": RESIDENT,
            "type": "default",
            "description": "This is Resident Key Manager",
            "enabled": True,
            "enableTokenGeneration": True,
        }
        if not everywhere:
            self._store(resident, None, str(uuid.uuid4()))

    def usages(self, identifier: str, kind: str, limit: int, offset: int) -> dict[str, Any]:
        """GET /key-managers/{id}/app-usages and api-usages."""
        used = self._row(identifier)["name"] in self.used
        member, count = {"app": ("applications", "applicationCount"), "api": ("apis", "apiCount")}[kind]
        found = getattr(self, member) if used else []
        return {count: len(found), member: found[offset : offset + limit]}

    def summaries(self) -> list[KeyManager]:
        """GET /key-managers."""
        usage = {"isGlobal": self._everywhere} if self._release.usages else {}
        return [
            {
                **{name: row[name] for name in ("id", "name", "type", "description", "enabled", "tokenType")},
                **usage,
                **({"isUsed": row["name"] in self.used} if usage else {}),
            }
            for row in sorted(self.rows.values(), key=lambda row: str(row["name"]))
        ]

    def get(self, identifier: str) -> KeyManager:
        return show(self._row(identifier), self._release)

    def create(self, raw: bytes) -> KeyManager:
        body = read_key_manager(raw, self._release)
        accept(body, self._release, replacing=False)
        taken = self._taken(body["name"])
        if self._meeting:
            self._meeting.wait(20)
        if taken:
            raise Refused(409, 901402, "Key Manager Already Exists")
        identifier = str(uuid.uuid4())
        with self._lock:
            if self._taken(body["name"]) or names_a_role_twice(
                body
            ):  # measured: the answer names an id that does not exist
                return keep(body, None, identifier, self._release)
            return self._store(body, None, identifier)

    def meet(self, creations: int) -> None:
        """Let the next so many creations all find their name free before one is stored."""
        self._meeting = threading.Barrier(creations, lambda: setattr(self, "_meeting", None))

    def replace(self, identifier: str, raw: bytes) -> KeyManager:
        body = read_key_manager(raw, self._release)
        with self._lock:
            old = self._row(identifier)
            if body["name"] != old["name"]:
                raise bad_request("Key Manager name couldn't able to change")
            accept(body, self._release, replacing=True)
            return self._store(body, old, identifier)

    def delete(self, identifier: str) -> None:
        with self._lock:
            row = self._row(identifier)
            if row["name"] == RESIDENT or (self._release.usages and row["name"] in self.used):
                raise Refused(
                    412, 902015, "Key Manager Delete error", "Error while deleting the Key Manager. %s"
                )
            del self.rows[identifier]

    def _store(self, body: KeyManager, old: KeyManager | None, identifier: str) -> KeyManager:
        self.rows[identifier] = keep(body, old, identifier, self._release)
        return self.rows[identifier]

    def _taken(self, name: str) -> bool:
        return any(row["name"] == name for row in self.rows.values())

    def _row(self, identifier: str) -> KeyManager:
        if identifier not in self.rows:
            status, code = self._release.not_found
            raise Refused(status, code, "Key Manager not Found", "Key Manager not found")
        return self.rows[identifier]
