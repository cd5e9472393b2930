"""The roles on homes as they are downloaded: names, certificates that fit, and what both sides trust. No server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.certificates import authority
from support.homes import security
from support.roles import Homes, plays, toml
from support.stock import CONFIGURATION, stock_home


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return Homes(
        tmp_path,
        stock_home(tmp_path / "is7", script="wso2server.sh", verifier="DefaultAndLocalhost"),
        stock_home(tmp_path / "apim"),
    )


NOTHING = {"is7.example.com": 0, "apim.example.com": 0}


def test_servers_get_their_names_once_and_their_old_ones_back(homes: Homes) -> None:
    before = {home: toml(home) for home in (homes.is7, homes.apim)}
    homes.changed(plays("look", "configure"))
    assert 'hostname = "is7.example.com"' in toml(homes.is7)
    assert toml(homes.apim) == CONFIGURATION.replace("localhost", "apim.example.com")
    assert homes.changed(plays("look", "configure")) == NOTHING
    homes.changed(plays("remove"))
    assert {home: toml(home) for home in before} == before
    assert homes.trusted(homes.is7) == homes.trusted(homes.apim) == {}
    assert homes.changed(plays("remove")) == NOTHING


NAMES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a chosen name stays": ("chosen.example.com", {}, "chosen.example.com"),
    "a given name beats a chosen one": (
        "chosen.example.com", {"apim_hostname": "given.example.com"}, "given.example.com",
    ),
    "an empty one leaves the file alone": ("localhost", {"apim_hostname": ""}, "localhost"),
    "localhost stays localhost": ("localhost", {"apim_url": "https://localhost:9443"}, "localhost"),
    "a loopback address is none": ("localhost", {"apim_url": "https://127.0.0.1:9443/"}, "localhost"),
    "a URL with upper case and the usual port": (
        "localhost", {"apim_url": "https://API.Example.com:443/"}, "api.example.com",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_a_name_is_written_over_the_stock_one_alone_unless_it_is_given(homes: Homes, case: str) -> None:
    stands, variables, expected = NAMES[case]
    file = homes.apim / "repository/conf/deployment.toml"
    before = CONFIGURATION.replace("localhost", stands)
    file.write_text(before)
    homes.changed(
        [play for play in plays("look", "configure") if play["hosts"] == "apim"], **variables, apim_peers=[]
    )
    assert toml(homes.apim) == CONFIGURATION.replace("localhost", expected)


def test_a_pair_of_its_own_is_trusted_by_both_in_the_same_run(homes: Homes) -> None:
    generate = {"is7_keystore_pair": "generate", "apim_keystore_pair": "generate"}
    generate["is7_public_url"] = "https://sso.example.com"
    stock = homes.presented(homes.is7)["sha256"]
    homes.changed(plays("look", "configure"), **generate)
    is7, apim = homes.presented(homes.is7), homes.presented(homes.apim)
    assert is7["sha256"] != stock
    assert (is7["names"], apim["names"]) == (
        ["sso.example.com", "is7.example.com", "localhost"],
        ["apim.example.com", "localhost"],
    )
    assert 'hostname = "sso.example.com"' in toml(homes.is7)
    both = {
        "carbonops-is7-is7.example.com": is7["sha256"], "carbonops-apim-apim.example.com": apim["sha256"],
    }  # fmt: skip
    # API Manager's pair was made after the configuration of Identity Server had been looked at.
    assert homes.trusted(homes.apim) == homes.trusted(homes.is7) == both
    assert homes.changed(plays("look", "configure"), **generate) == NOTHING
    assert list(security(homes.is7).glob("wso2carbon.jks.*"))
    homes.changed(plays("remove"), **generate)
    assert homes.presented(homes.is7)["sha256"] == is7["sha256"]
    assert homes.trusted(homes.is7) == {}


def test_a_ca_is_trusted_by_both_and_what_else_is_given_by_the_one(homes: Homes) -> None:
    ca, extra = authority("CA of the balancer"), authority("Another")
    (homes.folder / "ca.pem").write_text(ca.pem)
    given = {
        "is7_ca_path": str(homes.folder / "ca.pem"),
        "apim_certificates_extra": [{"alias": "another", "content": extra.pem}],
        "is7_on_ca": "fail", "apim_on_ca": "fail",
    }  # fmt: skip
    homes.changed(plays("look", "configure"), **given)
    assert "carbonops-ca-is7" in homes.trusted(homes.apim)
    assert set(homes.trusted(homes.apim)) - set(homes.trusted(homes.is7)) == {
        "carbonops-is7-is7.example.com",
        "another",
    }
    assert homes.changed(plays("look", "configure"), **given) == NOTHING
    homes.changed(plays("remove"), **given)
    assert homes.trusted(homes.apim) == homes.trusted(homes.is7) == {}


def test_a_stock_certificate_for_another_name_is_a_warning_and_strictly_verified_an_error(
    homes: Homes,
) -> None:
    code, output = homes.run(plays("look"))
    assert code == 0, output
    told = " ".join(output.split())
    assert (
        f"The certificate that {homes.is7} presents does not fit: it is for localhost, not for is7.example.com"
        in told
    )
    assert "have one made by is7_keystore_pair: generate" in told
    script = homes.apim / "bin/api-manager.sh"
    script.write_text(script.read_text().replace("AllowAll", "Strict"))
    before = {home: toml(home) for home in (homes.is7, homes.apim)}
    code, output = homes.run("carbonops.wso2.site")
    assert code != 0
    assert "verifies the names of servers that it calls" in output
    assert "not for is7.example.com" in output
    assert {home: toml(home) for home in before} == before
    # One that fits is made before API Manager is looked at.
    assert homes.run(plays("look"), is7_keystore_pair="generate")[0] == 0
