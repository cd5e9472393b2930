"""API Manager's portal with one key manager, and an Identity Server that signs, as far as a proof needs them:
each does as a test tells it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .modules import Outcome, RunningModule, run_module, start_module
from .tokens import Signer
from .web import Says, Seen, Web, serving

PASSWORD = "Geheim-apim"
IS7_PASSWORD = "Geheim-is7"
SECRET = "Geheim-client"
USER_PASSWORD = "Geheim-joe"
OWNER = "admin"
_PORTAL = "/api/am/devportal/v3"
_ADMIN = "/api/am/admin/v4"


@dataclass
class Portal:
    """API Manager. ``tiers`` are its application tiers; what is set of the others is what it answers."""

    key_manager: dict[str, Any] = field(default_factory=dict)
    tiers: list[str] = field(default_factory=lambda: ["10PerMin", "Unlimited"])
    status: str = "APPROVED"
    owner: str = OWNER
    delete_status: int = 200
    # One for each key generation, the last for all further ones.
    keys: list[Says] = field(default_factory=lambda: [Says(body=keys_answer())])
    # What is answered in place of the portal's own answer, by method and last part of the path.
    instead: dict[str, Says | None] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    applications: dict[str, dict[str, Any]] = field(default_factory=dict)
    generated: int = 0

    def answer(self, seen: Seen) -> Says | None:
        path = urlsplit(seen.path).path
        last = path.rsplit("/", 1)[-1]
        time.sleep(self.slow.get(f"{seen.method} {last}", self.slow.get(seen.method, 0)))
        if f"{seen.method} {last}" in self.instead:
            if seen.method == "POST" and last == "applications":
                self._create(json.loads(seen.body))
            return self.instead[f"{seen.method} {last}"]
        if path == f"{_ADMIN}/key-managers":
            return Says(body={"list": [{"id": "1", "name": self.key_manager.get("name", "IS7")}]})
        if path == f"{_ADMIN}/key-managers/1":
            return Says(body=self.key_manager)
        if path == f"{_PORTAL}/throttling-policies/application":
            return Says(body={"count": len(self.tiers), "list": [{"name": name} for name in self.tiers]})
        return self._applications(seen, path)

    def _applications(self, seen: Seen, path: str) -> Says:
        if path == f"{_PORTAL}/applications" and seen.method == "POST":
            return self._create(json.loads(seen.body))
        if path == f"{_PORTAL}/applications":
            return self._list(parse_qs(urlsplit(seen.path).query))
        if path.endswith("/generate-keys"):
            says = self.keys[min(self.generated, len(self.keys) - 1)]
            self.generated += 1
            return says
        found = re.fullmatch(f"{_PORTAL}/applications/([^/]+)", path)
        if not found or found.group(1) not in self.applications:
            return Says(404, {"code": 404})
        if self.delete_status in (201, 202):
            self.applications[found.group(1)]["status"] = "DELETE_PENDING"
        elif self.delete_status < 300:
            del self.applications[found.group(1)]
        return Says(self.delete_status)

    def _create(self, body: dict[str, Any]) -> Says:
        if body["throttlingPolicy"] not in self.tiers:
            return Says(400, {"code": 900425, "message": "Specified tier is invalid"})
        identifier = f"a{len(self.applications)}-{body['name'][-4:]}"
        more = {"applicationId": identifier, "status": self.status, "owner": self.owner}
        self.applications[identifier] = {**body, **more}
        return Says(201, self.applications[identifier])

    def _list(self, query: dict[str, list[str]]) -> Says:
        wanted, offset, limit = query.get("query", [""])[0], int(query["offset"][0]), int(query["limit"][0])
        found = [item for item in self.applications.values() if wanted in item["name"]]
        return Says(body={"count": len(found), "list": found[offset : offset + limit]})


@dataclass
class IdentityServer:
    """``claims`` and ``header`` go over the usual ones, None takes one out; ``keys`` is the JWKS, ``answers``
    are in place of the server's own, by the path's last part.
    """

    signer: Signer = field(default_factory=Signer)
    keys: list[dict[str, Any]] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    answers: dict[str, Says | None] = field(default_factory=dict)

    def answer(self, seen: Seen) -> Says | None:
        last = urlsplit(seen.path).path.rsplit("/", 1)[-1]
        if last in self.answers:
            return self.answers[last]
        if last == "token":
            return self._token(seen)
        if last == "jwks":
            return Says(body={"keys": [self.signer.jwk()] if self.keys is None else self.keys})
        if last == "introspect":
            return Says(body={"active": True, "client_id": "client"})
        if last == "Me":
            return Says(body={"userName": "joe"})
        return Says(body={"totalResults": 3})

    def _token(self, seen: Seen) -> Says:
        grant = parse_qs(seen.body.decode())["grant_type"][0]
        now = int(time.time())
        claims = {
            "iss": f"http://{seen.headers['Host']}/oauth2/token", "azp": "client", "aud": "client", "nbf": now,
            "exp": now + 60, **self.claims,
        }  # fmt: skip
        signed = self.signer.sign({k: v for k, v in claims.items() if v is not None}, **self.header)
        body = {"access_token": self.token or signed, "token_type": "Bearer", "expires_in": 60}
        return Says(body={**body, **({} if grant == "client_credentials" else {"refresh_token": "Geheim-r"})})


@dataclass
class ProofSite:
    """Both servers, a third one that is a stranger, and the module on them."""

    apim: Web
    is7: Web
    elsewhere: Web
    portal: Portal
    identity: IdentityServer
    stranger: IdentityServer

    @property
    def key_manager(self) -> dict[str, Any]:
        return self.portal.key_manager

    def options(self, **options: Any) -> dict[str, Any]:
        given = {
            "apim_url": self.apim.url, "password": PASSWORD, "name": "IS7", "is7_password": IS7_PASSWORD,
            "ready_timeout": 0, "timeout": 5,
        }  # fmt: skip
        return {name: value for name, value in {**given, **options}.items() if value is not None}

    def check(self, check: bool = False, **options: Any) -> Outcome:
        outcome = run_module("apim_key_manager_check", check=check, **self.options(**options))
        assert "Geheim" not in outcome.output
        for token in self.tokens():
            assert token not in outcome.output
        return outcome

    def start(self, **options: Any) -> RunningModule:
        return start_module("apim_key_manager_check", **self.options(**options))

    def tokens(self) -> set[str]:
        """Those that were introspected, revoked or sent to user information."""
        found = set()
        for seen in self.is7.seen:
            found |= set(
                re.findall(r"(?:Bearer |token=)([\w.-]{20,})", f"{seen.headers} {seen.body.decode()}")
            )
        return found

    def requests(self) -> int:
        return len(self.apim.seen) + len(self.is7.seen) + len(self.elsewhere.seen)

    def made(self) -> list[str]:
        """The names of the applications that were asked for."""
        return [
            json.loads(seen.body)["name"]
            for seen in self.apim.seen
            if seen.method == "POST" and seen.path.endswith("/applications")
        ]


def status_of(outcome: Outcome) -> dict[str, str]:
    """Stage -> status."""
    return {stage["name"]: stage["status"] for stage in outcome["stages"]}


def stage(outcome: Outcome, name: str) -> dict[str, Any]:
    (found,) = (stage for stage in outcome["stages"] if stage["name"] == name)
    return dict(found)


def keys_answer(**more: Any) -> dict[str, Any]:
    """What a key generation answers."""
    return {"consumerKey": "client", "consumerSecret": SECRET, "keyState": "APPROVED", **more}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@contextlib.contextmanager
def proof_site() -> Iterator[ProofSite]:
    portal, identity, stranger = Portal(), IdentityServer(), IdentityServer(Signer(number=1))
    with (
        serving(portal.answer) as apim,
        serving(identity.answer) as is7,
        serving(stranger.answer) as elsewhere,
    ):
        portal.key_manager = {
            "id": "1", "name": "IS7", "type": "WSO2-IS-7", "enabled": True, "tokenType": "DIRECT",
            "enableOAuthAppCreation": True, "consumerKeyClaim": "azp",
            "issuer": f"{is7.url}/oauth2/token",
            "tokenEndpoint": f"{is7.url}/oauth2/token",
            "introspectionEndpoint": f"{is7.url}/oauth2/introspect",
            "revokeEndpoint": f"{is7.url}/oauth2/revoke",
            "userInfoEndpoint": f"{is7.url}/scim2/Me",
            "certificates": {"type": "JWKS", "value": f"{is7.url}/oauth2/jwks"},
            "additionalProperties": {
                "Username": "admin",
                "api_resource_management_endpoint": f"{is7.url}/api/server/v1/api-resources",
                "is7_roles_endpoint": f"{is7.url}/scim2/v2/Roles",
            },
        }  # fmt: skip
        yield ProofSite(apim, is7, elsewhere, portal, identity, stranger)
