"""Taking over a key manager that is there already, on WSO2's own Admin REST classes and on the stand-in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from support.api_managers import CONNECTOR_PASSWORD, IS7, ApiManager
from support.cases import Happened
from support.key_managers import made_for_older_server

PART = "Taking over a key manager"
OLD_PASSWORD = "0f-the.older-one"
# Under a name of the site's own.
OLD: dict[str, Any] = {**made_for_older_server(IS7, OLD_PASSWORD), "name": "Corporate"}
# Stored as an administrator might have, with the issuer that a stock server gives itself.
BY_HAND: dict[str, Any] = {
    **OLD,
    "type": "WSO2-IS-7",
    "issuer": "https://localhost:9443/oauth2/token",
    "userInfoEndpoint": f"{IS7}/scim2/Me",
    "additionalProperties": {
        "Authentication": "BasicAuth",
        "Username": "keyadmin",
        "Password": OLD_PASSWORD,
        "api_resource_management_endpoint": f"{IS7}/api/server/v1/api-resources",
        "is7_roles_endpoint": f"{IS7}/scim2/v2/Roles",
    },
}


def there(server: ApiManager, key_manager: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Have it stored, past the modules, and return it as it is shown."""
    body = {**copy.deepcopy(key_manager), **changes}
    made = server.request("POST", "/key-managers", json=body)
    assert made.status_code == 201, made.text
    return server.stored(body["name"])


def adopt(server: ApiManager, check: bool = False, **options: Any) -> Any:
    outcome = server.register(check=check, adopt=True, **options)
    assert OLD_PASSWORD not in outcome.output
    return outcome


def warnings_of(outcome: Any) -> list[str]:
    """As older ansible-cores have them, and as newer ones do."""
    return [
        warning if isinstance(warning, str) else warning["event"]["msg"]
        for warning in outcome.get("warnings", [])
    ]


def names(server: ApiManager) -> set[str]:
    return {item["name"] for item in server.request("GET", "/key-managers").json()["list"]}


@pytest.mark.parametrize("key_manager", [OLD, BY_HAND], ids=["older connector", "by hand"])
def test_what_is_there_is_taken_over_under_its_name_as_check_mode_said(
    apim: ApiManager, key_manager: dict[str, Any], happened: Happened
) -> None:
    before = there(apim, key_manager)
    refused = apim.register()
    shared = key_manager is OLD
    assert refused.failed is shared and (not shared or "with adopt" in refused["msg"])
    apim.run(state="absent")
    apim.writes()
    planned = adopt(apim, check=True)
    assert planned["changed"] and apim.writes() == [] and apim.stored("Corporate") == before
    done = adopt(apim)
    assert done["changed"] and done["id"] == before["id"]
    assert planned["diff"] == done["diff"] and planned.get("warnings") == done.get("warnings")
    after = apim.stored("Corporate")
    assert names(apim) == {"Corporate", "Resident Key Manager"}
    kept = ("id", "name", "description", "permissions", "claimMapping")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["type"] == "WSO2-IS-7"
    assert after["issuer"] == f"{IS7}/oauth2/token" and after["userInfoEndpoint"] == f"{IS7}/scim2/Me"
    assert after["additionalProperties"]["Username"] == "admin"
    assert "km_admin_as_app_owner" not in after["additionalProperties"]
    dropped = ["km_admin_as_app_owner"] if shared else []
    assert done["adopted"] == {"name": "Corporate", "type": before["type"], "not_carried_over": dropped}
    apim.exchanges.clear()
    apim.told = 0
    for check in (True, False):
        again = adopt(apim, check=check)
        assert not again["changed"] and "warnings" not in again
        assert again["adopted"]["name"] == "Corporate"
    assert len(apim.exchanges) in (0, 6), "three requests a run, as for one of the name that was asked for"
    if apim.stand_in:
        row = apim.stand_in.key_managers.rows[before["id"]]
        assert row["additionalProperties"]["Password"] == CONNECTOR_PASSWORD
        happened(
            PART,
            f"one of type {before['type']} under another name",
            "Updated in place: id, name and what nobody speaks of stay; check mode says the same; then"
            " unchanged",
        )


def test_one_of_the_name_that_is_asked_for_is_taken_over_whatever_server_it_was_on(apim: ApiManager) -> None:
    moved = {
        name: str(value).replace(IS7, "https://old.example:9443")
        for name, value in OLD.items()
        if str(value).startswith(IS7)
    }
    before = there(apim, OLD, name="IS7", **moved)
    assert "which cannot become 'WSO2-IS-7'; use another name, or set adopt" in apim.register()["msg"]
    done = adopt(apim)
    assert done["changed"] and apim.stored()["id"] == before["id"]
    assert any("was one of https://old.example:9443" in warning for warning in warnings_of(done))
    assert not adopt(apim)["changed"]


