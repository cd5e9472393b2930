# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: how the modules that speak to an API take their arguments and report
an error."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._http.client import REQUESTS_ERROR, HttpClient, Server, Tls, check_url
from .._http.sign_in import Authenticator, Basic, Bearer
from .._module import take_secret
from .._problem import Problem
from .oauth2 import OAuth2

# For key managers; the developer portal wants more.
ADMIN_SCOPES = "apim:admin"
PORTAL_SCOPES = "apim:admin apim:app_manage apim:subscribe"

APIM_ARGUMENTS: dict[str, t.Any] = {
    "apim_url": {"type": "str", "default": "https://localhost:9443"},
    "auth": {"type": "str", "choices": ["basic", "oauth2", "token"], "default": "basic"},
    "username": {"type": "str", "default": "admin"},
    "password": {"type": "str", "no_log": True},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "server_cert_sha256": {"type": "str"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path"},
    "use_proxy": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 30},
}


def tls_of(options: dict[str, t.Any], prefix: str = "") -> Tls:
    """The TLS options, whose names may have a prefix. Raises Problem for a fingerprint that is none."""
    pin = options[f"{prefix}server_cert_sha256"]
    if pin:
        pin = pin.replace(":", "").lower()
        if len(pin) != 64 or set(pin) - set("0123456789abcdef"):
            raise Problem(
                f"{prefix}server_cert_sha256 is not a SHA-256 fingerprint",
                advice="give 64 hexadecimal digits",
            )
    client_cert, client_key = options.get(f"{prefix}client_cert"), options.get(f"{prefix}client_key")
    if client_key and not client_cert:
        raise Problem(f"{prefix}client_key is the key of {prefix}client_cert", advice="give that too")
    return Tls(
        options[f"{prefix}validate_certs"], options[f"{prefix}ca_path"], pin or None, client_cert, client_key
    )


def require_requests() -> None:
    """Raise Problem where the package is missing."""
    if REQUESTS_ERROR:
        raise Problem(missing_required_lib("requests"), facts={"exception": REQUESTS_ERROR})


def connect_apim(module: AnsibleModule, scopes: str = ADMIN_SCOPES) -> HttpClient:
    """A client for the API Manager of the module's arguments; the secrets are taken out of them."""
    options = module.params
    secrets = {name: take_secret(module, name) for name in ("password", "client_secret", "token")}
    require_requests()
    server = Server(
        check_url(options["apim_url"], "apim_url"),
        tls_of(options),
        options["timeout"],
        options["use_proxy"],
    )
    return HttpClient(server, _authenticator(server, {**options, **secrets}, scopes))


def _authenticator(server: Server, options: dict[str, t.Any], scopes: str) -> Authenticator:
    """The way to sign in that ``auth`` names. Raises Problem where something for it is missing."""
    if options["auth"] == "token":
        if not options["token"]:
            raise Problem("auth is token, but there is none", advice="give token")
        return Bearer(options["token"])
    if options["password"] is None:
        raise Problem(f"auth is {options['auth']}, but there is no password", advice="give password")
    user = Basic(options["username"], options["password"])
    if options["auth"] == "basic":
        return user
    if bool(options["client_id"]) != bool(options["client_secret"]):
        raise Problem("client_id and client_secret belong together", advice="give both, or neither")
    registered = (
        Basic(options["client_id"], options["client_secret"], "check client_id and client_secret")
        if options["client_id"]
        else None
    )
    return OAuth2(HttpClient(server), user, scopes, registered)
