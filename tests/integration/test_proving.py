"""The proof on both servers of the test bed: API Manager's own key manager classes, a portal with workflows.

The tests run in this order; the last one takes the site back.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from support.cases import Happened, plain
from support.identity_server import IdentityServer as Tenants
from support.identity_server import User
from support.modules import Outcome, run_module, start_module
from support.proof_site import IdentityServer, stage, status_of
from support.site import Site
from support.tokens import Signer, stored_pem
from support.web import serving
from testbed.homes import keytool

PART = "Proof of a key manager, test bed"
NAME = "WSO2-IS-7"
AT_MOST = 14
SEED = 20261126


@pytest.fixture(scope="module", autouse=True)
def wired(site: Site) -> Site:
    """The key manager is usable as soon as it is stored, and requests can be counted."""
    unbuffered = '[catalinaValves.accessLogValve.properties]\nbuffered = "false"\n'
    for home, text in ((site.apim, "[testbed]\nkey_manager_delay = 0\n"), (site.is7, unbuffered)):
        home.deployment_toml.write_text(f"{home.deployment_toml.read_text()}\n{text}")
    run = site.playbook("site")
    assert run.code == 0, run.output
    assert run.output.count("ok             ") >= 10, "one line a stage"
    return site


@pytest.fixture
def key_manager(site: Site) -> Iterator[dict[str, Any]]:
    """As it is stored; put back after the test."""
    found = site.key_manager()
    assert found is not None
    before = json.dumps(found)
    yield found
    site.api("PUT", f"/key-managers/{found['id']}", json=json.loads(before))


@pytest.fixture
def workflows(site: Site) -> Iterator[Any]:
    """Switches them on, by their names; off again after the test."""
    file = site.apim.path / "repository/conf/testbed-portal.toml"

    def switch_on(*names: str) -> None:
        file.write_text("".join(f"{name} = true\n" for name in names))

    yield switch_on
    file.unlink(missing_ok=True)


def options(site: Site, **more: Any) -> dict[str, Any]:
    given = {
        "apim_url": site.apim_url, "password": site.password, "validate_certs": False, "name": NAME,
        "is7_url": site.is7_url, "is7_password": site.password, "is7_validate_certs": False,
    }  # fmt: skip
    return {**given, **more}


def check(site: Site, **more: Any) -> Outcome:
    outcome = run_module("apim_key_manager_check", **options(site, **more))
    assert str(site.password) not in outcome.output
    return outcome


def store(site: Site, key_manager: dict[str, Any], **fields: Any) -> None:
    site.api("PUT", f"/key-managers/{key_manager['id']}", json={**key_manager, **fields})
    time.sleep(0.6)  # the runtime looks for changes four times a second


def portal(site: Site, method: str, path: str, **options: Any) -> Any:
    answer = requests.request(
        method, f"{site.apim_url}/api/am/devportal/v3{path}", auth=("admin", site.password), verify=False,
        timeout=30, **options
    )  # fmt: skip
    answer.raise_for_status()
    return answer.json() if answer.content else None


def applications(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = portal(site, "GET", "/applications?query=carbonops&limit=1000")["list"]
    return found


def clients(site: Site) -> list[str]:
    """Every OAuth2 client of Identity Server."""
    state = json.loads((site.is7.path / "repository/database/oauth2/testbed.json").read_text())
    return [*state["clients"]]


def requests_of_modules(site: Site, part: str = "") -> list[str]:
    """The lines with this part that both access logs have, but for those of servers."""
    time.sleep(0.3)  # a server may write a request's line a moment after its answer
    logs = [file for home in (site.is7, site.apim) for file in home.path.glob("repository/logs/http_access*")]
    lines = [line for file in logs for line in file.read_text().splitlines()]
    return [line for line in lines if part in line and "Java/" not in line]


def said(site: Site, outcome: Outcome) -> str:
    text = plain(outcome.get("msg") or outcome["summary"], is7=site.is7_url, apim=site.apim_url)
    name = outcome.get("application") or "carbonops-check-"
    return text.replace(name, "APPLICATION")


def test_every_stage_is_ok_with_at_most_fourteen_requests(site: Site, happened: Happened) -> None:
    before = requests_of_modules(site)
    done = check(site)
    assert done["proved"], done
    stages = status_of(done)
    assert stages.pop("user information") == "not verified", "a client's token has no user"
    assert set(stages.values()) == {"ok"}, done["report"]
    asked = [line for line in requests_of_modules(site) if line not in before]
    assert 10 < len(asked) <= AT_MOST, "\n".join(asked)
    happened(
        PART, "everything is right", f"{len(stages)} stages ok, user information not verified without a user"
    )


def test_a_users_information_is_got_by_the_real_access_decision(site: Site) -> None:
    done = check(site, user_username="admin", user_password=site.password)
    assert stage(done, "user information")["seen"] == "it knows admin", done["report"]


def test_a_tenants_key_manager_is_registered_and_proved_with_the_tenants_credentials(
    site: Site, happened: Happened
) -> None:
    tenant = Tenants(site.is7, site.is7_url, User("admin", str(site.password))).make_tenant("tenant1.com")
    name, secret = tenant.admin.basic
    where = {"apim_url": site.apim_url, "password": site.password, "validate_certs": False, "name": "Tenant"}
    wanted = {
        **where, "is7_url": tenant.base, "discover": True, "verify_issuer": True,
        "connector_configuration": {"username": name, "password": secret},
    }  # fmt: skip
    made = run_module("apim_key_manager", **wanted)
    assert made["changed"], made
    assert made["key_manager"]["issuer"] == f"{tenant.base}/oauth2/token"
    assert not run_module("apim_key_manager", **wanted)["changed"]
    time.sleep(0.6)
    user = {"user_username": name, "user_password": secret}
    tenants = {"name": "Tenant", "is7_url": tenant.base, "is7_username": name, "is7_password": secret}
    done = check(site, **tenants, **user)
    assert set(status_of(done).values()) == {"ok"}, done["report"]
    assert done["issuer"] == f"{tenant.base}/oauth2/token"
    refused = check(site, **{**tenants, "is7_username": "admin", "is7_password": site.password})
    assert status_of(refused)["introspection"] != "ok", refused
    assert run_module("apim_key_manager", **where, state="absent")["changed"]
    case = "a key manager with a tenant's is7_url and credentials"
    happened(PART, case, f"{len(done['stages'])} stages ok, the issuer with the tenant's path")


def test_a_key_manager_of_all_tenants_is_proved_by_a_user_without_the_role_admin(
    site: Site, happened: Happened
) -> None:
    everywhere = {
        "apim_url": site.apim_url, "password": site.password, "validate_certs": False, "name": "Everywhere",
        "global": True,
    }  # fmt: skip
    connector = {"username": "admin", "password": site.password}
    made = run_module(
        "apim_key_manager", **everywhere, is7_url=site.is7_url, connector_configuration=connector,
        allow_shared_issuer=True
    )  # fmt: skip
    assert made["changed"], made
    kim = {"auth": "oauth2", "username": "kim", "password": "kim123"}
    done = check(site, name="Everywhere", **kim)
    removed = run_module("apim_key_manager", **everywhere, state="absent")
    assert removed["changed"], removed
    assert done["proved"], done
    happened(
        PART,
        "A key manager of all tenants, by a user with the scopes apim:keymanagers_manage, apim:app_manage and"
        " apim:subscribe",
        "Found and proved as the tenant's own are",
    )


def test_more_applications_than_the_api_answers_unasked_are_told_as_users_of_a_key_manager(
    site: Site, key_manager: dict[str, Any], happened: Happened
) -> None:
    names = [f"user-{number:02}" for number in range(26)]
    made = [new_application(site, name, key_manager["id"]) for name in names]
    where = {"apim_url": site.apim_url, "password": site.password, "validate_certs": False, "name": NAME}
    try:
        (found,) = run_module("apim_key_manager_info", **where, usages=True)["key_managers"]
        assert sorted(item["name"] for item in found["usages"]["applications"]) == names
        refused = run_module("apim_key_manager", **where, state="absent")
        assert "of admin, 21 more; delete its keys" in refused["msg"], refused
    finally:
        for identifier in made:
            portal(site, "DELETE", f"/applications/{identifier}")
    happened(
        PART,
        "26 applications have keys of it, one more than API Manager tells unasked",
        "All are told as its users",
    )


def new_application(site: Site, name: str, key_manager: str) -> str:
    """One with keys of the key manager."""
    body = {"name": name, "throttlingPolicy": "Unlimited", "tokenType": "JWT"}
    identifier = str(portal(site, "POST", "/applications", json=body)["applicationId"])
    keys = {
        "keyType": "PRODUCTION",
        "keyManager": key_manager,
        "grantTypesToBeSupported": ["client_credentials"],
    }
    portal(site, "POST", f"/applications/{identifier}/generate-keys", json=keys)
    return identifier


def test_a_jwks_of_another_server_breaks_the_signature(
    site: Site, key_manager: dict[str, Any], happened: Happened
) -> None:
    stranger = IdentityServer(Signer(number=1))
    with serving(stranger.answer) as elsewhere:
        store(site, key_manager, certificates={"type": "JWKS", "value": f"{elsewhere.url}/oauth2/jwks"})
        refused = check(site, trusted_origins=[elsewhere.url])
    assert status_of(refused)["signature"] == "broken", refused
    assert status_of(refused)["introspection"] == "ok"
    assert applications(site) == []
    happened(
        PART,
        "JWKS of the key manager points to another server",
        "broken: signature; all else is ok and removed",
    )


def test_pem_of_identity_servers_key_is_ok_and_of_another_is_broken(
    site: Site, key_manager: dict[str, Any], happened: Happened
) -> None:
    right = keytool("-exportcert", "-rfc", "-alias", "wso2carbon", "-keystore", str(site.is7.keystore))
    for pem, status in ((right, "ok"), (Signer(number=1).certificate(), "broken")):
        store(site, key_manager, certificates={"type": "PEM", "value": stored_pem(pem)})
        done = check(site)
        assert status_of(done)["signature"] == status, done
    happened(PART, "a PEM certificate of Identity Server's key, and of another", "signature ok, and broken")


def test_the_issuer_of_another_host_is_broken(
    site: Site, key_manager: dict[str, Any], happened: Happened
) -> None:
    store(site, key_manager, issuer="https://is7.example.com:9444/oauth2/token")
    refused = check(site)
    assert (
        f"the token's issuer is {site.is7_url}/oauth2/token, the key manager's is https://is7.example"
        in refused["msg"]
    )
    assert status_of(refused)["introspection"] == "ok"
    assert applications(site) == []
    happened(PART, "introspection fine, iss of another host", said(site, refused))


def test_another_tier_is_taken(site: Site, workflows: Any, happened: Happened) -> None:
    workflows("unlimited_off")
    done = check(site)
    assert done["proved"], done
    assert "tier 10PerMin" in stage(done, "application")["seen"]
    happened(PART, "tier Unlimited off", "proved with the tier 10PerMin")


@pytest.mark.parametrize(
    ("workflow", "name"), [("approve_applications", "application"), ("approve_keys", "keys")]
)
def test_what_waits_for_approval_is_nothing_wrong(
    site: Site, workflows: Any, workflow: str, name: str, happened: Happened
) -> None:
    workflows(workflow)
    done = check(site)
    assert (done.failed, done["proved"]) == (False, False), done
    assert status_of(done)[name] == "waits for approval"
    assert applications(site) == []
    happened(PART, f"workflow {workflow} is on", said(site, done))


def test_a_playbook_whose_proof_waits_does_not_fail_and_proves_again_once_nothing_waits(
    site: Site, workflows: Any
) -> None:
    workflows("approve_keys")
    run = site.playbook("site", key_manager_check="always")
    assert run.code == 0, run.output
    assert "Not proved, and nothing is wrong with key manager" in run.output
    (site.apim.path / "repository/conf/testbed-portal.toml").unlink()
    again = site.playbook("site")
    assert "issued a Bearer token" in again.output


def test_a_deletion_that_waits_is_a_warning_that_names_the_application(
    site: Site, workflows: Any, happened: Happened
) -> None:
    workflows("approve_deletions")
    done = check(site)
    assert (done.failed, done["proved"]) == (False, True), done
    assert f"The deletion of application {done['application']} waits" in str(done["warnings"])
    (left,) = applications(site)
    assert (left["name"], left["status"]) == (done["application"], "DELETE_PENDING")
    assert check(site)["proved"], "what waits does not disturb the next proof"
    happened(
        PART, "deletion answers 201, DELETE_PENDING", "proved, with a warning that names the application"
    )
    workflows()
    for item in applications(site):
        portal(site, "DELETE", f"/applications/{item['applicationId']}")


@pytest.mark.parametrize("fields", [{"enableOAuthAppCreation": False}, {"enabled": False}])
def test_a_refusal_that_lasts_makes_nothing(
    site: Site, key_manager: dict[str, Any], fields: dict[str, Any], happened: Happened
) -> None:
    store(site, key_manager, **fields)
    before = requests_of_modules(site, "POST /api/am/devportal")
    begun = time.monotonic()
    refused = check(site)
    assert refused.failed
    assert time.monotonic() - begun < 10
    assert requests_of_modules(site, "POST /api/am/devportal") == before
    happened(PART, json.dumps(fields), said(site, refused))


def test_site_leaves_a_key_manager_unproved_that_is_to_be_unusable_and_says_so(
    site: Site, happened: Happened
) -> None:
    before = requests_of_modules(site, "POST /api/am/devportal")
    run = site.playbook("site", key_manager_options={"enabled": False})
    assert run.code == 0, run.output
    assert run.changed["api-manager"] == 1
    assert "is not proved: it is disabled, as its options say" in run.output
    for option, word in (
        ({"enabled": False}, "it is disabled"),
        ({"enable_oauth_app_creation": False}, "API Manager may not make clients in it"),
        ({"token_type": "EXCHANGED"}, "its tokens are only exchanged for others"),
    ):
        verified = site.playbook("verify", key_manager_options=option)
        assert verified.code == 0, verified.output
        assert f"is not proved: {word}, as its options say" in verified.output
    assert requests_of_modules(site, "POST /api/am/devportal") == before
    again = site.playbook("site", key_manager_options={"enabled": True})
    assert again.code == 0, again.output
    assert "is not proved" not in again.output
    case = 'site with key_manager_options {"enabled": false}'
    happened(PART, case, "done as asked, the proof skipped with a word")


def test_a_proof_that_fails_shows_its_stages_and_is_made_again(site: Site) -> None:
    user = {"key_manager_check_username": "nobody", "key_manager_check_password": "wrong-pw-of-nobody"}
    run = site.playbook("site", key_manager_check="always", **user)
    assert run.code != 0
    assert "failed at the stage tokens" in run.errors()
    assert "wrong-pw-of-nobody" not in run.output
    assert re.search(r'^ +"broken .* s  tokens: ', run.output, re.MULTILINE), run.output
    assert "issued a Bearer token" in site.playbook("site").output


def test_fifty_interrupted_proofs_and_one_removal_leave_nothing_behind(
    site: Site, happened: Happened
) -> None:
    """Each is ended at a random moment, a third of them in a way that no process can answer."""
    rng = random.Random(SEED)
    signals = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
    ended = 0
    for number in range(50):
        running = start_module("apim_key_manager_check", **options(site))
        time.sleep(rng.uniform(0, 0.45))
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, signals[number % 3])
            ended += 1
        with contextlib.suppress(AssertionError):  # killed
            running.outcome()
    assert ended > 25
    run = site.playbook("remove")
    assert run.code == 0, run.output
    assert applications(site) == []
    assert clients(site) == []
    assert site.key_manager() is None
    case = "50 proofs, killed or ended by a signal at random moments, and one remove.yml"
    happened(PART, case, "no application, client or key is left")
