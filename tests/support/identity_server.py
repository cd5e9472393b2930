"""The test bed's Identity Server alone: started for tests of its own, asked as anybody would, with tenants."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from testbed.homes import IS7, Home, lay_out
from testbed.is7.build import build

from .site import CACHE, free_offset

PASSWORD = "Quite-S3cret.pw"


@dataclasses.dataclass(frozen=True)
class User:
    """A user by name and password; one of a tenant signs in as name@domain."""

    name: str
    password: str = dataclasses.field(repr=False)

    @property
    def basic(self) -> tuple[str, str]:
        return self.name, self.password


ADMIN = User("admin", PASSWORD)


@dataclasses.dataclass(frozen=True)
class IdentityServer:
    """``base`` is its URL, with a tenant's path if it is one of its tenants."""

    home: Home
    base: str
    admin: User = ADMIN

    def ask(self, method: str, path: str, user: User | None = None, **options: Any) -> requests.Response:
        """Ask for a path of this tenant, as a user, or as nobody."""
        auth = user.basic if user else None
        return requests.request(method, f"{self.base}{path}", auth=auth, verify=False, timeout=30, **options)

    def token(self, client: dict[str, Any], **form: str) -> requests.Response:
        """Ask for a token as a registered client."""
        secret = (client["client_id"], client["client_secret"])
        return requests.post(f"{self.base}/oauth2/token", data=form, auth=secret, verify=False, timeout=30)

    def register(self, name: str, *grants: str, **more: Any) -> dict[str, Any]:
        """Register a client for these grants."""
        body = {"client_name": name, "grant_types": list(grants), **more}
        answer = self.ask("POST", "/api/identity/oauth2/dcr/v1.1/register", self.admin, json=body)
        answer.raise_for_status()
        client: dict[str, Any] = answer.json()
        return client

    def make_tenant(self, domain: str, password: str = "Tenant-S3cret.pw") -> IdentityServer:
        """Make a tenant, whose administrator is tenant-admin, and return it."""
        owner = {
            "username": "tenant-admin", "password": password, "email": f"admin@{domain}",
            "firstname": "Tenant", "lastname": "Admin", "provisioningMethod": "inline-password",
        }  # fmt: skip
        body = {"domain": domain, "owners": [owner]}
        self.ask("POST", "/api/server/v1/tenants", self.admin, json=body).raise_for_status()
        admin = User(f"tenant-admin@{domain}", password)
        return IdentityServer(self.home, f"{self.base}/t/{domain}", admin)


@contextlib.contextmanager
def identity_server(folder: Path, toml: str = "") -> Iterator[IdentityServer]:
    """Start one whose deployment.toml ends with this text, until the block ends."""
    home = lay_out(IS7, build(CACHE), folder, admin_password=PASSWORD)
    home.deployment_toml.write_text(home.deployment_toml.read_text() + toml)
    offset = free_offset()
    try:
        home.start(offset)
        yield IdentityServer(home, f"https://localhost:{9443 + offset}")
    finally:
        home.stop()
