"""Why API Manager may not have read a discovery document, as far as this host can tell."""

from __future__ import annotations

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
        made = run_module("apim_key_manager", is7_url=is7.url, **options)
        again = run_module("apim_key_manager", is7_url=is7.url, **options)
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
        " is7_url, or set is7_url to the name that it has."
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
