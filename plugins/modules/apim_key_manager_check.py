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
  - Makes an application in API Manager's developer portal, has the key manager generate its keys, gets tokens
    with them from Identity Server 7, looks at the tokens as a gateway does and at the key manager's endpoints
    as its connector does, and removes the application with its keys again.
  - The stages are C(application), C(keys), C(tokens), C(issuer), C(signature), C(consumer key),
    C(audience and expiry), C(introspection), C(api-resources), C(roles), C(user information),
    C(gateways) where O(gateway_urls) names any, C(revocation) and C(removal).
  - What was made is removed whatever happens, also where the module is ended by a signal. What a module that
    was killed has left behind is removed by the next one of the same user, on the same host at once, on
    another one after a quarter of an hour, or with O(state=absent).
  - Where an application, its keys or its deletion have to wait for somebody's approval, nothing is wrong with
    the key manager. That is a warning, and RV(proved) says whether there was a token all the same.
  - Neither a token nor the client's secret is returned.
requirements:
  - The Python package cryptography, to verify signatures. Without it that stage says so, and is not C(ok).
extends_documentation_fragment:
  - carbonops.wso2.apim
  - carbonops.wso2.attributes
attributes:
  check_mode:
    support: partial
    details: >-
      Nothing can be proved without making an application, so nothing is tried, and RV(checked) is false. With
      O(state=absent) it tells what would be removed.
  diff_mode:
    support: N/A
    details: What is made is removed again.
  idempotent:
    support: full
