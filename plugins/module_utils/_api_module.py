# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: how the modules that speak to an API take their arguments and report an error."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._http import REQUESTS_ERROR, HttpClient, HttpError, Server, Tls, check_url
from ._module import take_secret

APIM_ARGUMENTS: dict[str, t.Any] = {
    "apim_url": {"type": "str", "default": "https://localhost:9443"},
    "username": {"type": "str", "default": "admin"},
    "password": {"type": "str", "required": True, "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "server_cert_sha256": {"type": "str"},
    "timeout": {"type": "float", "default": 30},
}


def tls_of(options: dict[str, t.Any], prefix: str = "") -> Tls:
    """The TLS options, whose names may have a prefix. Raises ValueError for a fingerprint that is none."""
    pin = options[f"{prefix}server_cert_sha256"]
    if pin:
        pin = pin.replace(":", "").lower()
        if len(pin) != 64 or set(pin) - set("0123456789abcdef"):
            raise ValueError(f"{prefix}server_cert_sha256 is not a SHA-256 fingerprint; give 64 hexadecimal digits.")
    return Tls(options[f"{prefix}validate_certs"], options[f"{prefix}ca_path"], pin or None)


def require_requests(module: AnsibleModule) -> None:
    """End the module where the package is missing."""
    if REQUESTS_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_ERROR)


def connect_apim(module: AnsibleModule) -> HttpClient:
    """A client for the API Manager of the module's arguments; its password is taken out of them."""
    options = module.params
    password = take_secret(module, "password") or ""
    require_requests(module)
    try:
        server = Server(check_url(options["apim_url"], "apim_url"), options["username"], password, tls_of(options), options["timeout"])
    except ValueError as exc:
        module.fail_json(msg=str(exc))
    return HttpClient(server)


def fail_http(module: AnsibleModule, exc: HttpError, **result: t.Any) -> t.NoReturn:
    """End the module with the error's sentence and the error as data."""
    module.fail_json(msg=str(exc), failure=exc.as_failure(), **result)
