"""truststore_cert and keystore_info on the Carbon kernel's own truststore, and what real JVMs make of the
stores.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support.cases import Happened
from support.certificates import Pair, authority, issued, self_signed
from support.homes import carbon_home, security
from support.modules import run_module
from support.site import CACHE
from support.stores import PASSWORD, CountingJdk, commands, template
from support.tls_peer import tls_peer
from testbed import maven
from testbed.is7.conf import KERNEL
from testbed.jdks import VERSIONS, keytool_home
from testbed.trust.jvm import TrustingJvm, compile_probe

NEW, EXPIRED = self_signed("new"), self_signed("expired", (-20, -10))
STOCK_PASSWORD = "wso2carbon"


@pytest.fixture(scope="module")
def kernel_truststore() -> bytes:
    with zipfile.ZipFile(CACHE / "is7-artifacts" / f"{KERNEL}.zip") as archive:
        return archive.read(f"{KERNEL}/repository/resources/security/client-truststore.p12")


@pytest.fixture
def store(tmp_path: Path, kernel_truststore: bytes) -> Path:
    """The kernel's truststore under the name that it has in API Manager 4.4."""
    file = tmp_path / "stores" / "client-truststore.jks"
    file.parent.mkdir()
    file.write_bytes(kernel_truststore)
    return file


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_probe(tmp_path_factory.mktemp("classes"))


def entries(store: Path) -> dict[str, dict[str, str]]:
    return {
        entry["alias"]: entry
        for entry in run_module("keystore_info", path=str(store), password=STOCK_PASSWORD)["entries"]
    }


def test_the_kernels_truststore_is_read_whole(happened: Happened, store: Path) -> None:
    found = entries(store)
    assert len(found) == 143
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    expired = [alias for alias, entry in found.items() if entry["not_after"] < now]
    assert expired
    assert {entry["kind"] for entry in found.values()} == {"trusted_certificate"}
    happened(
        "keystore_info",
        "the Carbon kernel's truststore, with expired certificates in it",
        f"{len(found)} entries",
    )
    happened(
        "keystore_info", "PKCS12 in a file called .jks, as API Manager 4.4 has it", f"{len(found)} entries"
    )


def test_the_kernels_truststore_takes_and_gives_back_a_certificate(
    happened: Happened, tmp_path: Path, store: Path
) -> None:
    before, jdk = entries(store), CountingJdk(tmp_path / "jdk")
    options = {
        "path": str(store),
        "password": STOCK_PASSWORD,
        "java_home": jdk.java_home,
        "alias": "carbonops-new",
    }
    added = run_module("truststore_cert", **options, content=NEW.pem)
    assert [item["action"] for item in added["certificates"]] == ["added"]
    after = entries(store)
    assert after.pop("carbonops-new")["pem"] == NEW.pem
    assert after == before
    assert store.read_bytes()[:1] == b"0", "PKCS12 was to stay PKCS12"
    assert commands(jdk.calls()) == ["-list", "-importkeystore", "-list"]
    assert run_module("truststore_cert", **options, content=NEW.pem)["changed"] is False
    assert run_module("truststore_cert", **options, state="absent")["changed"] is True
    assert entries(store) == before
    happened(
        "truststore_cert",
        "the Carbon kernel's truststore of 143 entries",
        "added by one call of keytool, removed again; the 143 stayed as they were",
    )


