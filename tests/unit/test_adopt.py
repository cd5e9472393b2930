"""Taking over a key manager that is there for a server already: which one is meant, and what becomes of it."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.adopt import fields_of, fits
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import (
    Plan,
    describe_sources,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.wanted import Given
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import profile
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.cases import Happened
from support.key_managers import KeyManagerServer, given_for, made_for_older_server, settings
from testbed.standin.releases import RELEASES

PART = "Taking over a key manager"
URL = "https://is.example:9444"
OLD_SECRET, NEW_SECRET = "0ld-Geheim", "n3w-Geheim"
OLDER = made_for_older_server(URL, OLD_SECRET)
OLD: dict[str, Any] = {
    **OLDER,
    "enableMapOAuthConsumerApps": False,
    "additionalProperties": {**OLDER["additionalProperties"], "by_hand": "something"},
}
wanted = functools.partial(given_for, URL, NEW_SECRET)


def old_server(version: str = "4.7", **changes: Any) -> KeyManagerServer:
    server = KeyManagerServer(version)
    server.post(copy.deepcopy({**OLD, **changes}))
    return server


def takeover(given: Given, server: KeyManagerServer, version: str = "4.7", **of_settings: Any) -> Plan:
    described = {**settings(version), **of_settings}
    connector = Connector.from_settings(described, given.type)
    existing = server.get() or {}
    made = plan_present(given, connector, {}, existing, Connector.of_stored(described, existing))
    for shown in (made.before, made.after, repr(made), describe_sources(made), *made.warnings):
        assert OLD_SECRET not in str(shown) and NEW_SECRET not in str(shown)
    return made


@pytest.mark.parametrize("version", sorted(RELEASES))
def test_a_key_manager_of_the_older_connector_is_updated_with_what_both_have(version: str) -> None:
    server = old_server(version)
    before = server.get() or {}
    made = takeover(wanted(), server, version)
    assert made.action == "updated" and made.body
    assert made.dropped == ("by_hand", "km_admin_as_app_owner")
    assert "not carried over: by_hand, km_admin_as_app_owner" in describe_sources(made)
    assert made.sources["type"] == "option" and made.sources["Password"] == "option"
    server.put(copy.deepcopy(made.body))
    after = server.get() or {}
    kept = ("id", "name", "displayName", "description", "claimMapping", "permissions", "enabled")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["enableMapOAuthConsumerApps"] is False
    assert {name: after[name] for name in profile(URL)} == profile(URL)
    assert after["type"] == "WSO2-IS-7" and server.password() == NEW_SECRET
    assert {"by_hand", "km_admin_as_app_owner"} & set(after["additionalProperties"]) == set()
    shown = {name: value for name, value in made.after["additionalProperties"].items() if name != "Password"}
    assert shown == {
        name: value for name, value in after["additionalProperties"].items() if name != "Password"
    }
    assert made.after["additionalProperties"]["Password"] == "***** (new)"
    again = takeover(wanted(), server, version)
    assert (again.action, again.dropped, again.warnings) == ("none", (), ())


def test_without_adopting_a_type_is_not_changed() -> None:
    connector = Connector.from_settings(settings("4.7"), "WSO2-IS-7")
    with pytest.raises(Problem, match="which cannot become 'WSO2-IS-7'; use another name, or set adopt"):
        plan_present(wanted(), connector, {}, old_server().get())


def test_what_is_not_carried_over_is_named(happened: Happened) -> None:
    made = takeover(wanted(), old_server())
    text = " ".join(made.warnings)
    for named in (
        "what it had as one of type WSO2-IS and is not carried over: by_hand, km_admin_as_app_owner",
        "The claim mapping of key manager 'IS7' stays",
        "Scopes that API Manager has made through key manager 'IS7', and their roles, are not moved",
    ):
        assert named in text
    happened(PART, "a key manager of type WSO2-IS becomes one of type WSO2-IS-7", text)
    moved = takeover(wanted(is7_url="https://new.example:9443"), old_server())
    assert f"was one of {URL} and becomes one of https://new.example:9443" in " ".join(moved.warnings)
    assert "becomes one of https" not in text


@pytest.mark.parametrize("secrets", [{}, {"Password": "*****"}], ids=["none", "the mask"])
def test_the_password_of_the_older_connector_is_never_the_new_ones(
    secrets: dict[str, str], happened: Happened
) -> None:
    with pytest.raises(Problem) as refused:
        takeover(wanted(secrets=secrets), old_server())
    assert str(refused.value).startswith(
        "Taking over key manager 'IS7' of type WSO2-IS needs the connector field Password; give it in"
    )
    if not secrets:
        happened(PART, "without the connector's password", str(refused.value))


def test_who_signs_in_by_certificate_takes_no_password_along() -> None:
    server = old_server()
    made = takeover(
        wanted(connector={"Authentication": "MutualTLS", "IdentityUser": "apim"}, secrets={}), server
    )
    assert made.body and "Password" not in made.body["additionalProperties"]
    assert "Password" in made.dropped


def test_how_the_older_connector_signed_in_is_not_how_the_new_one_does() -> None:
    """A certificate of the tenant, which the new connector has a field for, and never presents."""
    stored = {"Authentication": "MutualTLS", "MutualTLSOptions": "TenantWide", "IdentityUser": "apim"}
    server = old_server(additionalProperties={**OLD["additionalProperties"], **stored})
    made = takeover(wanted(), server)
    assert made.body and made.body["additionalProperties"]["Authentication"] == "BasicAuth"
    assert {"MutualTLSOptions", "IdentityUser"} <= set(made.dropped)
    with pytest.raises(Problem, match="needs the connector field Username"):
        takeover(wanted(connector={}), server)


def test_a_field_that_both_connectors_have_stays() -> None:
    server = old_server(additionalProperties={**OLD["additionalProperties"], "enable_roles_creation": True})
    made = takeover(wanted(), server)
    assert made.body and made.body["additionalProperties"]["enable_roles_creation"] is True
    assert "enable_roles_creation" not in made.dropped


def test_the_endpoints_of_the_older_connector_are_not_taken_for_those_of_the_new_one() -> None:
    with pytest.raises(
        Problem, match=r"of type WSO2-IS without issuer, clientRegistrationEndpoint, .* give is7_url"
    ):
        takeover(wanted(is7_url=None), old_server())


def test_a_secret_that_the_new_type_does_not_mask_is_gone_with_the_old_type() -> None:
    """API Manager would show it in clear."""
    server = old_server(
        type="WSO2-IS-7",
        additionalProperties={
            "Authentication": "BasicAuth",
            "Username": "admin",
            "Password": OLD_SECRET,
            "api_resource_management_endpoint": f"{URL}/r",
            "is7_roles_endpoint": f"{URL}/R",
        },
    )
    given = wanted(
        type="Custom",
        is7_url=None,
        connector={},
        secrets={"key": NEW_SECRET},
        fields={"tokenEndpoint": f"{URL}/t", "revokeEndpoint": f"{URL}/r"},
    )
    made = takeover(given, server)
    assert made.body and set(made.body["additionalProperties"]) == {"self_validate_jwt", "key"}
    server.put(copy.deepcopy(made.body))
    assert OLD_SECRET not in str(server.get())


def test_properties_of_a_type_that_the_server_does_not_describe_are_not_shown() -> None:
    existing = {**(old_server().get() or {}), "type": "Gone"}
    existing["additionalProperties"] = {"Username": "admin", "token": OLD_SECRET, "self_validate_jwt": True}
    described = settings("4.7")
    connector = Connector.from_settings(described, "WSO2-IS-7")
    made = plan_present(wanted(), connector, {}, existing, Connector.of_stored(described, existing))
    assert made.before["additionalProperties"] == {
        "Username": "admin",
        "token": "*****",
        "self_validate_jwt": True,
    }
    assert made.dropped == ("token",) and OLD_SECRET not in repr(made) + str(made.after)


@pytest.mark.parametrize(
    ("stored", "claim"),
    [("azp", "cid"), ("", "cid"), (None, "cid"), ("site_claim", "site_claim"), ("cid", "cid")],
)
def test_a_claim_that_the_site_has_not_chosen_is_that_of_a_new_one(stored: str | None, claim: str) -> None:
    described = settings("4.7")
    for item in described["keyManagerConfiguration"]:
        if item["type"] == "WSO2-IS-7":
            item["defaultConsumerKeyClaim"] = "cid"
    connector = Connector.from_settings(described, "WSO2-IS-7")
    existing = {**(old_server().get() or {}), "consumerKeyClaim": stored}
    made = plan_present(wanted(), connector, {}, existing, Connector.of_stored(described, existing))
    assert (made.body or {})["consumerKeyClaim"] == claim
    given = wanted(fields={"consumerKeyClaim": "given"})
    made = plan_present(given, connector, {}, existing, Connector.of_stored(described, existing))
    assert (made.body or {})["consumerKeyClaim"] == "given"


def test_one_that_only_exchanges_tokens_needs_no_connector() -> None:
    existing = {**(old_server().get() or {}), "tokenType": "EXCHANGED"}
    connector = Connector.from_settings(settings("4.7"), "WSO2-IS-7")
    former = Connector.of_stored(settings("4.7"), existing)
    made = plan_present(wanted(secrets={}), connector, {}, existing, former)
    assert made.action == "updated" and made.after["tokenType"] == "EXCHANGED"


TENANT = f"{URL}/t/a.com"
FITTING = {
    "the same issuer": ({"issuer": f"{URL}/oauth2/token"}, True),
    "the same issuer, written otherwise": ({"issuer": " HTTPS://IS.example:9444/oauth2/token/ "}, True),
    "a wrong issuer, the same token endpoint": (
        {"issuer": "https://localhost:9443/oauth2/token", "tokenEndpoint": f"{URL}/oauth2/token"},
        True,
    ),
    "the issuer of an old page, the same introspection": (
        {"issuer": f"{URL}/services", "introspectionEndpoint": f"{URL}/oauth2/introspect"},
        True,
    ),
    "no issuer, the same token endpoint": ({"issuer": None, "tokenEndpoint": f"{URL}/oauth2/token"}, True),
    "another tenant's issuer, shared endpoints": (
        {"issuer": f"{TENANT}/oauth2/token", "tokenEndpoint": f"{URL}/oauth2/token"},
        False,
    ),
    "another tenant": (
        {"issuer": f"{TENANT}/oauth2/token", "tokenEndpoint": f"{TENANT}/oauth2/token"},
        False,
    ),
    "another port": (
        {
            "issuer": "https://is.example:9443/oauth2/token",
            "tokenEndpoint": "https://is.example:9443/oauth2/token",
        },
        False,
    ),
    "another user information alone": ({"userInfoEndpoint": f"{URL}/scim2/Me"}, False),
    "nothing": ({}, False),
}


@pytest.mark.parametrize("case", FITTING)
def test_a_key_manager_is_known_by_its_issuer_or_by_an_endpoint_of_the_same_tenant(case: str) -> None:
    key_manager, is_meant = FITTING[case]
    assert fits(fields_of(URL), key_manager) is is_meant


def test_the_public_issuer_is_looked_for_too() -> None:
    public = "https://login.example"
    assert fits(fields_of(URL, public), {"issuer": f"{public}/oauth2/token"})
    assert not fits(fields_of(URL), {"issuer": f"{public}/oauth2/token"})
    assert fits(fields_of(TENANT), {"issuer": f"{TENANT}/oauth2/token"})
    assert not fits({}, {"issuer": None})


def test_one_that_may_be_older_is_not_deleted_where_nobody_tells_whether_it_is_used(
    happened: Happened,
) -> None:
    stored = old_server().get()
    with pytest.raises(Problem) as refused:
        plan_absent("IS7", stored, None, adopted=True)
    assert "does not tell whether it is in use; set force to remove it" in str(refused.value)
    happened(PART, "removing it where API Manager does not tell whether it is in use", str(refused.value))
    assert plan_absent("IS7", stored, None, force=True, adopted=True).action == "deleted"
    assert plan_absent("IS7", stored, False, adopted=True).action == "deleted"
    assert plan_absent("IS7", None, None, adopted=True).action == "none"


def test_a_secret_that_is_always_sent_is_sent_once_more_after_the_takeover() -> None:
    server = old_server()
    given = dataclasses.replace(wanted(), always_update_secrets=True)
    server.put(copy.deepcopy(takeover(given, server).body or {}))
    assert takeover(given, server).action == "updated"
