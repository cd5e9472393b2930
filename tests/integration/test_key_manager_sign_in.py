"""The ways to sign in to API Manager, through the modules."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.rights import ADMIN_SCOPES, scopes_for
from support.api_managers import CONNECTOR_PASSWORD, PASSWORD, ApiManager, client_of, token_of
from support.cases import Happened
from support.certificates import self_signed
from support.faults import faulty, tokens_revoked
from support.openapi import AdminApiDocument
from support.web import serving
from testbed.standin.api_manager import ApiManager as StandIn

PART = "Signing in to API Manager"
OAUTH2 = {"auth": "oauth2"}


def whole_life(apim: ApiManager, **sign_in: Any) -> None:
    """Made, left alone, changed, read, removed."""
    secrets = {sign_in[name] for name in ("token", "client_secret") if name in sign_in}
    for outcome in (
        apim.register(check=True, **sign_in), apim.register(**sign_in),
        apim.run(display_name="Seven", **sign_in),
        apim.run("apim_key_manager_info", **sign_in), apim.run(state="absent", **sign_in),
    ):  # fmt: skip
        assert not outcome.failed, outcome
        assert not any(secret in outcome.output for secret in secrets)
    assert apim.stored() == {}


def test_a_client_and_token_of_our_own(apim: ApiManager, happened: Happened) -> None:
    whole_life(apim, **OAUTH2)
    if apim.stand_in:
        assert [key for key in apim.stand_in.accounts.clients if key[0] == "carbonops.wso2"] == [
            ("carbonops.wso2", "admin")
        ]
    happened(
        PART, f"auth: oauth2, {apim.tier}", "A key manager made, changed and removed; one client for all runs"
    )


def test_a_client_that_is_given(apim: ApiManager) -> None:
    whole_life(apim, **OAUTH2, **client_of(apim))


def test_a_token_that_is_given(apim: ApiManager) -> None:
    whole_life(apim, auth="token", token=token_of(apim), password=None)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("wrong password", {**OAUTH2, "password": "wrong"}, "status 401"),
    (
        "no administrator",
        {**OAUTH2, "username": "joe", "password": "joe123"},
        "the token was granted the scope default alone, so check that joe has the rights, one of the scopes"
        " apim:admin, apim:admin_operations, apim:keymanagers_manage",
    ),
    (
        "unknown client",
        {**OAUTH2, "client_id": "x", "client_secret": "y"},
        "check client_id and client_secret",
    ),
    ("half a client", {**OAUTH2, "client_id": "x"}, "client_id and client_secret belong together"),
    (
        "unknown token",
        {"auth": "token", "token": "x"},
        "check that the token is still good and has the scopes",
    ),
    ("no token", {"auth": "token"}, "auth is token, but there is none"),
]


@pytest.mark.parametrize(("what", "options", "sentence"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_sign_in_that_fails_is_one_sentence(
    apim: ApiManager, what: str, options: dict[str, Any], sentence: str
) -> None:
    outcome = apim.register(**options)
    assert outcome.failed, what
    assert sentence in outcome["msg"], outcome["msg"]
    assert "\n" not in outcome["msg"]
    assert apim.stored() == {}


MANAGE, OPERATIONS = "apim:keymanagers_manage", "apim:admin_operations"
SETTINGS, ROLES = "apim:admin_settings", "apim:role_manage"
# Users without the role admin, and the scopes that a role of the site's own gives them.
NARROW = {"kim": {MANAGE, SETTINGS, ROLES}, "ola": {OPERATIONS, SETTINGS}, "joe": set()}


def answered(apim: ApiManager, method: str, path: str, **sign_in: Any) -> bool:
    """Whether a call is let pass, of a key manager that is not there."""
    of_role = path.replace("{roleId}", base64.urlsafe_b64encode(b"Internal/everyone").decode())
    form = {"url": (None, ""), "type": (None, "WSO2-IS-7")}
    body: dict[str, Any] = {"files": form} if path.endswith("/discover") else {"json": {}}
    options = body if method in ("POST", "PUT") else {}
    return (
        apim.request(method, of_role.replace("{keyManagerId}", "none"), **sign_in, **options).status_code
        != 401
    )


def test_every_call_passes_with_these_scopes_and_no_others(
    apim: ApiManager, document: AdminApiDocument, happened: Happened
) -> None:
    calls = document.calls("/settings", "/roles/", "/key-managers", "/global-key-managers")
    assert len(calls) == 15
    tokens = {scope: token_of(apim, scope) for scope in ADMIN_SCOPES.split()}
    for method, path in calls:
        enough = set(scopes_for(method, path))
        assert enough == document.scopes(method, path), (method, path)
        by_token = {
            scope
            for scope, token in tokens.items()
            if answered(apim, method, path, auth=None, headers={"Authorization": f"Bearer {token}"})
        }
        assert by_token == enough, (method, path)
        for name, scopes in NARROW.items():
            passes = answered(apim, method, path, auth=(name, f"{name}123"))
            assert passes == bool(scopes & enough), (method, path, name)
    happened(
        PART,
        f"15 calls of the Admin REST API with a token of each of {len(tokens)} scopes, and by users of narrow"
        f" roles, {apim.tier}",
        "Each passes with the scopes of the collection's table and is refused with 401 without",
    )


@pytest.mark.parametrize("way", ["basic", "oauth2"])
def test_a_user_without_the_role_admin_does_all_but_remove(
    apim: ApiManager, way: str, happened: Happened
) -> None:
    kim = {"auth": way, "username": "kim", "password": "kim123"}
    assert apim.register(**kim, **ROLE)["changed"]
    again = apim.register(**kim, **ROLE)
    assert not again["changed"] and "warnings" not in again, again
    assert apim.run(**kim, description="Kim's")["changed"]
    (read,) = apim.run("apim_key_manager_info", **kim)["key_managers"]
    assert read["description"] == "Kim's"
    refused = apim.run(**kim, state="absent")
    assert "so check that kim has the rights" in refused["msg"] or way == "basic", refused
    assert refused["msg"].endswith(
        "the rights, one of the scopes apim:admin, apim:admin_operations; nothing was changed."
    )
    ola = {"auth": way, "username": "ola", "password": "ola123"}
    assert apim.run(**ola, state="absent")["changed"]
    assert apim.stored() == {}
    happened(
        PART,
        f"A user with apim:keymanagers_manage, apim:admin_settings and apim:role_manage, without the role"
        f" admin, auth: {way}, {apim.tier}",
        "Registers, changes and reads a key manager; to remove it is refused, naming apim:admin_operations",
    )


INFO = "apim_key_manager_info"
ROLE = {"permissions": {"permission_type": "ALLOW", "roles": ["Internal/everyone"]}}
# What a run does, by which of these scopes it can, and which is named where it cannot.
RIGHTS: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    ("read", INFO, {}, MANAGE, SETTINGS, MANAGE),
    ("register", "apim_key_manager", {"name": "Other"}, f"{MANAGE} {SETTINGS}", MANAGE, SETTINGS),
    ("change", "apim_key_manager", {"description": "x"}, f"{MANAGE} {SETTINGS}", SETTINGS, MANAGE),
    ("remove", "apim_key_manager", {"state": "absent"}, OPERATIONS, MANAGE, OPERATIONS),
]


@pytest.mark.parametrize(("what", "module", "options", "enough", "short", "named"), RIGHTS)
def test_the_scopes_that_the_documentation_gives_are_enough_and_the_lacking_one_is_named(
    apim: ApiManager, what: str, module: str, options: dict[str, Any], enough: str, short: str, named: str,
    happened: Happened
) -> None:  # fmt: skip
    assert apim.register()["changed"]
    connector = {"username": "admin", "password": CONNECTOR_PASSWORD}
    new = {"is7_url": "https://other.example:9444", "connector_configuration": connector}
    given = {**options, **(new if what == "register" else {}), "auth": "token", "password": None}
    refused = apim.run(module, token=token_of(apim, short), **given)
    assert refused.failed and named in refused["msg"], refused
    done = apim.run(module, token=token_of(apim, enough), **given)
    assert not done.failed, done
    happened(PART, f"to {what}, {apim.tier}, with a token of {short}", f"Refused, naming {named}")


@pytest.mark.parametrize("further", ["", f" {ROLES}"], ids=["without", "with"])
def test_roles_are_looked_up_by_who_may_and_left_to_the_server_else(
    stand_in: ApiManager, further: str
) -> None:
    token = token_of(stand_in, f"{MANAGE} {SETTINGS}{further}")
    done = stand_in.register(auth="token", token=token, password=None, **ROLE)
    assert done["changed"], done
    stand_in.clear()


def test_a_token_without_the_scope(apim: ApiManager) -> None:
    outcome = apim.register(auth="token", token=token_of(apim, "apim:other"), password=None)
    assert "has the scopes" in outcome["msg"] and "nothing was changed" in outcome["msg"]


def test_a_token_that_runs_out_at_any_request_is_got_anew(stand_in: ApiManager, happened: Happened) -> None:
    def run(name: str, at: int) -> int:
        with faulty(stand_in, tokens_revoked, at) as proxy:
            outcome = proxy.server.register(
                name=name, issuer=f"https://is7.example/{name}", allow_shared_issuer=True, **OAUTH2
            )
        assert not outcome.failed and outcome["changed"], (at, outcome)
        return len(proxy.seen)

    length = run("None", -1)
    # the first two requests are for the client and the token
    assert {run(f"Revoked {at}", at) for at in range(2, length)} == {length + 2}, (
        "a token, and the request once more"
    )
    for at in range(2, length):
        assert stand_in.stored(f"Revoked {at}")
    stand_in.clear()
    happened(
        PART,
        "Every token runs out, at each request of a run",
        "Another token, the request once more, the run ends well",
    )


def test_a_given_token_that_runs_out_ends_the_run(stand_in: ApiManager) -> None:
    with faulty(stand_in, tokens_revoked, 1) as proxy:
        outcome = proxy.server.register(auth="token", token=token_of(stand_in), password=None)
    assert "check that the token is still good" in outcome["msg"] and "nothing was changed" in outcome["msg"]
    assert stand_in.stored() == {}


def test_registration_that_is_not_ready_is_waited_for(stand_in: ApiManager, happened: Happened) -> None:
    assert stand_in.stand_in
    accounts = stand_in.stand_in.accounts
    accounts.failing_registrations = 2
    assert stand_in.register(**OAUTH2)["changed"]
    accounts.failing_registrations = 1000
    outcome = stand_in.run(**OAUTH2, timeout=1)
    accounts.failing_registrations = 0
    assert (
        outcome.failed
        and "Registering an OAuth2 client of admin" in outcome["msg"]
        and "nothing was changed" in outcome["msg"]
    )
    stand_in.clear()
    happened(PART, "Client registration answers 500 for a while", "Tried again until the timeout")


@pytest.mark.parametrize("way", ["basic", "oauth2"])
def test_a_tenant_has_key_managers_of_its_own(stand_in: ApiManager, way: str) -> None:
    tenant = {"auth": way, "username": "admin@tenant1.com", "password": "tenant-admin"}
    assert stand_in.register(**tenant)["changed"]
    assert stand_in.stored() == {}
    assert stand_in.register()["changed"], "the name and the issuer are free in another tenant"
    for sign_in in (tenant, {}):
        assert not stand_in.register(**sign_in)["changed"]
        assert stand_in.run(state="absent", **sign_in)["changed"]


def test_an_expired_certificate_says_when_and_the_two_ways_out(happened: Happened) -> None:
    expired = self_signed(days=(-20, -10))
    with serving(StandIn("4.7", PASSWORD).answer, expired) as web:
        url = web.url.replace("127.0.0.1", "localhost")
        outcome = ApiManager("expired", url, {}).register()
        pinned = ApiManager(
            "expired", url, {"server_cert_sha256": hashlib.sha256(expired.der).hexdigest()}
        ).register()
    assert (
        f"has expired on {expired.not_after:%Y-%m-%d}; give the server a new one, or pin this one with"
        " server_cert_sha256" in outcome["msg"]
    )
    assert pinned["changed"]
    happened(
        PART,
        "The server's certificate has expired",
        "Refused with its date and the two ways out; pinned, it is taken",
    )
