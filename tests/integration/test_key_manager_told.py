"""What a run says of a key manager is so: on API Manager's own classes, and on the stand-in."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from support.api_managers import CONNECTOR_PASSWORD, ApiManager
from support.api_managers import stand_in as stand_in_of
from support.cases import Happened, plain
from support.certificates import rsa_signed

PART = "Key managers, nothing silently wrong"
RESIDENT = "Resident Key Manager"
OF_ALL_TENANTS = "/global-key-managers"


@pytest.fixture
def server(apim: ApiManager) -> Iterator[ApiManager]:
    """A tier that has no global key managers either, and whose own is as it was."""
    resident = apim.stored(RESIDENT)
    yield apim
    for item in apim.request("GET", OF_ALL_TENANTS).json()["list"]:
        apim.request("DELETE", f"{OF_ALL_TENANTS}/{item['id']}")
    if apim.stored(RESIDENT) != resident:
        apim.request("PUT", f"/key-managers/{resident['id']}", json=resident)


def test_a_certificate_in_another_form_is_unchanged_and_a_private_key_is_never_shown(
    server: ApiManager, happened: Happened
) -> None:
    pair = rsa_signed()
    assert server.register(certificates={"type": "PEM", "value": pair.pem})["changed"]
    stored = server.stored()["certificates"]["value"]
    assert base64.b64decode(stored).decode().strip() == pair.pem.strip()
    for value in (
        pair.pem.replace("\n", "\r\n"),
        f"some text\n{pair.pem}",
        pair.pem + rsa_signed("x").pem,
        stored,
    ):
        again = server.register(certificates={"type": "PEM", "value": value})
        assert again.get("changed") is False, again
    for value in (pair.pem + pair.key_pem, base64.b64encode(pair.key_pem.encode()).decode()):
        refused = server.register(certificates={"type": "PEM", "value": value})
        assert "holds a private key" in refused["msg"]
        assert value.splitlines()[-2 if "\n" in value else 0] not in refused.output
        assert pair.key_pem.splitlines()[1] not in refused.output
    happened(
        PART,
        f"certificates in other forms: {server.tier}",
        "Unchanged; a private key is refused and not shown",
    )


def test_a_chain_is_stored_as_its_first_certificate_with_a_warning(
    server: ApiManager, happened: Happened
) -> None:
    leaf, *others = (rsa_signed(name) for name in ("leaf", "intermediate", "root"))
    chain = {"type": "PEM", "value": leaf.pem + "".join(other.pem for other in others)}
    for changed in (True, False):
        done = server.register(certificates=chain)
        assert done["changed"] is changed
        told = str(done["warnings"])
        assert "holds 3 certificates; API Manager verifies tokens with the first alone" in told
    stored = base64.b64decode(server.stored()["certificates"]["value"]).decode()
    assert stored.strip() == leaf.pem.strip()
    alone = server.register(certificates={"type": "PEM", "value": leaf.pem})
    assert alone["changed"] is False
    assert "certificates.value" not in str(alone.get("warnings"))
    happened(PART, f"a chain as certificates: {server.tier}", "The first is stored, with a warning")


EVERYTHING: dict[str, Any] = {
    "display_name": "All of it",
    "description": "every field",
    "certificates": {"type": "PEM", "value": rsa_signed().pem},
    "claim_mapping": [{"remote_claim": "groups", "local_claim": "http://wso2.org/claims/role"}],
    "token_validation": [{"id": 1, "type": "JWT", "value": {"body": {"iss": "https://.*"}}}],
    "permissions": {"permission_type": "DENY", "roles": ["Internal/everyone"]},
    "allowed_organizations": ["north", "south"],
    "enable_token_hashing": True,
    "consumer_key_claim": "client",
}


def test_what_is_read_can_be_given_as_it_is(server: ApiManager, happened: Happened) -> None:
    assert server.register(**EVERYTHING)["changed"]
    found = server.run("apim_key_manager_info")
    (options,) = found["options"]
    again = server.run(**options)
    assert again.get("changed") is False, again
    (raw,) = found["key_managers"]
    by_the_apis_names = {
        name: value
        for name, value in raw.items()
        if name not in ("id", "global", "isUsed") and value is not None
    }
    again = server.run(**by_the_apis_names)
    assert again.get("changed") is False, again
    for name, value in by_the_apis_names.items():
        if name not in ("name", "type", "endpoints", "alias"):
            again = server.run(**{name: value})
            assert again.get("changed") is False, (name, again)
    happened(PART, f"every field as apim_key_manager_info returns it: {server.tier}", "Unchanged")


def test_a_secret_in_additional_properties_is_refused_and_not_shown(server: ApiManager) -> None:
    done = server.register(
        connector_configuration={"username": "admin"}, additional_properties={"Password": CONNECTOR_PASSWORD}
    )
    assert "which is a secret; give it in connector_configuration" in done["msg"]
    assert server.stored() == {}


@pytest.mark.parametrize("check", [True, False])
def test_a_role_that_is_not_there_is_named_before_anything_is_written(
    server: ApiManager, check: bool, happened: Happened
) -> None:
    roles = ["Internal/everyone", "nobody-has-it"]
    done = server.register(check=check, permissions={"permission_type": "ALLOW", "roles": roles})
    assert "API Manager has no role 'nobody-has-it', which permissions names" in done["msg"]
    assert server.stored() == {}
    if check:
        happened(PART, f"permissions for a role that is not there, {server.tier}", done["msg"])


def test_api_managers_own_key_manager_is_switched_off_and_restricted(
    server: ApiManager, happened: Happened
) -> None:
    wanted = {
        "name": RESIDENT,
        "enabled": False,
        "permissions": {"permission_type": "DENY", "roles": ["Internal/everyone"]},
    }
    assert server.run(check=True, **wanted)["changed"]
    assert server.run(**wanted)["changed"]
    assert not server.run(**wanted)["changed"]
    stored = server.stored(RESIDENT)
    assert (stored["enabled"], stored["permissions"]["permissionType"]) == (False, "DENY")
    assert "is never deleted" in server.run(name=RESIDENT, state="absent")["msg"]
    assert "has no connector" in server.register(name=RESIDENT)["msg"]
    (options,) = server.run("apim_key_manager_info", name=RESIDENT)["options"]
    again = server.run(**options)
    assert again.get("changed") is False, again
    other = {**options["additional_properties"], "TokenURL": "https://other.example/oauth2/token"}
    refused = server.run(**{**options, "additional_properties": other})
    assert "has no connector" in refused["msg"], refused
    happened(PART, f"the Resident Key Manager, {server.tier}", "Switched off and restricted; never deleted")


def test_a_global_key_manager_is_one_of_all_tenants(server: ApiManager, happened: Happened) -> None:
    assert server.register(check=True, **{"global": True})["changed"]
    assert server.register(**{"global": True})["changed"]
    again = server.register(**{"global": True})
    assert again["changed"] is False
    assert server.stored() == {}
    (listed,) = server.run("apim_key_manager_info")["key_managers"]
    assert listed["isGlobal"] is True
    assert "has the issuer" in server.register(name="Another")["msg"]
    assert "but a global one of all tenants; set global" in server.run(state="absent")["msg"]
    assert server.run(state="absent", **{"global": True})["changed"]
    assert not server.run(state="absent", **{"global": True})["changed"]
    happened(
        PART,
        f"a global key manager, {server.tier}",
        "Made, found, counted for the issuer, removed; unchanged twice",
    )


def test_a_key_manager_of_all_tenants_is_the_super_tenants_and_not_of_every_release(
    happened: Happened,
) -> None:
    tenant = {"username": "admin@tenant1.com", "password": "tenant-admin"}
    with stand_in_of("4.7") as newest, stand_in_of("4.4") as older:
        refused = newest.register(**tenant, **{"global": True})
        assert refused["msg"].endswith(
            "check that the user has the rights, one of the scopes apim:admin, apim:admin_operations,"
            " apim:keymanagers_manage in the super tenant; nothing was changed."
        ), refused
        none = older.register(**{"global": True})
        assert none["msg"].endswith(
            "this API Manager has none, unless the URL is wrong; leave global out, or update it; nothing was"
            " changed."
        ), none
    happened(PART, "global: true, by a tenant's administrator", "Refused, naming the super tenant")
    happened(PART, "global: true, API Manager 4.4", "Refused: this API Manager has none")


def test_another_user_and_password_are_written_once(server: ApiManager) -> None:
    assert server.register()["changed"]
    other = {"username": "another", "password": f"{CONNECTOR_PASSWORD}-2"}
    done = server.register(connector_configuration=other)
    assert done["diff"]["after"]["additionalProperties"]["Password"] == "***** (new)"
    assert not server.register(connector_configuration=other)["changed"]
    refused = server.register(connector_configuration={"username": "third"})
    assert "would change Username and leave the Password that is stored" in refused["msg"]
    assert server.stored()["additionalProperties"]["Username"] == "another"


def test_what_uses_a_key_manager_is_named(stand_in: ApiManager, happened: Happened) -> None:
    assert stand_in.stand_in
    rows = stand_in.stand_in.key_managers
    stand_in.register()
    rows.used.add("IS7")
    rows.applications = [
        {"name": f"App {number}", "uuid": "1", "owner": "bob", "organization": "x"} for number in range(150)
    ]
    rows.apis = [{"name": "Pizza", "version": "1.0.0", "id": "1"}]
    try:
        (found,) = stand_in.run("apim_key_manager_info", usages=True)["key_managers"]
        assert [len(found["usages"][kind]) for kind in ("applications", "apis")] == [150, 1]
        refused = stand_in.run(state="absent")
        assert "is in use: application 'App 0' of bob, " in refused["msg"]
        assert "146 more; delete its keys" in refused["msg"]
        rows.applications = rows.applications[:1]
        refused = stand_in.run(state="absent")
        assert "is in use: application 'App 0' of bob, API 'Pizza' 1.0.0; delete" in refused["msg"]
        happened(PART, "removing a key manager that is in use", plain(refused["msg"]))
        forced = stand_in.run(state="absent", force=True)
        assert "(application 'App 0' of bob, API 'Pizza' 1.0.0)" in forced["msg"]
    finally:
        rows.used.clear()
        rows.applications, rows.apis = [], []
        stand_in.clear()
        stand_in.exchanges.clear()
        stand_in.told = 0