def test_a_negative_serial_number_is_a_number(happened: Happened, tmp_path: Path, store: Path) -> None:
    pem = tmp_path / "negative.pem"
    made = (
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=negative",
        "-set_serial",
        "-5",
    )
    subprocess.run(
        ["openssl", "req", *made, "-keyout", str(tmp_path / "negative.key"), "-out", str(pem)],
        capture_output=True,
        check=True,
    )
    assert (
        subprocess.run(
            ["openssl", "x509", "-noout", "-serial", "-in", str(pem)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        == "serial=-05\n"
    )
    options = {"path": str(store), "password": STOCK_PASSWORD, "alias": "carbonops-negative", "src": str(pem)}
    assert run_module("truststore_cert", **options)["changed"] is True
    assert entries(store)["carbonops-negative"]["pem"] == pem.read_text()
    assert run_module("truststore_cert", **options)["changed"] is False
    assert run_module("truststore_cert", **options, state="absent")["changed"] is True
    happened("truststore_cert", "a certificate with a negative serial number", "added, known again, removed")


def test_every_certificate_of_the_kernel_is_known_under_whatever_alias(
    happened: Happened, tmp_path: Path, store: Path
) -> None:
    found = entries(store)
    wanted = [
        {"alias": f"carbonops-{number}", "content": entry["pem"]}
        for number, entry in enumerate(found.values())
    ]
    again = run_module(
        "truststore_cert", path=str(store), password=STOCK_PASSWORD, certificates=wanted, on_expired="ignore"
    )
    assert again["changed"] is False
    assert {item["sha256"] for item in again["certificates"]} == {entry["sha256"] for entry in found.values()}
    happened(
        "truststore_cert",
        "each of the kernel's 143 certificates under another alias",
        "unchanged, the alias that has it is told",
    )

    new, jdk = tmp_path / "stores" / "new.p12", CountingJdk(tmp_path / "jdk")
    options = {
        "path": str(new),
        "password": PASSWORD,
        "java_home": jdk.java_home,
        "on_expired": "ignore",
        "create": True,
    }
    assert run_module("truststore_cert", **options, certificates=wanted)["changed"] is True
    made = {
        item["sha256"] for item in run_module("keystore_info", path=str(new), password=PASSWORD)["entries"]
    }
    assert made == {entry["sha256"] for entry in found.values()}
    assert commands(jdk.calls()) == ["-importkeystore", "-list"]
    happened("truststore_cert", "143 certificates into a new store", "made by one call of keytool")


def test_a_wrong_password_does_not_become_the_password_of_a_store_that_has_none(
    happened: Happened, store: Path
) -> None:
    options = {"path": str(store), "password": "not-its-password", "alias": "carbonops-new"}
    assert run_module("truststore_cert", **options, content=NEW.pem)["changed"] is True
    assert len(entries(store)) == 144
    happened(
        "truststore_cert",
        "a wrong password for a store that any password opens",
        "the certificate goes in, and any password still opens it",
    )


def test_a_wrong_password_is_refused_where_the_configuration_tells(
    happened: Happened, tmp_path: Path, store: Path
) -> None:
    home = carbon_home(tmp_path / "home", '[truststore]\nfile_name = "t.p12"\npassword = "right-password"\n')
    shutil.copy(store, security(home) / "t.p12")
    refused = run_module(
        "truststore_cert",
        carbon_home=str(home),
        password="not-its-password",
        alias="carbonops-new",
        content=NEW.pem,
    )
    assert "deployment.toml says another" in refused["msg"]
    happened(
        "truststore_cert", "a wrong password for it, and the home's configuration has another", "refused"
    )


CA = authority("ca")
# Case -> the store before, None where it is to be made; what the peer presents; what is trusted.
TRUSTING: dict[str, tuple[str | None, Pair, Pair]] = {
    "the kernel's PKCS12 in a .jks": ("kernel", NEW, NEW),
    "JKS": ("JKS", NEW, NEW),
    "PKCS12": ("PKCS12", NEW, NEW),
    "a store that is made": (None, NEW, NEW),
    "an expired certificate": ("JKS", EXPIRED, EXPIRED),
    "the certificate of its CA": ("JKS", issued(CA), CA),
}


@pytest.mark.parametrize("name", TRUSTING)
def test_a_jvm_trusts_the_peer_from_the_restart_after_the_import_until_the_one_after_the_removal(
    happened: Happened, tmp_path: Path, classes: Path, store: Path, name: str
) -> None:
    kind, presented, trusted = TRUSTING[name]
    password = STOCK_PASSWORD if kind == "kernel" else PASSWORD
    if kind is None:
        store.unlink()
    elif kind != "kernel":
        store.write_bytes(template(kind))
    options = {
        "path": str(store),
        "password": password,
        "alias": "carbonops-peer",
        "create": True,
        "on_expired": "ignore",
    }
    with tls_peer(tmp_path, presented) as port:
        with TrustingJvm(classes, store, password) as running:
            assert running.says(port).startswith("refused: ")
            assert run_module("truststore_cert", **options, content=trusted.pem)["changed"] is True
            assert running.says(port).startswith("refused: "), (
                "a running JVM does not read its truststore again"
            )
        with TrustingJvm(classes, store, password) as restarted:
            assert restarted.says(port) == "trusted"
            assert (
                run_module("truststore_cert", **options, content=trusted.pem, state="absent")["changed"]
                is True
            )
            assert restarted.says(port) == "trusted"
        with TrustingJvm(classes, store, password) as restarted:
            assert restarted.says(port).startswith("refused: ")
    happened(
        "truststore_cert",
        f"TLS to a peer, {name}",
        "refused before the import and until the restart, trusted after it, refused after removal and"
        " restart",
    )


def version_1(folder: Path) -> Pair:
    """A self-signed certificate without extensions, as openssl makes it of a request."""
    key, request, pem = folder / "old.key", folder / "old.csr", folder / "old.pem"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=old")
    for command in (
        ("req", *curve, "-keyout", key, "-out", request),
        ("x509", "-req", "-in", request, "-signkey", key, "-days", "9", "-out", pem),
    ):
        subprocess.run(["openssl", *map(str, command)], capture_output=True, check=True)
    return dataclasses.replace(NEW, pem=pem.read_text(), key_pem=key.read_text())


SIGNERS: dict[str, tuple[Callable[[Path], Pair], bool]] = {
    "a CA": (lambda _folder: CA, True),
    "a certificate without basic constraints": (lambda _folder: NEW, False),
    "a certificate of X.509 version 1": (version_1, True),
}


@pytest.mark.parametrize("name", SIGNERS)
def test_is_ca_says_whether_a_jvm_accepts_what_the_key_has_signed(
    happened: Happened, tmp_path: Path, classes: Path, store: Path, name: str
) -> None:
    make, expected = SIGNERS[name]
    signer = make(tmp_path)
    options = {"path": str(store), "password": STOCK_PASSWORD, "alias": "carbonops-signer"}
    done = run_module("truststore_cert", **options, content=signer.pem)
    assert [item["is_ca"] for item in done["certificates"]] == [expected]
    with (
        tls_peer(tmp_path, issued(signer, "whatever")) as port,
        TrustingJvm(classes, store, STOCK_PASSWORD) as jvm,
    ):
        assert (jvm.says(port) == "trusted") is expected
    accepted = "accepted by a JVM" if expected else "refused by a JVM"
    happened("truststore_cert", f"TLS to a peer whose certificate was signed by the key of {name}", accepted)


# What a host may have set; without the collection's own settings keytool speaks them, and counts in Arabic
# digits.
LOCALES = ("tr_TR", "th_TH", "ar_EG", "ja_JP", "de_DE")


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of locales for the C library, which must know one for the JVM to take it."""
    folder = tmp_path_factory.mktemp("locales")
    for name in LOCALES:
        made = subprocess.run(
            ["localedef", "-i", name, "-f", "UTF-8", str(folder / f"{name}.UTF-8")],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode > 1:
            pytest.skip(f"no locales can be made here: {made.stderr.strip()}")
    return folder


@pytest.fixture(scope="module")
def jdks() -> dict[str, str]:
    """Version -> home of each JDK that can be had here."""
    homes = {}
    for version in VERSIONS:
        with contextlib.suppress(maven.TestbedError):
            homes[version] = str(keytool_home(version, CACHE))
    assert len(homes) > 1, "two JDKs at least"
    return homes


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_the_keytool_of_any_jdk_does_the_same_and_the_next_one_understands_it(
    happened: Happened, store: Path, jdks: dict[str, str], kind: str
) -> None:
    store.write_bytes(template(kind))
    pairs = {f"jdk-{version}": self_signed(version) for version in jdks}
    start = store.read_bytes()[:1]
    homes = list(jdks.values())
    for writer, reader, (alias, pair) in zip(homes, homes[1:] + homes[:1], pairs.items(), strict=True):
        options = {"path": str(store), "password": PASSWORD, "alias": alias, "content": pair.pem}
        assert run_module("truststore_cert", **options, java_home=writer)["changed"] is True
        assert run_module("truststore_cert", **options, java_home=reader)["changed"] is False
    assert store.read_bytes()[:1] == start
    found = [
        run_module("keystore_info", path=str(store), password=PASSWORD, java_home=home)["entries"]
        for home in homes
    ]
    assert all(entries == found[0] for entries in found)
    assert {entry["alias"]: entry["pem"] for entry in found[0] if entry["alias"] in pairs} == {
        alias: pair.pem for alias, pair in pairs.items()
    }
    happened(
        "truststore_cert",
        f"keytool of one JDK after the other, 11 to 25, on {kind}",
        "each adds a certificate, all read the same",
    )


@pytest.mark.parametrize("name", LOCALES)
def test_the_locale_of_the_host_changes_nothing(
    happened: Happened, store: Path, locales: Path, jdks: dict[str, str], name: str
) -> None:
    environment = {
        **os.environ,
        "LOCPATH": str(locales),
        "LANG": f"{name}.UTF-8",
        "LC_ALL": f"{name}.UTF-8",
        "LANGUAGE": name,
    }
    usual, here = [
        subprocess.run(
            ["keytool", "-list", "-keystore", str(store), "-storepass", "x"],
            env=env,
            capture_output=True,
            check=False,
        ).stdout
        for env in ({**os.environ, "LC_ALL": "C.UTF-8"}, environment)
    ]
    assert usual != here, "the locale was to be one that keytool takes"
    home = list(jdks.values())[LOCALES.index(name) % len(jdks)]
    options = {
        "path": str(store),
        "password": STOCK_PASSWORD,
        "alias": "CarbonOps-II\u0131-\u0130",
        "content": NEW.pem,
        "java_home": home,
    }
    assert run_module("truststore_cert", environment=environment, **options)["changed"] is True
    assert run_module("truststore_cert", **options)["changed"] is False
    assert (
        run_module("truststore_cert", environment=environment, **options, state="absent")["changed"] is True
    )
    assert len(entries(store)) == 143
    happened(
        "truststore_cert",
        f"a host whose locale is {name}",
        "added under an alias with both kinds of i, known again, removed",
    )
