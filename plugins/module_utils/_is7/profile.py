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

from .._http.url import origin

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


# What browsers and client applications call, and what is only compared; the rest is called by API Manager.
PUBLIC = ("issuer", "displayTokenEndpoint", "displayRevokeEndpoint", "authorizeEndpoint")
# What discovery says of the endpoints that client applications are shown.
_SHOWN_AS = {"displayTokenEndpoint": "tokenEndpoint", "displayRevokeEndpoint": "revokeEndpoint"}


def profile(is7_url: str, public_url: str | None = None) -> dict[str, t.Any]:
    """The key manager's fields that follow from the server's URL and its public one, if it has another."""
    fields: dict[str, t.Any] = {name: is7_url + path for name, path in _ENDPOINTS.items()}
    fields.update(public_profile(public_url or is7_url))
    fields["certificates"] = {"type": "JWKS", "value": f"{is7_url}/oauth2/jwks"}
    fields["availableGrantTypes"] = list(GRANT_TYPES)
    return fields


def public_profile(public_url: str) -> dict[str, t.Any]:
    """The fields that follow from the URL by which browsers and client applications call the server."""
    return {name: public_url + _ENDPOINTS[name] for name in PUBLIC}


def discovered_elsewhere(discovered: t.Mapping[str, t.Any], is7_url: str) -> dict[str, t.Any] | None:
    """What discovery says of a server whose public URL is another one than that of API Manager's calls.

    Endpoints below its public URL that API Manager itself calls are moved to ``is7_url``; those that client
    applications are shown stay. None where it has only the one URL.
    """
    public_url = str(discovered.get("issuer") or "").removesuffix(TOKEN_PATH)
    if not public_url or origin(public_url) in (origin(is7_url), ""):
        return None
    shown = {name: discovered[source] for name, source in _SHOWN_AS.items() if discovered.get(source)}
    return {
        **{
            name: value if name in PUBLIC else _moved(value, public_url, is7_url)
            for name, value in discovered.items()
        },
        **shown,
    }


def _moved(value: t.Any, public_url: str, is7_url: str) -> t.Any:
    """A URL, or what holds one as its value, below another base."""
    if isinstance(value, dict) and isinstance(value.get("value"), str):
        return {**value, "value": _moved(value["value"], public_url, is7_url)}
    if isinstance(value, str) and value.startswith(f"{public_url}/"):
        return is7_url + value[len(public_url) :]
    return value


def connector_profile(is7_url: str, known: t.Container[str]) -> dict[str, t.Any]:
    """The connector's fields that follow from it, as far as this API Manager's connector knows them."""
    return {name: is7_url + path for name, path in CONNECTOR_ENDPOINTS.items() if name in known}
