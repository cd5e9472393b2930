"""Why API Manager may not have read a discovery document, as far as this host can tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.discovery import discover
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from ansible_collections.carbonops.wso2.plugins.module_utils._http.tls import Tls
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import discovered_elsewhere
from support.certificates import Pair, self_signed
from support.modules import Outcome, run_module
from support.web import Says, Web, free_port, serving
from testbed.standin.api_manager import ApiManager

PASSWORD = "Geheim-admin"
GOOD, EXPIRED = self_signed(), self_signed(days=(-20, -10))
DOCUMENT = {
    "issuer": "https://is7/oauth2/token", "token_endpoint": "https://is7/oauth2/token",
    "userinfo_endpoint": "https://is7/oauth2/userinfo",
    "introspection_endpoint": "https://is7/oauth2/introspect",
    "revocation_endpoint": "https://is7/oauth2/revoke",
    "registration_endpoint": "https://is7/dcr", "authorization_endpoint": "https://is7/oauth2/authorize",
    "jwks_uri": "https://is7/oauth2/jwks", "grant_types_supported": ["password"],
}  # fmt: skip
BEGINS = r"^Having http://\S+ read \S+ failed: it cannot reach that URL or does not trust its certificate; where this module runs, "


@pytest.fixture
def apim() -> Iterator[str]:
    with serving(ApiManager("4.7", PASSWORD).answer) as web:
        yield web.url


def reason(apim: str, url: str, trusting: bool = False) -> str:
    """What follows the sentence's beginning."""
    api = AdminApi(HttpClient(Server(apim), Basic("admin", PASSWORD)))
    probe = HttpClient(Server(url, Tls(not trusting), timeout=5), sleep=lambda seconds: None)
    with pytest.raises(HttpError, match=BEGINS) as failed:
        discover(api, url, "WSO2-IS-7", probe)
    assert failed.value.status == 500
    assert str(failed.value).endswith("; API Manager's log has the cause.")
    return str(failed.value).partition("where this module runs, ")[2]


@pytest.mark.parametrize(
    ("pair", "clause"),
    [
        (
            GOOD,
            r"the certificate of \S+ is not trusted \(self-signed certificate\), so have its certificate in API Manager's truststore, and API Manager",
        ),
        (EXPIRED, r"the certificate of \S+ has expired on \d{4}-\d\d-\d\d, so have its certificate in"),
    ],
    ids=["self-signed", "expired"],
)
def test_a_certificate_that_is_not_trusted_is_told(apim: str, pair: Pair, clause: str) -> None:
    with serving(Says(body=DOCUMENT), pair) as is7:
        told = reason(apim, f"{is7.url}/wk")
    assert re.match(clause, told), told


def test_a_server_that_is_not_there_is_told(apim: str) -> None:
    assert reason(apim, f"http://127.0.0.1:{free_port()}/wk").startswith(
        "no connection to it is made either, so check the URL and that the server runs;"
    )


@pytest.mark.parametrize(
    ("says", "clause"),
    [
        (Says(404), "it answers with HTTP status 404, so check the URL;"),
        (Says(200, "<html>", {}), "it answers with HTTP status 200, so check the URL;"),
    ],
)
def test_a_server_that_has_no_document_is_told(apim: str, says: Says, clause: str) -> None:
    with serving(says) as is7:
        assert reason(apim, f"{is7.url}/wk").startswith(clause)


def test_a_refusal_of_another_kind_is_told_as_it_is(apim: str) -> None:
    with pytest.raises(HttpError, match=r"HTTP status 401 ") as refused:
        discover(AdminApi(HttpClient(Server(apim), Basic("admin", "wrong"))), "https://is7/wk", "WSO2-IS-7")
    assert "where this module runs" not in str(refused.value)


def test_a_document_that_can_be_read_here_points_to_api_manager(apim: str) -> None:
    with serving(Says(body=DOCUMENT), GOOD) as is7:
        assert reason(apim, f"{is7.url}/wk", trusting=True).startswith(
            "it can be read, so check API Manager's network, its truststore,"
        )


