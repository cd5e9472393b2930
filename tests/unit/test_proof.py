"""The proof of a key manager, stage by stage, on scripted servers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.leftovers import Mark, describe
from support.cases import Happened, plain
from support.modules import Outcome
from support.proof_site import (
    SECRET,
    USER_PASSWORD,
    ProofSite,
    basic,
    keys_answer,
    proof_site,
    stage,
    status_of,
)
from support.tokens import Signer, stored_pem
from support.web import RESET, Says, Seen, serving

AT_MOST = 14
PART = "Proof of a key manager"


@pytest.fixture
def site() -> Iterator[ProofSite]:
    with proof_site() as made:
        yield made
        left = [name for name in made.made() if name in str(made.portal.applications)]
        assert left == [] or made.portal.delete_status != 200, left


def told(site: ProofSite, outcome: Outcome) -> str:
    names = site.made()
    text = plain(
        outcome.get("msg") or outcome["summary"],
        elsewhere=site.elsewhere.url,
        is7=site.is7.url,
        apim=site.apim.url,
    )
    for name in names:
        text = text.replace(name, "APPLICATION").replace(f"-{name[-4:]} ", " ")  # which its id ends in
    return text


def test_a_good_key_manager_is_proved_in_every_stage_with_at_most_fourteen_requests(
    site: ProofSite, happened: Happened
) -> None:
    done = site.check()
    assert (done["checked"], done["proved"], done["active"]) == (True, True, True), done
    assert set(status_of(done).values()) == {"ok"}, done["report"]
    assert site.requests() <= AT_MOST
    names = ["application", "keys", "tokens", "issuer", "signature", "consumer key", "audience and expiry"]
    further = ["introspection", "api-resources", "roles", "user information", "revocation", "removal"]
    assert [found["name"] for found in done["stages"]] == names + further
    assert done["report"][4].startswith("ok ")
    assert site.portal.applications == {}
    happened(
        PART,
        "everything is right",
        f"{len(done['stages'])} stages ok, {site.requests()} requests, nothing is left",
    )


def test_each_server_is_sent_what_belongs_to_it(site: ProofSite) -> None:
    site.check()
    sent = {
        seen.path.partition("?")[0].rsplit("/", 1)[-1]: seen.headers.get("Authorization")
        for seen in site.is7.seen
    }
    assert sent["jwks"] is None
    assert sent["token"] == sent["revoke"] == basic("client", SECRET)
    assert sent["introspect"] == sent["api-resources"] == sent["Roles"] == basic("admin", "Geheim-is7")
    assert str(sent["Me"]).startswith("Bearer ")


def test_check_mode_tries_nothing_and_says_so(site: ProofSite) -> None:
    done = site.check(check=True)
    assert (done["changed"], done["checked"], done["proved"]) == (False, False, False)
    assert site.requests() == 0


def test_another_tier_is_taken_where_unlimited_is_off(site: ProofSite, happened: Happened) -> None:
    site.portal.tiers = ["20PerMin", "50PerMin"]
    done = site.check()
    assert done["proved"], done
    assert "tier 20PerMin" in stage(done, "application")["seen"]
    happened(PART, "tier Unlimited is off", "proved with the first tier that there is")


def test_a_portal_without_tiers_is_told_so(site: ProofSite) -> None:
    site.portal.tiers = []
    assert (
        "no tier that an application may have; make an application throttling policy" in site.check()["msg"]
    )


@pytest.mark.parametrize(
    ("key_manager", "why"),
    [
        ({"enabled": False}, "it is disabled; set enabled."),
        (
            {"enableOAuthAppCreation": False},
            "API Manager may not make clients in it; set enable_oauth_app_creation.",
        ),
        (
            {"tokenType": "EXCHANGED"},
            "its tokens are only exchanged for others, and no client is made in it; set",
        ),
        ({"tokenEndpoint": ""}, "it has no tokenEndpoint; correct it."),
    ],
)
def test_a_refusal_that_lasts_is_told_before_anything_is_made(
    site: ProofSite, key_manager: dict[str, Any], why: str, happened: Happened
) -> None:
    site.key_manager.update(key_manager)
    refused = site.check(ready_timeout=60)
    assert f"cannot work, and nothing was made for it: {why}" in refused["msg"]
    assert (site.made(), site.is7.seen) == ([], [])
    happened(PART, f"the key manager has {json.dumps(key_manager)}", told(site, refused))


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_key_generation_that_is_refused_for_good_is_not_tried_again(site: ProofSite, status: int) -> None:
    site.portal.keys = [Says(status, {"code": 901405, "message": "no"})]
    refused = site.check(ready_timeout=60)
    assert "failed at the stage keys: generating keys of application" in refused["msg"]
    assert len(site.made()) == 1


def test_what_may_pass_by_itself_is_tried_again_with_another_application(
    site: ProofSite, happened: Happened
) -> None:
    site.portal.keys = [Says(500, {"code": 500}), Says(body=keys_answer())]
    done = site.check(ready_timeout=30)
    assert (done["proved"], done["attempts"]) == (True, 2), done
    assert len(set(site.made())) == 2
    happened(
        PART,
        "the key manager reaches API Manager's runtime only after a while",
        "tried again with another application; the first one is removed before",
    )


def test_an_application_that_waits_for_approval_proves_nothing_and_is_nothing_wrong(
    site: ProofSite, happened: Happened
) -> None:
    site.portal.status = "CREATED"
    done = site.check()
    assert not done.failed
    assert (done["checked"], done["proved"]) == (True, False)
    assert status_of(done)["application"] == "waits for approval"
    assert status_of(done)["tokens"] == "skipped"
    assert "Not proved, and nothing is wrong with key manager 'IS7'" in str(done["warnings"])
    assert site.portal.applications == {}
    happened(PART, "an application has to be approved", told(site, done))


@pytest.mark.parametrize("absent", [{"consumerKey": None, "consumerSecret": None}, {}])
def test_keys_that_wait_for_approval_prove_nothing_and_are_nothing_wrong(
    site: ProofSite, absent: dict[str, None], happened: Happened
) -> None:
    site.portal.keys = [Says(body={"keyState": "CREATED", **absent})]
    done = site.check(ready_timeout=60)
    assert not done.failed
    assert (done["proved"], len(site.made())) == (False, 1)
    assert status_of(done)["keys"] == "waits for approval"
    assert site.portal.applications == {}
    if absent:
        happened(PART, "keys have to be approved", told(site, done))


def test_a_deletion_that_waits_for_approval_is_a_warning_with_the_name(
    site: ProofSite, happened: Happened
) -> None:
    site.portal.delete_status = 201
    done = site.check()
    assert (done.failed, done["proved"]) == (False, True)
    assert status_of(done)["removal"] == "waits for approval"
    warning = (
        f"The deletion of application {done['application']} waits in the Admin portal, Tasks > Application"
        " Deletion."
    )
    assert warning in str(done["warnings"])
    again = site.check()
    assert [again["application"]] == [name for name in site.made() if name in str(again["warnings"])]
    text = plain(f"proved, with a warning: {warning}", application=done["application"])
    happened(PART, "a deletion has to be approved", text)


def test_the_issuer_of_another_host_is_named_beside_the_key_managers(
    site: ProofSite, happened: Happened
) -> None:
    site.identity.claims = {"iss": "https://elsewhere:9443/oauth2/token"}
    refused = site.check()
    assert (
        "failed at the stage issuer: the token's issuer is https://elsewhere:9443/oauth2/" in refused["msg"]
    )
    assert f"{site.is7.url}/oauth2/token, so API Manager would refuse it" in refused["msg"]
    assert status_of(refused)["issuer"] == "broken"
    assert status_of(refused)["introspection"] == "ok"
    happened(PART, "introspection is fine, the issuer is another host's", told(site, refused))


def test_a_jwks_of_another_server_breaks_the_signature(site: ProofSite, happened: Happened) -> None:
    site.key_manager["certificates"] = {"type": "JWKS", "value": f"{site.elsewhere.url}/oauth2/jwks"}
    refused = site.check(trusted_origins=[site.elsewhere.url])
    assert status_of(refused)["signature"] == "broken"
    assert "failed at the stage signature: the token was not signed by the key at" in refused["msg"]
    happened(PART, "the JWKS is another server's", told(site, refused))
    strange = site.check()
    assert status_of(strange) == {"signature": "broken"}
    assert (len(site.elsewhere.seen), len(site.made())) == (1, 1), "nothing more is asked or made"
    happened(PART, "the JWKS is another server's, which nobody has named", told(site, strange))


def test_a_jwks_that_cannot_be_read_breaks_the_signature(site: ProofSite) -> None:
    site.identity.answers["jwks"] = Says(404, {})
    refused = site.check()
    assert status_of(refused)["signature"] == "broken"
    assert "reading the keys at" in refused["msg"]


def test_keys_rotate_between_two_runs(site: ProofSite, happened: Happened) -> None:
    assert site.check()["proved"]
    old = site.identity.signer
    site.identity.signer = Signer(key_id="new", number=2)
    site.identity.keys = [old.jwk(), site.identity.signer.jwk()]
    assert "RS256 by the key new at" in stage(site.check(), "signature")["seen"]
    site.identity.keys = [old.jwk()]
    refused = site.check()
    assert "is the token's, 'new'" in refused["msg"]
    happened(PART, "the server signs with a new key that its JWKS does not have", told(site, refused))


def test_a_pem_certificate_takes_the_place_of_a_jwks(site: ProofSite, happened: Happened) -> None:
    site.key_manager["certificates"] = {
        "type": "PEM",
        "value": stored_pem(site.identity.signer.certificate()),
    }
    done = site.check()
    assert status_of(done)["signature"] == "ok"
    assert not [seen for seen in site.is7.seen if seen.path.endswith("jwks")]
    site.key_manager["certificates"]["value"] = stored_pem(site.stranger.signer.certificate())
    refused = site.check()
    assert status_of(refused)["signature"] == "broken"
    happened(PART, "the certificate is of another key", told(site, refused))


def test_a_key_manager_without_keys_is_not_verified(site: ProofSite) -> None:
    del site.key_manager["certificates"]
    done = site.check()
    assert stage(done, "signature")["status"] == "not verified"
    assert done["proved"]


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_can_make_is_broken(site: ProofSite, algorithm: str, happened: Happened) -> None:
    site.identity.header = {"alg": algorithm}
    refused = site.check()
    assert status_of(refused)["signature"] == "broken"
    happened(PART, f"the token's alg is {algorithm}", told(site, refused))


def test_without_cryptography_the_signature_is_not_verified(
    site: ProofSite, tmp_path: Any, happened: Happened
) -> None:
    """A package that cannot be imported stands before the real one."""
    (tmp_path / "cryptography").mkdir()
    (tmp_path / "cryptography/__init__.py").write_text("raise ImportError('none')\n")
    request = {"ANSIBLE_MODULE_ARGS": site.options()}
    paths = [str(tmp_path), *(path for path in sys.path if path)]
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.carbonops.wso2.plugins.modules.apim_key_manager_check"],
        input=json.dumps(request), capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip
    outcome = Outcome(json.loads(done.stdout))
    found = stage(outcome, "signature")
    assert found["status"] == "not verified", outcome
    assert found["remedy"] == "install the Python package cryptography where the module runs"
    happened(PART, "cryptography is not there", f"signature {found['status']}: {found['remedy']}")


def test_an_opaque_token_is_said_to_be_one(site: ProofSite, happened: Happened) -> None:
    site.identity.token = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    done = site.check()
    assert (done["proved"], done["issuer"]) == (True, None)
    of_tokens = ("issuer", "signature", "consumer key", "audience and expiry")
    assert {status_of(done)[name] for name in of_tokens} == {"not verified"}
    happened(
        PART, "the token is opaque", f"{', '.join(of_tokens)} not verified: {stage(done, 'issuer')['seen']}"
    )


def test_a_token_whose_consumer_key_is_another_is_broken(site: ProofSite, happened: Happened) -> None:
    site.key_manager["consumerKeyClaim"] = "sub"
    site.identity.claims = {"sub": "somebody"}
    refused = site.check()
    assert status_of(refused)["consumer key"] == "broken"
    happened(PART, "the consumer key claim does not hold the client's id", told(site, refused))


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"exp": time.time() - 100}, r"the token ran out"),
        ({"exp": None}, "the token never expires: it has no exp"),
        ({"nbf": time.time() + 3600}, "the token is not good before"),
    ],
)
def test_a_token_that_is_not_good_now_is_broken(
    site: ProofSite, claims: dict[str, Any], sentence: str
) -> None:
    site.identity.claims = claims
    assert f"failed at the stage audience and expiry: {sentence}" in site.check()["msg"]


def test_the_clocks_of_both_servers_are_compared(site: ProofSite, happened: Happened) -> None:
    ahead = "Fri, 01 Jan 2100 00:00:00 GMT"
    headers = {"Content-Type": "application/json", "Date": ahead}
    site.portal.keys = [Says(body=keys_answer(), headers=headers)]
    refused = site.check()
    assert "by API Manager's clock; set both servers' clocks" in refused["msg"]
    happened(
        PART,
        "API Manager's clock is years ahead",
        "audience and expiry broken: the token ran out by API Manager's clock",
    )


def test_an_audience_that_is_not_the_client_is_told(site: ProofSite) -> None:
    site.identity.claims = {"aud": ["other"]}
    found = stage(site.check(), "audience and expiry")
    assert (found["status"], found["seen"][:9]) == ("not verified", "for other")


@pytest.mark.parametrize(
    "state", [{"active": False}, {"active": "true"}, {"active": True, "client_id": "other"}, {}]
)
def test_a_token_that_introspection_does_not_know_is_broken(site: ProofSite, state: dict[str, Any]) -> None:
    site.identity.answers["introspect"] = Says(body=state)
    refused = site.check()
    assert status_of(refused)["introspection"] == "broken"
    assert "does not know the token that was just issued" in refused["msg"]


def test_without_the_connectors_password_what_needs_it_is_skipped(
    site: ProofSite, happened: Happened
) -> None:
    done = site.check(is7_password=None)
    assert (done["proved"], done["active"]) == (True, None)
    skipped = [name for name, status in status_of(done).items() if status == "skipped"]
    assert skipped == ["introspection", "api-resources", "roles"]
    happened(PART, "there is no password of the connector's user", f"{', '.join(skipped)} skipped")


@pytest.mark.parametrize("what", ["api-resources", "Roles", "introspect"])
def test_a_connectors_user_without_the_rights_is_broken(
    site: ProofSite, what: str, happened: Happened
) -> None:
    site.identity.answers[what] = Says(403, {})
    refused = site.check()
    assert "403" in refused["msg"]
    happened(PART, f"the connector's user may not use {what}", told(site, refused))


def test_another_user_than_the_connectors_is_told(site: ProofSite) -> None:
    assert (
        "asked as joe, while the connector signs in as admin"
        in stage(site.check(is7_username="joe"), "introspection")["seen"]
    )


def test_user_information_is_asked_with_a_users_token_where_there_is_one(site: ProofSite) -> None:
    options = {"user_username": "joe", "user_password": USER_PASSWORD}
    done = site.check(**options)
    assert stage(done, "user information")["seen"] == "it knows joe"
    assert stage(done, "tokens")["seen"] == "by client_credentials, password"
    forms = [seen.body.decode() for seen in site.is7.seen if seen.path == "/oauth2/token"]
    assert forms[1] == f"grant_type=password&username=joe&password={USER_PASSWORD}"
    again = site.check(**options, grant_types=["client_credentials", "refresh_token"])
    assert stage(again, "tokens")["seen"] == "by client_credentials, password, refresh_token"


def test_a_users_grant_without_a_user_is_refused(site: ProofSite) -> None:
    assert "There is no user for the grant password; give" in site.check(grant_types=["password"])["msg"]
    assert site.requests() == 0


@pytest.mark.parametrize(
    ("status", "of_client", "of_user"),
    [
        (200, "ok", "ok"), (404, "ok", "broken"), (403, "broken", "broken"), (401, "not verified", "broken"),
        (500, "not verified", "broken"),
    ],
)  # fmt: skip
def test_access_control_on_user_information_is_read_from_the_answer(
    site: ProofSite, status: int, of_client: str, of_user: str, happened: Happened
) -> None:
    site.identity.answers["Me"] = Says(status, {})
    found = stage(site.check(), "user information")
    assert found["status"] == of_client, found
    user = {"user_username": "joe", "user_password": USER_PASSWORD}
    assert stage(site.check(**user), "user information")["status"] == of_user
    happened(PART, f"/scim2/Me answers {status}", f"to a client's token {of_client}, to a user's {of_user}")


def test_user_information_at_another_path_is_not_verified(site: ProofSite) -> None:
    site.key_manager["userInfoEndpoint"] = f"{site.is7.url}/oauth2/userinfo"
    found = stage(site.check(), "user information")
    assert (found["status"], "ends in /scim2/Me" in found["remedy"]) == ("not verified", True)


@pytest.mark.parametrize("what", ["userInfoEndpoint", "revokeEndpoint", "is7_roles_endpoint"])
def test_further_endpoints_of_strangers_are_sent_nothing(site: ProofSite, what: str) -> None:
    fields = site.key_manager if what in site.key_manager else site.key_manager["additionalProperties"]
    fields[what] = f"{site.elsewhere.url}/scim2/Me"
    done = site.check()
    assert done["proved"], done
    assert [status for status in status_of(done).values() if status != "ok"] == ["not verified"]
    assert site.elsewhere.seen == []
    site.check(trusted_origins=[site.elsewhere.url])
    assert len(site.elsewhere.seen) == 1


def test_a_revocation_that_is_refused_is_broken(site: ProofSite) -> None:
    site.identity.answers["revoke"] = Says(401, {"error": "invalid_client"})
    assert status_of(site.check())["revocation"] == "broken"


GATEWAYS = {
    "lets it through": (Says(200), "ok"),
    "has no subscription of it": (Says(403, {"code": 900908}), "ok"),
    "refuses the token": (Says(401, {"code": 900901}), "broken"),
    "forbids it": (Says(403, {"code": 900910}), "broken"),
    "has no such API": (Says(404), "not verified"),
    "is broken itself": (Says(503), "not verified"),
}


@pytest.mark.parametrize("what", GATEWAYS)
def test_each_gateway_is_called_with_the_token(site: ProofSite, what: str, happened: Happened) -> None:
    says, status = GATEWAYS[what]
    with serving(Says(200)) as first, serving(says) as second:
        urls = [f"{first.url}/pizza/1.0/menu", f"{second.url}/pizza/1.0/menu?size=1"]
        done = site.check(gateway_urls=[urls[0], f"{second.url}/pizza/1.0/menu"])
    assert status_of(done)["gateways"] == status, done
    assert first.seen[0].headers["Authorization"] == second.seen[0].headers["Authorization"]
    assert first.seen[0].headers["Authorization"].startswith("Bearer ey")
    happened(PART, f"a gateway {what}", f"gateways {status}")


def test_a_gateway_that_hears_of_the_application_late_is_asked_again(site: ProofSite) -> None:
    answers = iter([Says(401), Says(200)])
    with serving(lambda _seen: next(answers)) as gateway:
        done = site.check(gateway_urls=[f"{gateway.url}/x"], ready_timeout=20)
    assert status_of(done)["gateways"] == "ok"


def test_the_first_stage_that_fails_is_told_in_one_sentence_and_all_as_data(site: ProofSite) -> None:
    site.identity.answers["introspect"] = Says(body={"active": False})
    site.identity.claims = {"iss": "other"}
    refused = site.check()
    assert refused["msg"].startswith("Proving key manager 'IS7' failed at the stage issuer: ")
    assert refused["msg"].count("\n") == 0
    broken = [name for name, status in status_of(refused).items() if status == "broken"]
    assert broken == ["issuer", "introspection"]
    assert len(refused["report"]) == len(refused["stages"])


def test_a_server_that_is_gone_is_not_asked_stage_after_stage(site: ProofSite, happened: Happened) -> None:
    site.identity.answers["token"] = None
    refused = site.check()
    assert status_of(refused)["tokens"] == "broken"
    assert status_of(refused)["roles"] == "skipped"
    assert status_of(refused)["removal"] == "ok"
    happened(
        PART,
        "Identity Server does not answer",
        "tokens broken, all further stages skipped, everything removed",
    )


def left_by(process: str, seconds_ago: float = 100, host: str | None = None, **more: Any) -> dict[str, Any]:
    """An application as a proof leaves it that was killed."""
    mark = describe().rpartition(" ")[2]
    here = mark.split("/")[1]
    made = int(time.time() - seconds_ago)
    text = (
        f"Made by carbonops.wso2 to check a key manager; may be deleted. {Mark(host or here, process, made)}"
    )
    return {
        "name": "carbonops-check-0123abcd",
        "description": text,
        "status": "APPROVED",
        "owner": "admin",
        **more,
    }


DEAD = "1999999999:1"
NOT_OURS: dict[str, dict[str, Any]] = {
    "of a name like ours": left_by(DEAD, name="carbonops-check-mine"),
    "of our name without the mark": left_by(DEAD, description="Made by me"),
    "of another owner": left_by(DEAD, owner="joe"),
    "of a proof that runs": {},
    "of another host's proof just now": left_by(DEAD, host="0" * 12),
    "whose deletion waits": left_by(DEAD, status="DELETE_PENDING"),
}


@pytest.mark.parametrize("what", NOT_OURS)
def test_what_is_not_ours_or_still_in_use_is_left_alone(site: ProofSite, what: str) -> None:
    found = NOT_OURS[what] or {**left_by(DEAD), "description": describe()}
    site.portal.applications["x"] = {**found, "applicationId": "x"}
    assert site.check()["proved"]
    assert list(site.portal.applications) == ["x"]


def test_what_killed_proofs_have_left_is_removed_by_the_next(site: ProofSite, happened: Happened) -> None:
    for number in range(250):
        found = left_by(DEAD, name=f"carbonops-check-{number:08x}")
        site.portal.applications[f"x{number}"] = {**found, "applicationId": f"x{number}"}
    old = left_by(DEAD, 3600, "0" * 12, owner="admin@carbon.super")
    site.portal.applications["old"] = {**old, "applicationId": "old"}
    done = site.check()
    assert "251 of killed proofs removed too" in stage(done, "removal")["seen"]
    assert site.portal.applications == {}
    happened(PART, "killed proofs have left 251 applications", "removed by the next proof")


def test_removal_alone_takes_those_of_other_hosts_too_and_needs_no_key_manager(site: ProofSite) -> None:
    site.portal.applications["x"] = {**left_by(DEAD, host="0" * 12), "applicationId": "x"}
    site.portal.applications["y"] = {**left_by(DEAD, owner="joe"), "applicationId": "y"}
    options = {"state": "absent", "name": None, "is7_password": None}
    planned = site.check(check=True, **options)
    assert (planned["changed"], planned["removed"]) == (True, ["carbonops-check-0123abcd"])
    assert len(site.portal.applications) == 2
    done = site.check(**options)
    assert (done["changed"], done["removed"]) == (True, ["carbonops-check-0123abcd"])
    assert list(site.portal.applications) == ["y"]
    assert site.check(**options)["changed"] is False


@pytest.mark.parametrize("says", [None, RESET, Says(502, {}), Says(201, {"name": "x"})])
def test_an_application_that_was_made_without_an_answer_is_removed(
    site: ProofSite, says: Says | None
) -> None:
    site.portal.instead["POST applications"] = says
    refused = site.check()
    assert "failed at the stage application" in refused["msg"]
    assert len(site.made()) == 1
    assert site.portal.applications == {}


def test_an_application_that_cannot_be_removed_is_named(site: ProofSite, happened: Happened) -> None:
    site.portal.delete_status = 500
    refused = site.check()
    assert "failed at the stage removal" in refused["msg"]
    assert f"delete what is left of application {site.made()[0]} by hand" in refused["msg"]
    happened(PART, "the application cannot be deleted", told(site, refused))


MOMENTS = ("POST applications", "POST generate-keys", "GET application", "DELETE")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_at_any_moment_leaves_nothing_behind(
    site: ProofSite, moment: str, number: signal.Signals, happened: Happened
) -> None:
    site.portal.slow[moment] = 0.5
    running = site.start()
    deadline = time.monotonic() + 10
    while not any(is_moment(seen, moment) for seen in site.apim.seen) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(running.pid, number)
    outcome = running.outcome()
    assert f"was ended by {number.name}: what it had made is removed" in outcome["msg"]
    assert site.is7.seen == [] or moment == "DELETE", "it goes on with nothing but removing"
    time.sleep(0.7 if moment == MOMENTS[0] else 0)  # what is still on its way then is there
    assert site.portal.applications == {}
    if moment == MOMENTS[1]:
        happened(PART, f"{number.name} in the middle", told(site, outcome))


def is_moment(seen: Seen, moment: str) -> bool:
    method, _blank, last = moment.partition(" ")
    path = seen.path.partition("?")[0]
    return seen.method == method and path.endswith(f"/{last}" if last else "")


def test_what_was_proved_is_remembered_and_what_waits_or_fails_is_not(site: ProofSite, tmp_path: Any) -> None:
    note = tmp_path / "proof"
    given = {"remember_in": str(note), "remember": "this"}
    site.check(**given)
    assert note.read_text() == "this"
    site.portal.status = "CREATED"
    site.check(**given)
    assert not note.exists()
    note.write_text("this")
    site.portal.status = "APPROVED"
    site.identity.claims = {"iss": "other"}
    assert site.check(**given).failed
    assert not note.exists()


def test_a_portal_that_answers_strangely_ends_in_one_sentence(site: ProofSite) -> None:
    for body in ([], {"list": 3}, {"list": [3, {"name": 4}]}, {"applicationId": 3}, "x"):
        for path in ("GET application", "POST applications", "GET applications", "POST generate-keys"):
            site.portal.instead = {path: Says(body=body)}
            outcome = site.check()
            assert "Traceback" not in outcome.output
            site.portal.applications.clear()
    with contextlib.suppress(KeyError):
        del site.portal.instead
