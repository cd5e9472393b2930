# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the fields of a key manager and of its connector, and their names as options.

``FIELDS`` and ``CONNECTOR_FIELDS`` are the one table of them: the module's argument spec follows from it, and
so does what is sent, compared and masked. Pure.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._is7.profile import TYPE
from .token_certificate import api_form

KeyManager = t.Dict[str, t.Any]
Arguments = t.Dict[str, t.Dict[str, t.Any]]

# Kinds of fields. A set is a list of texts in any order.
TEXT, FLAG, CHOICE, SET, LIST, DICT = "text", "flag", "choice", "set", "list", "dict"

_ARGUMENT_OF_KIND: Arguments = {
    TEXT: {"type": "str"},
    FLAG: {"type": "bool"},
    CHOICE: {"type": "str"},
    SET: {"type": "list", "elements": "str"},
    LIST: {"type": "list", "elements": "dict"},
    DICT: {"type": "dict"},
}
_REQUIRED_TEXT = {"type": "str", "required": True}


@dataclasses.dataclass(frozen=True)
class Field:
    """One field by the API's name.

    ``default`` is sent with a creation where nobody says another, unless it is None. ``limit`` is the most
    characters that it may have. ``below`` are the suboptions. A secret belongs to what ``credential`` fields
    say. ``option`` is its name as an option, which
    follows from the API's unless another is given.
    """

    name: str
    kind: str = TEXT
    default: t.Any = None
    limit: int | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    below: Arguments = dataclasses.field(default_factory=dict)
    option: str = ""
    credential: bool = False

    def __post_init__(self) -> None:
        if not self.option:
            object.__setattr__(self, "option", snake_case(self.name))

    @property
    def argument(self) -> dict[str, t.Any]:
        """The option as Ansible takes it. Some names look like secrets to Ansible, which would warn."""
        argument = {**_ARGUMENT_OF_KIND[self.kind], "no_log": self.secret}
        if self.choices:
            argument["choices"] = list(self.choices)
        if self.below:
            argument["options"] = self.below
        return argument


