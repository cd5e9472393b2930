"""The OAuth2 and OpenID Connect endpoints, as a client sees them, on a real local server."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.oauth import (
    discovery,
    get_token,
    introspect,
    jwks,
    revoke,
)
from support.modules import run_module
from support.web import Says, serving


def client(url: str) -> HttpClient:
    return HttpClient(Server(url, timeout=5), Basic("admin", "Geheim-1"))


FORM = {"grant_type": "client_credentials"}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_discovery_returns_the_document_and_sends_no_password() -> None:
    document = {"issuer": "https://localhost:9444/oauth2/token", "more": [1]}
    with serving(Says(body=document)) as web:
        assert discovery(client(web.url), f"{web.url}/x") == document
    assert [(seen.method, seen.path, seen.headers.get("Authorization")) for seen in web.seen] == [
        ("GET", "/x", None)
    ]


def test_discovery_sends_no_password_of_the_users_netrc_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password Geheim-9\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(Says(body={"issuer": "x"})) as web:
        discovery(client(web.url), web.url)
    assert "Authorization" not in web.seen[0].headers


@pytest.mark.parametrize("body", [{}, {"issuer": ""}, {"issuer": None}, [], "x", [{"issuer": "x"}]])
def test_a_document_without_an_issuer_is_refused(body: Any) -> None:
    with (
        serving(Says(body=json.dumps(body))) as web,
        pytest.raises(
            HttpError, match=r"(failed: it names no issuer|instead of a JSON object); check the URL\.$"
        ),
    ):
        discovery(client(web.url), f"{web.url}/x")


def test_a_token_is_asked_for_as_the_client_and_introspected_as_the_user() -> None:
    with serving(Says(body={"access_token": "abc", "active": True})) as web:
        assert get_token(client(web.url), f"{web.url}/token", "id", "sécret", FORM)["access_token"] == "abc"
        assert introspect(client(web.url), f"{web.url}/introspect", "a+b")["active"] is True
    token, introspection = web.seen
    assert (token.path, token.body, token.headers["Authorization"]) == (
        "/token",
        b"grant_type=client_credentials",
        basic("id", "sécret"),
    )
    assert (introspection.path, introspection.body, introspection.headers["Authorization"]) == (
        "/introspect",
        b"token=a%2Bb",
        basic("admin", "Geheim-1"),
    )


def test_an_answer_without_a_token_is_refused_without_the_secret() -> None:
    with (
        serving(Says(body={"token_type": "Bearer"})) as web,
        pytest.raises(HttpError, match="the answer holds none") as refused,
    ):
        get_token(client(web.url), f"{web.url}/token", "id", "Geheim-2", FORM)
    assert "Geheim" not in str(refused.value)


def test_a_token_is_taken_back_as_the_client() -> None:
    with serving(Says()) as web:
        revoke(client(web.url), f"{web.url}/revoke", "id", "Geheim-2", "a+b")
    assert (web.seen[0].body, web.seen[0].headers["Authorization"]) == (
        b"token=a%2Bb&token_type_hint=access_token",
        basic("id", "Geheim-2"),
    )


def test_keys_are_read_without_a_password() -> None:
    with serving(Says(body={"keys": []})) as web:
        assert jwks(client(web.url), f"{web.url}/jwks") == {"keys": []}
    assert "Authorization" not in web.seen[0].headers


def test_the_module_tells_the_issuer() -> None:
    document = {"issuer": "https://localhost:9444/oauth2/token"}
    with serving(Says(body=document)) as web:
        done = run_module("is7_discovery_info", is7_url=f"{web.url}/")
    assert (done["changed"], done["issuer"], done["document"]) == (False, document["issuer"], document)
    assert web.seen[0].path == "/oauth2/token/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"is7_url": "localhost:9444"}, "is7_url is 'localhost:9444', which is not a URL; give one like"),
        (
            {"server_cert_sha256": "00"},
            "server_cert_sha256 is not a SHA-256 fingerprint; give 64 hexadecimal digits.",
        ),
    ],
)
def test_the_module_refuses_what_cannot_be_asked(options: dict[str, str], sentence: str) -> None:
    assert sentence in run_module("is7_discovery_info", **options)["msg"]
