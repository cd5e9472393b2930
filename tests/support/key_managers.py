"""The place of one key manager in the stand-in's memory, without HTTP, and the settings that a release
answers with.
"""

from __future__ import annotations

import json
from typing import Any

from testbed.standin.key_managers import KeyManagers
from testbed.standin.releases import RELEASES

KeyManager = dict[str, Any]
NAME = "IS7"


def settings(version: str) -> dict[str, Any]:
    """The answer to GET /settings, as far as key managers are concerned."""
    release = RELEASES[version]
    return {
        "keyManagerConfiguration": release.connectors(),
        **({"orgAccessControlEnabled": False} if release.organizations else {}),
    }


class KeyManagerServer:
    """``sent`` counts what was written."""

    def __init__(self, version: str = "4.7") -> None:
        self._key_managers = KeyManagers(RELEASES[version])
        self.sent = 0

    def post(self, body: KeyManager) -> None:
        self.sent += 1
        self._key_managers.create(json.dumps(body).encode())

    def put(self, body: KeyManager) -> None:
        self.sent += 1
        self._key_managers.replace(body["id"], json.dumps(body).encode())

    def get(self) -> KeyManager | None:
        """With the password masked."""
        return next(
            (
                self._key_managers.get(identifier)
                for identifier, row in self._key_managers.rows.items()
                if row["name"] == NAME
            ),
            None,
        )

    def password(self) -> Any:
        (password,) = (
            row["additionalProperties"].get("Password")
            for row in self._key_managers.rows.values()
            if row["name"] == NAME
        )
        return password