def snake_case(name: str) -> str:
    """``enableOAuthAppCreation`` as ``enable_oauth_app_creation``."""
    parts = re.findall(r"OAuth|[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return "_".join(part.lower() for part in parts)


def camel_case(name: str) -> str:
    """``remote_claim`` as ``remoteClaim``."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


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
    Field("endpoints", LIST, below={"name": _REQUIRED_TEXT, "value": _REQUIRED_TEXT}),
    Field("availableGrantTypes", SET),
    Field(
        "certificates",
        DICT,
        below={
            "type": {"type": "str", "choices": ["JWKS", "PEM"], "default": "JWKS"},
            "value": _REQUIRED_TEXT,
        },
    ),
    Field("tokenType", CHOICE, "DIRECT", choices=("DIRECT", "EXCHANGED", "BOTH")),
    Field("consumerKeyClaim"),
    Field("scopesClaim"),
    Field(
        "claimMapping",
        LIST,
        (),
        below={
            "remote_claim": {**_REQUIRED_TEXT, "aliases": ["remoteClaim"]},
            "local_claim": {**_REQUIRED_TEXT, "aliases": ["localClaim"]},
        },
    ),
    Field(
        "tokenValidation",
        LIST,
        (),
        below={
            "id": {"type": "int"},
            "enable": {"type": "bool", "default": True},
            "type": {"type": "str", "choices": ["REFERENCE", "JWT", "CUSTOM"], "required": True},
            "value": {"type": "raw"},
        },
    ),
    Field(
        "permissions",
        DICT,
        below={
            "permission_type": {
                "type": "str",
                "choices": ["PUBLIC", "ALLOW", "DENY"],
                "aliases": ["permissionType"],
            },
            "roles": {"type": "list", "elements": "str"},
        },
    ),
    Field("allowedOrganizations", SET),
    Field("enableTokenGeneration", FLAG, True),
    Field("enableMapOAuthConsumerApps", FLAG, True),
    Field("enableOAuthAppCreation", FLAG, True),
    Field("enableSelfValidationJWT", FLAG, True),
    Field("enableTokenEncryption", FLAG, False),
    Field("enableTokenHashing", FLAG, False),
)
BY_NAME = {field.name: field for field in FIELDS}

# By the connector's names; the options are those of connector_configuration.
CONNECTOR_FIELDS = (
    Field("Username", credential=True),
    Field("Password", secret=True),
    Field("Authentication", CHOICE, choices=("BasicAuth", "MutualTLS"), credential=True),
    Field("IdentityUser"),
    Field("api_resource_management_endpoint", option="api_resource_management_endpoint"),
    Field("is7_roles_endpoint", option="roles_endpoint"),
    Field("enable_roles_creation", FLAG, option="enable_roles_creation"),
)
CONNECTOR_SECRETS = frozenset(field.name for field in CONNECTOR_FIELDS if field.secret)

# What the connector calls an endpoint, and the field that it is.
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
# Additional properties that API Manager writes itself, from the field.
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


def _argument_by_either_name(field: Field) -> dict[str, t.Any]:
    """The option, by the API's name too, so that what is read can be given again."""
    return field.argument if field.option == field.name else {**field.argument, "aliases": [field.name]}


# Every option of apim_key_manager but those for reaching API Manager.
ARGUMENTS: Arguments = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "type": {"type": "str", "default": TYPE},
    "global": {"type": "bool", "default": False, "aliases": ["isGlobal"]},
    "is7_url": {"type": "str"},
    "is7_public_url": {"type": "str"},
    "discover": {"type": "bool", "default": False},
    "verify_issuer": {"type": "bool", "default": False},
    **{field.option: _argument_by_either_name(field) for field in FIELDS},
    "connector_configuration": {
        "type": "dict",
        "options": {field.option: field.argument for field in CONNECTOR_FIELDS},
    },
    # Not logged when the module begins, as one of them may be a secret that was given there by mistake.
    "additional_properties": {"type": "dict", "aliases": ["additionalProperties"], "no_log": True},
    "secret_properties": {"type": "dict", "no_log": True},
    "constraints": {"type": "dict"},
    "update_secrets": {
        "type": "str",
        "choices": ["on_create", "always"],
        "default": "on_create",
        "no_log": False,
    },
    "allow_shared_issuer": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "adopt": {"type": "bool", "default": False},
}


def from_options(options: t.Mapping[str, t.Any]) -> KeyManager:
    """The fields that a module's options give, in the API's form."""
    given = {
        field.name: _api_form(options[field.option])
        for field in FIELDS
        if options.get(field.option) is not None
    }
    if "certificates" in given:
        given["certificates"] = api_form(given["certificates"])
    return given


def connector_from_options(options: t.Mapping[str, t.Any]) -> KeyManager:
    """The connector's fields that the suboptions of connector_configuration give, but for its secrets."""
    return {
        field.name: options[field.option]
        for field in CONNECTOR_FIELDS
        if options.get(field.option) is not None and not field.secret
    }


def _api_form(value: t.Any) -> t.Any:
    """Suboptions by the API's names, without those that were not given."""
    if isinstance(value, dict):
        return {camel_case(key): item for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_api_form(item) for item in value]
    return value


def as_options(key_manager: KeyManager) -> dict[str, t.Any]:
    """A key manager as the module's options, to be given as they are; secrets are masked in it."""
    fields = {
        field.option: _option_form(field, key_manager[field.name])
        for field in FIELDS
        if key_manager.get(field.name) not in (None, "", []) or field.name == "availableGrantTypes"
    }
    properties = {
        name: value
        for name, value in (key_manager.get("additionalProperties") or {}).items()
        if name not in FIELD_PROPERTIES
    }
    return {
        "name": key_manager.get("name"),
        "type": key_manager.get("type"),
        **fields,
        "additional_properties": properties,
    }


def _option_form(field: Field, value: t.Any) -> t.Any:
    """The value with its members by the names of the suboptions."""
    if isinstance(value, list):
        return [_option_form(field, item) for item in value]
    if isinstance(value, dict):
        return {
            name: value[camel_case(name)] for name in field.below if value.get(camel_case(name)) is not None
        }
    return value
