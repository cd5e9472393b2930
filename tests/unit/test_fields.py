"""Every field of the schema, from option to the server and back: the same twice is unchanged, another one is
one change.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.compare import equal, normalise, tidy
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.options import (
    ARGUMENTS,
    CONNECTOR_FIELDS,
    ENDPOINT_FIELDS,
    FIELDS,
    camel_case,
    connector_from_options,
    from_options,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from support.certificates import rsa_signed

PEM = rsa_signed().pem.strip()
OTHER_PEM = rsa_signed().pem
# The properties of the schema KeyManager in API Manager 4.7, but id and global, which are only read, and
# those with an option that is no field.
SCHEMA = {
    "displayName", "description", "wellKnownEndpoint", "introspectionEndpoint", "clientRegistrationEndpoint",
    "tokenEndpoint",
    "displayTokenEndpoint", "revokeEndpoint", "displayRevokeEndpoint", "userInfoEndpoint",
    "authorizeEndpoint", "endpoints", "certificates",
    "issuer", "alias", "scopeManagementEndpoint", "availableGrantTypes", "enableTokenGeneration",
    "enableTokenEncryption", "enableTokenHashing",
    "enableMapOAuthConsumerApps", "enableOAuthAppCreation", "enableSelfValidationJWT", "claimMapping",
    "consumerKeyClaim", "scopesClaim",
    "tokenValidation", "enabled", "permissions", "tokenType", "allowedOrganizations",
}  # fmt: skip
OPTIONS = {
    "enableMapOAuthConsumerApps": "enable_map_oauth_consumer_apps",
    "enableOAuthAppCreation": "enable_oauth_app_creation",
    "enableSelfValidationJWT": "enable_self_validation_jwt",
    "userInfoEndpoint": "user_info_endpoint",
    "enabled": "enabled",
    "availableGrantTypes": "available_grant_types",
}


def test_every_field_of_the_schema_has_an_option() -> None:
    assert {field.name for field in FIELDS} == SCHEMA
    assert {
        name: option for name, option in ((field.name, field.option) for field in FIELDS) if name in OPTIONS
    } == OPTIONS
    assert all(camel_case(field.option).lower() == field.name.lower() for field in FIELDS)
    assert set(ENDPOINT_FIELDS.values()) <= SCHEMA


def test_suboptions_are_sent_by_the_servers_names_and_a_pem_in_base64() -> None:
    options: dict[str, Any] = {
        **dict.fromkeys(field.option for field in FIELDS),
        "claim_mapping": [{"remote_claim": "a", "local_claim": "b"}],
        "token_validation": [{"id": None, "enable": True, "type": "JWT", "value": {"some_name": 1}}],
        "permissions": {"permission_type": "ALLOW", "roles": ["x"]},
        "certificates": {"type": "PEM", "value": f"text before\n{PEM}\n"},
        "enabled": False,
    }
    assert from_options(options) == {
        "enabled": False,
        "claimMapping": [{"remoteClaim": "a", "localClaim": "b"}],
        "tokenValidation": [{"enable": True, "type": "JWT", "value": {"some_name": 1}}],
        "permissions": {"permissionType": "ALLOW", "roles": ["x"]},
        "certificates": {"type": "PEM", "value": base64.b64encode(PEM.encode()).decode()},
    }
    assert options["certificates"]["value"] == f"text before\n{PEM}\n", (
        "the module's own arguments were changed"
    )


def test_every_field_of_the_table_is_an_option_with_its_kind_and_choices() -> None:
    for field in FIELDS:
        assert {**ARGUMENTS[field.option], "aliases": None} == {**field.argument, "aliases": None}
        assert field.name in (field.option, *ARGUMENTS[field.option].get("aliases", []))
    below = ARGUMENTS["connector_configuration"]["options"]
    assert list(below) == [field.option for field in CONNECTOR_FIELDS]
    assert [name for name, argument in below.items() if argument["no_log"]] == ["password"]
    assert ARGUMENTS["token_type"]["choices"] == ["DIRECT", "EXCHANGED", "BOTH"]
    assert below["enable_roles_creation"]["type"] == "bool"


def test_the_connectors_fields_go_by_its_own_names_and_its_secrets_another_way() -> None:
    options = {
        "username": "admin",
        "password": "Geheim",
        "roles_endpoint": "https://r",
        "authentication": None,
    }
    assert connector_from_options(options) == {"Username": "admin", "is7_roles_endpoint": "https://r"}


def pem(text: str) -> dict[str, str]:
    return {"type": "PEM", "value": base64.b64encode(text.encode()).decode()}


# Field, given, read back (as measured on API Manager's own classes), another value.
READ_BACK: list[tuple[str, Any, Any, Any]] = [
    ("displayName", " a ", " a ", "b"),
    ("description", "", None, "x"),
    ("enabled", True, True, False),
    ("availableGrantTypes", ["b", "a", "b", " "], ["b", "a", "b", " "], ["a"]),
    ("availableGrantTypes", [], None, ["a"]),
    ("certificates", {"type": "JWKS", "value": " v "}, {"type": "JWKS", "value": "v"},
        {"type": "PEM", "value": "v"}),
    ("certificates", pem(PEM), pem("before\r\n" + PEM.replace("\n", "\r\n")), pem(OTHER_PEM)),
    ("tokenType", "DIRECT", "DIRECT", "BOTH"),
    ("claimMapping", [{"remoteClaim": "a", "localClaim": "b"}, {"remoteClaim": "c", "localClaim": "d"}],
     [{"remoteClaim": "c", "localClaim": "d"}, {"remoteClaim": "a", "localClaim": "b"}],
     [{"remoteClaim": "a", "localClaim": "d"}]),
    ("claimMapping", [], None, [{"remoteClaim": "a", "localClaim": "b"}]),
    ("tokenValidation", [{"type": "JWT", "value": {"n": 3}}],
        [{"id": None, "enable": True, "type": "JWT", "value": {"n": 3.0}}],
     [{"enable": False, "type": "JWT", "value": {"n": 3}}]),
    ("tokenValidation", [{"id": 1, "type": "REFERENCE", "value": "a"}, {"id": 2, "type": "CUSTOM"}],
     [{"id": 1, "enable": True, "type": "REFERENCE", "value": "a"},
         {"id": 2, "enable": True, "type": "CUSTOM", "value": None}],
     [{"id": 2, "type": "CUSTOM"}, {"id": 1, "type": "REFERENCE", "value": "a"}]),
    ("permissions", {"permissionType": "PUBLIC"}, {"permissionType": "PUBLIC", "roles": []},
        {"permissionType": "ALLOW", "roles": ["admin"]}),
    ("permissions", {"permissionType": "ALLOW", "roles": []}, {"permissionType": "PUBLIC", "roles": []},
        {"permissionType": "ALLOW", "roles": ["a"]}),
    ("permissions", {"permissionType": "ALLOW", "roles": ["a", "b", "a"]},
        {"permissionType": "ALLOW", "roles": ["b", "a"]},
     {"permissionType": "DENY", "roles": ["a", "b"]}),
    ("allowedOrganizations", ["b", "a"], ["a", "b"], ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "read", "other"), READ_BACK, ids=lambda item: item if isinstance(item, str) else ""
)
def test_what_is_read_back_is_what_was_given(field: str, value: Any, read: Any, other: Any) -> None:
    assert equal(value, read, field)
    assert equal(tidy(value, field), value, field)
    assert not equal(other, read, field)
    assert not equal(value, other, field)


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [(3600, 3600.0, True), (2**53 + 1, float(2**53), True), (1, True, False), (0, None, False)],
)
def test_numbers_are_read_back_as_floats_and_are_no_switches(one: Any, other: Any, are_equal: bool) -> None:
    assert equal(one, other) is are_equal


def test_nothing_is_sent_twice_in_a_set_nor_with_blanks_around_it() -> None:
    assert tidy([" b", "a", "b "], "availableGrantTypes") == ["b", "a"]
    assert tidy({"permissionType": "ALLOW", "roles": ["x", "x "]}, "permissions") == {
        "permissionType": "ALLOW",
        "roles": ["x"],
    }
    assert tidy([{"remoteClaim": "a"}], "claimMapping") == [{"remoteClaim": "a"}]
    assert (tidy(" a\n", "description"), tidy(False, "enabled")) == ("a", False)


WORDS = st.lists(st.text(max_size=4), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["availableGrantTypes", "allowedOrganizations"]), WORDS, st.randoms(use_true_random=False)
)
def test_a_set_is_the_same_in_any_order_and_tidied(field: str, words: list[str], random: Any) -> None:
    shuffled = [*words, *words[:1]]
    random.shuffle(shuffled)
    assert equal(words, shuffled, field)
    assert normalise(tidy(words, field), field) == normalise(words, field)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30) | st.text(max_size=12).map(str.encode))
def test_any_pem_text_is_the_same_as_itself_in_base64_and_text_that_is_none_is_compared_as_it_is(
    raw: bytes,
) -> None:
    encoded = base64.b64encode(raw).decode()
    assert equal({"type": "PEM", "value": encoded}, {"type": "PEM", "value": f" {encoded}\n"}, "certificates")
    assert equal(
        {"type": "PEM", "value": "no base64!"}, {"type": "PEM", "value": " no base64! "}, "certificates"
    )
    assert not equal(
        {"type": "JWKS", "value": encoded + "x"}, {"type": "JWKS", "value": encoded + "y"}, "certificates"
    )
