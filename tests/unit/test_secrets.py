"""Tokens and passwords with odd ends are sent as they are or refused, and no text of anybody's repeats them."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible.module_utils import basic
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic, OAuth2
from ansible_collections.carbonops.wso2.plugins.module_utils._http.text import masked, printable, told
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.modules import apim_key_manager
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.modules import run_module
from support.web import Says, Seen, serving
from testbed.standin.api_manager import ApiManager

ENDPOINTS = ("client_registration", "introspection", "token", "revoke", "user_info", "authorize")
# What a key manager needs, by its type.
GIVEN: dict[str, dict[str, Any]] = {
    "WSO2-IS-7": {
        "password": "Geheim-admin",
        "is7_url": "https://is7.example",
        "connector_configuration": {"username": "admin"},
    },
    "Auth0": {
        "password": "Geheim-admin",
        "issuer": "https://is7.example/",
        **{f"{name}_endpoint": f"https://is7.example/{name}" for name in ENDPOINTS},
        "additional_properties": {"client_id": "x", "audience": "x"},
        "secret_properties": {"client_secret": "Geheim-2"},
    },
}
TOKEN = "Geheim.tok-en_~+/=="
PASSWORDS = [
    "Geheim ", " Geheim", "Geheim\n", "\tGeheim\r\n", "Geheim:mit:Doppelpunkt", "Geheimnis ü€𝄞", "Ge\"heim\\n",
    "Geheim%41&=+", "Geheim\x00\x1b[31m", "<Geheim>",
]  # fmt: skip


@pytest.mark.parametrize("around", ["{}", "{}\n", " {}\r\n", "\t{} "])
def test_a_token_is_sent_without_what_stands_around_it(around: str) -> None:
    with serving(Says(body={"list": []})) as web:
        done = run_module("apim_key_manager_info", apim_url=web.url, auth="token", token=around.format(TOKEN))
    assert not done.failed, done
    assert web.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in done.output


@pytest.mark.parametrize(
    "token",
    [
        "Geheim\nX: y",
        "Geheim token",
        "Bearer Geheim",
        '"Geheim"',
        "Gehéim",
        "Geheim\x00",
        "=Geheim",
        "Gehe=im",
    ],
)
def test_a_token_that_is_none_is_refused_without_being_shown(token: str) -> None:
    with serving(Says()) as web:
        done = run_module("apim_key_manager_info", apim_url=web.url, auth="token", token=token)
    assert done["msg"] == (
        "token holds characters that no access token has; give the token alone, without quotes or the word"
        " Bearer."
    )
    assert "Geh" not in done.output
    assert web.seen == []


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_user_name_and_password_arrive_as_they_were_given(password: str) -> None:
    # ansible-core logs what is no secret, and its log takes no null character.
    user = password.replace(":", "").replace("\x00", "").replace("Geheim", "user")
    with serving(Says(body={"list": []})) as web:
        done = run_module("apim_key_manager_info", apim_url=web.url, username=user, password=password)
    assert not done.failed, done
    sent = base64.b64decode(web.seen[0].headers["Authorization"].removeprefix("Basic ")).decode()
    assert sent == f"{user}:{password}"
    assert "Geheim" not in done.output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"username": "a:b", "password": "Geheim"},
            "The user name or client id 'a:b' has a colon, which ends it",
        ),
        (
            {"username": "a\ud800", "password": "Geheim"},
            "The user name is no text that UTF-8 can hold; correct it.",
        ),
        ({"password": "Geheim\ud800"}, "The password is no text that UTF-8 can hold; correct it."),
    ],
)
def test_what_basic_authentication_cannot_carry_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Problem) as refused:
        Basic(**{"username": "admin", **options})
    assert str(refused.value).startswith(sentence)
    assert "Geheim" not in str(refused.value)


class Careless:
    """A way to sign in whose value no header can hold."""

    advice, secrets = "check it", ()

    def authorization(self) -> str:
        return "Bearer Geheim\n"

    def renew(self) -> bool:
        return False


def test_what_no_header_can_hold_is_refused_without_being_shown() -> None:
    with serving(Says()) as web, pytest.raises(HttpError) as caught:
        HttpClient(Server(web.url), Careless()).request("Asking", "GET", "/")
    assert str(caught.value) == "Asking failed: the password or token has no place in a header; correct it."


def test_no_text_of_a_library_is_repeated_where_it_may_hold_what_was_sent() -> None:
    with serving(Says()) as web, pytest.raises(HttpError) as caught:
        HttpClient(Server(web.url)).request("Asking", "GET", "/", headers={"X-Token": "Geheim\n"})
    assert str(caught.value).startswith(f"Asking failed: GET {web.url}/ gave InvalidHeader; check the URL")
    assert "Geheim" not in str(caught.value) + str(caught.value.facts)


@pytest.mark.parametrize("url", ["https://[::1", "https://a:b/", "https://a b/", "://", "https://"])
def test_text_that_is_no_url_is_told_before_a_library_reads_it(url: str) -> None:
    with pytest.raises(HttpError, match="is not a URL; correct it") as caught:
        HttpClient(Server("https://localhost")).request("Reading", "GET", url)
    assert caught.value.unsent


def forms(secret: str) -> list[str]:
    raw = secret.encode()
    return [
        secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], html.escape(secret),
        quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="").replace("%", "%25"),
        base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b64encode(b"admin:" + raw).decode(),
    ]  # fmt: skip


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_secret_that_the_server_repeats_in_any_form_is_masked(password: str) -> None:
    for form in forms(password):
        says = Says(400, {"code": 900, "description": f"No: {form}, bad"})
        with serving(says) as web, pytest.raises(HttpError) as caught:
            HttpClient(Server(web.url), Basic("admin", password)).request("Asking", "GET", "/")
        assert "HTTP status 400 (No: *****, bad);" in str(caught.value), form
        assert caught.value.description == "No: *****, bad"


def test_the_connectors_password_is_masked_in_the_refusal_of_a_creation() -> None:
    server = ApiManager("4.7", "Geheim-admin")
    secret = 'Geheim "connector"'

    def answer(seen: Seen) -> Says:
        if seen.method == "POST" and seen.path.endswith("/key-managers"):
            text = json.loads(seen.body)["additionalProperties"]["Password"]
            return Says(400, {"code": 901401, "description": f"Bad value {text}, {json.dumps(text)}"})
        return server.answer(seen)

    with serving(answer) as web:
        done = run_module(
            "apim_key_manager", apim_url=web.url, password="Geheim-admin", name="IS7", is7_url="https://is7:9444",
            connector_configuration={"username": "a", "password": secret},
        )  # fmt: skip
    assert '(Bad value *****, "*****");' in done["msg"], done["msg"]
    assert "Geheim" not in done.output


def test_what_signing_in_by_oauth2_sends_and_gets_is_masked_too() -> None:
    user = Basic("admin", "Geheim-user")

    def answer(seen: Seen) -> Says:
        if seen.path.endswith("/register"):
            return Says(body={"clientId": "the-client", "clientSecret": "Geheim-client"})
        if seen.path.endswith("/token"):
            return Says(body={"access_token": "Geheim-token", "scope": "apim:admin"})
        return Says(400, {"description": "Geheim-user, Geheim-client, Geheim-token"})

    with serving(answer) as web:
        client = HttpClient(Server(web.url), OAuth2(HttpClient(Server(web.url)), user, "apim:admin"))
        with pytest.raises(HttpError) as caught:
            client.request("Asking", "GET", "/")
    assert caught.value.description == "*****, *****, *****"
    with serving(lambda seen: Says(400, {"error_description": seen.body.decode()})) as web:
        known = Basic("client", "Geheim-client")
        client = HttpClient(Server(web.url), OAuth2(HttpClient(Server(web.url)), user, "apim:admin", known))
        with pytest.raises(HttpError, match=r"password=\*\*\*\*\*&"):
            client.request("Asking", "GET", "/")


@pytest.mark.parametrize("token", ["a b", "a\nb", "", None, 5, {"a": 1}, "é"])
def test_a_token_from_the_server_that_no_header_can_hold_is_none(token: Any) -> None:
    with serving(Says(body={"access_token": token, "scope": "apim:admin"})) as web:
        user = Basic("admin", "Geheim")
        client = HttpClient(Server(web.url), OAuth2(HttpClient(Server(web.url)), user, "apim:admin", user))
        with pytest.raises(HttpError, match="the answer holds none"):
            client.request("Asking", "GET", "/")


def test_what_everybody_knows_and_what_is_too_short_stays_readable() -> None:
    assert masked("admin may not x", ["admin", "x", ""]) == "admin may not x"


def test_a_text_from_the_server_cannot_steer_a_terminal_and_is_cut() -> None:
    assert told("a\r\nb\t\x1b[2Jc\x00\x9b\u202e") == "a b \\x1b[2Jc\\x00\\x9b\\u202e"
    assert told("x" * 501) == "x" * 500 + "…"
    says = Says(400, {"description": "\x1b]0;owned\x07" + "y" * 9000})
    with serving(says) as web, pytest.raises(HttpError) as caught:
        HttpClient(Server(web.url)).request("Asking", "GET", "/")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 800


@settings(max_examples=300, deadline=None)
@given(st.text(), st.text(min_size=4))
@example("", "ab\x1bcd")
def test_any_text_is_told_in_printable_characters_and_without_the_secret(text: str, secret: str) -> None:
    assert printable(text).isprintable()
    if secret not in ("admin", "wso2carbon", "*****"):
        assert secret not in masked(f"{text}{secret}{text}", [secret]).replace("*****", "")


@pytest.mark.parametrize("option", ["additional_properties", "additionalProperties"])
@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("client_secret", "Auth0", "which is a secret; give it in secret_properties."),
        ("Password", "WSO2-IS-7", "which is a secret; give it in connector_configuration."),
        ("vendor_api_key", "Auth0", ""),
        ("colour", "Auth0", ""),
    ],
)
def test_a_secret_among_the_further_fields_is_neither_logged_nor_returned(
    option: str, name: str, kind: str, sentence: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    """Nothing of it stands in the log of the host, nor in the result, whose invocation -vvv shows. What is not
    like a secret is in the diff, and other texts that are the same stay.
    """
    value = "Geheim-clear" if name != "colour" else "https://is7.example"
    logged: list[str] = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(
        basic.AnsibleModule, "_check_locale", lambda _self: None
    )  # it would be this process's
    monkeypatch.setattr(basic.AnsibleModule, "_log_to_syslog", lambda _self, text: logged.append(text))
    with serving(ApiManager("4.7", "Geheim-admin").answer) as web:
        given = {**GIVEN[kind], "apim_url": web.url, "name": "X", "type": kind, "_ansible_diff": True}
        given[option] = {**GIVEN[kind].get("additional_properties", {}), name: value}
        if option != "additional_properties":
            given.pop("additional_properties", None)
        if name == "client_secret":
            del given["secret_properties"]
        encoded = json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode()
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", encoded)
        if hasattr(basic, "_ANSIBLE_PROFILE"):
            monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy")
        with pytest.raises(SystemExit):
            apim_key_manager.main()
    written = capsys.readouterr().out
    result = json.loads(written)
    assert result["msg"].endswith(sentence) if sentence else result["changed"], result
    assert logged
    assert not [line for line in (*logged, written) if "Geheim" in line]
    invocation = result.get("invocation")  # ansible-core 2.21 tells it only if asked
    assert invocation is None or value not in str(invocation["module_args"][option])
    if name == "colour":
        assert result["diff"]["after"]["additionalProperties"]["colour"] == value
        assert result["key_manager"]["tokenEndpoint"] == f"{value}/token"
