# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the fields of a key manager in the Admin REST API, and their names as options.
Pure.
"""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t

KeyManager = t.Dict[str, t.Any]

TEXT, FLAG, CHOICE, SET, LIST, DICT = "text", "flag", "choice", "set", "list", "dict"


@dataclasses.dataclass(frozen=True)
class Field:
    """One field by the API's name; ``default`` is sent with a creation where nobody says another, unless it
    is None.
    """

    name: str
    kind: str = TEXT
    default: t.Any = None
    limit: int | None = None

    @property
    def option(self) -> str:
        """Its name as an option."""
        return snake_case(self.name)


def snake_case(name: str) -> str:
    """``enableOAuthAppCreation`` as ``enable_oauth_app_creation``."""
    parts = re.findall(r"OAuth|[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return "_".join(part.lower() for part in parts)


def camel_case(name: str) -> str:
    """``remote_claim`` as ``remoteClaim``."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


# The schema KeyManager of the Admin REST API but what is only read (id, global), name and type, and
# additionalProperties.
# Some flags have no default there, and the server answers 500 where one is missing (measured): all are sent.
FIELDS = (
    Field("displayName", limit=100),
    Field("description", limit=256),
    Field("enabled", FLAG, True),
    Field("wellKnownEndpoint"),
    Field("issuer"),
    Field("alias"),
    Field("clientRegistrationEndpoint"),
    Field("introspectionEndpoint"),
    Field("tokenEndpoint"),
    Field("displayTokenEndpoint"),
    Field("revokeEndpoint"),
    Field("displayRevokeEndpoint"),
    Field("userInfoEndpoint"),
    Field("authorizeEndpoint"),
    Field("scopeManagementEndpoint"),
    Field("endpoints", LIST),
    Field("availableGrantTypes", SET),
    Field("certificates", DICT),
    Field("tokenType", CHOICE, "DIRECT"),
    Field("consumerKeyClaim"),
    Field("scopesClaim"),
    Field("claimMapping", LIST, ()),
    Field("tokenValidation", LIST, ()),
    Field("permissions", DICT),
    Field("allowedOrganizations", SET),
    Field("enableTokenGeneration", FLAG, True),
    Field("enableMapOAuthConsumerApps", FLAG, True),
    Field("enableOAuthAppCreation", FLAG, True),
    Field("enableSelfValidationJWT", FLAG, True),
    Field("enableTokenEncryption", FLAG, False),
    Field("enableTokenHashing", FLAG, False),
)
BY_NAME = {field.name: field for field in FIELDS}

# Endpoint by its name in the list ``endpoints`` and in the connector's description -> field. The server
# stores the list's
# values nowhere: it reads them back from these fields (measured).
ENDPOINT_FIELDS = {
    "client_registration_endpoint": "clientRegistrationEndpoint",
    "introspection_endpoint": "introspectionEndpoint",
    "token_endpoint": "tokenEndpoint",
    "display_token_endpoint": "displayTokenEndpoint",
    "revoke_endpoint": "revokeEndpoint",
    "display_revoke_endpoint": "displayRevokeEndpoint",
    "userinfo_endpoint": "userInfoEndpoint",
    "authorize_endpoint": "authorizeEndpoint",
    "scope_endpoint": "scopeManagementEndpoint",
    "well_known_endpoint": "wellKnownEndpoint",
}
# The server keeps these fields among the additional properties and hides them there (read from its classes).
FIELD_PROPERTIES = {
    **ENDPOINT_FIELDS,
    "issuer": "issuer",
    "grant_types": "availableGrantTypes",
    "certificate_type": "certificates",
    "certificate_value": "certificates",
    "claim_mappings": "claimMapping",
    "consumer_key_claim": "consumerKeyClaim",
    "scopes_claim": "scopesClaim",
    "token_format_string": "tokenValidation",
    "enable_oauth_app_creation": "enableOAuthAppCreation",
    "enable_map_oauth_consumer_apps": "enableMapOAuthConsumerApps",
    "enable_token_generation": "enableTokenGeneration",
    "enable_token_hash": "enableTokenHashing",
    "enable_token_encryption": "enableTokenEncryption",
    "self_validate_jwt": "enableSelfValidationJWT",
}


def from_options(options: t.Mapping[str, t.Any]) -> KeyManager:
    """The fields that a module's options give, in the API's form."""
    given = {
        field.name: _api_form(options[field.option])
        for field in FIELDS
        if options.get(field.option) is not None
    }
    certificates = given.get("certificates")
    if certificates and certificates["type"] == "PEM":
        # The API wants the whole PEM text in base64, once more.
        certificates["value"] = base64.b64encode(certificates["value"].strip().encode()).decode()
    return given


def _api_form(value: t.Any) -> t.Any:
    """Suboptions by the API's names, without those that were not given."""
    if isinstance(value, dict):
        return {camel_case(key): item for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_api_form(item) for item in value]
    return value
