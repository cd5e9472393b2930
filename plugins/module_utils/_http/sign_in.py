# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the ways to sign in to API Manager, one class each, and the table of them.

A further way is a further class here and its name in ``METHODS``; the options that it has are then options of
every module that speaks to API Manager. No Ansible import.
"""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t

from .._problem import Problem, option
from .client import Authenticator, HttpClient, Server
from .errors import HttpError
from .text import told

Options = t.Mapping[str, t.Any]

REGISTRATION = "/client-registration/v0.17/register"
TOKEN = "/oauth2/token"
CLIENT_NAME = "carbonops.wso2"

# b64token of RFC 6750, 2.1.
_BEARER_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


class Method(t.Protocol):
    """A class that is a way to sign in: what ``auth`` calls it, and its options as Ansible takes them."""

    auth: t.ClassVar[str]
    options: t.ClassVar[dict[str, dict[str, t.Any]]]

    @classmethod
    def from_options(cls, options: Options, server: Server, scopes: str) -> Authenticator:
        """The authenticator of these options, for these scopes. Raises Problem where something is missing."""


@dataclasses.dataclass(frozen=True)
class Basic:
    """HTTP Basic authentication, in UTF-8 as RFC 7617 has it. Raises Problem for what it cannot carry."""

    auth: t.ClassVar[str] = "basic"
    options: t.ClassVar[dict[str, dict[str, t.Any]]] = {
        "username": {"type": "str", "default": "admin"},
        "password": {"type": "str", "no_log": True},
    }

    username: str
    password: str = dataclasses.field(repr=False)
    advice: str = "check the user name and password, and that the user has the rights"

    def __post_init__(self) -> None:
        if ":" in self.username:
            raise Problem(
                f"The user name or client id '{self.username}' has a colon, which ends it in HTTP Basic"
                " authentication",
                advice="give another one",
            )
        for name, value in (("user name", self.username), ("password", self.password)):
            if not _is_utf8(value):
                raise Problem(f"The {name} is no text that UTF-8 can hold", advice="correct it")

    @classmethod
    def from_options(cls, options: Options, server: Server, scopes: str) -> Basic:
        return _user(options, cls.auth)

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.password, self._encoded

    @property
    def _encoded(self) -> str:
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    def authorization(self) -> str | None:
        return f"Basic {self._encoded}"

    def renew(self) -> bool:
        return False


@dataclasses.dataclass(frozen=True)
class Bearer:
    """A token that somebody else got. Raises Problem for text that is none."""

    auth: t.ClassVar[str] = "token"
    options: t.ClassVar[dict[str, dict[str, t.Any]]] = {"token": {"type": "str", "no_log": True}}

    token: str = dataclasses.field(repr=False)
    advice: str = "check that the token is still good and has the scopes"

    def __post_init__(self) -> None:
        if not is_token(self.token):
            raise Problem(
                "token holds characters that no access token has",
                advice="give the token alone, without quotes or the word Bearer",
            )

    @classmethod
    def from_options(cls, options: Options, server: Server, scopes: str) -> Bearer:
        token = (options["token"] or "").strip()
        if not token:
            raise Problem("auth is token, but there is none", advice=f"give {option('token')}")
        return cls(token)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token,)

    def authorization(self) -> str | None:
        return f"Bearer {self.token}"

    def renew(self) -> bool:
        return False


class OAuth2:
    """A token of a user by the password grant, got when one is first needed, and again when it has run out.

    ``scopes`` are those that may be of use. API Manager leaves out what the user has no right to, so what a
    call lacks shows where the call is refused.

    Without ``registered``, the id and secret of a client that is there, one is registered for the user. Its
    name is always the same, so that each run finds it again.
    """

    auth: t.ClassVar[str] = "oauth2"
    options: t.ClassVar[dict[str, dict[str, t.Any]]] = {
        **Basic.options,
        "client_id": {"type": "str"},
        "client_secret": {"type": "str", "no_log": True},
    }

    def __init__(self, client: HttpClient, user: Basic, scopes: str, registered: Basic | None = None) -> None:
        self._client = client
        self._user = user
        self._scopes = scopes
        self._registered = registered
        self._token: str | None = None
        self._granted: list[str] | None = None

    @property
    def advice(self) -> str:
        check = f"check that {self._user.username} has the rights"
        if self._granted is None or set(self._granted) >= set(self._scopes.split()):
            return check
        plural = "s" if len(self._granted) > 1 else ""
        return f"the token was granted the scope{plural} {told(', '.join(self._granted))} alone, so {check}"

    @classmethod
    def from_options(cls, options: Options, server: Server, scopes: str) -> OAuth2:
        user = _user(options, cls.auth)
        client_id, client_secret = options["client_id"], options["client_secret"]
        if bool(client_id) != bool(client_secret):
            raise Problem("client_id and client_secret belong together", advice="give both, or neither")
        registered = _client(client_id, client_secret) if client_id else None
        return cls(HttpClient(server), user, scopes, registered)

    @property
    def secrets(self) -> tuple[str, ...]:
        of_client = self._registered.secrets if self._registered else ()
        return (*self._user.secrets, *of_client, *([self._token] if self._token else []))

    def authorization(self) -> str:
        if self._token is None:
            self._client.hide(self._user.secrets)
            if self._registered is None:
                self._registered = self._register()
            self._token = self._get_token(self._registered)
        return f"Bearer {self._token}"

    def renew(self) -> bool:
        self._token = None
        return True

    def _register(self) -> Basic:
        """Registration can answer 500 for a while after API Manager's boot."""
        doing = f"Registering an OAuth2 client of {self._user.username} in {self._client.server.url}"
        wanted = {
            "callbackUrl": "",
            "clientName": CLIENT_NAME,
            "owner": self._user.username,
            "grantType": "password",
            "saasApp": True,
        }
        made = self._client.json(
            doing, "POST", REGISTRATION, (200, 201), json=wanted, authenticator=self._user, until_ready=True
        )
        client_id, client_secret = made.get("clientId"), made.get("clientSecret")
        if not _is_text(client_id) or not _is_text(client_secret):
            raise HttpError(
                f"{doing} failed",
                "the answer holds no client",
                "look at API Manager's log, or give client_id and client_secret",
            )
        return _client(str(client_id), str(client_secret))

    def _get_token(self, registered: Basic) -> str:
        doing = f"Asking {self._client.server.url} for a token of {self._user.username}"
        form = {
            "grant_type": "password",
            "username": self._user.username,
            "password": self._user.password,
            "scope": self._scopes,
        }
        answer = self._client.json(doing, "POST", TOKEN, data=form, authenticator=registered, repeat=True)
        token = answer.get("access_token")
        if not is_token(token):
            raise HttpError(f"{doing} failed", "the answer holds none", "look at API Manager's log")
        granted = answer.get("scope")
        self._granted = sorted(granted.split()) if isinstance(granted, str) else None
        return str(token)


