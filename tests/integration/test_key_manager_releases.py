"""The modules against every release of API Manager that there is, as far as the stand-in can be
each of them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from support import api_managers
from support.api_managers import CONNECTOR_PASSWORD, IS7, ApiManager
from support.cases import Happened
from support.certificates import self_signed
from support.openapi import AdminApiDocument
from support.web import Says, Web, serving
from testbed.standin.releases import RELEASES

PART = "Releases of API Manager"
BASIC = {"username": "admin", "password": CONNECTOR_PASSWORD}
MUTUAL = {"authentication": "MutualTLS", "identity_user": "admin"}
# The connector fields of each release, where the document is followed.
FIELDS = {
    "4.3": {"Username", "Password"},
    "4.4": {"Username", "Password", "api_resource_management_endpoint", "is7_roles_endpoint"},
    "4.5": {"Username", "Password", "api_resource_management_endpoint", "is7_roles_endpoint"},
    "4.6": {
        "Authentication",
        "Username",
        "Password",
        "api_resource_management_endpoint",
        "is7_roles_endpoint",
    },
    "4.7": {
        "Authentication",
        "Username",
        "Password",
        "api_resource_management_endpoint",
        "is7_roles_endpoint",
    },
}
CUSTOM = {
    "name": "Out of band",
    "type": "Custom",
    "issuer": "https://other/issuer",
    "token_endpoint": "https://other/token",
    "revoke_endpoint": "https://other/revoke",
    "additional_properties": {"realm": "one", "level": 3, "nested": {"deep": True, "list": [1, "two"]}},
    "secret_properties": {"key": "S3cret-key"},
}


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest, document: AdminApiDocument) -> Iterator[ApiManager]:
    """One release after the other. All requests must fit the description of the newest."""
    with api_managers.stand_in(request.param) as server:
        yield server
        assert server.faults(document) == []


def version(server: ApiManager) -> str:
    assert server.stand_in
    return server.stand_in.release.name


def test_the_document_is_followed_with_the_fields_that_the_release_has(
    release: ApiManager, happened: Happened
) -> None:
    planned = release.register(check=True)
    made = release.register()
    assert planned["changed"] and made["changed"]
    stored = release.stored()
    assert set(stored["additionalProperties"]) == FIELDS[version(release)] | {"self_validate_jwt"}
    assert ("allowedOrganizations" in stored) is (version(release) >= "4.5")
    release.writes()
    for check in (True, False):
        assert not release.register(check=check)["changed"]
    assert release.writes() == []
    assert release.register(display_name="Seven")["changed"]
    assert {name for name, value in release.stored().items() if value != stored[name]} == {"displayName"}
    always = release.register(display_name="Seven", update_secrets="always")
    assert always["changed"] and always["diff"]["after"]["additionalProperties"]["Password"] == "***** (new)"
    gone = release.run(state="absent")
    assert gone["changed"] and release.stored() == {}
    assert not release.run(state="absent")["changed"]
    happened(
        PART,
        f"{version(release)}: made, left alone, changed, new password, removed",
        f"with {', '.join(sorted(FIELDS[version(release)]))}",
    )


@pytest.mark.parametrize("absent", ["username", "password"])
def test_a_missing_connector_field_is_named_before_anything_is_sent(release: ApiManager, absent: str) -> None:
    release.writes()
    outcome = release.register(
        connector_configuration={name: value for name, value in BASIC.items() if name != absent}
    )
    assert f"needs the connector field {absent.capitalize()}" in outcome["msg"]
    assert release.writes() == []


def test_mutual_tls_where_the_release_has_it(release: ApiManager, happened: Happened) -> None:
    outcome = release.register(connector_configuration=MUTUAL)
    if version(release) < "4.6":
        assert "has no field" in outcome["msg"] and release.stored() == {}
        happened(
            PART, f"{version(release)}: mutual TLS", "Refused, naming the field that the connector lacks"
        )
        return
    properties = release.stored()["additionalProperties"]
    assert (properties["Authentication"], properties["MutualTLSOptions"], properties["IdentityUser"]) == (
        "MutualTLS",
        "ServerWide",
        "admin",
    )
    assert not release.register(connector_configuration=MUTUAL)["changed"]
    basic = release.register(connector_configuration={**BASIC, "authentication": "BasicAuth"})
    assert (
        basic["changed"]
        and not release.register(connector_configuration={**BASIC, "authentication": "BasicAuth"})["changed"]
    )
    release.clear()
    happened(PART, f"{version(release)}: mutual TLS", "Taken, server-wide; and back to a password")


def test_allowed_organizations_never_reach_a_release_without_them(
    release: ApiManager, happened: Happened
) -> None:
    outcome = release.register(allowed_organizations=["north"])
    if version(release) < "4.5":
        assert "has no allowed organizations" in outcome["msg"]
        assert release.writes() == []
        happened(PART, f"{version(release)}: allowed_organizations", "Refused, nothing sent")
        return
    assert release.stored()["allowedOrganizations"] == ["north"]
    assert not release.register(allowed_organizations=["north"])["changed"]
    release.clear()


def test_another_type_with_properties_of_its_own(release: ApiManager) -> None:
    planned = release.run(check=True, **CUSTOM)
    made = release.run(**CUSTOM)
    assert planned["changed"] and made["changed"], made
    for outcome in (planned, made):
        assert "S3cret-key" not in outcome.output
    stored = release.stored("Out of band")["additionalProperties"]
    assert (stored["realm"], stored["level"], stored["nested"], stored["key"]) == (
        "one",
        3.0,
        {"deep": True, "list": [1.0, "two"]},
        "S3cret-key",
    )
    for check in (True, False):
        assert not release.run(check=check, **CUSTOM)["changed"]
    other = {**CUSTOM, "additional_properties": {**CUSTOM["additional_properties"], "realm": "two"}}
    assert release.run(**other)["changed"]
    assert release.stored("Out of band")["additionalProperties"] == {**stored, "realm": "two"}
    refused = release.run(name="Out of band", type="WSO2-IS-7")
    assert "has the type 'Custom', which cannot become 'WSO2-IS-7'" in refused["msg"]
    assert release.run(name="Out of band", state="absent")["changed"]


def test_what_is_in_use_is_not_deleted(release: ApiManager, happened: Happened) -> None:
    assert release.stand_in
    assert release.register()["changed"]
    release.stand_in.key_managers.used.add("IS7")
    try:
        release.writes()
        outcome = release.run(state="absent")
        if version(release) < "4.5":
            assert outcome["changed"] and outcome["warnings"]
            happened(
                PART,
                f"{version(release)}: removing what may be in use",
                "Removed, with a warning: this release does not tell",
            )
            return
        assert "is in use" in outcome["msg"] and release.writes() == []
        forced = release.run(state="absent", force=True)
        assert forced.failed and forced["failure"]["status"] == 412 and release.stored()
        happened(
            PART,
            f"{version(release)}: removing what is in use",
            "Refused before anything is sent; with force by API Manager itself",
        )
    finally:
        release.stand_in.key_managers.used.clear()
        release.clear()


DOCUMENT = {
    "issuer": f"{IS7}/found/issuer",
    "token_endpoint": f"{IS7}/oauth2/token",
    "introspection_endpoint": f"{IS7}/found/introspect",
    "revocation_endpoint": f"{IS7}/found/revoke",
    "registration_endpoint": f"{IS7}/found/register",
    "authorization_endpoint": f"{IS7}/found/authorize",
    "userinfo_endpoint": f"{IS7}/oauth2/userinfo",
    "jwks_uri": f"{IS7}/found/jwks",
    "grant_types_supported": ["refresh_token", "password"],
}


@pytest.fixture
def peer(release: ApiManager) -> Iterator[Web]:
    """An identity server that only API Manager trusts."""
    assert release.stand_in
    certificate = self_signed()
    before = release.stand_in.trust
    release.stand_in.trust = ssl.create_default_context(cadata=certificate.pem)
    with serving(Says(200, DOCUMENT), certificate) as web:
        yield web
    release.stand_in.trust = before
    release.clear()


def test_discovery_fills_in_what_it_knows(release: ApiManager, peer: Web, happened: Happened) -> None:
    url = f"{peer.url}/oauth2/token/.well-known/openid-configuration"
    options: dict[str, Any] = {
        "discover": True,
        "well_known_endpoint": url,
        "revoke_endpoint": f"{IS7}/given/revoke",
    }
    planned = release.register(check=True, **options)
    made = release.register(**options)
    assert planned["changed"] and made["changed"], made
    stored = release.stored()
    assert (stored["issuer"], stored["introspectionEndpoint"], stored["revokeEndpoint"]) == (
        f"{IS7}/found/issuer",
        f"{IS7}/found/introspect",
        f"{IS7}/given/revoke",
    )
    assert stored["userInfoEndpoint"] == f"{IS7}/scim2/Me"
    assert stored["scopeManagementEndpoint"] == f"{IS7}/api/identity/oauth2/v1.0/scopes"
    assert sorted(stored["availableGrantTypes"]) == ["password", "refresh_token"]
    for outcome in (planned, made):
        assert (
            outcome["sources"]["issuer"],
            outcome["sources"]["revokeEndpoint"],
            outcome["sources"]["scopeManagementEndpoint"],
        ) == (
            "discovery",
            "option",
            "is7_url",
        )
    for check in (True, False):
        assert not release.register(check=check, **options)["changed"]
    happened(
        PART,
        f"{version(release)}: discovery",
        "Its values where the user gives none; UserInfo is /scim2/Me; unchanged afterwards",
    )


@pytest.mark.parametrize(
    ("peer_is", "sentence"),
    [
        ("not trusted", "have its certificate in API Manager's truststore"),
        ("not there", "no connection to it is made either"),
    ],
)
def test_discovery_that_fails_says_why(
    stand_in: ApiManager, peer_is: str, sentence: str, happened: Happened
) -> None:
    with serving(Says(200, DOCUMENT), self_signed()) as web:
        url = web.url if peer_is == "not trusted" else "https://127.0.0.1:1"
        outcome = stand_in.register(discover=True, well_known_endpoint=f"{url}/wk", timeout=2)
    assert sentence in outcome["msg"] and "nothing was changed" in outcome["msg"], outcome["msg"]
    assert outcome["failure"]["status"] == 500 and stand_in.stored() == {}
    happened(PART, f"Discovery of a server that is {peer_is}", f"Failed, as {sentence}; nothing was changed")
