"""The stand-in itself: what API Manager of a release answers to a request."""

from __future__ import annotations

import base64
import re
import ssl
import threading
from typing import Any
from urllib.parse import parse_qs

from support.web import Says, Seen

from .accounts import SUPER_TENANT, Accounts, User
from .discovery import discover
from .key_managers import KeyManagers
from .refusals import Refused, forbidden
from .releases import RELEASES
from .stored import ROLES

_BASE = re.compile(r"/api/am/admin/v4(?:\.\d+)?(/[^?]*)")
_ONE = re.compile(r"/key-managers/([^/]+)")
_USAGES = re.compile(r"/key-managers/([^/]+)/(app|api)-usages")
_ROLE = re.compile(r"/roles/([A-Za-z0-9_=-]+)")
_SETTINGS = {"apim:admin", "apim:admin_settings"}
_OPERATIONS = {"apim:admin", "apim:admin_operations"}
# What a site's own role for key managers has.
_KEY_MANAGERS = frozenset(
    f"apim:{name}"
    for name in ("keymanagers_manage", "admin_settings", "role_manage", "app_manage", "subscribe")
)
# Which of these scopes a call needs, by its method and path; the first that fits. From WSO2's description of 4.7.
_SCOPES = (
    (r"GET /settings", _SETTINGS),
    (r"HEAD /roles/.*", {"apim:admin", "apim:role_manage"}),
    (r"DELETE /key-managers/.*|GET .*-usages", _OPERATIONS),
    (r".*", _OPERATIONS | {"apim:keymanagers_manage"}),
)


class ApiManager:
    """``answer`` fits support.web.serving.

    ``trust`` is what its own requests trust: nothing, unless said otherwise.
    """

    def __init__(self, release: str, password: str, tenant_password: str = "tenant-admin") -> None:
        self.release = RELEASES[release]
        users = (
            User("admin", password),
            User("joe", "joe123", frozenset()),
            User("kim", "kim123", _KEY_MANAGERS),
            User("ola", "ola123", frozenset({"apim:admin_operations", "apim:admin_settings"})),
            User("admin@tenant1.com", tenant_password),
        )
        self.accounts = Accounts({user.name: user for user in users})
        self.tenants = {user.tenant: KeyManagers(self.release) for user in users}
        self.everywhere = KeyManagers(self.release, everywhere=True)
        self.trust = ssl.create_default_context()
        self.url = ""
        self._lock = threading.Lock()

    @property
    def key_managers(self) -> KeyManagers:
        """Those of the super tenant."""
        return self.tenants[SUPER_TENANT]

    def answer(self, request: Seen) -> Says:
        try:
            return self._answer(request)
        except Refused as exc:
            return Says(exc.status, exc.body)

    def _answer(self, request: Seen) -> Says:
        authorization = request.headers.get("Authorization")
        if request.path == "/client-registration/v0.17/register":
            with self._lock:
                return Says(200, self.accounts.register(authorization, request.body))
        if request.path == "/oauth2/token":
            return Says(*self.accounts.token(authorization, request.body))
        found = _BASE.fullmatch(request.path.partition("?")[0])
        if not found:
            return Says(404, b"", {})
        path = found.group(1)
        call = f"{request.method} {path}"
        scopes = next(scopes for pattern, scopes in _SCOPES if re.fullmatch(pattern, call))
        user = self.accounts.caller(authorization, scopes)
        if request.method == "HEAD":
            return self._role(path)
        key_managers = self.tenants[user.tenant]
        if self.release.usages and path.startswith("/global-key-managers"):
            if request.method != "GET" and user.tenant != SUPER_TENANT:
                raise forbidden()
            key_managers, path = self.everywhere, path.replace("/global-", "/", 1)
        usages = _USAGES.fullmatch(path)
        if self.release.usages and usages:
            asked = parse_qs(request.path.partition("?")[2])
            limit, offset = int(asked.get("limit", ["25"])[0]), int(asked.get("offset", ["0"])[0])
            return Says(200, key_managers.usages(usages.group(1), usages.group(2), limit, offset))
        return self._admin(request, path, key_managers)

    def _admin(self, request: Seen, path: str, key_managers: KeyManagers) -> Says:
        content_type = request.headers.get("Content-Type", "")
        expected = "multipart/form-data" if path == "/key-managers/discover" else "application/json"
        if request.method in ("POST", "PUT") and not content_type.startswith(expected):
            return Says(415, b"", {})
        if path == "/settings" and request.method == "GET":
            return Says(200, self._settings())
        if path == "/key-managers/discover" and request.method == "POST":
            return Says(200, discover(request.body, content_type, self.release, self.trust))
        if path == "/key-managers" and request.method == "GET":
            summaries = key_managers.summaries()
            return Says(200, {"count": len(summaries), "list": summaries})
        if path == "/key-managers" and request.method == "POST":
            made = key_managers.create(request.body)
            # measured: the location lacks the version
            return Says(
                201,
                made,
                {
                    "Content-Type": "application/json",
                    "Location": f"{self.url}/api/am/admin/key-managers/{made['id']}",
                },
            )
        one = _ONE.fullmatch(path)
        if not one:
            return Says(404, b"", {})
        if request.method == "GET":
            everywhere = one.group(1) in self.everywhere.rows  # measured: they are read by either path
            return Says(200, (self.everywhere if everywhere else key_managers).get(one.group(1)))
        if request.method == "PUT":
            return Says(200, key_managers.replace(one.group(1), request.body))
        if request.method == "DELETE":
            key_managers.delete(one.group(1))
            return Says(200, b"", {})
        return Says(405, b"", {})

    @staticmethod
    def _role(path: str) -> Says:
        """HEAD of a role by its name in base64."""
        one = _ROLE.fullmatch(path)
        try:
            name = base64.urlsafe_b64decode(f"{one.group(1)}===").decode() if one else ""
        except ValueError:
            name = ""
        return Says(200 if name in ROLES else 404, b"", {})

    def _settings(self) -> dict[str, Any]:
        return {
            "scopes": sorted(_OPERATIONS | _SETTINGS), "gatewayTypes": [],
            "IsJWTEnabledForLoginTokens": False,
            "keyManagerConfiguration": self.release.connectors(), "analyticsEnabled": False,
            "transactionCounterEnable": False,
            **({"orgAccessControlEnabled": True} if self.release.organizations else {}),
        }  # fmt: skip
