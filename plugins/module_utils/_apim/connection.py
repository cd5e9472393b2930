# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: how the modules that speak to an API take their arguments."""

from __future__ import annotations

import functools
import os
import re
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._http import sign_in
from .._http.client import REQUESTS_ERROR, Authenticator, HttpClient, Server
from .._http.text import MASK, is_worth_masking
from .._http.tls import Tls
from .._http.url import is_loopback, origin, server_url
from .._is7.profile import TYPE
from .._module import environment_secret, keep_secret, or_environment, take_secret
from .._problem import Problem, option
from .asked import GRANTS
from .options import CONNECTOR_FIELDS, connector_from_options, from_options
from .rights import ADMIN_SCOPES
from .token_certificate import count
from .wanted import Given

_HEXADECIMAL = set("0123456789abcdef")

# Names of a connector's fields that hold a secret, whether or not the server masks it.
_LIKE_A_SECRET = re.compile(
    r"(?:pass(?:word|wd|phrase)|secret|private_?key|api_?key|credentials?|access_?token)$", re.IGNORECASE
)

_FROM_ENVIRONMENT = ("username", "password", "token")

APIM_ARGUMENTS: dict[str, t.Any] = {
    "apim_url": or_environment("WSO2_APIM_URL", type="str", default="https://localhost:9443"),
    **sign_in.ARGUMENTS,
    **{
        name: or_environment(f"WSO2_APIM_{name.upper()}", **sign_in.ARGUMENTS[name])
        for name in _FROM_ENVIRONMENT
    },
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "server_cert_sha256": {"type": "str"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path"},
    "use_proxy": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 30},
}


PROOF_ARGUMENTS: dict[str, t.Any] = {
    "state": {"type": "str", "choices": ["checked", "absent"], "default": "checked"},
    "name": {"type": "str"},
    "adopt": {"type": "bool", "default": False},
    "grant_types": {
        "type": "list",
        "elements": "str",
        "choices": list(GRANTS),
        "default": ["client_credentials"],
    },
    "user_username": {"type": "str"},
    "user_password": {"type": "str", "no_log": True},
    "gateway_urls": {"type": "list", "elements": "str", "default": []},
    "gateway_validate_certs": {"type": "bool", "default": True},
    "gateway_ca_path": {"type": "path"},
    "gateway_server_cert_sha256": {"type": "str"},
    "is7_url": or_environment("WSO2_IS7_URL", type="str"),
    "is7_username": or_environment("WSO2_IS7_USERNAME", type="str", default="admin"),
    "is7_password": or_environment("WSO2_IS7_PASSWORD", type="str", no_log=True),
    "is7_validate_certs": {"type": "bool", "default": True},
    "is7_ca_path": {"type": "path"},
    "is7_server_cert_sha256": {"type": "str"},
    "trusted_origins": {"type": "list", "elements": "str", "default": []},
    "remember_in": {"type": "path"},
    "remember": {"type": "str"},
    "ready_timeout": {"type": "float", "default": 60},
}


def connect_apim(module: AnsibleModule, scopes: str = ADMIN_SCOPES) -> HttpClient:
    """A client for the API Manager of the module's arguments; the secrets are taken out of them.

    Raises Problem.
    """
    options = module.params
    secrets = {name: take_secret(module, name) for name in sign_in.SECRETS}
    require_requests()
    server = Server(
        server_url(options["apim_url"], "apim_url"),
        tls_of(options),
        options["timeout"],
        options["use_proxy"],
    )
    warn_of_default_password(module, server.url, secrets["password"])
    return HttpClient(server, sign_in.authenticator({**options, **secrets}, server, scopes))


def warn_of_default_password(module: AnsibleModule, url: str, password: str | None) -> None:
    """Warn of a server that others reach with the password that everybody knows."""
    if password == "admin" and not is_loopback(url):
        module.warn(f"The administrator's password of {url} is the product's default one; set another there.")


def connect_each(options: dict[str, t.Any], prefix: str, who: Authenticator) -> t.Callable[[str], HttpClient]:
    """A client for each server that is asked for a URL, by the TLS options of this prefix. Raises Problem."""
    tls = tls_of(options, prefix)

    @functools.cache
    def client_of(server: str) -> HttpClient:
        return HttpClient(Server(server, tls, options["timeout"], options["use_proxy"]), who)

    return lambda url: client_of(origin(url))


def tls_of(options: dict[str, t.Any], prefix: str = "") -> Tls:
    """The TLS options, whose names may have a prefix. Raises Problem for a fingerprint that is none."""
    client_cert, client_key = options.get(f"{prefix}client_cert"), options.get(f"{prefix}client_key")
    if client_key and not client_cert:
        raise Problem(f"{prefix}client_key is the key of {prefix}client_cert", advice="give that too")
    return Tls(
        options[f"{prefix}validate_certs"],
        options[f"{prefix}ca_path"],
        _fingerprint(options, f"{prefix}server_cert_sha256"),
        client_cert,
        client_key,
        prefix,
    )


