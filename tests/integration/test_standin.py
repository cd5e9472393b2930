"""The stand-in answers as WSO2's classes do, and as API Manager's own description of its API says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import api_managers
from support.api_managers import PASSWORD, ApiManager, body_of
from support.cases import Happened
from support.openapi import AdminApiDocument
from testbed.standin.releases import RELEASES

PART = "Stand-in for API Manager"
PROPERTIES = {
    "Authentication": "BasicAuth",
    "Username": "admin",
    "Password": "secret",
    "api_resource_management_endpoint": "https://is7/r",
    "is7_roles_endpoint": "https://is7/R",
}
KEY_MANAGER: dict[str, Any] = {
    "name": "IS7",
    "type": "WSO2-IS-7",
    "enabled": True,
    "enableTokenGeneration": True,
    "issuer": "https://is7/oauth2/token",
    "tokenEndpoint": "https://is7/t",
    "clientRegistrationEndpoint": "https://is7/d",
    "introspectionEndpoint": "https://is7/i",
    "revokeEndpoint": "https://is7/v",
    "additionalProperties": PROPERTIES,
}
ABSENT = object()
URLS = (
    "wellKnownEndpoint",
    "introspectionEndpoint",
    "clientRegistrationEndpoint",
    "tokenEndpoint",
    "displayTokenEndpoint",
    "revokeEndpoint",
    "displayRevokeEndpoint",
    "userInfoEndpoint",
    "authorizeEndpoint",
    "scopeManagementEndpoint",
    "issuer",
)
TEXTS = ("displayName", "description", "alias", *URLS, "consumerKeyClaim", "scopesClaim")
FLAGS = (
    "enabled",
    "enableTokenGeneration",
    "enableTokenEncryption",
    "enableTokenHashing",
    "enableMapOAuthConsumerApps",
    "enableOAuthAppCreation",
    "enableSelfValidationJWT",
)
# What one field of a key manager can be given as.
FIELDS: list[tuple[str, Any]] = [
    *((name, value) for name in TEXTS for value in (" a b ", "", None)),
    *((name, value) for name in FLAGS for value in (True, False, ABSENT, "true", "yes")),
    *((name, None) for name in ("enabled", "enableMapOAuthConsumerApps", "enableSelfValidationJWT")),
    *(
        ("certificates", value)
        for value in (
            {"type": "JWKS", "value": " https://is7/jwks "},
            {"type": "PEM", "value": "LS0t"},
            {"type": "JWKS", "value": ""},
            None,
            {},
            {"typ": "JWKS"},
            "PEM",
        )
    ),
    *(("availableGrantTypes", value) for value in (["b", "a", "b", " c "], [], None, "password")),
    *(
        ("claimMapping", value)
        for value in (
            [{"remoteClaim": " b ", "localClaim": "l"}, {"remoteClaim": "a", "localClaim": "m"}],
            [{"remoteClaim": "a"}],
            None,
            [{"claim": "a"}],
        )
    ),
    *(
        ("tokenValidation", [value])
        for value in (
            {"id": 7, "enable": False, "type": "JWT", "value": {"body": {"aud": "x", "n": 3}}},
            {"type": "other"},
            {},
            {"type": "REFERENCE", "value": {"body": " [0-9]+ "}},
        )
    ),
    ("tokenValidation", None),
    *(
        ("permissions", value)
        for value in (
            {"permissionType": "ALLOW", "roles": ["admin"]},
            {"permissionType": "DENY", "roles": ["admin"]},
            {"permissionType": "ALLOW", "roles": []},
            {"permissionType": "PUBLIC", "roles": ["admin"]},
            {"permissionType": "other", "roles": ["admin"]},
            {"permissionType": "ALLOW", "roles": ["nobody"]},
            {"permissionType": "ALLOW", "roles": ["admin", "admin"]},
            {"roles": ["admin"]},
            {},
            None,
        )
    ),
    *(("tokenType", value) for value in ("DIRECT", "OTHER", None)),
    *(("allowedOrganizations", value) for value in (["b", "a"], [], None)),
    *(("type", value) for value in ("NoSuch", "", None, "t" * 46)),
    *(("name", value) for value in ("", None, "n" * 101, "is7", "IS7 ")),
    ("displayName", "d" * 101),
    ("description", "d" * 257),
    ("displayName", 5),
    ("displayName", ["d"]),
    ("global", True),
    ("id", "other"),
    ("endpoints", [{"name": "userinfo_endpoint", "value": "https://is7/u"}]),
    ("unknown", 1),
    ("additionalProperties", None),
    ("additionalProperties", {}),
]
# What one connector field can be given as.
CONNECTOR: list[tuple[str, Any]] = [
    *((name, value) for name in PROPERTIES for value in ("", " x ", ABSENT)),
    ("Password", "*****"),
    ("Authentication", "other"),
    ("enable_roles_creation", True),
    ("self_validate_jwt", False),
    ("number", 3600),
    ("number", 0.5),
    ("null", None),
    ("list", [1, None, "a"]),
    ("object", {"null": None, "n": 1}),
    ("object", {}),
    ("text", " t "),
]
MUTUAL = {
    "Authentication": "MutualTLS",
    "IdentityUser": "admin",
    "MutualTLSOptions": "ServerWide",
    **{k: v for k, v in PROPERTIES.items() if "_" in k},
}


@pytest.fixture
def both(wso2_classes: ApiManager, stand_in: ApiManager) -> Iterator[tuple[ApiManager, ApiManager]]:
    yield wso2_classes, stand_in
    wso2_classes.clear()
    stand_in.clear()


def seen(server: ApiManager, method: str, path: str, **options: Any) -> tuple[Any, ...]:
    """An answer without what differs from server to server."""
    answer = server.request(method, path, **options)
    body = body_of(answer.content)
    location = answer.headers.get("Location", "").replace(server.url, "")
    if isinstance(body, dict) and "id" in body:
        location = location.replace(str(body["id"]), "ID")
        body["id"] = body["id"] and "ID"
    if isinstance(body, dict) and "list" in body:
        body["list"] = [
            {**item, "id": "ID"} for item in sorted(body["list"], key=lambda item: str(item["name"]))
        ]
    return answer.status_code, location, (answer.headers.get("Content-Type") or "").partition(";")[0], body


def changed(name: str, value: Any, within: dict[str, Any]) -> dict[str, Any]:
    body = {**within, name: value}
    if value is ABSENT:
        del body[name]
    return body


def written_and_read(server: ApiManager, path: str, body: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Over one that is there, and as a new one."""
    answers = [seen(server, "PUT", path, json=body), seen(server, "GET", path)]
    new = {**body, "name": "Other"} if body.get("name") == "IS7" else body
    made = server.request("POST", "/key-managers", json=new)
    answers.append((made.status_code, {**made.json(), "id": "ID"}))
    if made.status_code == 201:
        other = f"/key-managers/{made.json()['id']}"
        answers += [seen(server, method, other) for method in ("GET", "DELETE")]
    return answers


