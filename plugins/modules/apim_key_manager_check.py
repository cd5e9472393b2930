#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apim_key_manager_check
short_description: Prove that a key manager works by using it
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Makes an application in API Manager's developer portal, has the key manager generate its keys, gets a
    token with them from
    Identity Server 7, compares the token's issuer with the key manager's, introspects the token, and removes
    the application with its keys again.
  - Neither the token nor the client's secret is returned.
extends_documentation_fragment:
  - carbonops.wso2.apim
  - carbonops.wso2.attributes
attributes:
  check_mode:
    support: partial
    details: >-
      Nothing can be proved without making an application, so nothing is tried, and RV(checked) is false.
  diff_mode:
    support: N/A
    details: What is made is removed again.
  idempotent:
    support: full
options:
  name:
    description:
      - The key manager's name.
    type: str
    required: true
  is7_url:
    description:
      - The URL of Identity Server 7, like V(https://localhost:9444), to which the password belongs. A key
        manager whose token, introspection or JWKS endpoint is on another server is refused, and nothing is
        sent there.
      - Without it the server of the key manager's issuer is taken for Identity Server 7.
    type: str
  trusted_origins:
    description:
      - URLs of further servers that the key manager's endpoints may be on, like V(https://is7.internal:9444).
        The password is sent to them too.
    type: list
    elements: str
    default: []
  is7_username:
    description:
      - A user of Identity Server 7 who may introspect tokens.
    type: str
    default: admin
  is7_password:
    description:
      - That user's password. Never shown.
    type: str
    required: true
  is7_validate_certs:
    description:
      - Whether Identity Server 7's certificate is verified.
    type: bool
    default: true
  is7_ca_path:
    description:
      - A PEM file with the CA, or the unexpired self-signed certificate, to verify its certificate with.
    type: path
  is7_server_cert_sha256:
    description:
      - The SHA-256 fingerprint of its certificate. Exactly this certificate is accepted, though it be
        self-signed or expired.
    type: str
  remember_in:
    description:
      - A file where the module runs, in which a proof is remembered; it is removed before one is tried, so
        that
        one that failed is not. M(carbonops.wso2.carbon_home_info) reads C(repository/carbonops-proof) of a
        home.
    type: path
  remember:
    description:
      - What O(remember_in) is to say of the proof. Required with it.
    type: str
  ready_timeout:
    description:
      - A new key manager can be used only after a while. Seconds to go on trying to generate keys, each time
        for a new application.
    type: float
    default: 60
"""

EXAMPLES = r"""
- name: Prove that API Manager and Identity Server 7 work together
  carbonops.wso2.apim_key_manager_check:
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7
    is7_url: https://localhost:9444
    is7_password: "{{ is7_admin_password }}"
"""

RETURN = r"""
checked:
  description: Whether the proof was made; it is not in check mode.
  type: bool
  returned: success
application:
  description: The application that was made and removed.
  type: str
  returned: RV(checked)
  sample: carbonops-check-1f2e3d4c
client_id:
  description: The client that the key manager made for it, removed too.
  type: str
  returned: RV(checked)
issuer:
  description: The token's C(iss), which is the key manager's issuer.
  type: str
  returned: RV(checked)
  sample: https://localhost:9444/oauth2/token
token_type:
  description: What the token endpoint said.
  type: str
  returned: RV(checked)
  sample: Bearer
expires_in:
  description: The token's lifetime in seconds.
  type: int
  returned: RV(checked)
  sample: 3600
active:
  description: What introspection said of the token.
  type: bool
  returned: RV(checked)
attempts:
  description: How often keys had to be asked for.
  type: int
  returned: RV(checked)
  sample: 1
failure:
  description: The API's error as data.
  type: dict
  returned: failure of a request
"""

import dataclasses
import functools
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connection import (
    APIM_ARGUMENTS,
    PORTAL_SCOPES,
    connect_apim,
    tls_of,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.proof import (
    find_usable,
    prove,
    refuse_strangers,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._files.note import remove_note, write_note
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from ansible_collections.carbonops.wso2.plugins.module_utils._http.url import check_url, origin
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **APIM_ARGUMENTS,
            "name": {"type": "str", "required": True},
            "is7_url": {"type": "str"},
            "is7_username": {"type": "str", "default": "admin"},
            "is7_password": {"type": "str", "required": True, "no_log": True},
            "is7_validate_certs": {"type": "bool", "default": True},
            "is7_ca_path": {"type": "path"},
            "is7_server_cert_sha256": {"type": "str"},
            "trusted_origins": {"type": "list", "elements": "str", "default": []},
            "remember_in": {"type": "path"},
            "remember": {"type": "str"},
            "ready_timeout": {"type": "float", "default": 60},
        },
        required_together=[("remember_in", "remember")],
        supports_check_mode=True,
    )
    finish(module, lambda: check(module))


def check(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    options = module.params
    user = Basic(options["is7_username"], take_secret(module, "is7_password") or "")
    apim = connect_apim(module, PORTAL_SCOPES)
    is7_url = check_url(options["is7_url"], "is7_url") if options["is7_url"] else None
    trusted = [check_url(url, "trusted_origins") for url in options["trusted_origins"]]
    tls = tls_of(options, "is7_")
    if module.check_mode:
        return {"changed": False, "checked": False}
    key_manager = find_usable(apim, options["name"])
    refuse_strangers(key_manager, is7_url, trusted)

    @functools.cache
    def client_of(server: str) -> HttpClient:
        return HttpClient(Server(server, tls, options["timeout"], options["use_proxy"]), user)

    file = options["remember_in"]
    if file:
        forget(file)
    proof = prove(apim, lambda url: client_of(origin(url)), key_manager, options["ready_timeout"])
    if file:
        remember(module, file, options["remember"])
    return {"changed": False, "checked": True, **dataclasses.asdict(proof)}


def forget(file: str) -> None:
    """Have no proof remembered. Raises Problem."""
    try:
        remove_note(file)
    except OSError as exc:
        doing = f"Removing {file}, which remembers the last proof, failed"
        raise Problem(doing, str(exc.strerror), "check it and its folder") from exc


def remember(module: AnsibleModule, file: str, text: str) -> None:
    """Have this proof remembered, or warn that it is not."""
    try:
        write_note(file, text)
    except OSError as exc:
        module.warn(
            f"The proof is not remembered, so that the next run makes it again: {file}: {exc.strerror}."
        )


if __name__ == "__main__":
    main()
