"""The ways to sign in to API Manager, through the modules."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.rights import scopes_for
from support.api_managers import CONNECTOR_PASSWORD, PASSWORD, ApiManager
from support.cases import Happened
from support.certificates import self_signed
from support.faults import faulty, tokens_revoked
from support.openapi import AdminApiDocument
from support.web import serving
from testbed.standin.api_manager import ApiManager as StandIn

PART = "Signing in to API Manager"
OAUTH2 = {"auth": "oauth2"}


def client_of(apim: ApiManager) -> dict[str, str]:
    """A client registered past the modules, as their options."""
    wanted = {
        "callbackUrl": "",
        "clientName": "somebody's",
        "owner": "admin",
        "grantType": "password",
        "saasApp": True,
    }
    made = apim.session.post(
        f"{apim.url}/client-registration/v0.17/register", auth=("admin", PASSWORD), json=wanted, timeout=30
    ).json()
    return {"client_id": made["clientId"], "client_secret": made["clientSecret"]}


def token_of(apim: ApiManager, scope: str = "apim:admin") -> str:
    client = client_of(apim)
    form = {"grant_type": "password", "username": "admin", "password": PASSWORD, "scope": scope}
    auth = (client["client_id"], client["client_secret"])
    return str(
        apim.session.post(f"{apim.url}/oauth2/token", auth=auth, data=form, timeout=30).json()["access_token"]
    )


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
        "the token lacks the scope apim:admin",
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


def test_the_scopes_of_every_call_are_those_of_wso2s_own_description(document: AdminApiDocument) -> None:
    calls = document.calls("/settings", "/roles/", "/key-managers", "/global-key-managers")
    assert len(calls) == 15
    for method, path in calls:
        assert set(scopes_for(method, path)) == document.scopes(method, path), (method, path)


MANAGE, OPERATIONS = "apim:keymanagers_manage", "apim:admin_operations"
SETTINGS, ROLES = "apim:admin_settings", "apim:role_manage"
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
    stand_in: ApiManager, what: str, module: str, options: dict[str, Any], enough: str, short: str, named: str,
    happened: Happened
) -> None:  # fmt: skip
    assert stand_in.register()["changed"]
    connector = {"username": "admin", "password": CONNECTOR_PASSWORD}
    new = {"is7_url": "https://other.example:9444", "connector_configuration": connector}
    given = {**options, **(new if what == "register" else {}), "auth": "token", "password": None}
    refused = stand_in.run(module, token=token_of(stand_in, short), **given)
    assert refused.failed and named in refused["msg"], refused
    done = stand_in.run(module, token=token_of(stand_in, enough), **given)
    assert not done.failed, done
    stand_in.clear()
    happened(PART, f"to {what}, stand-in, with a token of {short}", f"Refused, naming {named}")


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