def test_each_field_is_taken_kept_and_shown_alike(
    both: tuple[ApiManager, ApiManager], happened: Happened
) -> None:
    paths = [
        f"/key-managers/{server.request('POST', '/key-managers', json=KEY_MANAGER).json()['id']}"
        for server in both
    ]
    bodies = [((name, value), changed(name, value, KEY_MANAGER)) for name, value in FIELDS]
    bodies += [
        ((name, value), {**KEY_MANAGER, "additionalProperties": changed(name, value, PROPERTIES)})
        for name, value in CONNECTOR
    ]
    bodies += [
        ((name, ABSENT), {**KEY_MANAGER, "additionalProperties": changed(name, ABSENT, MUTUAL)})
        for name in ("text", *MUTUAL)
    ]
    bodies += [
        (("type", kind), {**KEY_MANAGER, "type": kind, "additionalProperties": {"any": "thing"}})
        for kind in ("Custom", "default")
    ]
    different: list[Any] = []
    for case, body in bodies:
        real, other = (written_and_read(server, path, body) for server, path in zip(both, paths, strict=True))
        if real != other:
            different.append((case, [pair for pair in zip(real, other, strict=False) if pair[0] != pair[1]]))
    assert not different, "\n".join(map(repr, different))
    happened(
        PART,
        "Every field in every way that it can be given, on WSO2's classes and on the stand-in",
        f"{len(bodies)} key managers, alike",
    )