def _fingerprint(options: dict[str, t.Any], name: str) -> str | None:
    """A SHA-256 fingerprint in lower-case hexadecimal. Raises Problem for text that is none."""
    given = options[name]
    if not given:
        return None
    digits = str(given).replace(":", "").lower()
    if len(digits) != 64 or set(digits) - _HEXADECIMAL:
        raise Problem(f"{option(name)} is not a SHA-256 fingerprint", advice="give 64 hexadecimal digits")
    return digits


def require_requests() -> None:
    """Raise Problem where the package is missing."""
    if REQUESTS_ERROR:
        raise Problem(missing_required_lib("requests"), facts={"exception": REQUESTS_ERROR})


def take_additional(module: AnsibleModule) -> dict[str, t.Any]:
    """The connector's further fields, blanked in the parameters: one may be a secret given there by mistake.

    To be called first of all. Ansible has been told to mask all their values wherever they stand, which would
    blank the URLs and names that others have in common with them.
    """
    given = module.params["additional_properties"] or {}
    secrets = [
        value for name, value in given.items() if _LIKE_A_SECRET.search(name) and isinstance(value, str)
    ]
    names = ("additional_properties", "additionalProperties")
    keep_secret(module, module.params, names, filter(is_worth_masking, secrets))
    return given


def read_given(module: AnsibleModule, additional: dict[str, t.Any]) -> Given:
    """The key manager's options by the API's names, the secrets taken out of them; ``additional`` are those
    that are taken already. Raises Problem.
    """
    options = module.params
    connector = options["connector_configuration"] or {}
    of_options = {
        field.name: take_secret(module, field.option, connector) for field in CONNECTOR_FIELDS if field.secret
    }
    secrets = {name: value for name, value in of_options.items() if value is not None}
    for name, value in additional.items():
        if value == MASK:
            secrets.setdefault(name, MASK)  # as a GET shows a stored one
    for name, value in (take_secret(module, "secret_properties") or {}).items():
        if name in secrets:
            raise Problem(f"The connector field {name} is given twice", advice="give it once")
        secrets[name] = value
    is7_url = _is7_url(options)
    of_connector = connector_from_options(connector)
    if options["type"] == TYPE and connector.get("authentication") != "MutualTLS":
        further = {**additional, **secrets}
        _add_user_of_environment(module, of_connector, secrets, further)
    if is7_url:
        warn_of_default_password(module, is7_url, secrets.get("Password"))
    return Given(
        name=options["name"],
        type=options["type"],
        is7_url=is7_url,
        fields=_fields_from(module),
        connector=of_connector,
        secrets=secrets,
        additional={name: value for name, value in additional.items() if value != MASK},
        always_update_secrets=options["update_secrets"] == "always",
        is7_public_url=_public_url(options, is7_url),
        constraints=options["constraints"],
    )


def _is7_url(options: dict[str, t.Any]) -> str | None:
    """The URL of the option or, for a key manager that is an Identity Server 7, of the environment."""
    url = options["is7_url"]
    if url is None and options["type"] == TYPE:
        url = os.environ.get("WSO2_IS7_URL")
    return server_url(url, "is7_url") if url else None


def _public_url(options: dict[str, t.Any], is7_url: str | None) -> str | None:
    """The URL by which browsers and client applications call the server. Raises Problem."""
    if not options["is7_public_url"]:
        return None
    if not is7_url:
        raise Problem(f"{option('is7_public_url')} goes with is7_url", advice="give that too")
    return server_url(options["is7_public_url"], "is7_public_url")


def _add_user_of_environment(
    module: AnsibleModule,
    connector: dict[str, t.Any],
    secrets: dict[str, t.Any],
    further: dict[str, t.Any],
) -> None:
    """Have the connector's user and password from the environment, where no option gives them."""
    user = os.environ.get("WSO2_IS7_USERNAME")
    if user and "Username" not in further:
        connector.setdefault("Username", user)
    password = environment_secret(module, "WSO2_IS7_PASSWORD")
    if password and "Password" not in further:
        secrets["Password"] = password


def _fields_from(module: AnsibleModule) -> dict[str, t.Any]:
    """The fields that the options give. Raises Problem, which leaves no refused certificate in them."""
    options = module.params
    try:
        fields = from_options(options)
    except Problem:
        options["certificates"] = None
        raise
    _warn_of_chain(module, options["certificates"])
    return fields


def _warn_of_chain(module: AnsibleModule, certificates: dict[str, t.Any] | None) -> None:
    """Warn of certificates that nothing is verified with: API Manager's gateway reads the first alone."""
    many = count(certificates["value"]) if certificates and certificates["type"] == "PEM" else 1
    if many > 1:
        module.warn(
            f"certificates.value holds {many} certificates; API Manager verifies tokens with the first alone,"
            " so only that one is stored. Give the one that signs the tokens first."
        )
