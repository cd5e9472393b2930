"""Plans for a key manager, carried out on a model of the server's rules."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.compare import equal
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.options import FIELDS as FIELDS_OF_THE_API
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.options import FLAG
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import (
    Plan,
    mask_secrets,
    plan_absent,
    plan_present,
    plan_unseen,
    shared_issuer,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.wanted import Given
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import GRANT_TYPES, profile
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from hypothesis import given as for_all
from hypothesis import settings as run
from hypothesis import strategies as st
from support.key_managers import KeyManagerServer, given_for, settings
from testbed.standin.releases import RELEASES

URL = "https://localhost:9444"
SECRET = "pw-Geheim-1"
OTHER_KIND = {
    "type": "Other",
    "configurations": [
        {"name": "realm", "required": True, "updateDisabled": True},
        {"name": "key", "mask": True},
    ],
    "endpointConfigurations": [{"name": "token_endpoint", "required": True}],
    "defaultConsumerKeyClaim": "cid",
    "defaultScopesClaim": "scp",
}
CONNECTORS = {version: Connector.from_settings(settings(version), "WSO2-IS-7") for version in RELEASES}
CONNECTORS["other"] = Connector.from_settings({"keyManagerConfiguration": [OTHER_KIND]}, "Other")
ENDPOINTS = [field for field, value in profile(URL).items() if isinstance(value, str)]
# What API Manager's discovery answers with, from 4.4 on.
DISCOVERED = {
    "name": "",
    "type": "WSO2-IS-7",
    "enabled": False,
    "enableTokenGeneration": False,
    "displayTokenEndpoint": None,
    "scopeManagementEndpoint": "",
    "issuer": f"{URL}/discovered/issuer",
    "tokenEndpoint": f"{URL}/discovered/token",
    "userInfoEndpoint": f"{URL}/oauth2/userinfo",
    "availableGrantTypes": ["refresh_token", "password"],
    "certificates": {"type": "JWKS", "value": f"{URL}/discovered/jwks"},
    "additionalProperties": {"Username": "discovered"},
    "claimMapping": [],
}
wanted = functools.partial(given_for, URL, SECRET)


def plan(
    given: Given, server: KeyManagerServer, version: str = "4.7", discovered: dict[str, Any] | None = None
) -> Plan:
    made = plan_present(given, CONNECTORS[version], discovered or {}, server.get())
    for shown in (made.before, made.after, repr(made), str(made), repr(given)):
        assert all(secret not in str(shown) for secret in given.secrets.values())
    return made


def carry_out(made: Plan, server: KeyManagerServer) -> None:
    if made.action == "created":
        server.post(copy.deepcopy(made.body or {}))
    elif made.action == "updated":
        server.put(copy.deepcopy(made.body or {}))
    else:
        assert made.body is None
        assert made.before == made.after


def made_server(given: Given | None = None, version: str = "4.7") -> KeyManagerServer:
    server = KeyManagerServer(version)
    carry_out(plan(given or wanted(), server, version), server)
    return server


FLAGS = [field.name for field in FIELDS_OF_THE_API if field.kind == FLAG]
CLAIMS = {"consumerKeyClaim": "azp", "scopesClaim": "scope"}
BLANKS = st.sampled_from(["", " ", "\t", "\n "])
WORDS = st.builds(lambda before, word, after: before + word + after, BLANKS, st.text(max_size=20), BLANKS)
PLACES = st.builds(
    lambda path, after: f"{URL}/{path}{after}", st.sampled_from(["a", "b", "oauth2/token"]), BLANKS
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "displayName": WORDS.filter(str.strip),
        "description": WORDS,
        "enabled": st.booleans(),
        "availableGrantTypes": st.lists(st.sampled_from(GRANT_TYPES)),
        "certificates": st.fixed_dictionaries({"type": st.sampled_from(["JWKS", "PEM"]), "value": WORDS}),
        "displayTokenEndpoint": WORDS,
        "consumerKeyClaim": WORDS,
        "scopesClaim": WORDS,
        "claimMapping": st.lists(
            st.fixed_dictionaries({"remoteClaim": WORDS, "localClaim": WORDS}), max_size=2
        ),
        "tokenValidation": st.lists(
            st.sampled_from(
                [
                    {"type": "REFERENCE", "value": "[a-f0-9]{8}"},
                    {"type": "JWT", "value": {"body": {"iss": "https://.*"}}},
                    {"type": "CUSTOM", "value": {"a": 1}},
                    {"type": "CUSTOM"},
                ]
            ).flatmap(
                lambda rule: st.fixed_dictionaries(
                    {name: st.just(value) for name, value in rule.items()},
                    optional={"id": st.integers(0, 9), "enable": st.booleans()},
                )
            ),
            max_size=2,
        ),
        "permissions": st.just({"permissionType": "PUBLIC", "roles": []})
        | st.fixed_dictionaries(
            {
                "permissionType": st.sampled_from(["ALLOW", "DENY"]),
                "roles": st.lists(st.sampled_from(["admin", " admin", "Internal/everyone"]), min_size=1),
            }
        ),
        "tokenType": st.sampled_from(["DIRECT", "BOTH"]),
        **dict.fromkeys(FLAGS, st.booleans()),
        **{
            name: PLACES
            for name in ENDPOINTS
            if not name.startswith("display") and name != "userInfoEndpoint"
        },
    },
)
VERSIONS = st.sampled_from(sorted(RELEASES))


@st.composite
def givens(draw: st.DrawFn, version: str) -> Given:
    fields = draw(FIELDS)
    if RELEASES[version].drops_pem:
        fields.pop("tokenType", None)
    if fields.get("tokenType") == "BOTH" and draw(st.booleans()):
        fields["alias"] = draw(WORDS)
    if RELEASES[version].organizations and draw(st.booleans()):
        fields["allowedOrganizations"] = draw(st.lists(st.sampled_from(["north", "south", " north"])))
    is7_url = URL
    connector: dict[str, Any] = {"Username": draw(st.sampled_from(["admin", " admin "]))}
    secrets = {"Password": SECRET}
    if version in ("4.6", "4.7"):
        connector.update(
            draw(
                st.fixed_dictionaries(
                    {},
                    optional={"enable_roles_creation": st.booleans(), "Authentication": st.just("BasicAuth")},
                )
            )
        )
        if draw(st.booleans()):
            connector, secrets = {"Authentication": "MutualTLS", "IdentityUser": "apim"}, {}
    if version != "4.3" and draw(st.booleans()):
        connector["is7_roles_endpoint"] = draw(PLACES)
    return wanted(is7_url=is7_url, fields=fields, connector=connector, secrets=secrets)


@run(max_examples=200, deadline=None)
@for_all(st.data(), VERSIONS, st.sampled_from([{}, DISCOVERED]))
def test_what_was_created_is_what_was_given_and_a_second_plan_is_none(
    data: st.DataObject, version: str, discovered: dict[str, Any]
) -> None:
    given, server = data.draw(givens(version)), KeyManagerServer(version)
    first = plan(given, server, version, discovered)
    assert first.action == "created"
    carry_out(first, server)
    assert server.password() == given.secrets.get("Password")
    stored = server.get() or {}
    expected = {
        field: CLAIMS.get(field, value) if isinstance(value, str) and not value.strip() else value
        for field, value in given.fields.items()
    }
    assert {
        field: value for field, value in expected.items() if not equal(stored.get(field), value, field)
    } == {}
    assert {
        field: value
        for field, value in given.connector.items()
        if not equal(stored["additionalProperties"].get(field), value)
    } == {}
    assert untrue(first, stored) == []
    assert plan(given, server, version, discovered).action == "none"


def untrue(made: Plan, stored: dict[str, Any]) -> list[str]:
    """The fields that the plan's diff showed otherwise than they then are."""
    return [
        field
        for field, value in made.after.items()
        if field not in ("id", "additionalProperties") and not equal(value, stored.get(field), field)
    ]