options:
  state:
    description:
      - V(checked) makes the proof. V(absent) makes none, and removes the applications that killed proofs have
        left behind, of any key manager. Only those are taken that have the name and the mark of a proof, and
        belong to O(username).
    type: str
    choices: [checked, absent]
    default: checked
  name:
    description:
      - The key manager's name, of the tenant's own or else of one of all tenants. Required with
        O(state=checked).
    type: str
  adopt:
    description:
      - Where there is no key manager of O(name), prove the one that is there for O(is7_url), which
        M(carbonops.wso2.apim_key_manager) takes over with its own option C(adopt).
    type: bool
    default: false
  grant_types:
    description:
      - The grants to get a token by. V(refresh_token) is of the V(password) grant, and both need
        O(user_username).
    type: list
    elements: str
    choices: [client_credentials, password, refresh_token]
    default: [client_credentials]
  user_username:
    description:
      - A user whose token is got too, by the V(password) grant, and whose information is asked for with it as
        API Manager does. Without one only access control's decision on it is seen.
    type: str
  user_password:
    description:
      - That user's password. Never shown.
    type: str
  gateway_urls:
    description:
      - URLs of an API, one for each gateway, like V(https://gateway.example.com:8243/pizza/1.0.0/menu), that
        are called with the token. A gateway that refuses the call because the application has not subscribed
        to the API has taken the token.
    type: list
    elements: str
    default: []
  gateway_validate_certs:
    description:
      - Whether the gateways' certificates are verified.
    type: bool
    default: true
  gateway_ca_path:
    description:
      - A PEM file with the CA, or the unexpired self-signed certificate, to verify them with.
    type: path
  gateway_server_cert_sha256:
    description:
      - The SHA-256 fingerprint of their certificate. Exactly this certificate is accepted, though it be
        self-signed or expired.
    type: str
  is7_url:
    description:
      - The URL of Identity Server 7, like V(https://localhost:9444), to which the password belongs. A key
        manager whose token, introspection or JWKS endpoint is on another server is refused, and nothing is
        sent there.
      - By default the environment variable E(WSO2_IS7_URL). Without it the server of the key manager's issuer
        is taken for Identity Server 7.
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
      - The connector's user in Identity Server 7, who may introspect tokens and read API resources and roles.
        E(WSO2_IS7_USERNAME) gives another default.
    type: str
    default: admin
  is7_password:
    description:
      - That user's password. Never shown. By default E(WSO2_IS7_PASSWORD). Without either the stages that
        need it are skipped.
    type: str
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
        that one that failed is not. M(carbonops.wso2.carbon_home_info) reads C(repository/carbonops-proof) of
        a home.
    type: path
  remember:
    description:
      - What O(remember_in) is to say of the proof. Required with it.
    type: str
  ready_timeout:
    description:
      - A new key manager can be used only after a while. Seconds to go on trying to generate keys, each time
        for a new application, as long as what API Manager answers may pass by itself.
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

- name: Prove it as far as a user's information and a call at a gateway
  carbonops.wso2.apim_key_manager_check:
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7
    is7_url: https://localhost:9444
    is7_password: "{{ is7_admin_password }}"
    user_username: joe
    user_password: "{{ joes_password }}"
    gateway_urls: [https://localhost:8243/pizzashack/1.0.0/menu]

- name: Remove what killed proofs have left behind
  carbonops.wso2.apim_key_manager_check:
    password: "{{ apim_admin_password }}"
    state: absent
"""

RETURN = r"""
checked:
  description: Whether the proof was tried; it is not in check mode.
  type: bool
  returned: success
proved:
  description: Whether the key manager works as far as was checked; false where something waits for approval.
  type: bool
  returned: O(state=checked)
summary:
  description: What came of it, in one sentence.
  type: str
  returned: RV(checked)
stages:
  description: The stages in their order.
  type: list
  elements: dict
  returned: RV(checked), and failure of a stage
  contains:
    name:
      description: What was looked at.
      type: str
      sample: signature
    status:
      description:
        - One of C(ok), C(broken), C(waits for approval), C(not verified) and C(skipped).
      type: str
    seconds:
      description: How long it took.
      type: float
    seen:
      description: What was seen.
      type: str
    remedy:
      description: What to do, where there is something.
      type: str
report:
  description: The stages, a line each.
  type: list
  elements: str
  returned: RV(checked), and failure of a stage
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
  description: The token's C(iss), which is the key manager's issuer; none of an opaque token.
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
remembered:
  description: Whether O(remember_in) remembers this proof.
  type: bool
  returned: RV(checked)
removed:
  description: The applications that were removed, or would be.
  type: list
  elements: str
  returned: O(state=absent)
failure:
  description: The API's error as data.
  type: dict
  returned: failure of a request
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.adopt import fields_of
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.asked import read_asked
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connection import (
    APIM_ARGUMENTS,
    PROOF_ARGUMENTS,
    connect_apim,
    connect_each,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.devportal import DevPortalApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.interrupt import Interrupted, Interrupts
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.proof import (
    Proof,
    clear,
    find_usable,
    interrupted,
    own_origins,
    prove,
    refuse_strangers,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.rights import PORTAL_SCOPES
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.stages import Context
from ansible_collections.carbonops.wso2.plugins.module_utils._files.note import remove_note, write_note
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import Anonymous, HttpClient
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from ansible_collections.carbonops.wso2.plugins.module_utils._http.url import check_url, server_url
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


def main() -> None:
    module = AnsibleModule(
        argument_spec={**APIM_ARGUMENTS, **PROOF_ARGUMENTS},
        required_if=[("state", "checked", ["name"])],
        required_together=[("remember_in", "remember"), ("user_username", "user_password")],
        supports_check_mode=True,
    )
    finish(module, lambda: run(module))


def run(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    secrets = {name: take_secret(module, name) for name in ("is7_password", "user_password")}
    apim = connect_apim(module, PORTAL_SCOPES)
    if module.params["state"] == "absent":
        return clean(module, DevPortalApi(apim))
    return check(module, apim, {**module.params, **secrets})


def clean(module: AnsibleModule, portal: DevPortalApi) -> dict[str, t.Any]:
    """Remove what was left behind. Raises Problem."""
    removed, waiting = clear(portal, module.params["username"], module.check_mode)
    if waiting:
        module.warn(f"The deletion of application {', '.join(waiting)} waits for approval.")
    return {"changed": bool(removed), "checked": False, "removed": removed}


def check(module: AnsibleModule, apim: HttpClient, options: dict[str, t.Any]) -> dict[str, t.Any]:
    """Make the proof. Raises Problem."""
    is7_url = server_url(options["is7_url"], "is7_url") if options["is7_url"] else None
    trusted = [check_url(url, "trusted_origins") for url in options["trusted_origins"]]
    asked = read_asked(options)
    who = Basic(options["is7_username"], options["is7_password"]) if asked.signs_in else Anonymous()
    is7, gateway = connect_each(options, "is7_", who), connect_each(options, "gateway_", Anonymous())
    if module.check_mode:
        return {"changed": False, "checked": False, "proved": False}
    key_manager = find_usable(apim, options["name"], fields_of(is7_url) if options["adopt"] else None)
    refuse_strangers(key_manager, is7_url, trusted)
    asked = asked.to_servers(own_origins(key_manager, is7_url, trusted)[1])
    if options["remember_in"]:
        forget(options["remember_in"])
    proof = prove_until_interrupted(Context(apim, is7, gateway, key_manager, asked, Interrupts()))
    for warning in proof.warnings:
        module.warn(warning)
    if not proof.proved:
        module.warn(proof.summary)
    remembered = proof.proved and bool(options["remember_in"]) and remember(module, options)
    return {"changed": False, "checked": True, "remembered": remembered, **proof.as_data()}


def prove_until_interrupted(context: Context) -> Proof:
    """Raises Problem."""
    try:
        with context.interrupts:
            return prove(context)
    except Interrupted as exc:
        raise interrupted(context, exc.signal) from exc


def forget(file: str) -> None:
    """Have no proof remembered. Raises Problem."""
    try:
        remove_note(file)
    except OSError as exc:
        doing = f"Removing {file}, which remembers the last proof, failed"
        raise Problem(doing, str(exc.strerror), "check it and its folder") from exc


def remember(module: AnsibleModule, options: dict[str, t.Any]) -> bool:
    """Have this proof remembered, or warn that it is not."""
    file = options["remember_in"]
    try:
        write_note(file, options["remember"])
    except OSError as exc:
        module.warn(
            f"The proof is not remembered, so that the next run makes it again: {file}: {exc.strerror}."
        )
        return False
    return True


if __name__ == "__main__":
    main()
