"""Where a site may say what the role key_manager needs: wherever it stands in the inventory, it is used.

Each run is ansible-playbook with the role itself, at a stand-in of API Manager.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.web import Web, serving
from testbed.standin.api_manager import ApiManager

PASSWORD, IS7_PASSWORD = "Geheim-apim", "Geheim-is7"
URL = "https://is.example.com:9444"
IS7 = {"is7_url": URL, "is7_admin_username": "bridge", "is7_admin_password": IS7_PASSWORD}
ELSEWHERE = {
    "is7_url": "https://elsewhere.example.com",
    "is7_admin_username": "else",
    "is7_admin_password": "Geheim-else",
}
HERE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
ONLY_REGISTER = {"key_manager_discover": False, "key_manager_check": "never"}


@pytest.fixture
def api() -> Iterator[Web]:
    with serving(ApiManager("4.7", PASSWORD).answer) as web:
        yield web


@dataclasses.dataclass
class Said:
    """Variables by the place that they stand in, and how the run ended."""

    all: dict[str, Any] = dataclasses.field(default_factory=dict)
    group_is7: dict[str, Any] = dataclasses.field(default_factory=dict)
    host_is7: dict[str, Any] = dataclasses.field(default_factory=dict)
    group_apim: dict[str, Any] = dataclasses.field(default_factory=dict)
    host_apim: dict[str, Any] = dataclasses.field(default_factory=dict)
    role: dict[str, Any] = dataclasses.field(default_factory=dict)
    play: dict[str, Any] = dataclasses.field(default_factory=dict)
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    hosts: str = "apim[0]"

    def run(self, folder: Path) -> subprocess.CompletedProcess[str]:
        inventory = {
            "all": {"vars": {**HERE, **ONLY_REGISTER, **self.all}},
            "is7": {"hosts": {"idp": self.host_is7 or None}, "vars": self.group_is7},
            "apim": {"hosts": {"gw": self.host_apim or None}, "vars": self.group_apim},
        }
        role = {"role": "carbonops.wso2.key_manager", **self.role}
        play = {"hosts": self.hosts, "gather_facts": False, "vars": self.play, "roles": [role]}
        (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
        (folder / "play.yml").write_text(yaml.safe_dump([play]))
        command = ["ansible-playbook", "-i", "inventory.yml", "play.yml", "-e", json.dumps(self.extra)]
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )


def registered(said: Said, api: Web, folder: Path) -> tuple[str, str, str]:
    """URL, user and password of the Identity Server that the role has registered."""
    done = said.run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    (made,) = [json.loads(seen.body) for seen in api.seen if seen.method in ("POST", "PUT")]
    connector = made["additionalProperties"]
    return made["tokenEndpoint"].removesuffix("/oauth2/token"), connector["Username"], connector["Password"]


PLACES = {
    "group all": Said(all=IS7),
    "group is7": Said(group_is7=IS7),
    "the host's own": Said(host_is7=IS7),
    "group apim": Said(group_apim=IS7),
    "the API Manager host's": Said(host_apim=IS7),
    "role parameters": Said(role=IS7),
    "the play's vars": Said(play=IS7),
    "extra vars": Said(extra=IS7),
    "the environment": Said(
        environment={"WSO2_IS7_URL": URL, "WSO2_IS7_USERNAME": "bridge", "WSO2_IS7_PASSWORD": IS7_PASSWORD}
    ),
    "the host's own before group all": Said(host_is7=IS7, all=ELSEWHERE),
    "the host's own before API Manager's": Said(host_is7=IS7, host_apim=ELSEWHERE),
    "role parameters before the host's own": Said(role=IS7, host_is7=ELSEWHERE),
    "role parameters before group all": Said(role=IS7, all=ELSEWHERE),
    "extra vars before role parameters": Said(extra=IS7, role=ELSEWHERE, host_is7=ELSEWHERE),
    "group all before the environment": Said(
        all=IS7, environment={"WSO2_IS7_URL": ELSEWHERE["is7_url"], "WSO2_IS7_PASSWORD": "Geheim-else"}
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_said_of_identity_server_is_used_wherever_it_stands(
    place: str, api: Web, tmp_path: Path
) -> None:
    at_api = {"apim_url": api.url, "apim_admin_password": PASSWORD}
    said = dataclasses.replace(PLACES[place], all={**at_api, **PLACES[place].all})
    assert registered(said, api, tmp_path) == (URL, "bridge", IS7_PASSWORD)


@pytest.mark.parametrize("place", ["all", "group_apim", "host_apim", "role", "play", "extra", "environment"])
def test_what_is_said_of_api_manager_is_used_wherever_it_stands(place: str, api: Web, tmp_path: Path) -> None:
    """Also where the role runs on another host."""
    at_api = {"apim_url": f"{api.url}/", "apim_admin_username": "admin", "apim_admin_password": PASSWORD}
    if place == "environment":
        at_api = {
            f"WSO2_APIM_{name}": value
            for name, value in zip(("URL", "USERNAME", "PASSWORD"), at_api.values(), strict=True)
        }
    said = dataclasses.replace(Said(group_is7=IS7, hosts="idp"), **{place: at_api})
    assert registered(said, api, tmp_path) == (URL, "bridge", IS7_PASSWORD)


@pytest.mark.parametrize("url", [f"{URL}/", "https://IS.Example.com:9444", f"{URL}//"])
def test_a_url_is_the_same_however_it_is_written(url: str, api: Web, tmp_path: Path) -> None:
    said = Said(all={**IS7, "is7_url": url, "apim_url": api.url, "apim_admin_password": PASSWORD})
    assert registered(said, api, tmp_path)[0] == URL


def test_the_connector_makes_roles_as_long_as_identity_server_is_told_to_take_them(
    api: Web, tmp_path: Path
) -> None:
    at_api = {"apim_url": api.url, "apim_admin_password": PASSWORD}
    for variables in ({"is7_role_creation": True}, {}, {"is7_role_creation": False}):
        done = Said(all={**IS7, **at_api, **variables}).run(tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    sent = [json.loads(seen.body) for seen in api.seen if seen.method in ("POST", "PUT")]
    assert [made["additionalProperties"]["enable_roles_creation"] for made in sent] == [True, False]


REFUSED = {
    "no password": ({"is7_url": URL}, "is7_admin_password is not given; give the password of admin at"),
    "no password of API Manager": (
        {**IS7, "apim_url": "https://apim.example.com:9443", "apim_admin_password": ""},
        "there is no password; give apim_admin_password",
    ),
    "no URL of another host": (
        {"is7_admin_password": IS7_PASSWORD, "ansible_connection": "ssh"},
        "is7_url is not given, and idp is another host than API Manager; give its URL in is7_url.",
    ),
    "the management console": (
        {**IS7, "is7_url": f"{URL}/carbon/"},
        f"which is its management console; give the server's own URL, {URL}.",
    ),
    "the token endpoint": (
        {**IS7, "is7_url": f"{URL}/oauth2/token"},
        f"which is its token endpoint, which is the issuer too; give the server's own URL, {URL}.",
    ),
    "the discovery document": (
        {**IS7, "is7_url": f"{URL}/oauth2/token/.well-known/openid-configuration"},
        f"which is its discovery document; give the server's own URL, {URL}.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_missing_or_another_thing_is_named_by_the_roles_variable(
    case: str, api: Web, tmp_path: Path
) -> None:
    variables, sentence = REFUSED[case]
    at_api = {"apim_url": api.url, "apim_admin_password": PASSWORD}
    done = Said(all={**at_api, **variables}, host_apim={"ansible_connection": "local"}).run(tmp_path)
    assert done.returncode != 0
    assert sentence in done.stdout + done.stderr
    assert [seen.method for seen in api.seen if seen.method != "GET"] == []
    assert PASSWORD not in done.stdout + done.stderr


def test_the_products_default_password_for_another_host_is_taken_with_a_warning(
    api: Web, tmp_path: Path
) -> None:
    at_api = {"apim_url": api.url, "apim_admin_password": PASSWORD}
    said = Said(all={**IS7, **at_api, "is7_admin_password": "admin"})
    done = said.run(tmp_path)
    assert done.returncode == 0, done.stdout
    told = " ".join((done.stdout + done.stderr).split())
    assert f"The administrator's password of {URL} is the product's default one; set another there." in told
