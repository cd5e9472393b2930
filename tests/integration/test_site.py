"""The whole document on one site: planned, carried out, proved, kept, repaired, and taken back.

The tests run in this order.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from typing import Any

import pytest
import requests
import yaml
from support.modules import run_module
from support.site import Site, content_of
from testbed.homes import Home, keytool

STANZA = '[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nsecure=true\nhttp_method="GET"\ncross_tenant=true\npermissions=[]\nscopes=[]\n'
GRANTS = {
    "password", "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "iwa:ntlm",
    "urn:ietf:params:oauth:grant-type:device_code", "authorization_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
}  # fmt: skip


@pytest.fixture(scope="module")
def original(site: Site) -> dict[str, bytes]:
    return {**content_of(site.is7), **content_of(site.apim)}


def trusted(home: Home) -> str:
    return keytool("-list", "-keystore", str(home.truststore))


def assert_no_secret(site: Site, output: str) -> None:
    assert site.password not in output


def test_check_mode_shows_everything_and_changes_nothing(site: Site, original: dict[str, bytes]) -> None:
    run = site.playbook("site", "--check", "--diff", "-vvv")
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 3, "api-manager": 3}
    for line in STANZA.splitlines():
        assert f"+{line}" in run.output
    assert "+carbonops-apim-api-manager: SHA-256" in run.output
    assert "+carbonops-is7-identity-server: SHA-256" in run.output
    assert f"{site.is7_url}/oauth2/introspect" in run.output
    assert "The plan is made from is7_url alone" in run.output
    assert {**content_of(site.is7), **content_of(site.apim)} == original
    assert site.pids() == (None, None)
    assert_no_secret(site, run.output)


def test_one_run_carries_out_the_document_and_proves_it(site: Site) -> None:
    run = site.playbook("site", "--diff", "-vvv")
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 3, "api-manager": 3}
    assert f"{site.is7_url}/oauth2/token issued a Bearer token" in run.output
    assert "introspection says active=True" in run.output
    assert_no_secret(site, run.output)


def test_the_configuration_differs_by_the_stanza_alone(site: Site, original: dict[str, bytes]) -> None:
    before = original[str(site.is7.deployment_toml)].decode()
    assert site.is7.deployment_toml.read_text() == f"{before}\n{STANZA}"
    assert site.apim.deployment_toml.read_bytes() == original[str(site.apim.deployment_toml)]


def test_the_real_access_decision_is_the_documents(site: Site) -> None:
    decision = site.access_decision()
    assert decision["crossTenant"] is True
    assert decision["scopes"] == []
    assert decision["secured"] is True


def test_each_truststore_holds_the_peers_certificate(site: Site) -> None:
    assert "carbonops-apim-api-manager" in trusted(site.is7)
    assert "carbonops-is7-identity-server" in trusted(site.apim)


def test_the_key_manager_is_the_documents(site: Site) -> None:
    found = site.key_manager()
    assert found is not None
    at = site.is7_url
    expected = {
        "type": "WSO2-IS-7",
        "issuer": f"{at}/oauth2/token",
        "wellKnownEndpoint": f"{at}/oauth2/token/.well-known/openid-configuration",
        "clientRegistrationEndpoint": f"{at}/api/identity/oauth2/dcr/v1.1/register",
        "introspectionEndpoint": f"{at}/oauth2/introspect",
        "tokenEndpoint": f"{at}/oauth2/token",
        "displayTokenEndpoint": f"{at}/oauth2/token",
        "revokeEndpoint": f"{at}/oauth2/revoke",
        "displayRevokeEndpoint": f"{at}/oauth2/revoke",
        "userInfoEndpoint": f"{at}/scim2/Me",
        "authorizeEndpoint": f"{at}/oauth2/authorize",
        "scopeManagementEndpoint": f"{at}/api/identity/oauth2/v1.0/scopes",
        "certificates": {"type": "JWKS", "value": f"{at}/oauth2/jwks"},
    }
    assert {key: found[key] for key in expected} == expected
    assert set(found["availableGrantTypes"]) == GRANTS
    assert found["additionalProperties"]["Username"] == "admin"
    assert found["additionalProperties"]["Password"] == "*****"
    assert found["additionalProperties"]["is7_roles_endpoint"] == f"{at}/scim2/v2/Roles"


def test_a_second_run_changes_nothing_and_restarts_nothing(site: Site) -> None:
    pids = site.pids()
    before = {**content_of(site.is7), **content_of(site.apim)}
    for arguments in ([], ["--check", "--diff"]):
        run = site.playbook("site", *arguments)
        assert run.code == 0, run.output
        assert run.changed == {"identity-server": 0, "api-manager": 0}
    assert site.pids() == pids
    assert {**content_of(site.is7), **content_of(site.apim)} == before


def test_a_second_run_makes_no_proof_again_unless_it_is_asked_for(site: Site) -> None:
    assert "issued a Bearer token" not in site.playbook("site").output
    assert "issued a Bearer token" in site.playbook("site", key_manager_check="always").output
    assert "issued a Bearer token" in site.playbook("site", "-e", "key_manager_check=true").output


def test_a_proof_that_failed_is_made_again_by_the_next_run(site: Site) -> None:
    run = site.playbook("site", key_manager_check="always", is7_admin_password="wrong-admin-pw")
    assert run.code != 0
    assert "wrong-admin-pw" not in run.output
    again = site.playbook("site")
    assert again.code == 0, again.output
    assert "issued a Bearer token" in again.output
    assert again.changed == {"identity-server": 0, "api-manager": 0}


def test_booleans_given_as_strings_mean_what_they_say(site: Site) -> None:
    arguments = ["-e", "key_manager_check=false", "-e", "key_manager_discover=false", "-e", "is7_backup=no"]
    run = site.playbook("site", *arguments, "-vv")
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 0, "api-manager": 0}
    assert "issued a Bearer token" not in run.output
    assert re.search(r'"discovered": \{\}', run.output), "discovery was not switched off"


def test_a_second_run_is_a_few_results_and_at_most_two_jvms_a_home(site: Site) -> None:
    counts = re.findall(r"ok=(\d+) .*skipped=(\d+)", site.playbook("site").output)
    assert sum(int(ok) for ok, _skipped in counts) <= 8
    assert sum(int(skipped) for _ok, skipped in counts) <= 12


def test_an_inventory_without_the_groups_ends_with_their_names(site: Site) -> None:
    host: dict[str, Any] = {"hosts": {"one": None}}
    for groups, missing in (
        ({"identity": host, "apim": host}, "no host in the group is7;"),
        ({"is7": host}, "no host in the group apim;"),
        ({"others": host}, "no host in the group is7 and none in the group apim;"),
    ):
        run = site.run("carbonops.wso2.site", groups=groups)
        assert run.code != 0
        assert missing in run.errors(), run.output


def test_a_peer_outside_of_the_limit_is_asked_for_its_certificate(site: Site) -> None:
    alias = "carbonops-is7-identity-server"
    run_module("truststore_cert", carbon_home=str(site.apim.path), alias=alias, state="absent")
    assert alias not in trusted(site.apim)
    run = site.playbook("site", "--limit", "api-manager")
    assert run.code == 0, run.output
    assert run.changed == {"api-manager": 2}
    assert alias in trusted(site.apim)
    assert "issued a Bearer token" in run.output
    assert site.playbook("site").changed == {"identity-server": 0, "api-manager": 0}


def test_a_stage_alone_says_that_it_needs_the_look(site: Site) -> None:
    role = {"name": "carbonops.wso2.is7", "tasks_from": "configure"}
    play = [{"hosts": "is7", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}]
    file = site.folder / "stage.yml"
    file.write_text(yaml.safe_dump(play))
    run = site.run(str(file), groups={"is7": {"hosts": {"identity-server": None}}})
    assert run.code != 0
    assert "missing required arguments: is7_look" in run.errors()


def test_the_proof_leaves_nothing_behind(site: Site) -> None:
    run = site.playbook("verify", "-v")
    assert run.code == 0, run.output
    client = re.search(r"for client (\S+) of the application (\S+),", run.output)
    assert client
    portal = requests.get(
        f"{site.apim_url}/api/am/devportal/v3/applications",
        auth=("admin", site.password),
        verify=False,
        timeout=30,
    )
    assert [
        item["name"] for item in portal.json()["list"] if item["name"].startswith("carbonops-check")
    ] == []
    registered = requests.get(
        f"{site.is7_url}/api/identity/oauth2/dcr/v1.1/register/{client.group(1)}",
        auth=("admin", site.password),
        verify=False,
        timeout=30,
    )
    assert registered.status_code == 401, "Identity Server answers so for a client that it does not know"


def test_the_proof_can_be_made_with_a_token_of_api_manager_too(site: Site) -> None:
    trusting = {"validate_certs": False, "is7_validate_certs": False}
    done = run_module(
        "apim_key_manager_check",
        apim_url=site.apim_url,
        auth="oauth2",
        password=site.password,
        name="WSO2-IS-7",
        is7_password=site.password,
        **trusting,
    )
    assert done.get("checked"), done
    assert site.password not in done.output


def test_drift_of_the_key_manager_is_repaired_and_nothing_else_is_touched(site: Site) -> None:
    found = site.key_manager()
    assert found is not None
    found["tokenEndpoint"] = "https://elsewhere/token"
    found["description"] = "set by hand"
    site.api("PUT", f"/key-managers/{found['id']}", json=found)
    more = {
        "claim_mapping": [{"remote_claim": "groups", "local_claim": "roles"}],
        "enable_token_hashing": True,
        "alias": "",
    }
    run = site.playbook("site", "-e", json.dumps({"key_manager_options": more}))
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 0, "api-manager": 1}
    repaired = site.key_manager()
    assert repaired is not None
    assert repaired["tokenEndpoint"] == f"{site.is7_url}/oauth2/token"
    assert repaired["description"] == "set by hand"
    assert (repaired["claimMapping"], repaired["enableTokenHashing"]) == (
        [{"remoteClaim": "groups", "localClaim": "roles"}],
        True,
    )


def test_a_run_that_died_before_the_restart_is_made_good_by_the_next(site: Site) -> None:
    run_module("is7_access_control", carbon_home=str(site.is7.path), state="absent")
    run_module("is7_access_control", carbon_home=str(site.is7.path))
    is7, apim = site.pids()
    run = site.playbook("site")
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 1, "api-manager": 0}
    assert site.is7.pid() not in (None, is7)
    assert site.apim.pid() == apim


# What is wrong -> what the one sentence must say, and about which.
BAD_INPUT = [
    (
        {"is7_home": "/nowhere/wso2is"},
        r"/nowhere/wso2is on identity-server is no carbon home .* correct is7_home",
    ),
    (
        {"apim_home": "/nowhere/wso2am"},
        r"/nowhere/wso2am on api-manager is no carbon home .* correct apim_home",
    ),
    (
        {"is7_truststore_password": "wrong-store-pw"},
        r"password given for the store .*client-truststore.p12 is wrong: .*deployment.toml says another",
    ),
    ({"apim_truststore_password": "wrong-store-pw"}, r"client-truststore.jks failed: the password is wrong"),
    ({"is7_keystore_password": "wrong-store-pw"}, r"wso2carbon.p12 failed: the password is wrong"),
    ({"apim_keystore_password": "wrong-store-pw"}, r"wso2carbon.jks failed: the password is wrong"),
    ({"apim_admin_password": "wrong-admin-pw"}, r"HTTP status 401 .*check the user name and password"),
    (
        {"apim_url": "https://localhost:1"},
        r"no connection to https://localhost:1 \(Connection refused\); check the URL",
    ),
    ({"apim_java_home": "/nowhere/jdk"}, r"/nowhere/jdk/bin/keytool does not exist .* set apim_java_home to"),
    (
        {"is7_url": "https://127.0.0.1:{is7_port}"},
        r"calls itself https://localhost:\d+/oauth2/token, not https://127.0.0.1:\d+/oauth2/token",
    ),
]


@pytest.mark.parametrize(
    ("wrong", "sentence"), BAD_INPUT, ids=lambda value: next(iter(value)) if isinstance(value, dict) else ""
)
def test_bad_input_ends_in_one_clear_sentence_and_changes_nothing(
    site: Site, wrong: dict[str, str], sentence: str
) -> None:
    before = {**content_of(site.is7), **content_of(site.apim)}
    key_manager, pids = site.key_manager(), site.pids()
    wrong = {name: value.format(is7_port=9443 + site.offset + 1) for name, value in wrong.items()}
    run = site.playbook("site", "-vvv", "--diff", **wrong)
    assert run.code != 0
    assert re.search(sentence, run.errors()), run.errors()
    assert sum(run.changed.values()) == 0
    assert "Traceback" not in run.output
    assert {**content_of(site.is7), **content_of(site.apim)} == before
    assert site.key_manager() == key_manager
    assert site.pids() == pids
    assert "wrong-store-pw" not in run.output
    assert "wrong-admin-pw" not in run.output
    assert_no_secret(site, run.output)


def test_broken_toml_is_named_with_its_place(site: Site) -> None:
    good = site.is7.deployment_toml.read_bytes()
    site.is7.deployment_toml.write_bytes(good + b"[broken\n")
    try:
        run = site.playbook("site")
        assert run.code != 0
        assert re.search(
            r"deployment.toml is not what a server can read: .*at line \d+, column \d+\); correct it",
            run.errors(),
        ), run.errors()
        assert site.is7.deployment_toml.read_bytes() == good + b"[broken\n"
    finally:
        site.is7.deployment_toml.write_bytes(good)


def test_a_taken_port_is_named_with_who_has_it(site: Site) -> None:
    site.is7.stop()
    with socket.create_server(("127.0.0.1", 9443 + site.offset + 1)):
        run = site.playbook("site")
    assert run.code != 0
    assert re.search(
        rf"port {9443 + site.offset + 1} is taken by process {os.getpid()} .*; end that process or choose another port offset",
        run.errors(),
    )
    assert site.is7.pid() is None


def test_each_key_manager_of_a_list_is_proved_and_none_is_remembered_before_all_are(site: Site) -> None:
    both: list[dict[str, Any]] = [{}, {"name": "Second", "allow_shared_issuer": True}]
    proofs = r"issued a Bearer token"
    run = site.playbook("site", key_managers=both)
    assert run.code == 0, run.output
    assert len(re.findall(proofs, run.output)) == 2
    assert proofs not in site.playbook("site", key_managers=both).output
    wrong = [both[0], {**both[1], "is7_password": "wrong-admin-pw"}]
    run = site.playbook("site", key_manager_check="always", key_managers=wrong)
    assert run.code != 0
    assert "wrong-admin-pw" not in run.output
    run = site.playbook("site", key_managers=[both[0], {**both[1], "state": "absent"}])
    assert run.changed == {"identity-server": 0, "api-manager": 1}, run.output
    assert len(re.findall(proofs, run.output)) == 1
    assert site.key_manager("Second") is None


def test_an_unreachable_api_manager_stops_the_removal_before_anything_is_changed(site: Site) -> None:
    site.apim.stop()
    before = {**content_of(site.is7), **content_of(site.apim)}
    run = site.playbook("remove")
    assert run.code != 0
    assert re.search(r"no connection to .*; check the URL and that the server runs", run.errors())
    assert {**content_of(site.is7), **content_of(site.apim)} == before
    assert site.playbook("site").code == 0


def test_the_way_back_leaves_the_site_as_it_was(site: Site, original: dict[str, bytes]) -> None:
    run = site.playbook("remove", "--diff", "-vvv")
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 3, "api-manager": 3}
    for file in (site.is7.deployment_toml, site.apim.deployment_toml, site.is7.keystore, site.apim.keystore):
        assert file.read_bytes() == original[str(file)]
    assert "carbonops" not in trusted(site.is7)
    assert "carbonops" not in trusted(site.apim)
    assert site.key_manager() is None
    assert site.access_decision()["crossTenant"] is False
    assert_no_secret(site, run.output)


def test_the_way_back_twice_changes_nothing(site: Site) -> None:
    time.sleep(0.1)
    run = site.playbook("remove")
    assert run.code == 0, run.output
    assert run.changed == {"identity-server": 0, "api-manager": 0}
