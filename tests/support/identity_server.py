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

from .api_managers import session
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
    session: requests.Session = dataclasses.field(default_factory=session)

    def start(self) -> None:
        """Start it at its port, and wait until it is ready."""
        self.home.start(int(self.base.rpartition(":")[2]) - 9443)

    def ask(self, method: str, path: str, user: User | None = None, **options: Any) -> requests.Response:
        """Ask for a path of this tenant, as a user, or as nobody."""
        auth = user.basic if user else None
        return self.session.request(method, f"{self.base}{path}", auth=auth, timeout=30, **options)

    def token(self, client: dict[str, Any], **form: str) -> requests.Response:
        """Ask for a token as a registered client."""
        secret = (client["client_id"], client["client_secret"])
        return self.session.post(f"{self.base}/oauth2/token", data=form, auth=secret, timeout=30)

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
        return IdentityServer(self.home, f"{self.base}/t/{domain}", admin, self.session)


@contextlib.contextmanager
def identity_server(folder: Path, toml: str = "", started: bool = True) -> Iterator[IdentityServer]:
    """Lay one out whose deployment.toml ends with this text, and start it; it ends with the block."""
    home = lay_out(IS7, build(CACHE), folder, admin_password=PASSWORD)
    home.deployment_toml.write_text(home.deployment_toml.read_text() + toml)
    server = IdentityServer(home, f"https://localhost:{9443 + free_offset()}")
    try:
        if started:
            server.start()
        yield server
    finally:
        home.stop()
