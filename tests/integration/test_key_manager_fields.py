"""Every field of a key manager in every state, through the module, on both tiers: given, given again,
changed, no longer given, emptied.
"""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import pytest
from support.api_managers import ApiManager
from support.cases import Happened
from support.certificates import rsa_signed
from support.openapi import AdminApiDocument

PEM, OTHER_PEM = rsa_signed().pem.strip(), rsa_signed().pem.strip()
NEVER = object()


class Case(NamedTuple):
    """An option: its value when the key manager is made, another one, and the one that empties it; and the
    field with what it then reads.
    """

    option: str
    first: Any
    other: Any
    empty: Any
    field: str
    first_read: Any = None
    other_read: Any = None
    empty_read: Any = None


def text(option: str, field: str, empty: Any = "", empty_read: Any = None) -> Case:
    return Case(
        option, f"https://first/{option}", f"https://other/{option}", empty, field, empty_read=empty_read
    )


def flag(option: str, field: str, first: bool = True) -> Case:
    return Case(option, first, not first, NEVER, field)


def stored_pem(pem: str) -> dict[str, str]:
    return {"type": "PEM", "value": base64.b64encode(pem.encode()).decode()}


CASES = [
    Case("display_name", "Seven", "Seven and a half", NEVER, "displayName"),
    Case("description", "Words, ünd more", "x" * 256, "", "description", empty_read=""),
    flag("enabled", "enabled"),
    text("well_known_endpoint", "wellKnownEndpoint"),
    text("issuer", "issuer", NEVER),
    text("client_registration_endpoint", "clientRegistrationEndpoint", NEVER),
    text("introspection_endpoint", "introspectionEndpoint", NEVER),
    text("token_endpoint", "tokenEndpoint", NEVER),
    text("display_token_endpoint", "displayTokenEndpoint"),
    text("revoke_endpoint", "revokeEndpoint", NEVER),
    text("display_revoke_endpoint", "displayRevokeEndpoint"),
    Case("user_info_endpoint", "https://first/scim2/Me", "https://other/SCIM2/me", NEVER, "userInfoEndpoint"),
    text("authorize_endpoint", "authorizeEndpoint"),
    text("scope_management_endpoint", "scopeManagementEndpoint", NEVER),
    Case("consumer_key_claim", "client", "aud", "", "consumerKeyClaim", empty_read="azp"),
    Case("scopes_claim", "scp", "scopes", "", "scopesClaim", empty_read="scope"),
    Case(
        "available_grant_types",
        ["password", "client_credentials"],
        ["refresh_token", "iwa:ntlm"],
        [],
        "availableGrantTypes",
        empty_read=[],
    ),
    Case(
        "certificates",
        {"type": "JWKS", "value": "https://first/jwks"},
        {"type": "JWKS", "value": "https://other/jwks"},
        NEVER,
        "certificates",
    ),
    Case(
        "certificates",
        {"type": "PEM", "value": PEM},
        {"type": "PEM", "value": OTHER_PEM},
        NEVER,
        "certificates",
        stored_pem(PEM),
        stored_pem(OTHER_PEM),
    ),
    Case(
        "claim_mapping",
        [{"remote_claim": "sub", "local_claim": "user"}, {"remote_claim": "groups", "local_claim": "roles"}],
        [{"remote_claim": "sub", "local_claim": "name"}],
        [],
        "claimMapping",
        [{"remoteClaim": "sub", "localClaim": "user"}, {"remoteClaim": "groups", "localClaim": "roles"}],
        [{"remoteClaim": "sub", "localClaim": "name"}],
        [],
    ),
    Case(
        "token_validation",
        [{"id": 1, "enable": True, "type": "JWT", "value": {"body": {"iss": "is7", "level": "3"}}}],
        [{"id": 1, "enable": False, "type": "REFERENCE", "value": "[0-9a-f]+"}],
        [],
        "tokenValidation",
        [{"id": 1, "enable": True, "type": "JWT", "value": {"body": {"iss": "is7", "level": "3"}}}],
        None,
        [],
    ),
    Case(
        "permissions",
        {"permission_type": "ALLOW", "roles": ["admin", "Internal/everyone"]},
        {"permission_type": "DENY", "roles": ["admin"]},
        {"permission_type": "PUBLIC"},
        "permissions",
        {"permissionType": "ALLOW", "roles": ["admin", "Internal/everyone"]},
        {"permissionType": "DENY", "roles": ["admin"]},
        {"permissionType": "PUBLIC", "roles": []},
    ),
    Case("allowed_organizations", ["north", "south"], ["east"], [], "allowedOrganizations", empty_read=[]),
    flag("enable_token_generation", "enableTokenGeneration"),
    flag("enable_map_oauth_consumer_apps", "enableMapOAuthConsumerApps"),
    flag("enable_oauth_app_creation", "enableOAuthAppCreation"),
    flag("enable_self_validation_jwt", "enableSelfValidationJWT"),
    flag("enable_token_encryption", "enableTokenEncryption", False),
    flag("enable_token_hashing", "enableTokenHashing", False),
]
# What WSO2's classes cannot do here.
EXCHANGE = [
    Case("token_type", "EXCHANGED", "BOTH", NEVER, "tokenType"),
    Case("alias", "https://apim/first", "https://apim/other", "", "alias", empty_read=""),
]
# The connector's own fields, which lie among the additional properties.
CONNECTOR = [
    Case("username", "admin", "other", NEVER, "Username"),
    Case("roles_endpoint", "https://first/roles", "https://other/roles", NEVER, "is7_roles_endpoint"),
    Case(
        "api_resource_management_endpoint",
        "https://first/resources",
        "https://other/resources",
        NEVER,
        "api_resource_management_endpoint",
    ),
    Case("enable_roles_creation", True, False, NEVER, "enable_roles_creation"),
]
# One case of the two kinds of certificates can be the first.
ALL = [case for case in CASES if case.first_read != stored_pem(PEM)]


