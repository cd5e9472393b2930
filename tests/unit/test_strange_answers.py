"""Whatever a server answers, and however slowly, it ends as a value or in one sentence, and in time."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connector import Connector
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.devportal import DevPortalApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.discovery import refuse_other_issuer
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import mask_secrets, plan_present
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.wanted import Given
from ansible_collections.carbonops.wso2.plugins.module_utils._http import client as http
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError, read_error_body
from ansible_collections.carbonops.wso2.plugins.module_utils._http.json_text import read_json
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.jwt import read_jwt
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.oauth import discovery, jwks
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.signature import (
    keys_of_jwks,
    keys_of_pem,
    verify,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.key_managers import settings as settings_of
from support.modules import run_module
from support.tokens import Signer, stored_pem
from support.web import Says, serving

DEEP = "[" * 100_000 + "]" * 100_000


def client(url: str = "http://127.0.0.1:1", timeout: float = 5) -> HttpClient:
    return HttpClient(Server(url, timeout=timeout), Basic("admin", "Geheim-1"), sleep=lambda seconds: None)


def failure(says: Says) -> HttpError:
    with serving(says) as web, pytest.raises(HttpError) as caught:
        client(web.url).json("Reading the settings", "GET", "/settings")
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(status: int, packed: bool) -> None:
    raw = b'{"a": "' + b"x" * (http.LARGEST_ANSWER * (3 if packed else 1)) + b'"}'
    headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if packed else {})}
    begun = time.monotonic()
    error = failure(Says(status, gzip.compress(raw, 1) if packed else raw, headers))
    assert re.search(r"GET http://\S+/settings answered with more than 8 MiB; check the URL\.$", str(error))
    assert (error.status, time.monotonic() - begun < 5) == (status, True)


def test_an_answer_of_the_largest_size_is_read() -> None:
    raw = b'{"a": "' + b"x" * (http.LARGEST_ANSWER - 9) + b'"}'
    with serving(Says(200, raw)) as web:
        assert len(client(web.url).json("Reading", "GET", "/")["a"]) == http.LARGEST_ANSWER - 9


DRIPS = {
    "its head": b"HTTP/1.1 200 OK\r\nX: ",
    "its body": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{",
}


@pytest.mark.parametrize("where", DRIPS)
def test_a_server_that_never_ends_its_answer_is_ended_after_four_times_the_timeout(where: str) -> None:
    over = threading.Event()

    def drip() -> None:
        with listening, listening.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(DRIPS[where])
            while not over.wait(0.05):
                connection.sendall(b"x")

    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    begun = time.monotonic()
    with pytest.raises(HttpError) as caught:
        client(url, timeout=1).request("Asking", "POST", "/")
    seconds = time.monotonic() - begun
    over.set()
    thread.join(5)
    assert str(caught.value) == (
        f"Asking failed: {url} had not answered to the end after 4 s; look at its log, or raise timeout."
    )
    assert 3.9 < seconds < 8
    assert (caught.value.unreachable, caught.value.uncertain) == (False, True)


def test_a_fault_of_ours_in_a_request_is_a_traceback_and_no_sentence() -> None:
    with serving(Says()) as web, pytest.raises(TypeError):
        client(web.url).request("Asking", "GET", "/", unknown_to_requests=1)


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        '{"a":' * 60 + "1" + "}" * 60,
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        "{",
        "\ufeff",
        "",
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_json_that_is_none_or_nested_too_deeply_is_one_sentence(text: str, status: int) -> None:
    error = failure(Says(status, text))
    if status == 200:
        assert str(error).endswith(
            "answered with application/json that is none, or nested too deeply, instead of a JSON object;"
            " check the URL."
        )
    assert error.status == status


ODD_LISTS: list[Any] = [
    {"a": 1},
    "text",
    5,
    [1],
    [None],
    [{}],
    [{"id": 1, "name": "x"}],
    [{"id": "", "name": "x"}],
    [{"id": "x"}],
    [{"id": "x", "name": None}],
]


@pytest.mark.parametrize("listed", ODD_LISTS, ids=str)
def test_a_list_that_holds_no_key_managers_is_one_sentence(listed: Any) -> None:
    with serving(Says(body={"list": listed})) as web:
        done = run_module("apim_key_manager_info", apim_url=web.url, password="Geheim-1")
    assert re.search(
        r"^Listing the key managers of \S+ failed: the list holds something that is no key manager; check that"
        r" the URL is API Manager's\.$",
        done["msg"],
    )
    assert "exception" not in done


ODD_KEY_MANAGERS: dict[str, dict[str, Any]] = {
    "id or name": {"id": None},
    "name": {"name": ["IS7"]},
    "issuer": {"issuer": {"a": 1}},
    "additionalProperties": {"additionalProperties": [1]},
    "enabled": {"enabled": []},
    "availableGrantTypes": {"availableGrantTypes": "password"},
    "claimMapping": {"claimMapping": [5]},
    "tokenValidation": {"tokenValidation": {"a": 1}},
    "certificates": {"certificates": "x"},
    "permissions": {"permissions": {"roles": [{"a": 1}]}},
    "allowedOrganizations": {"allowedOrganizations": [[1]]},
}


@pytest.mark.parametrize("member", ODD_KEY_MANAGERS)
def test_a_key_manager_of_another_shape_is_one_sentence(member: str) -> None:
    whole = {"id": "1", "name": "IS7", "type": "WSO2-IS-7", **ODD_KEY_MANAGERS[member]}
    says = [Says(body={"list": [{"id": "1", "name": "IS7"}]}), Says(body=whole)]
    with serving(lambda seen: says.pop(0)) as web, pytest.raises(HttpError) as caught:
        AdminApi(client(web.url)).find("IS7")
    assert f"failed: its {member} is not what the API says it is; check that" in str(caught.value)


@pytest.mark.parametrize("value", [[], "x", {"issuer": {}}, {"certificates": [1]}])
def test_a_discovery_of_another_shape_is_one_sentence(value: Any) -> None:
    with (
        serving(Says(body={"valid": True, "value": value or [1]})) as web,
        pytest.raises(HttpError) as caught,
    ):
        AdminApi(client(web.url)).discover("https://is7/wk", "WSO2-IS-7")
    assert "is not what the API says it is" in str(caught.value)


@pytest.mark.parametrize("made", [{}, {"applicationId": None}, {"applicationId": 5}, {"consumerKey": "x"}])
def test_an_answer_of_the_portal_without_what_was_made_is_one_sentence(made: dict[str, Any]) -> None:
    with serving(Says(body=made)) as web:
        portal = DevPortalApi(client(web.url))
        with pytest.raises(
            HttpError, match=r"the answer holds no (applicationId); look at API Manager's log\.$"
        ):
            portal.create_application("x", "Unlimited", "")
        with pytest.raises(HttpError, match=r"the answer holds no (consumerKey|consumerSecret); look at API"):
            portal.generate_keys("1", "x", "2", ["client_credentials"])


# Fuzzing: each of these is mutated and read, and may give a value or a Problem, and nothing else.
INPUTS, SEED = 10_000, 20261126
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1e308,
    2**80,
    "",
    " ",
    "\x00\ud800",
    "name",
    [],
    {},
    [[]],
    [None],
    [{}],
    {"name": None},
    {"name": "a", "values": [{"name": "b", "values": [1]}]},
    ["a", 1],
    [{"message": []}],
    {"type": "PEM", "value": "===="},
    {"type": "PEM", "value": []},
    "x" * 3000,
]


def mutated(value: Any, rng: random.Random) -> Any:
    """A copy of the value with something odd in one or a few places; what is not changed is shared."""
    for _time in range(rng.randint(1, 3)):
        value = changed(value, rng)
    return value


def changed(value: Any, rng: random.Random) -> Any:
    if not value or not isinstance(value, (dict, list)) or rng.random() < 0.08:
        return rng.choice(ODD)
    result = value.copy()
    key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    if rng.random() < 0.15:
        del result[key]
    elif isinstance(result, dict) and rng.random() < 0.1:
        result[str(rng.choice(ODD))] = rng.choice(ODD)
    else:
        result[key] = changed(value[key], rng)
    return result


def spoilt(raw: bytes, rng: random.Random) -> bytes:
    """Bytes with some of them changed, left out or doubled."""
    result = bytearray(raw)
    for _time in range(rng.randint(0, 2)):
        at = rng.randrange(len(result) or 1)
        result[at : at + rng.randint(0, 4)] = rng.choice(
            [b"", b"\xff", b'"', b"{", b"[", b"\\u", b"1e9", b"\n"]
        )
    return bytes(result)


def fuzz(read: Callable[[Any, random.Random], Any], seeds: list[Any]) -> None:
    rng = random.Random(SEED)
    begun, problems = time.process_time(), 0  # of this process: others may want the processor too
    for _number in range(INPUTS):
        value = mutated(rng.choice(seeds), rng)
        try:
            read(value, rng)
        except Problem as exc:
            problems += 1
            assert str(exc).endswith((".", "?")), value
        except Exception as exc:
            raise AssertionError(f"{type(exc).__name__} of {value!r}") from exc
    assert time.process_time() - begun < 5
    assert problems < INPUTS


class Canned(HttpClient):
    """A client with the answer in its hand: ten thousand requests take longer than the test may."""

    def __init__(self) -> None:
        super().__init__(Server("http://127.0.0.1:1"))
        self.body = b""

    def request(self, doing: str, method: str, path: str, *args: Any, **options: Any) -> http.Answer:
        return http.Answer(path, 200, {"Content-Type": "application/json"}, self.body)


CANNED = Canned()


def answering(value: Any, rng: random.Random, bytewise: bool = False) -> Canned:
    CANNED.body = as_bytes(value, rng) if bytewise else json.dumps(value).encode()
    return CANNED


def as_bytes(value: Any, rng: random.Random) -> bytes:
    return spoilt(json.dumps(value).encode(), rng)


DOCUMENT = {
    "issuer": "https://is7/oauth2/token",
    "token_endpoint": "https://is7/oauth2/token",
    "jwks_uri": "https://is7/oauth2/jwks",
    "grant_types_supported": ["password", "refresh_token"],
    "claims_supported": ["sub"],
    "nested": {"a": [{"b": 1}]},
}
DISCOVERED = {
    "valid": True,
    "value": {
        "name": "",
        "type": "WSO2-IS-7",
        "enabled": False,
        "issuer": "https://is7/oauth2/token",
        "tokenEndpoint": "https://is7/oauth2/token",
        "userInfoEndpoint": None,
        "availableGrantTypes": ["refresh_token", "password"],
        "certificates": {"type": "JWKS", "value": "https://is7/oauth2/jwks"},
        "additionalProperties": {"Username": "x"},
        "claimMapping": [],
        "endpoints": [],
        "tokenValidation": [{"id": 1, "type": "JWT", "value": {"a": 1}}],
        "permissions": {"roles": ["a"]},
    },
}
GIVEN = Given(
    "IS7",
    "WSO2-IS-7",
    "https://is7:9444",
    {"description": "x"},
    {"Username": "admin"},
    {"Password": "Geheim"},
)
CONNECTOR = Connector.from_settings(settings_of("4.7"), "WSO2-IS-7")
STORED = {
    **(plan_present(GIVEN, CONNECTOR, {}, None).body or {}),
    "id": "1",
    "claimMapping": [{"remoteClaim": "a", "localClaim": "b"}],
    "tokenValidation": [{"id": 1, "enable": True, "type": "JWT", "value": {"a": 1}}],
    "permissions": {"permissionType": "ALLOW", "roles": ["a"]},
    "allowedOrganizations": ["north"],
}


def now_and_then(rng: random.Random, plan: Callable[[], object]) -> None:
    """A plan takes longer than all the reading before it."""
    if rng.random() < 0.25:
        plan()


def read_discovery_document(value: Any, rng: random.Random) -> None:
    document = discovery(answering(value, rng, bytewise=True), "https://is7/wk")
    assert isinstance(document["issuer"], str)


def read_discovered(value: Any, rng: random.Random) -> None:
    found = AdminApi(answering(value, rng)).discover("https://is7/wk", "WSO2-IS-7")
    masked = mask_secrets(found, {"Username"})
    refuse_other_issuer("https://is7", "https://is7/oauth2/token", found)
    now_and_then(rng, lambda: plan_present(GIVEN, CONNECTOR, masked, None))


def read_settings(value: Any, rng: random.Random) -> None:
    answer = AdminApi(answering(value, rng)).settings()
    found = Connector.from_settings(answer, "WSO2-IS-7")
    assert found.missing({}) is not None
    now_and_then(rng, lambda: plan_present(GIVEN, found, {}, STORED if rng.random() < 0.5 else None))


def read_key_manager(value: Any, rng: random.Random) -> None:
    found = AdminApi(answering(value, rng)).get("1")
    mask_secrets(found, {"Password"})
    now_and_then(rng, lambda: plan_present(GIVEN, CONNECTOR, {}, found))


def read_error(value: Any, rng: random.Random) -> None:
    said = read_error_body(read_json(as_bytes(value, rng)), ["Geheim"])
    assert said.description is None or (said.description.isprintable() and len(said.description) <= 501)
    assert said.code is None or isinstance(said.code, int)


def read_token(value: Any, rng: random.Random) -> None:
    payload = base64.urlsafe_b64encode(as_bytes(value, rng)).decode().rstrip("=")
    token = spoilt(f"e30.{payload}.c2ln".encode(), rng).decode("latin-1")
    jwt = read_jwt(token)
    assert jwt is None or (isinstance(jwt.claims, dict) and isinstance(jwt.audience, list))


def read_keys(value: Any, rng: random.Random) -> None:
    document = jwks(answering(value, rng, bytewise=True), "https://is7/jwks")
    jwt = read_jwt(TOKENS[rng.random() < 0.5])
    assert jwt
    verify(jwt, keys_of_jwks(document), "at https://is7/jwks")


def read_certificate(value: Any, rng: random.Random) -> None:
    text = value if isinstance(value, str) else as_bytes(value, rng).decode("latin-1")
    whole = CERTIFICATE if rng.random() < 0.1 else spoilt(CERTIFICATE.encode(), rng).decode("latin-1")
    keys_of_pem(text if rng.random() < 0.5 else whole)


ERRORS = [
    {
        "code": 901401,
        "message": "m",
        "description": "d",
        "moreInfo": "",
        "error": [{"code": "x", "message": "y"}],
    },
    {"error": "invalid_client", "error_description": "Geheim"},
]
CLAIMS = {"iss": "https://is7/oauth2/token", "sub": "x", "aud": ["a"], "exp": 1, "nested": {"a": {"b": [1]}}}
SIGNERS = Signer(), Signer("ES256", "two")
CERTIFICATE = stored_pem(SIGNERS[0].certificate())
TOKENS = [signer.sign(CLAIMS) for signer in SIGNERS]
FUZZED: dict[str, tuple[Callable[[Any, random.Random], None], list[Any]]] = {
    "discovery documents": (read_discovery_document, [DOCUMENT]),
    "what API Manager discovers": (read_discovered, [DISCOVERED]),
    "settings": (read_settings, [settings_of(release) for release in ("4.3", "4.7")]),
    "key managers": (read_key_manager, [STORED]),
    "error bodies": (read_error, ERRORS),
    "claims of tokens": (read_token, [CLAIMS]),
    "keys": (read_keys, [{"keys": [SIGNERS[0].jwk(), SIGNERS[1].jwk()]}]),
    "certificates": (read_certificate, [CERTIFICATE]),
}


@pytest.mark.parametrize("what", FUZZED)
def test_ten_thousand_strange_answers_give_a_value_or_one_sentence(what: str) -> None:
    read, seeds = FUZZED[what]
    fuzz(read, seeds)