def test_the_diff_tells_what_came_from_discovery_and_what_is_never_taken_from_there(apim: str) -> None:
    options = {
        "apim_url": apim, "password": PASSWORD, "name": "IS7", "discover": True, "issuer": "https://mine",
        "connector_configuration": {"username": "admin", "password": "Geheim-2"},
    }  # fmt: skip
    with serving(Says(body=DOCUMENT)) as is7:
        options.update(is7_url="https://is7", well_known_endpoint=f"{is7.url}/wk")
        made = run_module("apim_key_manager", **options)
        again = run_module("apim_key_manager", **options)
    found = made["key_manager"]
    assert (found["issuer"], found["tokenEndpoint"], found["availableGrantTypes"]) == (
        "https://mine",
        DOCUMENT["token_endpoint"],
        ["password"],
    )
    assert found["userInfoEndpoint"] == "https://is7/scim2/Me"
    lines = dict(line.removeprefix("from ").split(": ") for line in made["diff"]["prepared"].splitlines())
    assert "issuer" in lines["option"].split(", ")
    assert {"tokenEndpoint", "availableGrantTypes", "userInfoEndpoint", "certificates"} <= set(
        lines["discovery"].split(", ")
    )
    assert "scopeManagementEndpoint" in lines["is7_url"].split(", ")
    assert (made["sources"]["issuer"], made["sources"]["tokenEndpoint"]) == ("option", "discovery")
    assert (again["changed"], "prepared" in again["diff"], again["sources"]) == (False, False, {})


def test_discovery_without_a_url_to_read_is_refused(apim: str) -> None:
    done = run_module("apim_key_manager", apim_url=apim, password=PASSWORD, name="IS7", discover=True)
    assert done["msg"] == "discover needs the URL to read; give well_known_endpoint or is7_url."


@pytest.fixture
def is7() -> Iterator[Web]:
    """Identity Server 7, whose document has the name that it is asked by."""
    with serving(lambda seen: Says(body={**DOCUMENT, "issuer": f"{web.url}/oauth2/token"})) as web:
        yield web


def register(apim: str, is7: Web, **options: Any) -> Outcome:
    given = {
        "apim_url": apim, "password": PASSWORD, "name": "IS7", "is7_url": is7.url, "discover": True,
        "verify_issuer": True, "connector_configuration": {"username": "a", "password": "Geheim-2"},
    }  # fmt: skip
    return run_module("apim_key_manager", **{**given, **options})


def test_the_issuer_that_the_server_gives_itself_is_taken_and_returned(apim: str, is7: Web) -> None:
    made = register(apim, is7)
    assert made["changed"], made
    assert made["discovered"]["issuer"] == made["key_manager"]["issuer"] == f"{is7.url}/oauth2/token"


@pytest.mark.parametrize("check", [False, True])
def test_an_issuer_that_discovery_contradicts_is_refused_before_anything_is_changed(
    apim: str, is7: Web, check: bool
) -> None:
    refused = register(apim, is7, issuer="https://mine/oauth2/token", check=check)
    assert refused["msg"] == (
        f"Identity Server 7 at {is7.url} calls itself {is7.url}/oauth2/token, not https://mine/oauth2/token,"
        " so API Manager would refuse its tokens; set [server] hostname in its deployment.toml to the name in"
        " is7_url (the role's is7_hostname does that), or set is7_url or is7_public_url to the name that it has."
    )
    listed = run_module("apim_key_manager_info", apim_url=apim, password=PASSWORD, query="[].name")
    assert listed["key_managers"] == ["Resident Key Manager"]
    assert register(apim, is7, issuer="https://mine/oauth2/token", verify_issuer=False)["changed"]


def test_the_issuer_that_follows_from_the_url_is_compared_too(apim: str, is7: Web) -> None:
    by_another_name = is7.url.replace("127.0.0.1", "localhost")
    refused = register(apim, is7, is7_url=by_another_name)
    assert (
        f"at {by_another_name} calls itself {is7.url}/oauth2/token, not {by_another_name}/" in refused["msg"]
    )


def test_the_issuer_is_not_verified_without_discovery(apim: str, is7: Web) -> None:
    refused = register(apim, is7, discover=False)
    assert refused["msg"] == "verify_issuer compares with what discovery says; set discover too."


def test_a_run_with_nothing_to_do_takes_four_requests(is7: Web) -> None:
    with serving(ApiManager("4.7", PASSWORD).answer) as web:
        made = register(web.url, is7)
        begun = len(web.seen)
        assert not register(web.url, is7)["changed"]
    base, identifier = "/api/am/admin/v4", made["id"]
    assert sorted((seen.method, seen.path.removeprefix(base)) for seen in web.seen[begun:]) == [
        ("GET", "/key-managers"),
        ("GET", f"/key-managers/{identifier}"),
        ("GET", "/settings"),
        ("POST", "/key-managers/discover"),
    ]