CHANGES: dict[str, Any] = {
    **dict.fromkeys(ENDPOINTS, f"{URL}/changed"),
    "userInfoEndpoint": f"{URL}/changed/scim2/Me",
    "displayName": "changed",
    "description": "changed",
    "enabled": False,
    "availableGrantTypes": ["password"],
    "certificates": {"type": "PEM", "value": "Y2hhbmdlZA=="},
}


@pytest.mark.parametrize("version", sorted(RELEASES))
@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_field_is_one_update_that_differs_there_alone(field: str, version: str) -> None:
    server = made_server(version=version)
    before = server.get() or {}
    given = wanted(fields={field: CHANGES[field]})
    made = plan(given, server, version)
    assert made.action == "updated"
    assert made.body == {
        **{key: value for key, value in before.items() if value is not None},
        field: CHANGES[field],
    }
    assert made.body["additionalProperties"]["Password"] == "*****"
    assert {key for key in made.after if made.after[key] != made.before.get(key)} == {field}
    carry_out(made, server)
    assert server.password() == SECRET
    assert plan(given, server, version).action == "none"
    assert server.sent == 2


@run(max_examples=150, deadline=None)
@for_all(st.data(), VERSIONS)
def test_from_any_state_one_update_is_enough_and_the_password_stays(
    data: st.DataObject, version: str
) -> None:
    first, second = data.draw(givens(version)), data.draw(givens(version))
    server = made_server(first, version)
    before = server.get() or {}
    made = plan(second, server, version)
    carry_out(made, server)
    after = server.get() or {}
    assert made.action in ("none", "updated")
    expected = {field for field in after if not equal(made.after.get(field), before[field], field)} | {
        "additionalProperties"
    }
    assert expected <= {*second.fields, *profile(URL), "additionalProperties", "alias"}
    assert {field for field in after if not equal(after[field], before[field], field)} <= expected, (
        "more was changed than was planned"
    )
    assert untrue(made, after) == []
    assert plan(second, server, version).action == "none"
    assert server.password() == first.secrets.get("Password", second.secrets.get("Password"))