@pytest.mark.parametrize("kind", ["EXCHANGED", "BOTH"])
def test_a_token_type_that_the_classes_lack_is_kept_by_the_stand_in(
    both: tuple[ApiManager, ApiManager], kind: str
) -> None:
    """The known difference: an exchange of tokens needs parts of the product that are not on Maven
    Central."""
    body = {**KEY_MANAGER, "name": "Exchanged", "tokenType": kind, "alias": "https://apim/token"}
    real, other = (server.request("POST", "/key-managers", json=body) for server in both)
    assert real.status_code == 500
    assert (other.status_code, both[1].stored("Exchanged")["alias"]) == (201, "https://apim/token")
    both[1].request("DELETE", f"/key-managers/{other.json()['id']}")


# Requests about more than a field.
Requests = Callable[[ApiManager], list[tuple[Any, ...]]]


def strangers(server: ApiManager) -> list[tuple[Any, ...]]:
    """Wrong credentials, none, and rights that are missing."""
    ways: list[Any] = [
        ("admin", "wrong"),
        ("nobody", "x"),
        ("joe", "joe123"),
        _bearer("unknown"),
        _header(""),
        _header("Basic !"),
        _header("Digest x"),
    ]
    return [seen(server, "GET", path, auth=auth) for auth in ways for path in ("/key-managers", "/settings")]


def unknown_ones(server: ApiManager) -> list[tuple[Any, ...]]:
    return [
        seen(server, method, "/key-managers/none", json=KEY_MANAGER if method == "PUT" else None)
        for method in ("GET", "PUT", "DELETE")
    ]


def the_resident_one(server: ApiManager) -> list[tuple[Any, ...]]:
    return [seen(server, "DELETE", f"/key-managers/{server.stored('Resident Key Manager')['id']}")]


def names_and_deletions(server: ApiManager) -> list[tuple[Any, ...]]:
    """A name twice, in other letters, and gone twice."""
    answers = [
        seen(server, "POST", "/key-managers", json={**KEY_MANAGER, "name": name})
        for name in ("Twice", "Twice", "twice", "Twice ")
    ]
    path = f"/key-managers/{server.stored('Twice')['id']}"
    return [*answers, *(seen(server, "DELETE", path) for _time in range(2))]


def wrong_requests(server: ApiManager) -> list[tuple[Any, ...]]:
    kinds = [
        ("{", "application/json"),
        ("[]", "application/json"),
        ("x", "text/plain"),
        ("a=b", "application/x-www-form-urlencoded"),
    ]
    return [
        *(
            seen(server, "POST", "/key-managers", data=data, headers={"Content-Type": kind})
            for data, kind in kinds
        ),
        seen(server, "GET", "/no-such-thing"),
    ]


def discoveries(server: ApiManager) -> list[tuple[Any, ...]]:
    """No URL, nothing there, and a certificate that the server does not trust; the document itself is a test
    of its own.
    """
    urls = ("", "https://localhost:1/", "not a URL")
    return [
        seen(
            server, "POST", "/key-managers/discover", files={"url": (None, url), "type": (None, "WSO2-IS-7")}
        )
        for url in urls
    ]


def settings(server: ApiManager) -> list[tuple[Any, ...]]:
    """What the modules read of them."""
    return [
        (
            item["type"],
            *(
                _outline(item[name])
                for name in ("configurations", "authConfigurations", "endpointConfigurations")
            ),
        )
        for item in sorted(
            server.request("GET", "/settings").json()["keyManagerConfiguration"],
            key=lambda item: str(item["type"]),
        )
    ]


