# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a URL of Identity Server 7 says about its key manager.

The table of "Configure WSO2 IS 7 as a Key Manager" (API Manager 4.3.0), with one deviation: that page gives
/scim2/Me as the authorize endpoint; its later editions and IS 7's own discovery document give
/oauth2/authorize.
Pure.
"""

from __future__ import annotations

import typing as t

TYPE = "WSO2-IS-7"
TOKEN_PATH = "/oauth2/token"
USER_INFO_PATH = "/scim2/Me"
WELL_KNOWN = f"{TOKEN_PATH}/.well-known/openid-configuration"

_ENDPOINTS = {
    "issuer": TOKEN_PATH,
    "wellKnownEndpoint": WELL_KNOWN,
    "clientRegistrationEndpoint": "/api/identity/oauth2/dcr/v1.1/register",
    "introspectionEndpoint": "/oauth2/introspect",
    "tokenEndpoint": TOKEN_PATH,
    "displayTokenEndpoint": TOKEN_PATH,
    "revokeEndpoint": "/oauth2/revoke",
    "displayRevokeEndpoint": "/oauth2/revoke",
    "userInfoEndpoint": USER_INFO_PATH,
    "authorizeEndpoint": "/oauth2/authorize",
    "scopeManagementEndpoint": "/api/identity/oauth2/v1.0/scopes",
}
CONNECTOR_ENDPOINTS = {
    "api_resource_management_endpoint": "/api/server/v1/api-resources",
    "is7_roles_endpoint": "/scim2/v2/Roles",
}
GRANT_TYPES = (
    "password",
    "client_credentials",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "iwa:ntlm",
    "urn:ietf:params:oauth:grant-type:device_code",
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)


def profile(is7_url: str) -> dict[str, t.Any]:
    """The key manager's fields that follow from the server's URL."""
    fields: dict[str, t.Any] = {name: is7_url + path for name, path in _ENDPOINTS.items()}
    fields["certificates"] = {"type": "JWKS", "value": f"{is7_url}/oauth2/jwks"}
    fields["availableGrantTypes"] = list(GRANT_TYPES)
    return fields


def connector_profile(is7_url: str, known: t.Container[str]) -> dict[str, t.Any]:
    """The connector's fields that follow from it, as far as this API Manager's connector knows them."""
    return {name: is7_url + path for name, path in CONNECTOR_ENDPOINTS.items() if name in known}
