"""The role key_manager with a list of key managers, on the stand-in, which has a second tenant."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.api_managers import CONNECTOR_PASSWORD, PASSWORD, ApiManager
from support.cases import Happened
from support.site import Run, run_playbook
from testbed.standin.key_managers import KeyManagers

PART = "Key managers, one or several"
TENANT = "tenant1.com"
TENANT_PASSWORD = "tenant-admin"
TENANT_CONNECTOR_PASSWORD = "Of.the-ten4nt"
WORKFORCE = {"name": "Workforce", "description": "of the super tenant"}
CUSTOMERS = {
    "name": "Customers",
    "tenant": TENANT,
    "apim_password": TENANT_PASSWORD,
    "is7_url": f"https://is7.example:9444/t/{TENANT}",
    "is7_username": f"admin@{TENANT}",
    "is7_password": TENANT_CONNECTOR_PASSWORD,
    "options": {"permissions": {"permission_type": "DENY", "roles": ["Internal/everyone"]}},
}


@pytest.fixture
def server(stand_in: ApiManager) -> Iterator[ApiManager]:
    yield stand_in
    for rows in tenants(stand_in).values():
        for made in [row["id"] for row in rows.rows.values() if row["name"] != "Resident Key Manager"]:
            rows.delete(made)


def tenants(server: ApiManager) -> dict[str, KeyManagers]:
    assert server.stand_in
    return server.stand_in.tenants


def stored(server: ApiManager, tenant: str) -> dict[str, dict[str, Any]]:
    """The key managers of a tenant by name, with their secrets."""
    return {row["name"]: row for row in tenants(server)[tenant].rows.values()}


def register(server: ApiManager, folder: Path, *arguments: str, **variables: Any) -> Run:
    given = {
        "apim_url": server.url,
        "apim_admin_password": PASSWORD,
        "apim_server_cert_sha256": server.tls["server_cert_sha256"],
        "is7_url": "https://is7.example:9444",
        "is7_admin_password": CONNECTOR_PASSWORD,
        "key_manager_discover": False,
        "key_manager_check": "never",
        "key_manager_options": {"enable_token_hashing": True},
        **variables,
    }
    role = {"ansible.builtin.import_role": {"name": "carbonops.wso2.key_manager"}}
    play = {"hosts": "all", "gather_facts": False, "vars": given, "tasks": [role]}
    file = folder / "play.json"
    file.write_text(json.dumps([play]))
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = folder / "inventory.yml"
    inventory.write_text(json.dumps({"all": {"hosts": {"somewhere": host}}}))
    return run_playbook(folder, inventory, str(file), *arguments)


def test_each_of_the_list_is_registered_and_found_as_wanted_by_the_next_run(
    server: ApiManager, tmp_path: Path, happened: Happened
) -> None:
    both = [WORKFORCE, CUSTOMERS]
    run = register(server, tmp_path, "-vvv", "--diff", key_managers=both)
    assert run.code == 0, run.output
    for secret in (PASSWORD, CONNECTOR_PASSWORD, TENANT_PASSWORD, TENANT_CONNECTOR_PASSWORD):
        assert secret not in run.output
    workforce = stored(server, "carbon.super")["Workforce"]
    customers = stored(server, TENANT)["Customers"]
    assert workforce["issuer"] == "https://is7.example:9444/oauth2/token"
    assert workforce["description"] == "of the super tenant"
    assert customers["issuer"] == f"https://is7.example:9444/t/{TENANT}/oauth2/token"
    assert customers["userInfoEndpoint"] == f"https://is7.example:9444/t/{TENANT}/scim2/Me"
    assert customers["additionalProperties"]["Username"] == f"admin@{TENANT}"
    assert customers["permissions"]["permissionType"] == "DENY"
    assert (workforce["displayName"], customers["displayName"]) == ("Workforce", "Customers")
    assert workforce["enableTokenHashing"] is customers["enableTokenHashing"] is True
    again = register(server, tmp_path, key_managers=both)
    assert again.changed == {"somewhere": 0}, again.output
    happened(
        PART,
        "key_managers of two tenants, with a tenant's is7_url",
        "Both registered; a second run changes nothing",
    )


def test_one_of_the_list_is_removed_alone_and_all_of_them_at_once(server: ApiManager, tmp_path: Path) -> None:
    assert register(server, tmp_path, key_managers=[WORKFORCE, CUSTOMERS]).code == 0
    run = register(server, tmp_path, key_managers=[{**WORKFORCE, "state": "absent"}, CUSTOMERS])
    assert run.code == 0, run.output
    assert "Workforce" not in stored(server, "carbon.super")
    assert "Customers" in stored(server, TENANT)
    run = register(server, tmp_path, key_managers=[WORKFORCE, CUSTOMERS], key_manager_state="absent")
    assert run.code == 0, run.output
    assert list(stored(server, TENANT)) == ["Resident Key Manager"]


REFUSED = [
    (
        [WORKFORCE, {"name": "Workforce", "is7_url": "https://other.example:9444"}],
        "key_managers names Workforce, Workforce, of which two are one key manager of one tenant",
    ),
    ([{}, {"is7_url": "https://other.example:9444"}], "key_managers names WSO2-IS-7, WSO2-IS-7"),
    ([{"name": "Workforce", "descripton": "misspelt"}], r"key_managers\.descripton\. Supported parameters"),
    ([{"name": "Workforce", "state": "gone"}], "value of state must be one of"),
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSED, ids=["same name", "no names", "option", "state"])
def test_a_list_that_cannot_be_meant_is_refused(
    server: ApiManager, tmp_path: Path, wrong: list[dict[str, Any]], sentence: str, happened: Happened
) -> None:
    run = register(server, tmp_path, key_managers=wrong)
    assert run.code != 0
    assert re.search(sentence, run.output), run.output
    assert list(stored(server, "carbon.super")) == ["Resident Key Manager"]
    if "names Workforce" in sentence:
        happened(
            PART,
            "key_managers with one name twice in one tenant",
            f"{sentence}; give each a name of its own.",
        )
