"""What API Manager would store, answer with success, and not do: refused or told before it is sent."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import Plan, plan_absent, plan_present
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.refuse import refuse_impossible
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.wanted import Given
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import profile
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.cases import Happened
from support.key_managers import KeyManagerServer, given_for, settings
from testbed.standin.releases import RELEASES

PART = "Key managers, nothing silently wrong"
URL = "https://is7.example:9444"
FIRST, SECOND = "pw-Geheim-1", "pw-Geheim-2"
CONNECTORS = {version: Connector.from_settings(settings(version), "WSO2-IS-7") for version in RELEASES}
OTHERS = sorted(RELEASES)
wanted = functools.partial(given_for, URL, FIRST, connector={"Username": "first"})


def run(given: Given, server: KeyManagerServer, version: str = "4.7") -> Plan:
    """Plan and carry out."""
    made = plan_present(given, CONNECTORS[version], {}, server.get())
    if made.action == "created":
        server.post(made.body or {})
    elif made.action == "updated":
        server.put(made.body or {})
    return made


def made_server(version: str = "4.7", given: Given | None = None) -> KeyManagerServer:
    server = KeyManagerServer(version)
    run(given or wanted(), server, version)
    return server


@pytest.mark.parametrize("version", OTHERS)
def test_another_user_comes_with_the_password_of_that_user(version: str, happened: Happened) -> None:
    server = made_server(version)
    other = wanted(connector={"Username": "second"}, secrets={"Password": SECOND})
    made = run(other, server, version)
    assert made.after["additionalProperties"]["Password"] == "***** (new)"
    assert server.password() == SECOND
    assert run(other, server, version).action == "none"
    happened(PART, f"another connector user and password: API Manager {version}", "Both are sent, once")


@pytest.mark.parametrize(
    ("url", "is_other"),
    [
        ("https://is7.example:443", False),
        ("HTTPS://IS7.example", False),
        ("https://is7.example:9444", True),
        ("https://is7.example.org", True),
        ("http://is7.example", True),
    ],
)
def test_a_password_is_sent_again_where_the_server_is_another_one(url: str, is_other: bool) -> None:
    server = made_server(given=wanted(is7_url="https://is7.example"))
    other = wanted(is7_url="https://is7.example", fields={"tokenEndpoint": f"{url}/oauth2/token"})
    made = plan_present(other, CONNECTORS["4.7"], {}, server.get())
    assert made.action == "updated"
    assert ("Password" in made.sources) == is_other


@pytest.mark.parametrize("version", OTHERS)
@pytest.mark.parametrize("secrets", [{}, {"Password": "*****"}], ids=["none", "the mask"])
def test_another_user_without_a_password_is_refused(version: str, secrets: dict[str, str]) -> None:
    server = made_server(version)
    with pytest.raises(
        Problem, match="would change Username and leave the Password that is stored; give that"
    ):
        run(wanted(connector={"Username": "second"}, secrets=secrets), server, version)
    assert server.password() == FIRST


@pytest.mark.parametrize("version", ["4.6", "4.7"])
def test_another_way_to_sign_in_comes_with_what_it_needs(version: str) -> None:
    server = made_server(version)
    mutual = wanted(connector={"Authentication": "MutualTLS", "IdentityUser": "apim"}, secrets={})
    assert run(mutual, server, version).action == "updated"
    back = wanted(connector={"Authentication": "BasicAuth", "Username": "first"}, secrets={})
    with pytest.raises(Problem, match="would change Authentication and leave the Password that is stored"):
        run(back, server, version)
    run(dataclasses.replace(back, secrets={"Password": SECOND}), server, version)
    assert server.password() == SECOND


def test_another_server_gets_the_password_that_is_given() -> None:
    server = made_server()
    run(wanted(is7_url="https://moved.example:9444", secrets={"Password": SECOND}), server)
    assert server.password() == SECOND


def test_what_a_password_does_not_belong_to_leaves_it() -> None:
    server = made_server()
    for change in (
        {"fields": {"description": "changed"}},
        {"connector": {"Username": "first", "enable_roles_creation": True}},
        {"connector": {"Username": "first", "is7_roles_endpoint": f"{URL}/roles"}},
    ):
        assert run(wanted(**change, secrets={"Password": SECOND}), server).action == "updated"
    assert server.password() == FIRST


OTHER_TYPE = {
    "type": "Auth0",
    "configurations": [
        {"name": "client_id", "type": "input", "required": True},
        {"name": "client_secret", "type": "input", "required": True, "mask": True},
        {"name": "audience", "type": "input", "required": True},
    ],
}


def test_a_client_of_another_type_comes_with_its_secret() -> None:
    auth0 = Connector.from_settings({"keyManagerConfiguration": [OTHER_TYPE]}, "Auth0")
    usual = {"type": "Auth0", "is7_url": None, "connector": {}}
    one = wanted(**usual, additional={"client_id": "a", "audience": "x"}, secrets={"client_secret": FIRST})
    stored = {**(plan_present(one, auth0, {}, None).body or {}), "id": "1"}
    stored["additionalProperties"]["client_secret"] = "*****"
    assert plan_present(one, auth0, {}, stored).action == "none"
    other = wanted(**usual, additional={"client_id": "b", "audience": "x"}, secrets={"client_secret": SECOND})
    made = plan_present(other, auth0, {}, stored)
    assert made.body and made.body["additionalProperties"]["client_secret"] == SECOND
    assert SECOND not in repr(made)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (wanted(secrets={}, additional={"Password": FIRST}), "give it in connector_configuration"),
        (
            wanted(type="Auth0", is7_url=None, connector={}, secrets={}, additional={"client_secret": FIRST}),
            "give it in secret_properties",
        ),
    ],
    ids=["password", "client_secret"],
)
def test_a_secret_among_the_additional_properties_is_refused(
    given: Given, advice: str, happened: Happened
) -> None:
    connectors = [*settings("4.7")["keyManagerConfiguration"], OTHER_TYPE]
    connector = Connector.from_settings({"keyManagerConfiguration": connectors}, given.type)
    with pytest.raises(Problem) as refused:
        plan_present(given, connector, {}, None)
    assert advice in str(refused.value)
    assert FIRST not in str(refused.value)
    happened(PART, f"a secret of {given.type} in additional_properties", str(refused.value))


@pytest.mark.parametrize(
    ("permissions", "sentence"),
    [
        ({"roles": ["admin"]}, "has no permission_type"),
        ({"roles": []}, "has no permission_type"),
        ({}, "has no permission_type"),
        ({"permissionType": "PUBLIC", "roles": ["admin"]}, "names roles beside PUBLIC"),
        ({"permissionType": "ALLOW"}, "says ALLOW without a role"),
        ({"permissionType": "DENY", "roles": [" "]}, "says DENY without a role"),
    ],
)
def test_permissions_that_would_open_to_everybody_are_refused(
    permissions: dict[str, Any], sentence: str, happened: Happened
) -> None:
    with pytest.raises(Problem, match=sentence) as refused:
        refuse_impossible(wanted(fields={"permissions": permissions}))
    happened(PART, f"permissions {permissions}", str(refused.value))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "UserInfo of OpenID Connect": (
        {"fields": {"userInfoEndpoint": f"{URL}/oauth2/userinfo"}},
        "reads only one that ends in /scim2/Me",
    ),
    "UserInfo with a slash behind it": (
        {"fields": {"userInfoEndpoint": f"{URL}/scim2/Me/"}},
        "reads only one that ends in /scim2/Me",
    ),
    "UserInfo among endpoints": (
        {"fields": {"endpoints": [{"name": "userinfo_endpoint", "value": f"{URL}/oauth2/userinfo"}]}},
        "reads only one that ends in /scim2/Me",
    ),
    "type in lower case": ({"type": "wso2-is-7"}, "did you mean 'WSO2-IS-7'?"),
    "is7_url of an organization": (
        {"is7_url": f"{URL}/o/10084a8d-113f-4211-a0d5-efe36b082211"},
        "give the URL of its tenant",
    ),
    "is7_url of an organization of a tenant": (
        {"is7_url": f"{URL}/t/a.com/o/1"},
        "give the URL of its tenant",
    ),
    "display_name empty": ({"fields": {"displayName": " "}}, "display_name is empty"),
    "an endpoint twice": (
        {"fields": {"endpoints": [{"name": "token_endpoint", "value": f"{URL}/{path}"} for path in "ab"]}},
        "endpoints gives token_endpoint twice",
    ),
    "REFERENCE with a dictionary": (
        {"fields": {"tokenValidation": [{"type": "REFERENCE", "value": {"a": "b"}}]}},
        "is no regular expression",
    ),
    "JWT with a text": (
        {"fields": {"tokenValidation": [{"type": "JWT", "value": "iss"}]}},
        "is no dictionary with an expression for each claim under body",
    ),
    "JWT with claims beside body": (
        {"fields": {"tokenValidation": [{"type": "JWT", "value": {"iss": "https://.*"}}]}},
        "is no dictionary with an expression for each claim under body",
    ),
    "JWT with a number for a claim": (
        {"fields": {"tokenValidation": [{"type": "JWT", "value": {"body": {"level": 3}}}]}},
        "is no dictionary with an expression for each claim under body",
    ),
    "51 smileys as display_name": (
        {"fields": {"displayName": "\N{GRINNING FACE}" * 51}},
        "display_name has 102 characters; give at most 100",
    ),
    "129 smileys as description": (
        {"fields": {"description": "\N{GRINNING FACE}" * 129}},
        "description has 258 characters; give at most 256",
    ),
    "51 smileys as name": ({"name": "\N{GRINNING FACE}" * 51}, "give 1 to 100 characters"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_be_told_without_a_server_is_refused(case: str, happened: Happened) -> None:
    changes, sentence = REFUSED[case]
    with pytest.raises(Problem) as refused:
        refuse_impossible(wanted(**changes))
    assert sentence in str(refused.value)
    happened(PART, case, str(refused.value))


@pytest.mark.parametrize("text", ["x" * 100, "\N{GRINNING FACE}" * 50])
def test_lengths_are_counted_as_the_server_counts_them(text: str) -> None:
    refuse_impossible(wanted(name=text, fields={"displayName": text}))


@pytest.mark.parametrize(
    "expression", ["[", "(", ")", "a)", "(a", "*a", "(?:+)", "a\\", "[a", "a|*", "[[a]", "[]"]
)
def test_an_expression_that_java_cannot_compile_is_refused(expression: str) -> None:
    for rule in (
        {"type": "REFERENCE", "value": expression},
        {"type": "JWT", "value": {"body": {"iss": expression}}},
    ):
        with pytest.raises(Problem, match="does not compile"):
            refuse_impossible(wanted(fields={"tokenValidation": [rule]}))


@pytest.mark.parametrize(
    "expression",
    [
        ".*", "[a-f0-9]{8}-.*", r"\(", r"a\\", "[]a]", "[^]a]", "[a[b]]", r"[\]]", "[(]", r"\Q([\E", "(?<name>a)",
        "(?i)a", "a++", r"\p{L}+", "https://.*/oauth2/token", "(a|b)+", "a??",
    ],
)  # fmt: skip
def test_an_expression_that_java_compiles_is_taken(expression: str) -> None:
    refuse_impossible(wanted(fields={"tokenValidation": [{"type": "REFERENCE", "value": expression}]}))


def one_by_one(*left_out: str) -> dict[str, Any]:
    return {name: value for name, value in profile(URL).items() if name not in left_out}


@pytest.mark.parametrize("version", OTHERS)
def test_only_the_endpoints_that_the_connector_reads_are_asked_for(version: str, happened: Happened) -> None:
    connector = {
        "Username": "first",
        "api_resource_management_endpoint": f"{URL}/a",
        "is7_roles_endpoint": f"{URL}/r",
    }
    given = wanted(
        is7_url=None,
        fields=one_by_one("scopeManagementEndpoint", "displayTokenEndpoint", "displayRevokeEndpoint"),
        connector={"Username": "first"} if version == "4.3" else connector,
    )
    if version == "4.3":
        with pytest.raises(Problem, match="without scopeManagementEndpoint gives one that does not work"):
            plan_present(given, CONNECTORS[version], {}, None)
        outcome = "Refused: its connector 2.0.2 reads it"
    else:
        assert plan_present(given, CONNECTORS[version], {}, None).action == "created"
        outcome = "Registered: its connector does not read it"
    happened(PART, f"endpoints without the one for scopes, API Manager {version}", outcome)


def test_revocation_is_asked_for_where_the_server_or_the_connector_wants_it() -> None:
    described = {"type": "WSO2-IS-7", "configurations": [{"name": "api_resource_management_endpoint"}]}
    old = Connector.from_settings({"keyManagerConfiguration": [described]}, "WSO2-IS-7")
    described["configurations"].append({"name": "user_schema_cache_enabled", "type": "checkbox"})
    new = Connector.from_settings({"keyManagerConfiguration": [described]}, "WSO2-IS-7")
    assert ("revokeEndpoint" in old.needed, "revokeEndpoint" in new.needed) == (False, True)


def test_user_information_of_discovery_is_that_of_other_types() -> None:
    discovered = {"userInfoEndpoint": "https://idp/userinfo", "tokenEndpoint": "https://idp/token"}
    other = Connector.from_settings({"keyManagerConfiguration": [{"type": "Okta"}]}, "Okta")
    given = wanted(type="Okta", is7_url=None, connector={}, secrets={})
    assert plan_present(given, other, discovered, None).after["userInfoEndpoint"] == "https://idp/userinfo"
    is7 = {"userInfoEndpoint": f"{URL}/oauth2/userinfo", "tokenEndpoint": f"{URL}/oauth2/token"}
    made = plan_present(wanted(), CONNECTORS["4.7"], is7, None)
    assert made.after["userInfoEndpoint"] == f"{URL}/scim2/Me"


def test_user_information_that_is_stored_and_cannot_be_read_is_told() -> None:
    stored = {**made_server().get(), "userInfoEndpoint": f"{URL}/oauth2/userinfo"}  # type: ignore[dict-item]
    given = wanted(is7_url=None, connector={}, secrets={})
    (warning,) = plan_present(given, CONNECTORS["4.7"], {}, stored).warnings
    assert "cannot read the user information" in warning


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        (
            {"fields": {"tokenType": "EXCHANGED", "issuer": "x"}, "is7_url": None},
            "no token of it can be exchanged",
        ),
        (
            {"connector": {"Username": "first", "enable_roles_creation": True}},
            "[role_mgt] allow_system_prefix",
        ),
        ({"fields": {"allowedOrganizations": []}}, "which means every organization"),
    ],
    ids=["EXCHANGED without certificates", "roles creation", "no organizations"],
)
def test_what_may_not_do_what_it_says_is_a_warning_once(
    changes: dict[str, Any], warning: str, happened: Happened
) -> None:
    server = KeyManagerServer()
    made = run(wanted(**changes), server)
    (told,) = made.warnings
    assert warning in told
    happened(PART, f"written: {next(iter(changes.values()))}", told)


MUTUAL_TLS = {"Authentication": "MutualTLS", "IdentityUser": "apim"}


@pytest.mark.parametrize("version", ["4.6", "4.7"])
def test_a_key_manager_that_signs_in_by_certificate_goes_on_doing_so(
    version: str, happened: Happened
) -> None:
    server = made_server(version, wanted(connector=MUTUAL_TLS, secrets={}))
    other = wanted(connector={}, secrets={}, fields={"description": "other"})
    after = run(other, server, version).after
    assert after["additionalProperties"]["Authentication"] == "MutualTLS"
    assert run(other, server, version).action == "none"
    assert run(wanted(connector={"IdentityUser": "apim"}, secrets={}), server, version).action == "none"
    made = run(wanted(), server, version)
    assert made.after["additionalProperties"]["Authentication"] == "BasicAuth", (
        "a user and a password are given"
    )
    happened(
        PART,
        f"another description, of a key manager that signs in by mutual TLS: API Manager {version}",
        "The way to sign in stays, unless a user or a password is given",
    )


@pytest.mark.parametrize("name", ["client_id", "clientId", "username", "admin_user"])
def test_another_client_of_any_connector_comes_with_its_secret(name: str, happened: Happened) -> None:
    fields = [{"name": name, "required": True}, {"name": "secret", "required": True, "mask": True}]
    fields.append({"name": "audience", "required": True})
    item = {"type": "Okta", "configurations": fields}
    okta = Connector.from_settings({"keyManagerConfiguration": [item]}, "Okta")
    usual: dict[str, Any] = {"type": "Okta", "is7_url": None, "connector": {}, "secrets": {"secret": FIRST}}
    stored = {"additionalProperties": {name: "one", "secret": "*****", "audience": "x"}, "type": "Okta"}
    given = {**usual, "additional": {name: "two", "audience": "x"}}
    assert plan_present(wanted(**given), okta, {}, stored).action == "updated"
    with pytest.raises(Problem, match=f"would change {name} and leave the secret that is stored") as refused:
        plan_present(wanted(**{**given, "secrets": {}}), okta, {}, stored)
    moved = {**given, "secrets": {}, "additional": {name: "one", "audience": "y"}}
    assert plan_present(wanted(**moved), okta, {}, stored).action == "updated", "an audience has no secret"
    if name == "client_id":
        happened(
            PART, "another client of a connector of another product, without its secret", str(refused.value)
        )


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["all"], "names 'all', which API Manager takes for an organization's id; did you mean 'ALL'?"),
        (
            ["a", " None "],
            "names 'None', which API Manager takes for an organization's id; did you mean 'none'?",
        ),
        (["ALL", "a"], "names ALL beside others, where it stands for every organization; give ALL alone"),
        (
            ["a", "none"],
            "names none beside others, where it stands for none; give none alone, or the others.",
        ),
    ],
)
def test_a_word_for_every_organization_or_none_stands_alone(
    names: list[str], sentence: str, happened: Happened
) -> None:
    with pytest.raises(Problem) as refused:
        refuse_impossible(wanted(fields={"allowedOrganizations": names}))
    assert sentence in str(refused.value)
    happened(PART, f"allowed_organizations {names}", str(refused.value))
    for fit in (["ALL"], ["none"], ["ALL", " ALL "], ["a", "alle", "nonet"]):
        refuse_impossible(wanted(fields={"allowedOrganizations": fit}))


def test_a_certificate_for_a_tenant_has_no_effect_and_is_refused() -> None:
    given = wanted(
        connector={"Authentication": "MutualTLS", "IdentityUser": "apim"},
        secrets={},
        additional={"MutualTLSOptions": "TenantWide", "TenantWideCertificate": "x"},
    )
    with pytest.raises(Problem, match="MutualTLSOptions TenantWide has no effect"):
        plan_present(given, CONNECTORS["4.7"], {}, None)
    stored = {"type": "WSO2-IS-7", "additionalProperties": {**MUTUAL_TLS, **given.additional}}
    other = wanted(connector={}, secrets={}, fields={"description": "other"})
    after = plan_present(other, CONNECTORS["4.7"], {}, stored).after
    assert after["additionalProperties"]["MutualTLSOptions"] == "TenantWide", "what nobody gives stays"


RESIDENT = {"id": "1", "name": "Resident Key Manager", "type": "default", "enabled": True}


def test_the_resident_key_manager_is_changed_but_neither_made_nor_removed() -> None:
    connector = Connector.from_settings(settings("4.7"), "default")
    off = wanted(
        name=RESIDENT["name"],
        type="default",
        is7_url=None,
        connector={},
        secrets={},
        fields={"enabled": False},
    )
    made = plan_present(off, connector, {}, RESIDENT)
    assert (made.action, made.after["enabled"]) == ("updated", False)
    assert plan_present(off, connector, {}, {**RESIDENT, "enabled": False}).action == "none"
    with pytest.raises(Problem, match="is not made by anybody else"):
        plan_present(wanted(name=RESIDENT["name"]), CONNECTORS["4.7"], {}, None)
    with pytest.raises(Problem, match="never deleted"):
        plan_absent("Resident Key Manager", RESIDENT, used=False)
    assert plan_absent("Resident Key Manager", {**RESIDENT, "type": "Custom"}, used=False).action == "deleted"
    assert plan_absent("Another", {**RESIDENT, "name": "Another"}, used=False).action == "deleted"


DESCRIBED = {
    "type": "WSO2-IS-7",
    "configurations": [{"name": "Username"}, {"name": "Password", "mask": True}],
    "configurationConstraints": [
        {"name": "application_access_token_expiry_time", "constraintType": "RANGE"},
        {"name": "pkceMandatory", "constraintType": "ENUM"},
    ],
}
EXPIRY = "application_access_token_expiry_time"


def test_constraints_are_sent_in_the_servers_form_and_checked_by_its_description() -> None:
    connector = Connector.from_settings({"keyManagerConfiguration": [DESCRIBED]}, "WSO2-IS-7")
    given = wanted(constraints={EXPIRY: {"min": 60, "max": 3600}})
    made = plan_present(given, connector, {}, None)
    stored = made.after["additionalProperties"]["constraints"]
    assert stored == {EXPIRY: {"type": "RANGE", "value": {"min": 60, "max": 3600}}}
    assert not [warning for warning in made.warnings if "constraints" in warning]
    again = wanted(constraints=stored)
    assert plan_present(again, connector, {}, {**made.after, "id": "1"}).action == "none"
    for wrong, sentence in (
        ({"no_such": {"min": 1}}, rf"has no constraint of no_such \(it has: {EXPIRY}, pkceMandatory\)"),
        ({EXPIRY: {"min": 1}}, "is of type RANGE; give it min and max"),
        ({"pkceMandatory": "true"}, "is of type ENUM; give it allowed"),
    ):
        with pytest.raises(Problem, match=sentence):
            plan_present(wanted(constraints=wrong), connector, {}, None)
    with pytest.raises(Problem, match="This API Manager has no constraints"):
        plan_present(given, CONNECTORS["4.6"], {}, None)


def test_a_type_spelt_otherwise_is_named() -> None:
    described = {"keyManagerConfiguration": [{"type": "KeyCloak"}, {"type": "WSO2-IS-7"}, {"type": "Okta"}]}
    for spelt, meant in (("Keycloak", "KeyCloak"), ("wso2-is-7", "WSO2-IS-7"), ("okta", "Okta")):
        with pytest.raises(Problem, match=f"did you mean '{meant}'"):
            Connector.from_settings(described, spelt)
