#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apim_key_manager
short_description: Register, change or remove a key manager in WSO2 API Manager
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Registers, corrects or removes a key manager through API Manager's Admin REST API.
  - With O(is7_url) the whole form of "Configure WSO2 IS 7 as a Key Manager" follows from one URL.
  - A field's value comes from the first of these that says one; the option for it, API Manager's discovery
    (O(discover)), O(is7_url).
    Fields that none of them speaks of are left as they are on the server.
  - Which connector fields there are, which are required and which are secret is asked of the server itself,
    before anything is sent.
extends_documentation_fragment:
  - carbonops.wso2.apim
  - carbonops.wso2.attributes
notes:
  - A user can do with less than the role C(admin), and a token (O(auth=token)) with less than the scope
    C(apim:admin), as measured on the classes of API Manager 4.7. Under C(Scope Assignments) of its admin
    portal a role gets the scopes below, and O(auth=basic) and O(auth=oauth2) take a user with that role.
    Where one is lacking, the error names those of which one is needed.
  - To read key managers (M(carbonops.wso2.apim_key_manager_info)), C(apim:keymanagers_manage).
  - To register or change one, C(apim:keymanagers_manage) and C(apim:admin_settings). With C(apim:role_manage)
    too, the roles of O(permissions) are looked up before anything is sent.
  - To remove one, or to read what uses it, C(apim:admin_operations), which does wherever
    C(apim:keymanagers_manage) does. That one suffices to remove a key manager of all tenants (O(global)).
attributes:
  check_mode:
    support: full
    details: >-
      Where API Manager cannot be reached and O(is7_url) is given, the plan is made without it, with a
      warning.
  diff_mode:
    support: full
    details: Secrets are shown as C(*****). Beside the values it tells from where they come.
  idempotent:
    support: partial
    details: >-
      With O(update_secrets=always) each run writes, as the server does not tell whether a secret is the
      same.
