"""The key manager modules on both tiers: WSO2's own Admin REST classes, and the stand-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.api_managers import CONNECTOR_PASSWORD, IS7, ApiManager, wso2_classes
from support.modules import run_module
from support.site import Site


@pytest.fixture
def registered(apim: ApiManager) -> Iterator[ApiManager]:
    outcome = apim.register()
    assert not outcome.failed, outcome
    apim.writes()
    yield apim


def test_registered_once_and_then_left_alone(apim: ApiManager) -> None:
    planned = apim.register(check=True)
    assert planned["changed"] and apim.stored() == {}
    made = apim.register()
    assert made["changed"] and made["id"] == apim.stored()["id"]
    assert (
        planned["diff"]["after"].items()
        <= {
            **made["key_manager"],
            **{key: planned["diff"]["after"][key] for key in ("additionalProperties",)},
        }.items()
    )
    assert made["key_manager"]["additionalProperties"]["Password"] == "*****"
    for check in (True, False):
        assert not apim.register(check=check)["changed"]
    gone = apim.run(state="absent")
    assert gone["changed"] and apim.stored() == {}
    assert not apim.run(state="absent")["changed"]


def test_what_nobody_speaks_of_is_left_as_it_is(registered: ApiManager) -> None:
    registered.register(description="kept", token_endpoint="https://kept/token")
    registered.run(display_name="Only this")
    after = registered.stored()
    assert (after["displayName"], after["description"], after["tokenEndpoint"]) == (
        "Only this",
        "kept",
        "https://kept/token",
    )


def test_drift_of_what_the_profile_gives_is_repaired(registered: ApiManager) -> None:
    registered.run(token_endpoint="https://drifted/token", available_grant_types=["password"])
    done = registered.register()
    assert done["changed"]
    assert done["key_manager"]["tokenEndpoint"] == f"{IS7}/oauth2/token"
    assert len(done["key_manager"]["availableGrantTypes"]) == 9


def test_a_secret_is_sent_once_or_always_as_asked(registered: ApiManager) -> None:
    assert not registered.register(connector_configuration={"username": "admin", "password": "another"})[
        "changed"
    ]
    always = registered.register(update_secrets="always")
    assert always["changed"]
    assert always["diff"]["after"]["additionalProperties"]["Password"] == "***** (new)"
    assert not registered.register()["changed"]


def test_connector_options_reach_the_connector(registered: ApiManager) -> None:
    wanted = {
        "username": "other",
        "password": CONNECTOR_PASSWORD,
        "enable_roles_creation": True,
        "roles_endpoint": "https://other/roles",
    }
    assert registered.register(connector_configuration=wanted)["changed"]
    stored = registered.stored()["additionalProperties"]
    assert (stored["Username"], stored["enable_roles_creation"], stored["is7_roles_endpoint"]) == (
        "other",
        True,
        "https://other/roles",
    )
    assert not registered.register(connector_configuration=wanted)["changed"]


def test_mutual_tls_instead_of_a_password(apim: ApiManager) -> None:
    mutual = {"authentication": "MutualTLS", "identity_user": "admin"}
    assert apim.register(connector_configuration=mutual)["changed"]
    stored = apim.stored()["additionalProperties"]
    assert (stored["Authentication"], stored["MutualTLSOptions"], stored["IdentityUser"]) == (
        "MutualTLS",
        "ServerWide",
        "admin",
    )
    assert not apim.register(connector_configuration=mutual)["changed"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"connector_configuration": {"username": "admin"}},
        r"needs the connector field Password; give it in connector_configuration",
    ),
    ({"connector_configuration": {"authentication": "MutualTLS"}}, r"needs the connector field IdentityUser"),
    ({"type": "NoSuch", "is7_url": None}, r"no key manager type 'NoSuch' \(it has: .*WSO2-IS-7\)"),
    ({"type": "default"}, r"is7_url says what a key manager of type WSO2-IS-7 needs"),
    ({"is7_url": None}, r"without issuer, clientRegistrationEndpoint, .* gives one that does not work"),
    ({"is7_url": "localhost:9444"}, r"is7_url is 'localhost:9444', which is not a URL"),
    ({"name": "Resident Key Manager"}, r"API Manager's own and has no connector"),
    ({"description": "x" * 257}, r"description has 257 characters; give at most 256"),
    ({"discover": True}, r"it cannot reach that URL or does not trust its certificate"),
    ({"password": "wrong"}, r"HTTP status 401 .*; check the user name and password"),
    ({"username": "joe", "password": "joe123"}, r"HTTP status 401 .*and that the user has the rights"),
    (
        {"apim_url": "https://localhost:1"},
        r"no connection to https://localhost:1 \(Connection refused\); check the URL",
    ),
    (
        {"ca_path": None, "server_cert_sha256": None},
        r"is not trusted \(self.signed certificate\); give its CA as ca_path, or its SHA-256 as server_cert_sha256",
    ),
    ({"server_cert_sha256": "00" * 32}, r"is not the pinned one"),
    ({"server_cert_sha256": "abc"}, r"server_cert_sha256 is not a SHA-256 fingerprint"),
]


@pytest.mark.parametrize(
    ("options", "sentence"), REFUSED, ids=lambda item: ",".join(item) if isinstance(item, dict) else ""
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    apim: ApiManager, options: dict[str, Any], sentence: str
) -> None:
    outcome = apim.register(**options)
    assert outcome.failed
    assert re.search(sentence, outcome["msg"]), outcome["msg"]
    assert "\n" not in outcome["msg"]
    assert apim.stored() == {}
    assert [path for _method, path in apim.writes() if path != "/key-managers/discover"] == []


def test_an_issuer_that_another_key_manager_has_is_refused_unless_allowed(registered: ApiManager) -> None:
    refused = registered.register(name="Second")
    assert refused.failed and "Key manager 'IS7' has the issuer" in refused["msg"]
    assert registered.register(name="Second", allow_shared_issuer=True)["changed"]
    assert registered.run(name="Second", state="absent")["changed"]


def test_info_finds_all_one_and_what_a_query_picks(registered: ApiManager) -> None:
    everything = registered.run("apim_key_manager_info", name=None)["key_managers"]
    assert {item["name"] for item in everything} == {"IS7", "Resident Key Manager"}
    assert registered.run("apim_key_manager_info", name=None, query="[?type=='WSO2-IS-7'].name")[
        "key_managers"
    ] == ["IS7"]
    assert registered.run("apim_key_manager_info", name="nobody")["key_managers"] == []
    assert (
        "is not a JMESPath expression"
        in registered.run("apim_key_manager_info", name=None, query="[?")["msg"]
    )


@pytest.mark.parametrize("version", ["2.0.2", "2.0.3"])
def test_an_older_connector_gets_just_the_fields_that_it_has(tmp_path: Path, version: str) -> None:
    with wso2_classes(tmp_path, version) as older:
        made = older.register()
        assert made["changed"], made
        stored = older.stored()["additionalProperties"]
        assert ("is7_roles_endpoint" in stored) is (version != "2.0.2")
        assert "Authentication" not in stored
        assert not older.register()["changed"]
        missing = older.register(
            name="Other", connector_configuration={"username": "admin"}, allow_shared_issuer=True
        )
        assert "needs the connector field Password" in missing["msg"]
        refused = older.register(
            connector_configuration={"authentication": "MutualTLS", "identity_user": "x"}
        )
        assert "has no field" in refused["msg"]


def test_discovery_needs_the_certificate_and_a_restart(site: Site) -> None:
    """The JVM really trusts the peer only after import and restart."""
    site.is7.start(site.offset + 1)
    site.apim.start(site.offset)
    pin = run_module("keystore_info", carbon_home=str(site.apim.path))["entries"][0]["sha256"]
    options = {
        "apim_url": site.apim_url, "password": site.password, "server_cert_sha256": pin, "name": "IS7",
        "is7_url": site.is7_url, "discover": True,
        "connector_configuration": {"username": "admin", "password": site.password},
    }  # fmt: skip
    refused = run_module("apim_key_manager", **options)
    assert "it cannot reach that URL or does not trust its certificate" in refused["msg"]
    pem = run_module("keystore_info", carbon_home=str(site.is7.path))["entries"][0]["pem"]
    assert run_module("truststore_cert", carbon_home=str(site.apim.path), alias="is7", content=pem)["changed"]
    assert run_module("apim_key_manager", **options).failed, (
        "the JVM reads its truststore only when it starts"
    )
    restarted = run_module(
        "carbon_server",
        carbon_home=str(site.apim.path),
        port_offset=site.offset,
        restart_if_newer=[str(site.apim.truststore)],
    )
    assert restarted["action"] == "restarted"
    made = run_module("apim_key_manager", **options)
    assert made["changed"], made
    assert made["discovered"]["issuer"] == f"{site.is7_url}/oauth2/token"
    assert made["key_manager"]["userInfoEndpoint"] == f"{site.is7_url}/scim2/Me"
    assert not run_module("apim_key_manager", **options)["changed"]