INTERNAL, PUBLIC_ISSUER = "https://is-internal:9443", "https://sso.example.com/oauth2/token"
# By which URL the key manager has each endpoint, where API Manager and the public call the server by two.
BOTH = {
    "https://sso.example.com": {
        "issuer": "/oauth2/token", "displayTokenEndpoint": "/oauth2/token", "displayRevokeEndpoint": "/oauth2/revoke",
        "authorizeEndpoint": "/oauth2/authorize",
    },
    INTERNAL: {
        "tokenEndpoint": "/oauth2/token", "introspectionEndpoint": "/oauth2/introspect",
        "revokeEndpoint": "/oauth2/revoke", "clientRegistrationEndpoint": "/api/identity/oauth2/dcr/v1.1/register",
        "scopeManagementEndpoint": "/api/identity/oauth2/v1.0/scopes", "userInfoEndpoint": "/scim2/Me",
    },
}  # fmt: skip


@pytest.fixture
def sso() -> Iterator[Web]:
    """Identity Server 7 at an internal address, whose document has its public name throughout."""
    text = json.dumps(DOCUMENT).replace(
        "https://is7/dcr", "https://is7/api/identity/oauth2/dcr/v1.1/register"
    )
    document = json.loads(text.replace("https://is7/", "https://sso.example.com/"))
    with serving(lambda seen: Says(body=document)) as web:
        yield web


def assert_both(key_manager: dict[str, Any], internal: str) -> None:
    for base, endpoints in BOTH.items():
        at = internal if base == INTERNAL else base
        assert {name: key_manager[name] for name in endpoints} == {
            name: at + path for name, path in endpoints.items()
        }
    assert key_manager["certificates"] == {"type": "JWKS", "value": f"{internal}/oauth2/jwks"}
    properties = key_manager["additionalProperties"]
    assert properties["is7_roles_endpoint"] == f"{internal}/scim2/v2/Roles"
    assert properties["api_resource_management_endpoint"] == f"{internal}/api/server/v1/api-resources"


def test_what_the_public_calls_is_public_and_what_api_manager_calls_is_internal(apim: str, sso: Web) -> None:
    made = register(apim, sso)
    assert made["changed"], made
    assert_both(made["key_manager"], sso.url)
    sources = made["sources"]
    assert {sources[name] for name in BOTH["https://sso.example.com"]} == {"discovery"}
    assert {sources[name] for name in (*BOTH[INTERNAL], "certificates")} == {"is7_url"}
    told = dict(line.split(": ", 1) for line in made["diff"]["prepared"].splitlines())
    assert "displayTokenEndpoint" in told["from discovery"]
    assert "tokenEndpoint" in told["from is7_url"].split(", ")
    assert register(apim, sso)["changed"] is False


def test_the_public_url_may_be_given_without_discovery_too(apim: str, sso: Web) -> None:
    options = {"is7_public_url": "https://SSO.example.com:443/", "discover": False, "verify_issuer": False}
    made = register(apim, sso, **options)
    assert_both(made["key_manager"], sso.url)
    assert {made["sources"][name] for name in BOTH["https://sso.example.com"]} == {"is7_public_url"}


def test_a_public_url_that_discovery_contradicts_is_refused(apim: str, sso: Web) -> None:
    refused = register(apim, sso, is7_public_url="https://login.example.com")
    assert f"calls itself {PUBLIC_ISSUER}, not https://login.example.com/oauth2/token" in refused["msg"]


@pytest.mark.parametrize(
    "issuer", ["https://localhost:9443/oauth2/token", "https://127.0.0.1:9443/oauth2/token"]
)
def test_a_server_that_nobody_has_named_is_not_taken_for_a_public_one(apim: str, issuer: str) -> None:
    with serving(lambda seen: Says(body={**DOCUMENT, "issuer": issuer})) as web:
        refused = register(apim, web, is7_url=web.url.replace("127.0.0.1", "ip6-localhost"), discover=True)
    assert refused.failed


def test_a_tenants_public_url_keeps_the_tenants_path() -> None:
    at = "https://sso.example.com/t/a.com"
    discovered = {"issuer": f"{at}/oauth2/token", "tokenEndpoint": f"{at}/oauth2/token"}
    moved = discovered_elsewhere(discovered, f"{INTERNAL}/t/a.com")
    assert moved == {
        "issuer": f"{at}/oauth2/token", "tokenEndpoint": f"{INTERNAL}/t/a.com/oauth2/token",
        "displayTokenEndpoint": f"{at}/oauth2/token",
    }  # fmt: skip
