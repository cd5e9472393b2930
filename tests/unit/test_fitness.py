"""Whether a certificate fits the names that a server is called by, and what is made in place of a stock one."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import Certificate
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.fitness import (
    doubts,
    is_for,
    is_stock,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.homes import security
from support.modules import Outcome, run_module
from support.stock import PASSWORD, stock_home

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)


def certificate(common_name: str, names: tuple[str, ...] = ()) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    )
    builder = builder.serial_number(1).not_valid_before(NOW - dt.timedelta(9)).not_valid_after(NOW)
    if names:
        san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(san, critical=False)
    signed = builder.sign(key, hashes.SHA256())
    return Certificate(signed.public_bytes(serialization.Encoding.DER))


@pytest.mark.parametrize(
    ("common_name", "names", "host", "fits"),
    [
        ("localhost", ("localhost",), "is7.example.com", False), ("x", ("is7.example.com",), "IS7.example.com", True),
        ("x", ("*.example.com",), "is7.example.com", True), ("x", ("*.example.com",), "example.com", False),
        ("x", ("*.example.com",), "a.b.example.com", False), ("x", ("*.com",), "example.com", False),
        ("is7.example.com", (), "is7.example.com", True), ("is7.example.com", ("other",), "is7.example.com", False),
        ("127.0.0.1", (), "127.0.0.1", True), ("x", ("example.com.",), "example.com", True),
    ],
)  # fmt: skip
def test_a_certificate_is_for_the_names_in_it(
    common_name: str, names: tuple[str, ...], host: str, fits: bool
) -> None:
    assert is_for(certificate(common_name, names), host) is fits


def test_what_is_wrong_with_a_certificate_is_told_for_the_names_in_use() -> None:
    stock = certificate("localhost", ("localhost",))
    assert is_stock(stock, "WSO2Carbon", PASSWORD)
    assert not is_stock(stock, "front", PASSWORD)
    assert not is_stock(stock, "wso2carbon", "another")
    assert not is_stock(certificate("is7.example.com"), "wso2carbon", PASSWORD)
    later = NOW + dt.timedelta(1)
    assert doubts(stock, ["is7.example.com"], True, later) == [
        "it is for localhost, not for is7.example.com",
        "it expired on 2026-11-26",
        "its private key is in every download of the product",
    ]
    assert doubts(stock, [], True, later) == []
    assert doubts(stock, ["localhost"], False, NOW - dt.timedelta(1)) == []


def pair(home: Path, *names: str, check: bool = False) -> Outcome:
    return run_module("keystore_pair", check=check, carbon_home=str(home), names=list(names))


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_a_pair_of_its_own_goes_in_the_place_of_the_stock_one_once(tmp_path: Path, kind: str) -> None:
    home = stock_home(tmp_path / "home", kind)
    store = next(security(home).glob("wso2carbon.*"))
    before = store.read_bytes()
    planned = pair(home, "is7.example.com", "192.0.2.7", "localhost", check=True)
    assert planned["changed"], planned
    assert store.read_bytes() == before
    made = pair(home, "is7.example.com", "192.0.2.7", "localhost")
    assert made["changed"], made
    assert Path(made["backup_file"]).read_bytes() == before
    (entry,) = run_module("keystore_info", carbon_home=str(home))["entries"]
    assert entry["alias"] == "wso2carbon"
    assert (entry["kind"], entry["common_name"], entry["is_ca"]) == ("private_key", "is7.example.com", False)
    assert entry["names"] == ["is7.example.com", "192.0.2.7", "localhost"]
    assert (made["before"], made["sha256"]) == (planned["sha256"], entry["sha256"])
    assert pair(home, "is7.example.com", "localhost")["changed"] is False


def test_a_pair_that_is_not_the_stock_one_stays(tmp_path: Path) -> None:
    home = stock_home(tmp_path / "home", name="sso.example.com")
    store = security(home) / "wso2carbon.jks"
    before = store.read_bytes()
    assert pair(home, "sso.example.com")["changed"] is False
    refused = pair(home, "is7.example.com")
    assert refused["msg"].endswith(
        "is not the product's own and is not for is7.example.com; have a certificate for that name made for it,"
        " or leave it as it is."
    )
    assert store.read_bytes() == before


@pytest.mark.parametrize("names", [[], ["a,dns:b"], ["-x"], ["a b"], ["a="], ["localhost"]])
def test_what_is_no_name_for_a_certificate_is_refused(tmp_path: Path, names: list[str]) -> None:
    home = stock_home(tmp_path / "home")
    refused = pair(home, *names)
    assert refused["msg"].startswith("A key pair cannot be made: ")
    assert not list(security(home).glob("*.jks.*"))


def warnings(outcome: Outcome) -> list[str]:
    """As text, which ansible-core 2.19 wraps."""
    return [item if isinstance(item, str) else item["event"]["msg"] for item in outcome["warnings"]]


def look(home: Path, **options: Any) -> Outcome:
    return run_module("carbon_home_info", carbon_home=str(home), **options)


def test_the_look_warns_of_a_certificate_that_does_not_fit_the_name_in_use(tmp_path: Path) -> None:
    home = stock_home(tmp_path / "home")
    seen = look(home, urls=["https://apim.example.com:9443"])
    assert (seen["certificate"]["stock"], seen["certificate"]["not_for"]) == (True, ["apim.example.com"])
    (warning,) = warnings(seen)
    assert warning == (
        f"The certificate that {home} presents does not fit: it is for localhost, not for apim.example.com and its"
        " private key is in every download of the product; give the server one for its name, or have one made by"
        " keystore_pair: generate."
    )
    for urls in (["https://localhost:9443"], ["https://apim.example.com"], []):
        assert "warnings" not in look(home, urls=urls), urls
    names = {"CARBONOPS_VARIABLES": '{"keystore_pair": "apim_keystore_pair"}'}
    told = look(home, urls=["https://apim.example.com:9443"], environment={**os.environ, **names})
    assert "apim_keystore_pair: generate" in warnings(told)[0]


@pytest.mark.parametrize(
    ("verifier", "refused"), [("AllowAll", False), ("Strict", True), ("DefaultAndLocalhost", True)]
)
def test_a_peers_certificate_for_another_name_is_refused_where_names_are_verified(
    tmp_path: Path, verifier: str, refused: bool
) -> None:
    home = stock_home(tmp_path / "home", verifier=verifier)
    seen = look(home, unfit_peers=["it is for localhost, not for is7.example.com"])
    assert seen.failed is refused
    if refused:
        assert seen["msg"] == (
            f"{home} verifies the names of servers that it calls: it is for localhost, not for is7.example.com; give"
            " that server a certificate for its name, as is7_keystore_pair: generate does."
        )
    else:
        assert seen["host_name_verifier"] == verifier


def test_further_certificates_are_told_with_their_fingerprints(tmp_path: Path) -> None:
    home = stock_home(tmp_path / "home")
    given = certificate("ca.example.com")
    (tmp_path / "ca.pem").write_text(given.pem)
    both = [
        {"alias": "one", "src": str(tmp_path / "ca.pem")}, {"alias": "two", "content": given.pem},
        {"alias": "three", "src": str(tmp_path / "nothing")},
    ]  # fmt: skip
    seen = look(home, certificates=both)
    assert [(one["alias"], one["sha256"]) for one in seen["certificates"]] == [
        ("one", given.sha256), ("two", given.sha256),
    ]  # fmt: skip