def test_a_changed_connector_field_is_one_update_that_differs_there_alone() -> None:
    server = made_server()
    before = server.get() or {}
    made = plan(wanted(connector={"Username": "other"}), server)
    assert made.body is not None
    assert made.body["additionalProperties"] == {
        **before["additionalProperties"],
        "Username": "other",
        "Password": SECRET,
    }


def test_secrets_are_sent_in_each_run_when_asked_and_shown_as_new() -> None:
    server = made_server()
    given = dataclasses.replace(wanted(secrets={"Password": "pw-Geheim-2"}), always_update_secrets=True)
    for _run in range(2):
        made = plan(given, server)
        assert (made.action, made.before["additionalProperties"]["Password"]) == ("updated", "*****")
        assert made.after["additionalProperties"]["Password"] == "***** (new)"
        carry_out(made, server)
        assert server.password() == "pw-Geheim-2"


@pytest.mark.parametrize("version", ["4.3", "4.7"])
def test_what_a_connector_does_anyway_need_not_be_a_field_of_it(version: str) -> None:
    needless = {"Username": "admin", "Authentication": "BasicAuth", "enable_roles_creation": False}
    made = plan(wanted(connector=needless), KeyManagerServer(version), version)
    sent = set((made.body or {})["additionalProperties"])
    assert ({"Authentication", "enable_roles_creation"} <= sent) is (version == "4.7")


def test_a_secret_is_sent_once_where_none_is_stored() -> None:
    server = made_server(
        wanted(connector={"Authentication": "MutualTLS", "IdentityUser": "apim"}, secrets={})
    )
    given = wanted(connector={"Authentication": "BasicAuth", "Username": "admin"})
    carry_out(plan(given, server), server)
    assert server.password() == SECRET
    assert plan(given, server).action == "none"