def test_where_several_fit_none_is_taken_over(apim: ApiManager, happened: Happened) -> None:
    there(apim, OLD)
    there(apim, BY_HAND, name="Other")
    apim.writes()
    refused = adopt(apim)
    assert "to take over is not clear, as there are 'Corporate' and 'Other'; give the name" in refused["msg"]
    assert apim.writes() == []
    if apim.stand_in:
        happened(PART, "two of the same server", refused["msg"])
    assert adopt(apim, name="Corporate", allow_shared_issuer=True)["changed"]


def test_where_nothing_fits_one_is_made_as_without_adopting(apim: ApiManager) -> None:
    there(
        apim,
        OLD,
        issuer="https://other/oauth2/token",
        tokenEndpoint="https://other/oauth2/token",
        introspectionEndpoint="https://other/oauth2/introspect",
    )
    planned, made = adopt(apim, check=True), adopt(apim)
    assert planned["changed"] and made["changed"] and made["adopted"] is None
    by_adopting = apim.stored()
    apim.run(state="absent")
    plain = apim.register()
    assert plain["diff"] == made["diff"] == planned["diff"]
    assert {**apim.stored(), "id": ""} == {**by_adopting, "id": ""}
    assert not adopt(apim)["changed"]


def test_the_password_has_to_be_given(apim: ApiManager) -> None:
    there(apim, OLD)
    apim.writes()
    refused = adopt(apim, connector_configuration={"username": "admin"})
    assert (
        "Taking over key manager 'Corporate' of type WSO2-IS needs the connector field Password"
        in refused["msg"]
    )
    assert apim.writes() == []


def test_api_managers_own_is_not_taken_over(apim: ApiManager, happened: Happened) -> None:
    own = apim.stored("Resident Key Manager")
    changed = apim.request(
        "PUT",
        f"/key-managers/{own['id']}",
        json={
            **{name: value for name, value in own.items() if value is not None},
            "issuer": f"{IS7}/oauth2/token",
        },
    )
    assert changed.status_code == 200, changed.text
    try:
        refused = adopt(apim)
        assert refused["msg"] == (
            f"The key manager of {IS7}/oauth2/token is 'Resident Key Manager', which is API Manager's own and"
            " cannot be taken over; check is7_url, or leave adopt out."
        )
        assert apim.stored() == {}
        if apim.stand_in:
            happened(PART, "API Manager's own", refused["msg"])
    finally:
        apim.request(
            "PUT",
            f"/key-managers/{own['id']}",
            json={name: value for name, value in own.items() if value is not None},
        )


def test_one_of_all_tenants_is_not_taken_over_unasked(stand_in: ApiManager, happened: Happened) -> None:
    assert stand_in.stand_in
    there_for_all = stand_in.register(name="Everybody's", **{"global": True})
    assert there_for_all["changed"], there_for_all
    try:
        refused = adopt(stand_in)
        assert (
            "is 'Everybody's', which is a global one of all tenants; set global to take it over"
            in refused["msg"]
        )
        assert stand_in.stored() == {}
        happened(PART, "one of all tenants", refused["msg"])
        assert not adopt(stand_in, **{"global": True})["changed"]
    finally:
        stand_in.run(name="Everybody's", state="absent", **{"global": True})


@pytest.mark.parametrize("used", [False, True])
def test_one_of_another_name_is_never_removed(stand_in: ApiManager, used: bool, happened: Happened) -> None:
    assert stand_in.stand_in
    there(stand_in, OLD)
    adopt(stand_in)
    try:
        if used:
            stand_in.stand_in.key_managers.used.add("Corporate")
        stand_in.writes()
        outcome = stand_in.run(state="absent", adopt=True, is7_url=IS7)
        told = outcome["msg"] if used else warnings_of(outcome)[-1]
        assert ("was there before and is in use" if used else "stays, as it was there before") in told
        assert stand_in.writes() == [] and outcome.failed is used
        assert used or not outcome["changed"]
        case = "removing one of another name" + (" that is in use" if used else "")
        happened(PART, case, told)
        assert not stand_in.run(state="absent")["changed"]
    finally:
        stand_in.stand_in.key_managers.used.clear()
        assert stand_in.run(name="Corporate", state="absent", adopt=True)["changed"]