def client_and_tokens(server: ApiManager) -> list[tuple[Any, ...]]:
    """Registration twice, tokens in good and bad ways, and what they open."""
    wanted = {
        "callbackUrl": "www.example.com",
        "clientName": "tests",
        "owner": "admin",
        "grantType": "password refresh_token",
        "saasApp": True,
    }
    made = [
        _post(server, "/client-registration/v0.17/register", auth=("admin", PASSWORD), json=wanted)
        for _time in range(2)
    ]
    assert made[0].json() == made[1].json()
    client = (made[0].json()["clientId"], made[0].json()["clientSecret"])
    good = {"grant_type": "password", "username": "admin", "password": PASSWORD, "scope": "apim:admin"}
    forms = [{**good, "password": "x"}, {"grant_type": "other"}, {"grant_type": "client_credentials"}]
    answers = [_post(server, "/oauth2/token", auth=client, data=form) for form in forms]
    answers.append(_post(server, "/oauth2/token", auth=("no", "client"), data=good))
    answers.append(_post(server, "/client-registration/v0.17/register", auth=("admin", "x"), json=wanted))
    found: list[tuple[Any, ...]] = [(sorted(made[0].json()), made[0].json()["clientName"])]
    found += [(answer.status_code, answer.json()) for answer in answers]
    for form in (
        good,
        {**good, "scope": "apim:admin_operations"},
        {**good, "scope": "other"},
        {**good, "username": "joe", "password": "joe123"},
    ):
        token = _post(server, "/oauth2/token", auth=client, data=form).json()
        found.append((sorted(token), token["scope"], token["token_type"], token["expires_in"]))
        found += [
            (server.request("GET", path, auth=_bearer(token["access_token"])).status_code,)
            for path in ("/key-managers", "/settings")
        ]
    return found


@pytest.mark.parametrize(
    "requests",
    [
        strangers,
        unknown_ones,
        the_resident_one,
        names_and_deletions,
        wrong_requests,
        discoveries,
        settings,
        client_and_tokens,
    ],
)
def test_they_answer_alike(
    both: tuple[ApiManager, ApiManager], requests: Requests, happened: Happened
) -> None:
    real, other = (requests(server) for server in both)
    assert real == other
    happened(PART, f"Both tiers asked: {requests.__name__.replace('_', ' ')}", f"{len(real)} answers, alike")


# Release of API Manager -> the connector that it comes with.
CONNECTORS = {"4.3": "2.0.2", "4.4": "2.0.3", "4.5": "2.0.4", "4.6": "2.0.8"}


@pytest.mark.parametrize("release", CONNECTORS)
def test_each_releases_connector_is_described_alike(release: str, tmp_path: Path) -> None:
    """That of 4.7 is among what both tiers are asked above."""
    classes = api_managers.wso2_classes(tmp_path, CONNECTORS[release])
    with classes as real, api_managers.stand_in(release) as other:
        assert settings(real) == settings(other)


@pytest.mark.parametrize("release", RELEASES)
def test_answers_are_as_the_description_of_the_api_says(release: str, document: AdminApiDocument) -> None:
    faults: list[str] = []
    with api_managers.stand_in(release) as server:
        kept = {
            name: value
            for name, value in KEY_MANAGER.items()
            if release != "4.3" or name != "additionalProperties"
        }
        server.request(
            "POST", "/key-managers", json={"additionalProperties": {"Username": "a", "Password": "b"}, **kept}
        )
        path = f"/key-managers/{server.stored()['id']}"
        bodies = [changed(name, value, server.stored()) for name, value in FIELDS]
        asked: list[tuple[str, str, dict[str, Any]]] = [("PUT", path, {"json": body}) for body in bodies]
        asked += [
            ("GET", path, {}),
            ("GET", "/key-managers", {}),
            ("GET", "/settings", {}),
            ("GET", "/key-managers/none", {}),
        ]
        asked += [("DELETE", path, {}), ("DELETE", path, {}), ("GET", "/settings", {"auth": ("x", "y")})]
        for method, where, options in asked:
            answer = server.request(method, where, **options)
            faults += document.faults_of_answer(method, where, answer.status_code, body_of(answer.content))
    assert not faults


def _outline(fields: list[Any]) -> list[Any]:
    return [
        (
            *(item[name] for name in ("name", "type", "required", "mask", "multiple")),
            item.get("default", item.get("defaultValue")),
            _outline(item["values"]),
        )
        if isinstance(item, dict)
        else item
        for item in fields
    ]


def _post(server: ApiManager, path: str, **options: Any) -> Any:
    return server.session.post(server.url + path, timeout=30, **options)


def _bearer(token: str) -> Any:
    return _header(f"Bearer {token}")


def _header(value: str) -> Any:
    def sign(request: Any) -> Any:
        if value:
            request.headers["Authorization"] = value
        return request

    return sign