def read(value: Any) -> Any:
    """Lists of texts have no order."""
    if isinstance(value, dict):
        return {name: read(item) for name, item in value.items()}
    return sorted(value) if isinstance(value, list) and value and isinstance(value[0], str) else value


def told(outcome: Any, side: str, field: str) -> Any:
    return read(outcome["diff"][side].get(field))


def test_every_field_is_made_as_given_and_left_alone(apim: ApiManager, happened: Happened) -> None:
    options = {case.option: case.first for case in ALL}
    planned = apim.register(check=True, **options)
    assert planned["changed"], planned
    assert apim.stored() == {}
    made = apim.register(**options)
    assert made["changed"]
    stored = apim.stored()
    for case in ALL:
        expected = read(case.first if case.first_read is None else case.first_read)
        assert read(stored[case.field]) == expected, case.option
        assert read(made["key_manager"][case.field]) == expected, case.option
    apim.writes()
    for check in (True, False):
        assert not apim.register(check=check, **options)["changed"]
        assert not apim.run(check=check)["changed"], "what is no longer given stays"
    assert apim.writes() == []
    assert apim.stored() == stored
    happened(
        part(apim),
        "Every field given at once, given again, no longer given",
        f"{len(ALL)} fields read back as given; then unchanged",
    )


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=lambda case: f"{case.option}-{case.first['type']}" if case.option == "certificates" else case.option,
)
def test_one_field_is_changed_and_emptied_alone(apim: ApiManager, case: Case) -> None:
    assert apim.register(**{case.option: case.first})["changed"]
    change_and_empty(apim, case, {})


@pytest.mark.parametrize("case", EXCHANGE, ids=lambda case: case.option)
def test_one_field_of_token_exchange_is_changed_and_emptied_alone(
    stand_in: ApiManager, document: AdminApiDocument, case: Case
) -> None:
    others = {"token_type": "EXCHANGED"} if case.option == "alias" else {}
    assert stand_in.register(**others, **{case.option: case.first})["changed"]
    change_and_empty(stand_in, case, others)
    assert stand_in.faults(document) == []
    stand_in.clear()


def change_and_empty(apim: ApiManager, case: Case, others: dict[str, Any]) -> None:
    steps = [(case.other, case.other_read)] + ([] if case.empty is NEVER else [(case.empty, case.empty_read)])
    for value, value_read in steps:
        expected = read(value if value_read is None and value is not case.empty else value_read)
        options = {**others, case.option: value}
        before = apim.stored()
        apim.writes()
        planned = apim.register(check=True, **options)
        assert planned["changed"], (case.option, planned)
        assert apim.writes() == []
        assert apim.stored() == before
        done = apim.register(**options)
        after = apim.stored()
        assert done["changed"], (case.option, done)
        assert one_put(apim, after["id"])
        assert changed_fields(before, after) - {"additionalProperties"} == {case.field}
        assert read(after[case.field]) == expected
        for outcome in (planned, done):
            assert told(outcome, "before", case.field) == read(before[case.field])
            assert same(told(outcome, "after", case.field), expected)
        for check in (True, False):
            again = apim.register(check=check, **options)
            assert not again["changed"], (case.option, again["diff"])
        assert apim.writes() == []


@pytest.mark.parametrize("case", CONNECTOR, ids=lambda case: case.option)
def test_one_connector_field_is_changed_alone(apim: ApiManager, case: Case) -> None:
    secret = {"username": "admin", "password": "C0nnector.of-is7"}
    assert apim.register(connector_configuration={**secret, case.option: case.first})["changed"]
    before = apim.stored()
    assert before["additionalProperties"][case.field] == case.first
    assert not apim.register(connector_configuration={**secret, case.option: case.first})["changed"]
    password = {"password": secret["password"]} if case.option == "username" else {}
    wanted = {"connector_configuration": {case.option: case.other, **password}}
    assert apim.run(check=True, **wanted)["changed"]
    assert apim.stored() == before
    apim.writes()
    assert apim.run(**wanted)["changed"]
    assert one_put(apim, before["id"])
    after = apim.stored()
    assert after == {
        **before,
        "additionalProperties": {**before["additionalProperties"], case.field: case.other},
    }
    for check in (True, False):
        assert not apim.run(check=check, **wanted)["changed"]
    assert not apim.run()["changed"]


def part(apim: ApiManager) -> str:
    return f"Key manager on the tier {apim.tier}"


def one_put(apim: ApiManager, identifier: str) -> bool:
    """Told by the stand-in only."""
    sent = apim.writes()
    return apim.stand_in is None or sent == [("PUT", f"/key-managers/{identifier}")]


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def same(one: Any, other: Any) -> bool:
    """Empty is as good as absent in a plan."""
    return (one or None) == (other or None)
