"""Every way to sign in to API Manager, by the modules themselves, at the stand-in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.carbonops.wso2.plugins.doc_fragments.apim import ModuleDocFragment
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import Anonymous, HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import (
    ARGUMENTS,
    CLIENT_NAME,
    METHODS,
    Basic,
    Bearer,
    Method,
    OAuth2,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.modules import Outcome, run_module
from support.web import Says, Web, serving
from testbed.standin.api_manager import ApiManager

PASSWORD, TENANT_PASSWORD = "Geheim-admin", "Geheim-tenant"
SECRETS = (PASSWORD, TENANT_PASSWORD, "Geheim")
KEY_MANAGERS = "/api/am/admin/v4/key-managers"
RIGHT = "one of the scopes apim:admin, apim:admin_operations, apim:keymanagers_manage"


@pytest.fixture
def apim() -> ApiManager:
    return ApiManager("4.7", PASSWORD, TENANT_PASSWORD)


@pytest.fixture
def web(apim: ApiManager) -> Iterator[Web]:
    with serving(apim.answer) as web:
        yield web


def info(web: Web, **options: Any) -> Outcome:
    outcome = run_module("apim_key_manager_info", apim_url=web.url, **options)
    assert not [secret for secret in SECRETS if secret in outcome.output]
    return outcome


def signed_in(
    web: Web,
    apim: ApiManager,
    scopes: str = "apim:admin",
    user: Basic | None = None,
    registered: Basic | None = None,
) -> HttpClient:
    server = Server(web.url, timeout=30)
    paused: list[float] = []
    return HttpClient(
        server,
        OAuth2(HttpClient(server, sleep=paused.append), user or Basic("admin", PASSWORD), scopes, registered),
        paused.append,
    )


def token_requests(web: Web) -> list[str]:
    return [seen.path for seen in web.seen if seen.path.startswith(("/oauth2", "/client"))]


@pytest.mark.parametrize(
    ("authenticator", "value"),
    [
        (Anonymous(), None),
        (Basic("admin", "sécret:"), "Basic YWRtaW46c8OpY3JldDo="),
        (Bearer("abc"), "Bearer abc"),
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_does_not_change_is_not_renewed_and_not_shown(
    authenticator: Anonymous | Basic | Bearer, value: str | None
) -> None:
    assert (authenticator.authorization(), authenticator.renew()) == (value, False)
    assert "sécret" not in repr(authenticator)
    assert "abc" not in repr(authenticator)


def test_a_client_is_registered_once_and_reused_and_one_token_does_for_many_requests(
    web: Web, apim: ApiManager
) -> None:
    for _run in range(2):
        client = signed_in(web, apim)
        for _request in range(2):
            assert client.json("Listing", "GET", KEY_MANAGERS)["count"] == 1
    assert [client.name for client in apim.accounts.clients.values()] == ["carbonops.wso2"]
    assert token_requests(web) == ["/client-registration/v0.17/register", "/oauth2/token"] * 2


def test_a_token_that_has_run_out_is_replaced_by_another_once(web: Web, apim: ApiManager) -> None:
    client = signed_in(web, apim)
    client.json("Listing", "GET", KEY_MANAGERS)
    apim.accounts.revoke_tokens()
    client.json("Listing", "GET", KEY_MANAGERS)
    assert token_requests(web) == ["/client-registration/v0.17/register", "/oauth2/token", "/oauth2/token"]
    apim.accounts.lifetime = 0
    apim.accounts.revoke_tokens()
    with pytest.raises(HttpError, match="HTTP status 401") as refused:
        client.json("Listing", "GET", KEY_MANAGERS)
    assert refused.value.status == 401
    assert token_requests(web).count("/oauth2/token") == 3


def test_registration_is_waited_for_after_a_boot(web: Web, apim: ApiManager) -> None:
    apim.accounts.failing_registrations = 5
    assert signed_in(web, apim).json("Listing", "GET", KEY_MANAGERS)["count"] == 1
    assert len(token_requests(web)) == 7


def test_a_given_client_is_used_and_none_registered(web: Web, apim: ApiManager) -> None:
    signed_in(web, apim).json("Listing", "GET", KEY_MANAGERS)
    (client,) = apim.accounts.clients.values()
    done = info(
        web, auth="oauth2", password=PASSWORD, client_id=client.identifier, client_secret=client.secret
    )
    assert [item["name"] for item in done["key_managers"]] == ["Resident Key Manager"]
    assert client.secret not in done.output
    assert token_requests(web)[-2:] == ["/oauth2/token", "/oauth2/token"]
    refused = info(
        web, auth="oauth2", password=PASSWORD, client_id=client.identifier, client_secret="Geheim-wrong"
    )
    assert refused["msg"].endswith(
        "HTTP status 401 (Client Authentication failed.); check client_id and client_secret."
    )
    assert refused["failure"]["status"] == 401


@pytest.mark.parametrize(
    ("user", "scopes", "advice"),
    [
        (
            "joe",
            "apim:admin",
            "the token was granted the scope default alone, so check that joe has the rights.",
        ),
        (
            "kim",
            "apim:admin apim:subscribe apim:app_manage",
            "the token was granted the scopes apim:app_manage, apim:subscribe alone, so check that kim has the"
            " rights.",
        ),
        (
            "admin",
            "apim:subscribe",
            "HTTP status 401 (Unauthenticated request); check that admin has the rights.",
        ),
    ],
)
def test_a_user_without_the_right_is_told_by_the_scopes_that_were_granted(
    web: Web, apim: ApiManager, user: str, scopes: str, advice: str
) -> None:
    who = Basic(user, PASSWORD if user == "admin" else f"{user}123")
    with pytest.raises(HttpError, match=re.escape(advice) + "$"):
        signed_in(web, apim, scopes, user=who).json("Listing", "GET", KEY_MANAGERS)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (
            [{"clientId": "x"}],
            "Registering an OAuth2 client of admin in {url} failed: the answer holds no client; look at",
        ),
        (
            [{"clientId": "x", "clientSecret": "Geheim"}, {"token_type": "Bearer"}],
            "Asking {url} for a token of admin failed: the answer holds none; look at",
        ),
    ],
    ids=["no client", "no token"],
)
def test_an_answer_without_what_was_asked_for_is_told(answers: list[dict[str, str]], sentence: str) -> None:
    with serving(lambda seen: Says(body=answers.pop(0))) as web, pytest.raises(HttpError) as refused:
        HttpClient(
            Server(web.url), OAuth2(HttpClient(Server(web.url)), Basic("admin", PASSWORD), "apim:admin")
        ).json("Listing", "GET", KEY_MANAGERS)
    assert str(refused.value).startswith(sentence.format(url=web.url))
    assert "Geheim" not in str(refused.value)


def test_a_tenants_administrator_has_the_tenants_key_managers(web: Web, apim: ApiManager) -> None:
    for options in ({}, {"auth": "oauth2"}):
        done = info(web, username="admin@tenant1.com", password=TENANT_PASSWORD, **options)
        assert len(done["key_managers"]) == 1, done
    client = signed_in(web, apim, user=Basic("admin@tenant1.com", TENANT_PASSWORD))
    listed = client.json("Listing", "GET", KEY_MANAGERS)["list"]
    assert listed[0]["id"] in apim.tenants["tenant1.com"].rows
    assert listed[0]["id"] not in apim.key_managers.rows
    assert {client.owner for client in apim.accounts.clients.values()} == {"admin@tenant1.com"}


def test_a_token_is_sent_as_it_is_and_its_end_is_told(web: Web, apim: ApiManager) -> None:
    signed_in(web, apim).json("Listing", "GET", KEY_MANAGERS)
    (token,) = apim.accounts.tokens
    good = info(web, auth="token", token=token)
    assert len(good["key_managers"]) == 1
    apim.accounts.revoke_tokens()
    ended = info(web, auth="token", token=token)
    assert ended["msg"].endswith(f"; check that the token is still good and has the scopes, {RIGHT}.")
    assert token not in good.output + ended.output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "auth is basic, but there is no password; give password."),
        ({"auth": "oauth2"}, "auth is oauth2, but there is no password; give password."),
        ({"auth": "token", "password": "Geheim"}, "auth is token, but there is none; give token."),
        (
            {"auth": "oauth2", "password": "Geheim", "client_id": "x"},
            "client_id and client_secret belong together; give both, or neither.",
        ),
        ({"password": "Geheim", "client_key": "/x"}, "client_key is the key of client_cert; give that too."),
        (
            {"password": "Geheim-wrong"},
            f"check the user name and password, and that the user has the rights, {RIGHT}.",
        ),
        (
            {"auth": "oauth2", "password": "Geheim-wrong"},
            "check the user name and password, and that the user has the rights.",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(web: Web, options: dict[str, Any], sentence: str) -> None:
    outcome = info(web, **options)
    assert outcome.failed
    assert outcome["msg"].endswith(sentence)


OPTIONS: dict[str, Any] = {
    "username": "admin", "password": None, "client_id": None, "client_secret": None, "token": None,
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_a_way_to_sign_in_says_what_it_lacks(method: type[Method]) -> None:
    """Without any option it is refused, and the advice is to give one of its own."""
    with pytest.raises(Problem) as refused:
        method.from_options(OPTIONS, Server("http://localhost"), "apim:admin")
    advice = str(refused.value).rpartition("; ")[2].rstrip(".")
    assert advice.removeprefix("give ") in method.options


def test_an_option_is_told_by_the_name_that_a_role_has_for_it() -> None:
    names = {"CARBONOPS_VARIABLES": '{"password": "apim_admin_password"}'}
    outcome = run_module("apim_key_manager_info", environment={**os.environ, **names})
    assert outcome["msg"] == "auth is basic, but there is no password; give apim_admin_password."
    for none in ("", "[]", "no JSON"):
        environment = {**os.environ, "CARBONOPS_VARIABLES": none}
        outcome = run_module("apim_key_manager_info", environment=environment)
        assert outcome["msg"] == "auth is basic, but there is no password; give password."


@pytest.mark.parametrize("secrets", [{"PASSWORD": PASSWORD}, {"USERNAME": "admin", "PASSWORD": PASSWORD}])
def test_url_user_and_password_may_come_from_the_environment(web: Web, secrets: dict[str, str]) -> None:
    environment = {**os.environ, "WSO2_APIM_URL": web.url}
    environment.update({f"WSO2_APIM_{name}": value for name, value in secrets.items()})
    outcome = run_module("apim_key_manager_info", environment=environment)
    assert not outcome.failed, outcome
    assert PASSWORD not in outcome.output
    assert run_module("apim_key_manager_info", environment=environment, password="another").failed


def test_a_token_alone_in_the_environment_signs_in(web: Web, apim: ApiManager) -> None:
    token = signed_in(web, apim)._authenticator.authorization().removeprefix("Bearer ")
    environment = {**os.environ, "WSO2_APIM_URL": web.url, "WSO2_APIM_TOKEN": token}
    outcome = run_module("apim_key_manager_info", environment=environment)
    assert not outcome.failed, outcome
    assert token not in outcome.output


def test_what_identity_server_needs_may_come_from_the_environment(web: Web) -> None:
    is7 = {"URL": "https://Is.example.com:443/", "USERNAME": "bridge", "PASSWORD": "Geheim-is7"}
    environment = {**os.environ, **{f"WSO2_IS7_{name}": value for name, value in is7.items()}}
    options = {"apim_url": web.url, "password": PASSWORD}
    made = run_module("apim_key_manager", environment=environment, name="Env", **options)
    assert made.get("changed"), made
    assert made["key_manager"]["tokenEndpoint"] == "https://is.example.com/oauth2/token"
    assert made["key_manager"]["additionalProperties"]["Username"] == "bridge"
    assert "Geheim-is7" not in made.output
    (sent,) = [json.loads(seen.body) for seen in web.seen if seen.method == "POST"]
    assert sent["additionalProperties"]["Password"] == "Geheim-is7"
    again = run_module("apim_key_manager", environment=environment, name="Env", **options)
    assert again["changed"] is False
    given = {"username": "other", "password": "Geheim-other"}
    other = run_module(
        "apim_key_manager", environment=environment, name="Given", allow_shared_issuer=True, **options,
        connector_configuration=given, is7_url="https://given.example.com",
    )  # fmt: skip
    assert other["key_manager"]["additionalProperties"]["Username"] == "other", other
    assert other["key_manager"]["issuer"] == "https://given.example.com/oauth2/token"
    assert "Geheim" not in other.output


def test_the_options_for_signing_in_are_documented_and_those_of_a_way_alone_say_so() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert documented["auth"]["choices"] == list(METHODS)
    assert all(f"V({name})" in " ".join(documented["auth"]["description"]) for name in METHODS)
    for name in ARGUMENTS:
        ways = [method.auth for method in METHODS.values() if name in method.options]
        if len(ways) == 1:
            assert (
                f"O(auth={ways[0]})" in " ".join(documented[name]["description"]) or name == "client_secret"
            )
    of_client = " ".join(documented["client_id"]["description"])
    assert f"registered, as C({CLIENT_NAME})" in of_client, "what stays in API Manager is not named"
    assert f"remove the service provider C({CLIENT_NAME})" in of_client
    assert {name for name, argument in ARGUMENTS.items() if argument.get("no_log")} == {
        "password", "client_secret", "token",
    }  # fmt: skip