@pytest.mark.parametrize("always", [False, True])
def test_a_password_given_as_the_mask_is_never_stored(always: bool) -> None:
    masked = dataclasses.replace(wanted(secrets={"Password": "*****"}), always_update_secrets=always)
    with pytest.raises(Problem, match=r"is given as \*\*\*\*\*, which stands for one that is stored"):
        plan_present(masked, CONNECTORS["4.7"], {}, None)
    assert plan_present(masked, CONNECTORS["4.7"], {}, made_server().get()).action == "none"


@run(max_examples=150, deadline=None)
@for_all(st.sets(st.sampled_from(ENDPOINTS)), st.sets(st.sampled_from(ENDPOINTS)))
def test_the_user_beats_discovery_which_beats_the_url(by_user: set[str], by_discovery: set[str]) -> None:
    given = wanted(fields={field: by_the_user(field) for field in by_user})
    discovered = {field: f"discovery:{field}" for field in by_discovery}
    after = plan(given, KeyManagerServer(), discovered=discovered).after
    for field in ENDPOINTS:
        expected = profile(URL)[field]
        if field in by_discovery and field != "userInfoEndpoint":
            expected = f"discovery:{field}"
        assert after[field] == (by_the_user(field) if field in by_user else expected)


def by_the_user(field: str) -> str:
    return f"user:{field}/scim2/Me"


def test_discovery_says_nothing_of_flags_names_user_information_or_the_connector() -> None:
    after = plan(wanted(), KeyManagerServer(), discovered=DISCOVERED).after
    assert (after["name"], after["enabled"], after["enableTokenGeneration"]) == ("IS7", True, True)
    assert (after["userInfoEndpoint"], after["scopeManagementEndpoint"]) == (
        f"{URL}/scim2/Me",
        f"{URL}/api/identity/oauth2/v1.0/scopes",
    )
    assert (after["issuer"], after["availableGrantTypes"]) == (
        DISCOVERED["issuer"],
        ["refresh_token", "password"],
    )
    assert after["additionalProperties"]["Username"] == "admin"
    assert (
        plan(wanted(), made_server(), discovered={"enabled": False, "userInfoEndpoint": "x"}).action == "none"
    )


def test_every_written_field_is_told_with_its_source() -> None:
    given = wanted(
        fields={"issuer": "mine", "description": "x"}, additional={"user_schema_cache_enabled": True}
    )
    sources = plan(given, KeyManagerServer(), discovered=DISCOVERED).sources
    expected = {
        "issuer": "option",
        "description": "option",
        "Username": "option",
        "Password": "option",
        "user_schema_cache_enabled": "option",
        "name": "option",
        "tokenEndpoint": "discovery",
        "availableGrantTypes": "discovery",
        "certificates": "discovery",
        "userInfoEndpoint": "is7_url",
        "scopeManagementEndpoint": "is7_url",
        "is7_roles_endpoint": "is7_url",
        "enabled": "default",
        "displayName": "default",
        "Authentication": "default",
    }
    assert {field: source for field, source in sources.items() if field in expected} == expected
    assert plan(wanted(), made_server()).sources == {}
    assert plan(wanted(fields={"enabled": False}), made_server(), discovered={"issuer": "x"}).sources == {
        "enabled": "option",
        "issuer": "discovery",
    }


def test_user_information_that_works_follows_from_a_discovered_token_endpoint() -> None:
    discovered = {**DISCOVERED, "tokenEndpoint": "https://is/t/tenant/oauth2/token"}
    fields = {
        "scopeManagementEndpoint": "s",
        "introspectionEndpoint": "i",
        "clientRegistrationEndpoint": "c",
        "revokeEndpoint": "r",
    }
    connector = {"Username": "admin", "is7_roles_endpoint": "r", "api_resource_management_endpoint": "a"}
    given = wanted(is7_url=None, fields=fields, connector=connector)
    assert (
        plan(given, KeyManagerServer(), discovered=discovered).after["userInfoEndpoint"]
        == "https://is/t/tenant/scim2/Me"
    )


