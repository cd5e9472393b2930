"""What is given for a key manager, and its place in the stand-in's memory, without HTTP; the settings that a
release answers with.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.carbonops.wso2.plugins.module_utils._apim.wanted import Given
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


def given_for(url: str, password: str, **changes: Any) -> Given:
    """What a user gives at the least for an Identity Server 7."""
    usual = {
        "name": NAME,
        "type": "WSO2-IS-7",
        "is7_url": url,
        "fields": {},
        "connector": {"Username": "admin"},
        "secrets": {"Password": password},
    }
    return Given(**{**usual, **changes})


def made_for_older_server(url: str, password: str) -> KeyManager:
    """A key manager as the page for Identity Server before 7 has it filled in."""
    return {
        "name": NAME,
        "type": "WSO2-IS",
        "displayName": "Corporate login",
        "description": "made in 2021",
        "enabled": True,
        "enableTokenGeneration": True,
        "enableOAuthAppCreation": True,
        "issuer": f"{url}/oauth2/token",
        "tokenEndpoint": f"{url}/oauth2/token",
        "introspectionEndpoint": f"{url}/oauth2/introspect",
        "revokeEndpoint": f"{url}/oauth2/revoke",
        "clientRegistrationEndpoint": f"{url}/keymanager-operations/dcr/register",
        "userInfoEndpoint": f"{url}/keymanager-operations/user-info/claims/generate",
        "scopeManagementEndpoint": f"{url}/api/identity/oauth2/v1.0/scopes",
        "claimMapping": [{"remoteClaim": "http://wso2.org/claims/role", "localClaim": "roles"}],
        "permissions": {"permissionType": "ALLOW", "roles": ["admin"]},
        "additionalProperties": {
            "Username": "keyadmin",
            "Password": password,
            "km_admin_as_app_owner": ["Use as Application Owner"],
        },
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