METHODS: dict[str, type[Method]] = {method.auth: method for method in (Basic, OAuth2, Bearer)}

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "auth": {"type": "str", "choices": [*METHODS], "default": Basic.auth},
    **{name: option for method in METHODS.values() for name, option in method.options.items()},
}
SECRETS = tuple(name for name, option in ARGUMENTS.items() if option.get("no_log"))


def authenticator(options: Options, server: Server, scopes: str) -> Authenticator:
    """The way to sign in that ``auth`` names. Raises Problem where something for it is missing."""
    auth = options["auth"]
    if auth == Basic.auth and options["password"] is None and options["token"]:
        auth = Bearer.auth  # where automation platforms give a token alone
    return METHODS[auth].from_options(options, server, scopes)


def is_token(value: t.Any) -> bool:
    """Whether it can be sent as a bearer token."""
    return isinstance(value, str) and bool(_BEARER_TOKEN.fullmatch(value))


def _user(options: Options, auth: str) -> Basic:
    """The user of the options. Raises Problem where there is no password."""
    if options["password"] is None:
        raise Problem(f"auth is {auth}, but there is no password", advice=f"give {option('password')}")
    return Basic(options["username"], options["password"])


def _client(client_id: str, client_secret: str) -> Basic:
    return Basic(client_id, client_secret, "check client_id and client_secret")


def _is_text(value: t.Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_utf8(text: str) -> bool:
    """Python also has texts with halves of characters in them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