def test_another_kind_has_its_own_claims_fields_and_secrets_and_no_profile() -> None:
    given = wanted(
        type="Other",
        is7_url=None,
        fields={"tokenEndpoint": "x", "scopesClaim": ""},
        connector={},
        additional={"realm": " r "},
        secrets={"key": SECRET},
    )
    made = plan_present(given, CONNECTORS["other"], {}, None)
    assert made.body is not None
    assert made.body["additionalProperties"] == {"realm": "r", "key": SECRET}
    assert (
        made.body["consumerKeyClaim"],
        made.body["scopesClaim"],
        made.after["additionalProperties"]["key"],
    ) == ("cid", "scp", "*****")
    existing = {**made.after, "id": "1"}
    assert plan_present(given, CONNECTORS["other"], {}, existing).action == "none"
    with pytest.raises(Problem, match="would change the connector field realm, which is set only once"):
        plan_present(dataclasses.replace(given, additional={"realm": "s"}), CONNECTORS["other"], {}, existing)


def test_a_property_that_the_connector_does_not_name_is_sent_with_a_warning_and_taken_away_again() -> None:
    server = made_server(wanted(additional={"to_come": {"a": [1]}}))
    assert (server.get() or {})["additionalProperties"]["to_come"] == {"a": [1.0]}
    again = plan(wanted(additional={"to_come": {"a": [1.0]}}), server)
    assert again.action == "none"
    assert again.warnings == (
        "This API Manager does not describe a field to_come of its connector WSO2-IS-7; it is sent as given.",
    )
    carry_out(plan(wanted(additional={"to_come": None}), server), server)
    assert "to_come" not in (server.get() or {})["additionalProperties"]


def test_an_alias_goes_with_token_exchange_and_the_diff_says_so() -> None:
    server = made_server(wanted(fields={"tokenType": "BOTH", "alias": "https://apim"}))
    made = plan(wanted(fields={"tokenType": "DIRECT"}), server)
    assert (made.before["alias"], made.after["alias"], "alias" in (made.body or {})) == (
        "https://apim",
        None,
        False,
    )
    carry_out(made, server)
    assert untrue(made, server.get() or {}) == []


def test_for_exchanged_tokens_alone_no_connector_is_asked() -> None:
    given = wanted(
        is7_url=None, fields={"tokenType": "EXCHANGED", "issuer": "x", "alias": "y"}, connector={}, secrets={}
    )
    server = made_server(given)
    assert (server.get() or {})["tokenType"] == "EXCHANGED"
    assert plan(given, server).action == "none"


def test_endpoints_by_the_connectors_names_are_the_fields() -> None:
    given = wanted(fields={"endpoints": [{"name": "token_endpoint", "value": " https://t "}]})
    made = plan(given, KeyManagerServer())
    assert (made.after["tokenEndpoint"], "endpoints" in made.after) == ("https://t", False)
    assert plan(given, made_server(given)).action == "none"


def test_a_needed_endpoint_is_not_taken_away() -> None:
    with pytest.raises(
        Problem,
        match=r"^Updating key manager 'IS7' without introspectionEndpoint gives one that does not work",
    ):
        plan(wanted(fields={"introspectionEndpoint": ""}), made_server())


UNMANAGED = {
    "scopesClaim": "scp",
    "tokenType": "BOTH",
    "permissions": {"permissionType": "ALLOW", "roles": ["admin"]},
    "claimMapping": [{"remoteClaim": "a", "localClaim": "b"}],
    "description": "set by hand",
    "enableTokenHashing": True,
    "allowedOrganizations": ["north"],
}


@pytest.mark.parametrize(
    "fields", [{}, {"issuer": "https://changed"}], ids=["nothing to change", "one change"]
)
def test_what_nobody_spoke_of_stays_as_it_is(fields: dict[str, Any]) -> None:
    server = made_server()
    there = server.get() or {}
    server.put(
        {
            **there,
            **UNMANAGED,
            "additionalProperties": {
                **there["additionalProperties"],
                "validity": 3600,
                "enable_roles_creation": True,
            },
        }
    )
    before = server.get() or {}
    made = plan(wanted(fields=fields), server)
    assert made.action == ("updated" if fields else "none")
    carry_out(made, server)
    assert server.get() == {**before, **fields}


