"""The connector's fields, from the settings that real versions of API Manager answer with."""

from __future__ import annotations

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.key_managers import settings

SIGN_IN = {"Username": "admin", "Password": "x"}
PLACES = {"api_resource_management_endpoint": "a", "is7_roles_endpoint": "b"}
CHOICE = {"Authentication", "IdentityUser", "MutualTLSOptions", "TenantWideCertificate"}


def connector(version: str) -> Connector:
    return Connector.from_settings(settings(version), "WSO2-IS-7")


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("4.3", set(SIGN_IN)),
        ("4.4", {*SIGN_IN, *PLACES}),
        ("4.7", {*SIGN_IN, *PLACES, *CHOICE, "enable_roles_creation", "user_schema_cache_enabled"}),
    ],
)
def test_fields_are_found_however_deep_they_stand_and_options_are_none(version: str, known: set[str]) -> None:
    found = connector(version)
    assert (found.kind, found.known, found.masked) == ("WSO2-IS-7", known, {"Password"})


@pytest.mark.parametrize(
    ("version", "values", "missing"),
    [
        ("4.3", {}, ["Username", "Password"]),
        ("4.3", SIGN_IN, []),
        ("4.3", {**SIGN_IN, "Password": ""}, ["Password"]),
        ("4.3", {**SIGN_IN, "Username": None}, ["Username"]),
        ("4.4", SIGN_IN, list(PLACES)),
        ("4.7", PLACES, ["Authentication"]),
        ("4.7", {**PLACES, "Authentication": "BasicAuth"}, ["Username", "Password"]),
        ("4.7", {**PLACES, **SIGN_IN, "Authentication": "BasicAuth"}, []),
        ("4.7", {**PLACES, **SIGN_IN, "Authentication": "MutualTLS"}, ["IdentityUser", "MutualTLSOptions"]),
        (
            "4.7",
            {**PLACES, "Authentication": "MutualTLS", "IdentityUser": "u", "MutualTLSOptions": "ServerWide"},
            [],
        ),
        (
            "4.7",
            {**PLACES, "Authentication": "MutualTLS", "IdentityUser": "u", "MutualTLSOptions": "TenantWide"},
            ["TenantWideCertificate"],
        ),
        ("4.7", {**PLACES, **SIGN_IN, "Authentication": "BasicAuth", "enable_roles_creation": False}, []),
    ],
)
def test_a_field_is_required_only_under_the_option_that_is_chosen(
    version: str, values: dict[str, object], missing: list[str]
) -> None:
    assert sorted(connector(version).missing(values)) == sorted(missing)


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        (settings("4.7"), "Auth0, Custom, WSO2-IS, WSO2-IS-7"),
        ({}, "none"),
        ({"keyManagerConfiguration": None}, "none"),
        ({"keyManagerConfiguration": []}, "none"),
    ],
)
def test_a_type_that_the_server_does_not_have_is_refused_with_those_that_it_has(
    answer: dict[str, object], known: str
) -> None:
    with pytest.raises(
        Problem,
        match=rf"^API Manager has no key manager type 'Keycloak' \(it has: {known}\); use a version or update level that has it\.$",
    ):
        Connector.from_settings(answer, "Keycloak")


def test_values_that_are_only_names_are_no_fields() -> None:
    field = {"name": "grant", "required": True, "values": ["a", "b"]}
    found = Connector.from_settings(
        {"keyManagerConfiguration": [{"type": "T", "configurations": [field]}]}, "T"
    )
    assert (found.known, found.missing({"grant": "a"}), found.missing({})) == ({"grant"}, [], ["grant"])


def test_what_the_server_says_of_claims_endpoints_and_fields_set_once_is_taken_from_it() -> None:
    described = {
        "type": "T",
        "defaultConsumerKeyClaim": "cid",
        "defaultScopesClaim": None,
        "configurations": [{"name": "realm", "updateDisabled": True}, {"name": "free"}],
        "endpointConfigurations": [
            {"name": "token_endpoint", "required": True},
            {"name": "revoke_endpoint"},
            {"name": "of_its_own", "required": True},
        ],
    }
    found = Connector.from_settings({"keyManagerConfiguration": [described]}, "T")
    assert (dict(found.claims), found.endpoints, found.fixed) == (
        {"consumerKeyClaim": "cid", "scopesClaim": "scope"},
        ("tokenEndpoint",),
        {"realm"},
    )
    assert found.organizations is False
    assert (
        Connector.from_settings(
            {"keyManagerConfiguration": [described], "orgAccessControlEnabled": False}, "T"
        ).organizations
        is True
    )


CHECKBOX = {"name": "cached", "type": "checkbox", "values": ["Enable"]}
NAMED_CHECKBOX = {"name": "named", "type": "checkbox", "values": [{"name": "Enable"}]}


@pytest.mark.parametrize(
    ("values", "clause"),
    [
        ({"cached": True, "named": False, "Authentication": "BasicAuth"}, None),
        ({"cached": "true"}, "cached is switched by true or false alone"),
        ({"named": 1}, "named is switched by true or false alone"),
        ({"Authentication": "Basic"}, "Authentication is one of BasicAuth, MutualTLS"),
        ({"MutualTLSOptions": "Wide"}, "MutualTLSOptions is one of ServerWide, TenantWide"),
        ({"cached": None, "Username": "any", "unknown": "x"}, None),
    ],
)
def test_a_value_that_a_field_does_not_take_is_told(values: dict[str, object], clause: str | None) -> None:
    (described,) = (
        item for item in settings("4.7")["keyManagerConfiguration"] if item["type"] == "WSO2-IS-7"
    )
    fields = [*described["configurations"], CHECKBOX, NAMED_CHECKBOX]
    found = Connector.from_settings(
        {"keyManagerConfiguration": [{**described, "configurations": fields}]}, "WSO2-IS-7"
    )
    assert found.unfit(values) == clause