options:
  name:
    description:
      - The key manager's name. It cannot be changed later. API Manager's own, C(Resident Key Manager),
        can be
        changed, for example switched off, but neither be made nor removed.
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
      - The key manager's type. It is changed later only with O(adopt).
    type: str
    default: WSO2-IS-7
  display_name:
    description:
      - The name shown in the portals, at most 100 characters. By default O(name), when the key manager is
        made.
    type: str
    aliases: [displayName]
  description:
    description:
      - At most 256 characters.
    type: str
  enabled:
    description:
      - Whether it may be used. By default it may, when the key manager is made.
    type: bool
  global:
    description:
      - Whether it is a key manager of all tenants, which API Manager keeps apart from those of a tenant.
        Only the
        super tenant's administrator may have one, and not every release has them.
    type: bool
    default: false
    aliases: [isGlobal]
  is7_url:
    description:
      - A tenant's URL ends in C(/t/DOMAIN). An organization's (C(/o/)) is refused.
      - The URL of Identity Server 7, like V(https://localhost:9444). It gives every endpoint, the JWKS
        certificates, the grant types and,
        where this API Manager's connector has them, the API resource and roles endpoints.
      - The authorize endpoint is C(/oauth2/authorize). The document for API Manager 4.3.0 has C(/scim2/Me)
        there, its later editions do not.
      - By default the environment variable E(WSO2_IS7_URL), for a key manager of type V(WSO2-IS-7).
    type: str
  is7_public_url:
    description:
      - The URL by which browsers and client applications call Identity Server 7, where that is another one
        than O(is7_url), by which API Manager calls it; for example that of a balancer.
      - Issuer, authorize endpoint and the token and revocation endpoints that the developer portal shows are
        below it; token, introspection, revocation, client registration, scopes, JWKS, user information, API
        resources and roles are below O(is7_url).
      - By default what discovery says (O(discover)), where its host differs. A server that nobody has named
        calls itself C(localhost), which is taken for no public name.
    type: str
  discover:
    description:
      - Have API Manager itself read O(well_known_endpoint), as the portal's Import does. That fails unless
        API Manager reaches and trusts
        the server. Issuer, endpoints, certificates and grant types come from there; user information is
        C(/scim2/Me) all the same.
    type: bool
    default: false
  verify_issuer:
    description:
      - Refuse, before anything is changed, an issuer that discovery contradicts, as API Manager would refuse
        the server's tokens. The issuer is that of O(issuer), else that which follows from
        O(is7_public_url) or O(is7_url).
      - Without this, O(issuer) silently beats discovery. It needs O(discover=true).
    type: bool
    default: false
  well_known_endpoint:
    description:
      - URL of the discovery document.
    type: str
    aliases: [wellKnownEndpoint]
  issuer:
    description:
      - The C(iss) of its tokens.
    type: str
  client_registration_endpoint:
    description:
      - Dynamic client registration.
    type: str
    aliases: [clientRegistrationEndpoint]
  introspection_endpoint:
    description:
      - Token introspection.
    type: str
    aliases: [introspectionEndpoint]
  token_endpoint:
    description:
      - Token endpoint that API Manager uses.
    type: str
    aliases: [tokenEndpoint]
  display_token_endpoint:
    description:
      - Token endpoint that the developer portal shows.
    type: str
    aliases: [displayTokenEndpoint]
  revoke_endpoint:
    description:
      - Revocation endpoint that API Manager uses.
    type: str
    aliases: [revokeEndpoint]
  display_revoke_endpoint:
    description:
      - Revocation endpoint that the developer portal shows.
    type: str
    aliases: [displayRevokeEndpoint]
  user_info_endpoint:
    description:
      - User information. For Identity Server 7 it has to end in C(/scim2/Me), without a slash behind it,
        as its
        connector reads no other; what discovery says is used for other types only.
    type: str
    aliases: [userInfoEndpoint]
  authorize_endpoint:
    description:
      - Authorization endpoint.
    type: str
    aliases: [authorizeEndpoint]
  scope_management_endpoint:
    description:
      - Where scopes are managed.
    type: str
    aliases: [scopeManagementEndpoint]
  endpoints:
    description:
      - Endpoints by the names that the connector has for them, like V(token_endpoint). API Manager keeps
        only
        those that have an option of
        their own here, and only there; another name is refused.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The connector's name of the endpoint.
        type: str
        required: true
      value:
        description:
          - Its URL.
        type: str
        required: true
  available_grant_types:
    description:
      - Grant types that applications may use, in any order.
    type: list
    aliases: [availableGrantTypes]
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
          - The URL, V(http) or V(https); or the PEM text of the certificate that signs the tokens, also
            in base64
            as M(carbonops.wso2.apim_key_manager_info) returns it. Of several, as of a chain, the first
            alone is stored, with a warning. Text around them is left out. A private key is refused, and so is
            the certificate of a key other than of RSA, which API Manager's gateway cannot use.
        type: str
        required: true
  token_type:
    description:
      - Whether applications use the tokens of this key manager (V(DIRECT)), tokens that API Manager's own
        key
        manager gives for them
        (V(EXCHANGED)), or V(BOTH). V(DIRECT) unless said otherwise, when the key manager is made.
    type: str
    aliases: [tokenType]
    choices: [DIRECT, EXCHANGED, BOTH]
  alias:
    description:
      - The audience that tokens must name to be exchanged. API Manager keeps it only where O(token_type) is
        not V(DIRECT).
    type: str
  consumer_key_claim:
    description:
      - The claim that holds the client's id. Empty, or when the key manager is made, what the connector
        says,
        which is mostly C(azp).
    type: str
    aliases: [consumerKeyClaim]
  scopes_claim:
    description:
      - The claim that holds the scopes. Empty, or when the key manager is made, what the connector says,
        which is mostly C(scope).
    type: str
    aliases: [scopesClaim]
  claim_mapping:
    description:
      - Claims of the tokens and what they are called in API Manager, in any order.
    type: list
    aliases: [claimMapping]
    elements: dict
    suboptions:
      remote_claim:
        description:
          - The claim in the token.
        type: str
        aliases: [remoteClaim]
        required: true
      local_claim:
        description:
          - Its name in API Manager.
        type: str
        aliases: [localClaim]
        required: true
  token_validation:
    description:
      - Which tokens are this key manager's own to validate, in this order.
    type: list
    aliases: [tokenValidation]
    elements: dict
    suboptions:
      id:
        description:
          - A number of the rule.
        type: int
      enable:
        description:
          - Whether the rule holds.
        type: bool
        default: true
      type:
        description:
          - Whether V(value) is a pattern of opaque tokens, claims of a JWT, or of the connector's own
            making.
        type: str
        choices: [REFERENCE, JWT, CUSTOM]
        required: true
      value:
        description:
          - A regular expression for V(REFERENCE); for V(JWT) a dictionary whose C(body) has one for each
            claim. An expression that Java cannot compile is refused.
        type: raw
  permissions:
    description:
      - Who may use the key manager in the developer portal.
    type: dict
    suboptions:
      permission_type:
        description:
          - Everybody, only those with one of the roles, or all but those. Required, as API Manager opens
            a key
            manager to everybody where nothing is said.
        type: str
        aliases: [permissionType]
        choices: [PUBLIC, ALLOW, DENY]
      roles:
        description:
          - Roles of API Manager, in any order. Required but for V(PUBLIC), which has none. One that is
            not there
            is named before anything is sent, in check mode too.
        type: list
        elements: str
  allowed_organizations:
    description:
      - Ids of the organizations that may use it, in any order; V(ALL) alone stands for every organization
        and
        V(none) for none. Either beside others, or in other letters, is refused. An empty list means every
        organization too, which is a warning.
      - Only API Manager 4.5 and later have this;
        whether this one has is told by its
        settings, or by the field being there when a key manager is read. Otherwise it is refused, and
        nothing
        is sent.
    type: list
    aliases: [allowedOrganizations]
    elements: str
  enable_token_generation:
    description:
      - Whether the developer portal gets tokens from it. By default it does, when the key manager is made.
    type: bool
    aliases: [enableTokenGeneration]
  enable_map_oauth_consumer_apps:
    description:
      - Whether clients made in the key manager itself may be given to applications. By default they may,
        when
        the key manager is made.
    type: bool
    aliases: [enableMapOAuthConsumerApps]
  enable_oauth_app_creation:
    description:
      - Whether the developer portal makes clients in it. By default it does, when the key manager is made.
    type: bool
    aliases: [enableOAuthAppCreation]
  enable_self_validation_jwt:
    description:
      - Whether the gateway verifies JWTs itself, without introspection. By default it does, when the key
        manager is made.
    type: bool
    aliases: [enableSelfValidationJWT]
  enable_token_encryption:
    description:
      - Whether tokens are stored encrypted. By default they are not, when the key manager is made.
    type: bool
    aliases: [enableTokenEncryption]
  enable_token_hashing:
    description:
      - Whether tokens are stored hashed. By default they are not, when the key manager is made.
    type: bool
    aliases: [enableTokenHashing]
  connector_configuration:
    description:
      - What the connector needs to speak to the server.
    type: dict
    suboptions:
      username:
        description:
          - A user of the server with the rights to manage clients. For type V(WSO2-IS-7) by default the
            environment variable E(WSO2_IS7_USERNAME).
        type: str
      password:
        description:
          - That user's password. Never shown. For type V(WSO2-IS-7) by default the environment variable
            E(WSO2_IS7_PASSWORD).
        type: str
      authentication:
        description:
          - How the connector signs in, where API Manager's connector has the choice. By default as it does;
            V(BasicAuth) when it is made, or where a user or a password is given. With V(MutualTLS) API
            Manager presents the certificate of its primary keystore, and the server's host name is always
            verified.
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
          - Whether roles are made in the server, where the connector has it. Identity Server 7 then needs
            C([role_mgt] allow_system_prefix_for_role = true).
        type: bool
  additional_properties:
    description:
      - Fields of the connector by its own names, for those that O(connector_configuration) has no option
        for,
        and for key managers of another
        O(type). One with no value is taken away. A field that this API Manager does not describe is sent
        as it
        is, with a warning.
      - What the connector masks is a secret and refused here; give it in O(secret_properties). V(*****)
        stands for the one that is stored. None of the values is logged, and one whose name is like that of a
        secret is masked wherever it stands.
    type: dict
    aliases: [additionalProperties]
  secret_properties:
    description:
      - Further fields of the connector that are secrets, by its own names. Never shown.
    type: dict
  constraints:
    description:
      - What limits the values that applications may ask for, by the names of the application's fields. Each
        has C(min) and C(max), C(pattern), or C(allowed), as this API Manager describes it. From API Manager
        4.7 on.
    type: dict
  update_secrets:
    description:
      - V(on_create) sends the connector's password and O(secret_properties) when the key manager is made,
        has
        none, or gets what they belong to changed (the user, the way to sign in, the server). V(always)
        sends
        them in each run, which then always says changed.
      - Another user without a password is refused, and so is another client without its secret, for a key
        manager of another O(type).
    type: str
    choices: [on_create, always]
    default: on_create
  allow_shared_issuer:
    description:
      - With two key managers of one issuer, those of all tenants included, the gateway's choice between
        them is arbitrary, so that is refused
        unless this is set.
    type: bool
    default: false
  force:
    description:
      - With O(state=absent), try to delete the key manager though API Manager says that it is in use. Newer
        releases refuse that all the same;
        older ones cannot tell, which is a warning, and with O(adopt) refused, unless this is set.
    type: bool
    default: false
  adopt:
    description:
      - Take over the key manager that is there for this server already, in the place of making another one,
        as one that was set up by hand or is of the older connector V(WSO2-IS). It keeps its id and its name,
        so that applications keep their keys and APIs their key manager.
      - It is the one of O(name) or, where there is none, the one whose issuer is what the options, discovery
        and O(is7_url) say, or whose token or introspection endpoint is, in the same tenant. Where several
        are, that is refused; give the name of the right one in O(name). Where none is, one is made under
        O(name). API Manager's own and one of all tenants (O(global)) are refused.
      - It is brought to what is given as any other is, and what nobody speaks of stays. Its type becomes
        O(type). Then connector fields that the new type does not have, and what the former one signed in
        with, are not carried over, which a warning and the diff say by name; user and password (or
        certificate) of the new connector, and its endpoints, have to be given. The claims for consumer key
        and scopes become what those of a new key manager would be, unless they are other than the former
        connector's.
      - With O(state=absent), only a key manager of O(name) is deleted, and where API Manager does not tell
        whether it is in use not without O(force). One of another name stays, with a warning; where it is in
        use, or may be, that is refused.
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

- name: Sign in by OAuth2, and let only subscribers use the key manager
  carbonops.wso2.apim_key_manager:
    auth: oauth2
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7
    permissions:
      permission_type: ALLOW
      roles: [Internal/subscriber]

- name: Take over the key manager of the older connector; --check --diff shows first what would differ
  carbonops.wso2.apim_key_manager:
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7
    adopt: true
    is7_url: https://localhost:9444
    connector_configuration:
      username: admin
      password: "{{ is7_admin_password }}"

- name: Register a key manager of another type, by the names that its connector has for its fields
  carbonops.wso2.apim_key_manager:
    auth: token
    token: "{{ apim_token }}"
    name: Auth0
    type: Auth0
    issuer: https://tenant.auth0.example/
    client_registration_endpoint: https://tenant.auth0.example/oidc/register
    # Auth0 has no introspection, but API Manager wants a URL of everybody.
    introspection_endpoint: https://tenant.auth0.example/oauth/token
    token_endpoint: https://tenant.auth0.example/oauth/token
    revoke_endpoint: https://tenant.auth0.example/oauth/revoke
    user_info_endpoint: https://tenant.auth0.example/userinfo
    authorize_endpoint: https://tenant.auth0.example/authorize
    certificates:
      value: https://tenant.auth0.example/.well-known/jwks.json
    additional_properties:
      client_id: "{{ auth0_client_id }}"
      audience: https://tenant.auth0.example/api/v2/
    secret_properties:
      client_secret: "{{ auth0_client_secret }}"

- name: Remove the first one
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
  description:
    - The key manager, read back, with the API's own field names and secrets masked. In check mode as it
      would
      be.
  type: dict
  returned: O(state=present)
sources:
  description:
    - Where the value of each field that was written comes from, V(option), V(discovery), V(is7_url) or
      V(default). The diff says it too.
  type: dict
  returned: O(state=present)
  sample: {issuer: discovery, userInfoEndpoint: is7_url, displayName: option}
discovered:
  description:
    - What discovery said, with O(discover=true), by the API's own field names. Empty without it, and in
      check
      mode where discovery failed.
  type: dict
  returned: O(state=present)
  contains:
    issuer:
      description: What the server puts into its tokens as C(iss).
      type: str
      sample: https://localhost:9444/oauth2/token
adopted:
  description:
    - The key manager that O(adopt) has found where it is not of O(name) and O(type), as it was; else null.
  type: dict
  returned: O(state=present)
  contains:
    name:
      description: Its name, which it keeps.
      type: str
      sample: Old IS
    type:
      description: The type that it had.
      type: str
      sample: WSO2-IS
    not_carried_over:
      description: Connector fields that it has lost, or would lose, with its type.
      type: list
      elements: str
      sample: [km_admin_as_app_owner]
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

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connection import (
    APIM_ARGUMENTS,
    connect_apim,
    read_given,
    take_additional,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.ensure import (
    Outcome,
    Rules,
    ensure_absent,
    ensure_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.options import ARGUMENTS
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import describe_sources
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish


def main() -> None:
    module = AnsibleModule(argument_spec={**APIM_ARGUMENTS, **ARGUMENTS}, supports_check_mode=True)
    finish(module, lambda: run(module))


def run(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    additional = take_additional(module)
    client = connect_apim(module)
    given = read_given(module, additional)
    client.hide(given.secret_texts)
    options = module.params
    api = AdminApi(client, everywhere=options["global"])
    rules = Rules(
        only_plan=module.check_mode,
        discover=options["discover"],
        verify_issuer=options["verify_issuer"],
        allow_shared_issuer=options["allow_shared_issuer"],
        force=options["force"],
        adopt=options["adopt"],
    )
    if options["state"] == "absent":
        return result_of(module, ensure_absent(api, given, rules, module.warn))
    outcome = ensure_present(api, given, rules, module.warn)
    identity = {"id": outcome.now["id"]} if "id" in outcome.now else {}
    return {
        **result_of(module, outcome),
        **identity,
        "key_manager": outcome.now,
        "sources": outcome.plan.sources,
        "discovered": outcome.discovered,
        "adopted": outcome.adopted,
    }


def result_of(module: AnsibleModule, outcome: Outcome) -> dict[str, t.Any]:
    """What both states return; the plan's warnings are given."""
    plan = outcome.plan
    for warning in plan.warnings:
        module.warn(warning)
    diff: dict[str, t.Any] = {"before": plan.before, "after": plan.after}
    if plan.sources:
        diff["prepared"] = describe_sources(plan)
    return {"changed": plan.action != "none", "diff": diff}


if __name__ == "__main__":
    main()
