#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apim_key_manager
short_description: A key manager in WSO2 API Manager
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Registers, corrects or removes a key manager through API Manager's Admin REST API.
  - With O(is7_url) the whole form of "Configure WSO2 IS 7 as a Key Manager" follows from one URL.
  - A field's value comes from the first of these that says one; the option for it, API Manager's discovery (O(discover)), O(is7_url).
    Fields that none of them speaks of are left as they are on the server.
  - Which connector fields there are, which are required and which are secret is asked of the server itself, before anything is sent.
extends_documentation_fragment:
  - carbonops.wso2.apim
  - carbonops.wso2.attributes
attributes:
  check_mode:
    support: full
    details: Where API Manager cannot be reached and O(is7_url) is given, the plan is made without it, with a warning.
  diff_mode:
    support: full
    details: Secrets are shown as C(*****).
  idempotent:
    support: partial
    details: With O(update_secrets=always) each run writes, as the server does not tell whether a secret is the same.
options:
  name:
    description:
      - The key manager's name. It cannot be changed later.
    type: str
    required: true
  state:
    description:
      - Whether the key manager is there.
    type: str
    choices: [present, absent]
    default: present
  type:
    description:
      - The key manager's type. It cannot be changed later.
    type: str
    default: WSO2-IS-7
  display_name:
    description:
      - The name shown in the portals. By default O(name), when the key manager is made.
    type: str
  description:
    description:
      - At most 256 characters.
    type: str
  enabled:
    description:
      - Whether it may be used. By default it may, when the key manager is made.
    type: bool
  is7_url:
    description:
      - The URL of Identity Server 7, like V(https://localhost:9444). It gives every endpoint, the JWKS certificates, the grant types and,
        where this API Manager's connector has them, the API resource and roles endpoints.
      - The authorize endpoint is C(/oauth2/authorize). The document for API Manager 4.3.0 has C(/scim2/Me) there, its later editions do not.
    type: str
  discover:
    description:
      - Have API Manager itself read O(well_known_endpoint), as the portal's Import does. That fails unless API Manager reaches and trusts
        the server.
    type: bool
    default: false
  well_known_endpoint:
    description:
      - URL of the discovery document.
    type: str
  issuer:
    description:
      - The C(iss) of its tokens.
    type: str
  client_registration_endpoint:
    description:
      - Dynamic client registration.
    type: str
  introspection_endpoint:
    description:
      - Token introspection.
    type: str
  token_endpoint:
    description:
      - Token endpoint that API Manager uses.
    type: str
  display_token_endpoint:
    description:
      - Token endpoint that the developer portal shows.
    type: str
  revoke_endpoint:
    description:
      - Revocation endpoint that API Manager uses.
    type: str
  display_revoke_endpoint:
    description:
      - Revocation endpoint that the developer portal shows.
    type: str
  userinfo_endpoint:
    description:
      - User information. For Identity Server 7 this is C(/scim2/Me); what discovery says is not used.
    type: str
  authorize_endpoint:
    description:
      - Authorization endpoint.
    type: str
  scope_management_endpoint:
    description:
      - Where scopes are managed.
    type: str
  grant_types:
    description:
      - Grant types that applications may use, in any order.
    type: list
    elements: str
  certificates:
    description:
      - How tokens' signatures are verified.
    type: dict
    suboptions:
      type:
        description:
          - V(JWKS) is a URL, V(PEM) a certificate.
        type: str
        choices: [JWKS, PEM]
        default: JWKS
      value:
        description:
          - The URL; or the PEM text of the certificate that signs the tokens.
        type: str
        required: true
  connector_configuration:
    description:
      - What the connector needs to speak to the server.
    type: dict
    suboptions:
      username:
        description:
          - A user of the server with the rights to manage clients.
        type: str
      password:
        description:
          - That user's password. Never shown.
        type: str
      authentication:
        description:
          - How the connector signs in, where API Manager's connector has the choice. V(BasicAuth) there unless said otherwise.
        type: str
        choices: [BasicAuth, MutualTLS]
      identity_user:
        description:
          - The user that a client certificate stands for, with V(MutualTLS).
        type: str
      api_resource_management_endpoint:
        description:
          - API resource management, where the connector has it.
        type: str
      roles_endpoint:
        description:
          - Roles, where the connector has it.
        type: str
      enable_roles_creation:
        description:
          - Whether roles are made in the server, where the connector has it.
        type: bool
  update_secrets:
    description:
      - V(on_create) sends the connector's password when the key manager is made, or has none. V(always) sends it in each run.
    type: str
    choices: [on_create, always]
    default: on_create
  allow_shared_issuer:
    description:
      - With two key managers of one issuer the gateway's choice between them is arbitrary, so that is refused unless this is set.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Register Identity Server 7
  carbonops.wso2.apim_key_manager:
    apim_url: https://localhost:9443
    password: "{{ apim_admin_password }}"
    ca_path: /etc/ssl/apim.pem
    name: WSO2-IS-7
    is7_url: https://localhost:9444
    connector_configuration:
      username: admin
      password: "{{ is7_admin_password }}"

- name: Give the connector a new password
  carbonops.wso2.apim_key_manager:
    password: "{{ apim_admin_password }}"
    server_cert_sha256: "{{ apim_certificate.entries[0].sha256 }}"
    name: WSO2-IS-7
    connector_configuration:
      password: "{{ is7_new_password }}"
    update_secrets: always

- name: Remove it
  carbonops.wso2.apim_key_manager:
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7
    state: absent
"""

RETURN = r"""
id:
  description: The key manager's id.
  type: str
  returned: O(state=present), but when one was only planned
  sample: 2b00c905-4d3c-4758-9ab5-2c44d841eebc
key_manager:
  description: The key manager, read back, with the API's own field names and secrets masked. In check mode as it would be.
  type: dict
  returned: O(state=present)
discovered:
  description: What discovery said, with O(discover=true).
  type: dict
  returned: O(state=present)
failure:
  description: The API's error as data.
  type: dict
  returned: failure of a request
  contains:
    status:
      description: HTTP status, null where there was no answer.
      type: int
    code:
      description: API Manager's own code.
      type: int
    message:
      description: The sentence that is in RV(ignore:msg) too.
      type: str
    description:
      description: API Manager's own words.
      type: str
    unreachable:
      description: Whether no connection was made at all.
      type: bool
"""

import base64
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._api_module import APIM_ARGUMENTS, connect_apim, fail_http
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector, ConnectorError
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import (
    Given,
    Plan,
    PlanRefused,
    mask_secrets,
    plan_absent,
    plan_present,
    plan_unseen,
    refuse_impossible,
    shared_issuer,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.profile import WELL_KNOWN
from ansible_collections.carbonops.wso2.plugins.module_utils._http import HttpError, check_url
from ansible_collections.carbonops.wso2.plugins.module_utils._module import take_secret

# Option -> field of the API.
FIELDS = {
    "display_name": "displayName",
    "description": "description",
    "enabled": "enabled",
    "well_known_endpoint": "wellKnownEndpoint",
    "issuer": "issuer",
    "client_registration_endpoint": "clientRegistrationEndpoint",
    "introspection_endpoint": "introspectionEndpoint",
    "token_endpoint": "tokenEndpoint",
    "display_token_endpoint": "displayTokenEndpoint",
    "revoke_endpoint": "revokeEndpoint",
    "display_revoke_endpoint": "displayRevokeEndpoint",
    "userinfo_endpoint": "userInfoEndpoint",
    "authorize_endpoint": "authorizeEndpoint",
    "scope_management_endpoint": "scopeManagementEndpoint",
    "grant_types": "availableGrantTypes",
    "certificates": "certificates",
}
# Suboption of connector_configuration -> field of the connector.
CONNECTOR_FIELDS = {
    "username": "Username",
    "authentication": "Authentication",
    "identity_user": "IdentityUser",
    "api_resource_management_endpoint": "api_resource_management_endpoint",
    "roles_endpoint": "is7_roles_endpoint",
    "enable_roles_creation": "enable_roles_creation",
}


def argument_spec() -> dict[str, t.Any]:
    text = {"type": "str"}
    # Their names look like secrets to Ansible, which then warns about them.
    endpoint = {"type": "str", "no_log": False}
    fields: dict[str, t.Any] = {option: endpoint for option in FIELDS if option.endswith("_endpoint")}
    connector: dict[str, t.Any] = dict.fromkeys(CONNECTOR_FIELDS, text)
    connector["authentication"] = {"type": "str", "choices": ["BasicAuth", "MutualTLS"]}
    connector["enable_roles_creation"] = {"type": "bool"}
    connector["password"] = {"type": "str", "no_log": True}
    return {
        **APIM_ARGUMENTS,
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "type": {"type": "str", "default": "WSO2-IS-7"},
        "display_name": text,
        "description": text,
        "enabled": {"type": "bool"},
        "is7_url": text,
        "discover": {"type": "bool", "default": False},
        "issuer": text,
        **fields,
        "grant_types": {"type": "list", "elements": "str"},
        "certificates": {
            "type": "dict",
            "options": {"type": {"type": "str", "choices": ["JWKS", "PEM"], "default": "JWKS"}, "value": {"type": "str", "required": True}},
        },
        "connector_configuration": {"type": "dict", "options": connector},
        "update_secrets": {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
        "allow_shared_issuer": {"type": "bool", "default": False},
    }


def read_given(module: AnsibleModule) -> Given:
    """The options by the API's names, the connector's password taken out of them."""
    options = module.params
    fields = {field: options[option] for option, field in FIELDS.items() if options[option] is not None}
    certificates = options["certificates"]
    if certificates and certificates["type"] == "PEM":
        # The API wants the whole PEM text in base64, once more.
        fields["certificates"] = {"type": "PEM", "value": base64.b64encode(certificates["value"].encode()).decode()}
    connector = options["connector_configuration"] or {}
    password = take_secret(module, "password", connector)
    return Given(
        name=options["name"],
        type=options["type"],
        is7_url=check_url(options["is7_url"], "is7_url") if options["is7_url"] else None,
        fields=fields,
        connector={field: connector[option] for option, field in CONNECTOR_FIELDS.items() if connector.get(option) is not None},
        secrets={} if password is None else {"Password": password},
        always_update_secrets=options["update_secrets"] == "always",
    )


def discover(module: AnsibleModule, api: AdminApi, given: Given) -> dict[str, t.Any]:
    """What API Manager's discovery says; in check mode the trust it needs may only be planned yet."""
    if not module.params["discover"]:
        return {}
    url = given.fields.get("wellKnownEndpoint") or (given.is7_url and given.is7_url + WELL_KNOWN)
    if not url:
        module.fail_json(msg="discover needs the URL to read; give well_known_endpoint or is7_url.")
    try:
        return api.discover(url, given.type)
    except HttpError as exc:
        if not (module.check_mode and given.is7_url):
            raise
        module.warn(f"The plan is made from is7_url alone. {exc}")
        return {}


def end(module: AnsibleModule, plan: Plan, **result: t.Any) -> t.NoReturn:
    module.exit_json(changed=plan.action != "none", diff={"before": plan.before, "after": plan.after}, **result)


def run_absent(module: AnsibleModule, api: AdminApi) -> t.NoReturn:
    name = module.params["name"]
    plan_absent(name, None)
    plan = plan_absent(name, api.find(name))
    if plan.action == "deleted" and not module.check_mode:
        api.delete(plan.before["id"], name)
    end(module, plan)


def run_present(module: AnsibleModule, api: AdminApi, given: Given) -> t.NoReturn:
    refuse_impossible(given)
    summaries = api.list()
    connector = Connector.from_settings(api.settings(), given.type)
    discovered = discover(module, api, given)
    plan = plan_present(given, connector, discovered, api.find(given.name, summaries))
    if plan.action != "none" and not module.params["allow_shared_issuer"]:
        other = shared_issuer(plan, given.name, (api.get(item["id"]) for item in summaries if item.get("name") != given.name))
        if other:
            raise PlanRefused(f"Key manager '{other}' has the issuer {plan.after['issuer']} already; use that one, or set allow_shared_issuer.")
    masked = connector.masked | frozenset(given.secrets)
    if plan.action == "none" or module.check_mode:
        now = plan.after
    elif plan.action == "created":
        now = mask_secrets(api.create(t.cast("dict[str, t.Any]", plan.body)), masked)
    else:
        now = mask_secrets(api.update(plan.before["id"], t.cast("dict[str, t.Any]", plan.body)), masked)
    identity = {"id": now["id"]} if "id" in now else {}
    end(module, plan, key_manager=now, discovered=mask_secrets(discovered, masked), **identity)


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    client = connect_apim(module)
    api = AdminApi(client)
    try:
        given = read_given(module)
        if module.params["state"] == "absent":
            run_absent(module, api)
        run_present(module, api, given)
    except HttpError as exc:
        if exc.unreachable and module.check_mode and module.params["state"] == "present" and module.params["is7_url"]:
            module.warn(f"The plan is made from is7_url alone, as if the key manager were not there. {exc}")
            plan = plan_unseen(given)
            end(module, plan, key_manager=plan.after, discovered={})
        fail_http(module, exc)
    except (ConnectorError, PlanRefused, ValueError) as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
