"""The two tiers that the key manager modules are tested on:

WSO2's own classes, and the stand-in for what those cannot do here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from testbed.apim.build import build as build_apim
from testbed.homes import APIM, keytool, lay_out
from testbed.standin.api_manager import ApiManager as StandIn
from testbed.standin.discovery import form_of

from .certificates import self_signed
from .modules import Outcome, run_module
from .openapi import AdminApiDocument
from .site import CACHE, free_offset
from .web import Says, Seen, serving

PASSWORD = "Adm1n.of-apim"
CONNECTOR_PASSWORD = "C0nnector.of-is7"
IS7 = "https://is7.example:9444"
ADMIN_API = "/api/am/admin/v4"
# How the tests' own requests are told from the modules'.
TESTS = "tests"


class _Unverified(HTTPAdapter):
    """One TLS context for all connections: making one costs more than a request."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


def session() -> requests.Session:
    """For requests past the modules: no certificate is verified, and nothing comes from the environment."""
    made = requests.Session()
    made.trust_env = False
    made.verify = False
    made.headers["User-Agent"] = TESTS
    made.mount("https://", _Unverified())
    return made


@dataclass(eq=False)
class ApiManager:
    """One server, the modules speaking to it, and requests past them.

    ``tls`` are the options by which the modules trust it.
    """

    tier: str
    url: str
    tls: dict[str, str]
    stand_in: StandIn | None = None
    exchanges: list[tuple[Seen, Says]] = field(default_factory=list)
    told: int = 0
    session: requests.Session = field(default_factory=session)

    def run(self, module: str = "apim_key_manager", check: bool = False, **options: Any) -> Outcome:
        given = {"apim_url": self.url, "password": PASSWORD, **self.tls, "name": "IS7", **options}
        outcome = run_module(module, check=check, **given)
        for secret in (PASSWORD, CONNECTOR_PASSWORD):
            assert secret not in outcome.output
        return outcome

    def register(self, check: bool = False, **options: Any) -> Outcome:
        connector = {"username": "admin", "password": CONNECTOR_PASSWORD}
        return self.run(check=check, **{"is7_url": IS7, "connector_configuration": connector, **options})

    def stored(self, name: str = "IS7") -> dict[str, Any]:
        """The key manager as the server shows it, asked past the modules; empty where there is none."""
        found = [
            item["id"] for item in self.request("GET", "/key-managers").json()["list"] if item["name"] == name
        ]
        return self.request("GET", f"/key-managers/{found[0]}").json() if found else {}

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request of the Admin REST API; ``path`` begins behind the version."""
        return self.session.request(
            method, self.url + ADMIN_API + path, **{"auth": ("admin", PASSWORD), "timeout": 30, **options}
        )

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of what the modules sent since the last call that changes something; of the stand-in
        only, empty on the other tier.
        """
        new = self.exchanges[self.told :]
        self.told += len(new)
        return [
            (seen.method, seen.path.removeprefix(ADMIN_API))
            for seen, _says in new
            if _is_of_a_module(seen) and seen.method not in ("GET", "HEAD")
        ]

    def faults(self, document: AdminApiDocument) -> list[str]:
        """What of the modules' requests since the last call, and of the answers, is not as the description
        says.
        """
        found: list[str] = []
        for seen, says in filter(lambda exchange: _is_of_a_module(exchange[0]), self.exchanges):
            path = seen.path.removeprefix(ADMIN_API)
            kind = seen.headers.get("Content-Type", "")
            body = form_of(seen.body, kind) if kind.startswith("multipart/") else body_of(seen.body)
            found += document.faults_of_request(seen.method, path, kind, body)
            found += document.faults_of_answer(seen.method, path, says.status, says.body or None)
        self.exchanges.clear()
        self.told = 0
        return found

    def clear(self) -> None:
        """Delete every key manager but API Manager's own."""
        for item in self.request("GET", "/key-managers").json()["list"]:
            if item["type"] != "default" or item["name"] != "Resident Key Manager":
                self.request("DELETE", f"/key-managers/{item['id']}")


def _is_of_a_module(seen: Seen) -> bool:
    return seen.headers.get("User-Agent") != TESTS and seen.path.startswith(ADMIN_API)


@contextlib.contextmanager
def wso2_classes(folder: Path, connector: str = "2.1.3") -> Iterator[ApiManager]:
    """A home of the test bed in this folder, started; its connector of a given version."""
    home = lay_out(APIM, build_apim(CACHE), folder, admin_password=PASSWORD)
    if connector != "2.1.3":
        home.deployment_toml.write_text(
            f'{home.deployment_toml.read_text()}\n[testbed]\nconnector = "{connector}"\n'
        )
    offset = free_offset()
    home.start(offset)
    ca_path = folder / "apim.pem"
    ca_path.write_text(
        keytool("-exportcert", "-rfc", "-alias", "wso2carbon", "-keystore", str(home.keystore))
    )
    try:
        yield ApiManager("wso2-classes", f"https://localhost:{9443 + offset}", {"ca_path": str(ca_path)})
    finally:
        home.stop()


@contextlib.contextmanager
def stand_in(release: str = "4.7") -> Iterator[ApiManager]:
    """The stand-in for a release."""
    server = StandIn(release, PASSWORD)
    certificate = self_signed()
    exchanges: list[tuple[Seen, Says]] = []

    def answer(seen: Seen) -> Says:
        says = server.answer(seen)
        exchanges.append((seen, says))
        return says

    with serving(answer, certificate, keep_alive=True) as web:
        server.url = web.url
        yield ApiManager(
            "stand-in",
            web.url,
            {"server_cert_sha256": hashlib.sha256(certificate.der).hexdigest()},
            server,
            exchanges,
        )


def body_of(raw: bytes) -> Any:
    """The JSON of a request or answer, None where there is none."""
    return json.loads(raw) if raw else None


def client_of(apim: ApiManager) -> dict[str, str]:
    """A client registered past the modules, as their options."""
    wanted = {
        "callbackUrl": "",
        "clientName": "somebody's",
        "owner": "admin",
        "grantType": "password",
        "saasApp": True,
    }
    made = apim.session.post(
        f"{apim.url}/client-registration/v0.17/register", auth=("admin", PASSWORD), json=wanted, timeout=30
    ).json()
    return {"client_id": made["clientId"], "client_secret": made["clientSecret"]}


def token_of(apim: ApiManager, scope: str = "apim:admin") -> str:
    """A token of the administrator, for a client registered past the modules."""
    client = client_of(apim)
    form = {"grant_type": "password", "username": "admin", "password": PASSWORD, "scope": scope}
    auth = (client["client_id"], client["client_secret"])
    answer = apim.session.post(f"{apim.url}/oauth2/token", auth=auth, data=form, timeout=30)
    return str(answer.json()["access_token"])
