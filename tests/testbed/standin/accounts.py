"""Who may call: users of tenants, clients registered by them, and tokens that end."""

from __future__ import annotations

import base64
import dataclasses
import json
import time
import uuid
from typing import Any
from urllib.parse import parse_qs

from .refusals import bad_request, internal, unauthenticated

SUPER_TENANT = "carbon.super"
# The scopes that are known here; the role admin has them all.
SCOPES = frozenset(
    f"apim:{name}"
    for name in (
        "admin", "admin_operations", "admin_settings", "keymanagers_manage", "role_manage", "app_manage",
        "subscribe",
    )
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class User:
    """A user by the name that signs in; the part after @ is the tenant. ``scopes`` are those of his roles."""

    name: str
    password: str = dataclasses.field(repr=False)
    scopes: frozenset[str] = SCOPES

    @property
    def tenant(self) -> str:
        return self.name.partition("@")[2] or SUPER_TENANT


@dataclasses.dataclass(frozen=True)
class Client:
    """An OAuth client of this server."""

    name: str
    owner: str
    grant_types: tuple[str, ...]
    identifier: str
    secret: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Token:
    """An access token, good until a moment of time.monotonic()."""

    user: User
    scopes: frozenset[str]
    until: float


@dataclasses.dataclass
class Accounts:
    """``lifetime`` of tokens in seconds; ``failing_registrations`` is how many times registration still
    answers 500, as after a boot.
    """

    users: dict[str, User]
    lifetime: float = 3600
    failing_registrations: int = 0
    clients: dict[tuple[str, str], Client] = dataclasses.field(default_factory=dict)
    tokens: dict[str, Token] = dataclasses.field(default_factory=dict)

    def caller(self, authorization: str | None, scopes: set[str]) -> User:
        """Who calls, by Basic credentials or a token, with one of these scopes.

        Raises Refused.
        """
        scheme, separator, credentials = (authorization or "").partition(" ")
        if scheme == "Bearer" and separator:
            token = self.tokens.get(credentials.strip())
            if token and token.until > time.monotonic() and token.scopes & scopes:
                return token.user
            raise unauthenticated()
        user = self._basic_user(authorization)
        if not user.scopes & scopes:
            raise unauthenticated()
        return user

    def revoke_tokens(self) -> None:
        """As if every token's time had run out."""
        self.tokens.clear()

    def register(self, authorization: str | None, body: bytes) -> dict[str, Any]:
        """POST /client-registration/v0.17/register: one name of one owner is one client, however often."""
        if self.failing_registrations > 0:
            self.failing_registrations -= 1
            raise internal()
        user = self._basic_user(authorization)
        wanted = json.loads(body)
        if not wanted.get("clientName"):
            raise bad_request("Client name is missing")
        owner = wanted.get("owner") or user.name
        made = Client(
            wanted["clientName"],
            owner,
            tuple(wanted.get("grantType", "").split()),
            uuid.uuid4().hex,
            uuid.uuid4().hex,
        )
        client = self.clients.setdefault((made.name, made.owner), made)
        return {
            "clientId": client.identifier, "clientName": client.name,
            "callBackURL": wanted.get("callbackUrl"), "clientSecret": client.secret,
            "isSaasApplication": bool(wanted.get("saasApp")), "appOwner": client.owner,
            "jsonString": json.dumps({"grant_types": " ".join(client.grant_types)}), "jsonAppAttribute": "{}",
            "tokenType": None,
        }  # fmt: skip

    def token(self, authorization: str | None, body: bytes) -> tuple[int, dict[str, Any]]:
        """POST /oauth2/token: (status, body)."""
        identifier, secret = _basic(authorization) or ("", "")
        client = next(
            (
                item
                for item in self.clients.values()
                if (item.identifier, item.secret) == (identifier, secret)
            ),
            None,
        )
        if client is None:
            return 401, _error("invalid_client", "Client Authentication failed.")
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form.get("grant_type") not in ("password", "client_credentials"):
            return 400, _error("unsupported_grant_type", "Unsupported grant_type value")
        if form["grant_type"] not in client.grant_types:
            return 400, _error(
                "unauthorized_client",
                "The authenticated client is not authorized to use this authorization grant type",
            )
        name = form.get("username", "") if form["grant_type"] == "password" else client.owner
        user = self.users.get(name)
        if user is None or (form["grant_type"] == "password" and form.get("password") != user.password):
            return 400, _error("invalid_grant", f"Authentication failed for {name}")
        # A scope that the user has no right to is left out, not refused.
        scopes = user.scopes & set(form.get("scope", "").split()) or frozenset({"default"})
        value = str(uuid.uuid4())
        self.tokens[value] = Token(user, scopes, time.monotonic() + self.lifetime)
        answer = {
            "access_token": value,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "expires_in": int(self.lifetime),
        }
        return 200, {
            **answer,
            **({"refresh_token": str(uuid.uuid4())} if form["grant_type"] == "password" else {}),
        }

    def _basic_user(self, authorization: str | None) -> User:
        name, password = _basic(authorization) or ("", "")
        user = self.users.get(name)
        if user is None or user.password != password:
            raise unauthenticated()
        return user


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, separator, encoded = (authorization or "").partition(" ")
    if scheme != "Basic" or not separator:
        return None
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None


def _error(error: str, description: str) -> dict[str, Any]:
    return {"error": error, "error_description": description}