def test_a_field_of_a_newer_server_is_sent_back_as_it_was_read_and_a_null_is_not() -> None:
    existing = {**(made_server().get() or {}), "ofANewerServer": {"x": 1.0}, "unset": None}
    made = plan_present(wanted(fields={"description": "x"}), CONNECTORS["4.7"], {}, existing)
    assert made.body is not None
    assert made.body["ofANewerServer"] == {"x": 1.0}
    assert "unset" not in made.body


def test_the_url_alone_gives_the_whole_form_of_the_document() -> None:
    body = plan(wanted(), KeyManagerServer(), "4.7").body or {}
    assert {field: body[field] for field in profile(URL)} == profile(URL)
    assert body["additionalProperties"] == {
        "Authentication": "BasicAuth",
        "Username": "admin",
        "Password": SECRET,
        "api_resource_management_endpoint": f"{URL}/api/server/v1/api-resources",
        "is7_roles_endpoint": f"{URL}/scim2/v2/Roles",
    }
    assert (plan(wanted(), KeyManagerServer(), "4.3").body or {})["additionalProperties"] == {
        "Username": "admin",
        "Password": SECRET,
    }


# Given, version, exception, sentence; nothing is there yet.
REFUSED: dict[str, tuple[Given, str, type[Exception], str]] = {
    "the server's own": (
        wanted(name="Resident Key Manager"),
        "4.7",
        Problem,
        "is the name of API Manager's own, which is not made by anybody else; name another",
    ),
    "no name": (wanted(name=""), "4.7", Problem, "give 1 to 100 characters"),
    "a long name": (wanted(name="x" * 101), "4.7", Problem, "give 1 to 100 characters"),
    "blanks around a name": (wanted(name=" x"), "4.7", Problem, "without blanks around them"),
    "a long description": (
        wanted(fields={"description": "x" * 257}),
        "4.7",
        Problem,
        "description has 257 characters; give at most 256.",
    ),
    "a URL of IS 7 for another type": (
        wanted(type="Custom"),
        "4.7",
        Problem,
        "is7_url says what a key manager of type WSO2-IS-7 needs, but type is 'Custom'",
    ),
    "no URL": (
        wanted(is7_url=None, fields={"issuer": "x"}),
        "4.3",
        Problem,
        "without clientRegistrationEndpoint, tokenEndpoint",
    ),
    "an empty endpoint": (
        wanted(fields={"userInfoEndpoint": ""}),
        "4.7",
        Problem,
        "without userInfoEndpoint gives one that does not work; give is7_url, or user_info_endpoint one by"
        " one.",
    ),
    "no password": (
        wanted(secrets={}),
        "4.3",
        Problem,
        "Creating key manager 'IS7' needs the connector field Password; give it in",
    ),
    "no user": (
        wanted(connector={}),
        "4.7",
        Problem,
        "needs the connector field Username; give it in connector_configuration, additional",
    ),
    "mutual TLS without its user": (
        wanted(connector={"Authentication": "MutualTLS"}),
        "4.7",
        Problem,
        "needs the connector field IdentityUser",
    ),
    "mutual TLS on an old one": (
        wanted(connector={"Authentication": "MutualTLS"}),
        "4.3",
        Problem,
        "has no field Authentication; leave it out",
    ),
    "roles on an old one": (
        wanted(connector={"enable_roles_creation": True}),
        "4.4",
        Problem,
        "has no field enable_roles_creation; leave it out",
    ),
    "a long name of it": (
        wanted(fields={"displayName": "x" * 101}),
        "4.7",
        Problem,
        "display_name has 101 characters; give at most 100.",
    ),
    "a long type": (wanted(type="x" * 46, is7_url=None), "4.7", Problem, "give 1 to 45 characters."),
    "nobody allowed": (
        wanted(fields={"permissions": {"permissionType": "DENY", "roles": [" "]}}),
        "4.7",
        Problem,
        "permissions says DENY without a role, which API Manager reads as PUBLIC; give roles, or say PUBLIC.",
    ),
    "an alias without exchange": (
        wanted(fields={"alias": "x"}),
        "4.7",
        Problem,
        "is kept only for token exchange; give token_type EXCHANGED or BOTH",
    ),
    "organizations on an old one": (
        wanted(fields={"allowedOrganizations": []}),
        "4.4",
        Problem,
        "has no allowed organizations; leave allowed_organizations out, or update",
    ),
    "an endpoint that is not kept": (
        wanted(fields={"endpoints": [{"name": "mine", "value": "x"}]}),
        "4.7",
        Problem,
        "endpoints names 'mine', which API Manager does not keep (it keeps: ",
    ),
    "an endpoint given twice": (
        wanted(fields={"endpoints": [{"name": "token_endpoint", "value": "x"}], "tokenEndpoint": "y"}),
        "4.7",
        Problem,
        "endpoints gives another token_endpoint than token_endpoint; give it once.",
    ),
    "a field as a property": (
        wanted(additional={"self_validate_jwt": True}),
        "4.7",
        Problem,
        "self_validate_jwt is what the option enable_self_validation_jwt gives; use that.",
    ),
    "a property given twice": (
        wanted(additional={"Username": "x"}),
        "4.7",
        Problem,
        "The connector field Username is given twice; give it once.",
    ),
    "a secret given twice": (
        wanted(additional={"Password": "x"}),
        "4.7",
        Problem,
        "The connector field Password is given twice; give it once.",
    ),
    "a switch as text": (
        wanted(additional={"enable_roles_creation": "true"}),
        "4.7",
        Problem,
        "does not fit: enable_roles_creation is switched by true or false alone;",
    ),
    "an authentication that is none": (
        wanted(additional={"Authentication": "Basic"}),
        "4.7",
        Problem,
        "is one of BasicAuth, MutualTLS; correct it.",
    ),
    "a password where there is none": (
        wanted(connector={}, type="Other", is7_url=None),
        "other",
        Problem,
        "connector Other has no field Password; leave it",
    ),
    "a required endpoint": (
        wanted(connector={}, secrets={}, type="Other", is7_url=None),
        "other",
        Problem,
        "without tokenEndpoint gives one that does not work; give token_endpoint.",
    ),
    "a required field": (
        wanted(connector={}, secrets={}, type="Other", is7_url=None, fields={"tokenEndpoint": "x"}),
        "other",
        Problem,
        "needs the connector field realm; give it in connector_configuration, additional_properties or"
        " secret_properties.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_fail_or_not_work_is_refused_before_anything_is_sent(name: str) -> None:
    given, version, exception, sentence = REFUSED[name]
    with pytest.raises(exception) as refused:
        plan_present(given, CONNECTORS[version], {}, None)
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")
    assert SECRET not in str(refused.value)


def test_names_and_descriptions_as_long_as_allowed_are_taken() -> None:
    assert (
        plan(wanted(name="x" * 100, fields={"description": "x" * 256}), KeyManagerServer()).action
        == "created"
    )


def test_a_type_is_not_changed_unasked() -> None:
    with pytest.raises(
        Problem,
        match=r"^Key manager 'IS7' has the type 'WSO2-IS-7', which cannot become 'Custom'; use another name, or"
        r" set adopt to have it taken over\.$",
    ):
        plan_present(wanted(type="Custom", is7_url=None), CONNECTORS["4.7"], {}, made_server().get())


def test_basic_authentication_said_to_an_old_connector_is_the_only_way_that_it_has() -> None:
    given = wanted(connector={"Username": "admin", "Authentication": "BasicAuth"})
    assert "Authentication" not in plan(given, KeyManagerServer(), "4.3").after["additionalProperties"]


@run(max_examples=50, deadline=None)
@for_all(givens("4.4"))
def test_a_plan_made_without_the_server_is_the_one_that_the_server_gets(given: Given) -> None:
    unseen, seen = plan_unseen(given), plan(given, KeyManagerServer(), "4.4")
    assert (unseen.action, unseen.before, unseen.after) == (seen.action, seen.before, seen.after)
    assert SECRET not in f"{unseen} {unseen.after}"


@pytest.mark.parametrize(("there", "action"), [(True, "deleted"), (False, "none")])
def test_a_removal_is_planned_where_there_is_something_to_remove(there: bool, action: str) -> None:
    existing = made_server().get() if there else None
    made = plan_absent("IS7", existing)
    assert (made.action, made.after, made.before.get("name")) == (action, {}, "IS7" if there else None)
    assert SECRET not in f"{made} {made.before}"


@pytest.mark.parametrize(
    ("used", "force", "warned"),
    [
        (False, False, False),
        (None, False, True),
        (None, True, False),
        (True, True, False),
        (False, True, False),
    ],
)
def test_what_is_in_use_is_removed_only_by_force_and_not_knowing_is_a_warning(
    used: bool | None, force: bool, warned: bool
) -> None:
    made = plan_absent("IS7", {"id": "1"}, used, force)
    assert (made.action, bool(made.warnings)) == ("deleted", warned)
    assert plan_absent("IS7", None, used, force).warnings == ()
    with pytest.raises(Problem, match=r"^Key manager 'IS7' is in use; .*, or set force\.$"):
        plan_absent("IS7", {"id": "1"}, True, False)


ISSUER = f"{URL}/oauth2/token"


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ([{"name": "other", "issuer": ISSUER}], "other"),
        ([{"name": "other", "issuer": f" {ISSUER} "}], "other"),
        ([{"name": "other", "issuer": "https://elsewhere"}, {"name": "none"}], None),
        ([], None),
    ],
)
def test_another_key_manager_of_the_same_issuer_is_found(
    others: list[dict[str, Any]], found: str | None
) -> None:
    assert shared_issuer(plan(wanted(), KeyManagerServer()), others) == found
    server = made_server(wanted(fields={"issuer": "https://before"}))
    assert shared_issuer(plan(wanted(), server), others) == found
    assert shared_issuer(plan(wanted(fields={"enabled": False}), made_server()), others) is None, (
        "this plan does not change the issuer"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


@run(max_examples=200, deadline=None)
@for_all(JSON, JSON)
def test_sameness_is_what_it_is_in_both_directions(one: Any, other: Any) -> None:
    assert equal(one, one)
    assert equal(one, other) is equal(other, one)


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [
        ("", None, True),
        (" a\n", "a", True),
        ("a", "A", False),
        (3600, 3600.0, True),
        (True, True, True),
        (False, None, False),
        (0, None, False),
        ([], None, True),
        ([""], [None], True),
        (["a", "b"], ["b", "a"], False),
        ({"a": None}, {}, True),
        ({"a": ""}, {"b": None}, True),
        ("1", 1, False),
    ],
)
def test_values_are_the_same_as_the_server_sees_them(one: Any, other: Any, are_equal: bool) -> None:
    assert equal(one, other) is are_equal


@pytest.mark.parametrize(("one", "other"), [(True, 1), (1.0, True), (False, 0), ({"a": True}, {"a": 1})])
def test_a_number_is_no_switch(one: Any, other: Any) -> None:
    assert not equal(one, other)


def test_grant_types_are_the_same_in_any_order() -> None:
    assert equal(["a", "b", "a"], ["b", "a"], "availableGrantTypes")
    assert not equal(["a"], ["a", "b"], "availableGrantTypes")
    assert equal(None, [], "availableGrantTypes")


def test_masking_leaves_the_original_as_it_is() -> None:
    original = {"name": "x", "additionalProperties": {"Password": SECRET, "Username": "admin"}}
    assert mask_secrets(original, {"Password"}) == {
        "name": "x",
        "additionalProperties": {"Password": "*****", "Username": "admin"},
    }
    assert original["additionalProperties"]["Password"] == SECRET
    assert mask_secrets({"additionalProperties": None}, {"Password"}) == {"additionalProperties": None}
