"""The module keystore_info on real stores, by path and by what a carbon home says of itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support.cases import Happened, plain
from support.homes import carbon_home, security
from support.modules import Outcome, run_module
from support.stores import BASE, PASSWORD, listed, template

# What the products ship as repository/resources/conf/default.json.
DEFAULTS = {
    "keystore.primary.file_name": "primary.p12",
    "keystore.primary.password": PASSWORD,
    "keystore.primary.alias": "server",
    "keystore.tls.file_name": "$ref{keystore.primary.file_name}",
    "keystore.tls.password": "$ref{keystore.primary.password}",
    "keystore.tls.alias": "$ref{keystore.primary.alias}",
    "truststore.file_name": "trust.p12",
    "truststore.password": PASSWORD,
}


# primary.p12 and tls.jks hold the key "server" and the certificate "base", trust.p12 the same.
STORES = {"primary.p12": "PKCS12", "tls.jks": "JKS", "trust.p12": "PKCS12"}


def run(folder: Path, toml: str | None = "", **options: Any) -> Outcome:
    home = carbon_home(folder / "home", toml, DEFAULTS)
    for name, kind in STORES.items():
        (security(home) / name).write_bytes(template(kind))
    outcome = run_module("keystore_info", carbon_home=str(home), **options)
    assert PASSWORD not in outcome.output
    assert "PRIVATE KEY" not in outcome.output
    return outcome


TLS = '[keystore.primary]\nalias = "server"\n[keystore.tls]\nfile_name = "tls.jks"\nalias = "base"\n'
PRIMARY = '[keystore.primary]\nfile_name = "primary.p12"\npassword = "nobody\'s"\nalias = "nobody"\n'
HTTPS = "[transport.https.sslHostConfig.certificate.properties]\n"
FRONT = f'certificateKeystorePassword = "{PASSWORD}"\ncertificateKeyAlias = "server"\n'
SECURITY = "repository/resources/security"
ENVIRONMENT = '[keystore.primary]\npassword = "$env{STORE_PASSWORD}"\n'
SAYS: dict[str, tuple[str | None, dict[str, Any], str, list[str]]] = {
    "keystore.tls before keystore.primary": (TLS, {}, "tls.jks", ["base"]),
    "sslHostConfig before keystore.primary": (
        f'{PRIMARY}{HTTPS}{FRONT}certificateKeystoreFile = "tls.jks"\n',
        {},
        "tls.jks",
        ["server"],
    ),
    "sslHostConfig before keystore.tls, below ${carbon.home}": (
        f'{TLS}{HTTPS}{FRONT}certificateKeystoreFile = "${{carbon.home}}/{SECURITY}/primary.p12"\n',
        {},
        "primary.p12",
        ["server"],
    ),
    "sslHostConfig with a path below the home": (
        f'{TLS}{HTTPS}{FRONT}certificateKeystoreFile = "{SECURITY}/primary.p12"\n',
        {},
        "primary.p12",
        ["server"],
    ),
    "sslHostConfig with an alias alone": (
        f'{TLS}{HTTPS}certificateKeyAlias = "server"\n',
        {},
        "tls.jks",
        ["server"],
    ),
    "the alias given": (TLS, {"alias": "SERVER"}, "tls.jks", ["server"]),
    "the password given": (ENVIRONMENT, {"password": PASSWORD}, "primary.p12", ["server"]),
    "all aliases": (None, {"alias": "*"}, "primary.p12", ["base", "server"]),
    "the truststore": ("", {"store": "truststore"}, "trust.p12", ["base", "server"]),
}


@pytest.mark.parametrize("name", SAYS)
def test_a_home_says_which_store_and_alias_are_meant(happened: Happened, tmp_path: Path, name: str) -> None:
    toml, options, file, aliases = SAYS[name]
    found = run(tmp_path, toml, **options)
    assert found.get("msg") is None
    assert Path(found["path"]).name == file
    assert sorted(entry["alias"] for entry in found["entries"]) == aliases
    assert found["changed"] is False
    happened("keystore_info", f"of a home: {name}", f"{file}: {', '.join(aliases)}")


def test_an_entry_is_told_with_kind_fingerprint_validity_and_certificate(tmp_path: Path) -> None:
    store = tmp_path / "store.jks"
    store.write_bytes(template("PKCS12"))
    found = run_module("keystore_info", path=str(store), password=PASSWORD)
    expected = listed(store, PASSWORD)
    kinds = {"trustedCertEntry": "trusted_certificate", "PrivateKeyEntry": "private_key"}
    assert {entry["alias"]: (entry["kind"], entry["sha256"]) for entry in found["entries"]} == {
        alias: (kinds[kind], fingerprint) for alias, (kind, fingerprint) in expected.items()
    }
    (base,) = [entry for entry in found["entries"] if entry["alias"] == "base"]
    assert (base["pem"], base["not_before"], base["not_after"]) == (
        BASE.pem,
        *(f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (BASE.not_before, BASE.not_after)),
    )
    assert (base["common_name"], base["names"], base["is_ca"]) == ("base", ["localhost", "127.0.0.1"], False)


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "an alias that its configuration says": ('[keystore.tls]\nalias = "gone"\n', {}, r"has no alias 'gone'"),
    "a password of the environment": (
        ENVIRONMENT,
        {},
        r"^\S+deployment.toml takes keystore.tls.password from \$env\{STORE_PASSWORD\}, which only .*\.$",
    ),
    "a wrong password": (
        "",
        {"password": "Geheim-3"},
        r"^Reading the store \S+primary.p12 failed: the password is wrong; give the store's password\.$",
    ),
    "broken TOML": ("[a\n", {}, r"deployment.toml is not what a server can read: .*line 1.*; correct it\.$"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_home_does_not_say_is_told_in_one_sentence(
    happened: Happened, tmp_path: Path, name: str
) -> None:
    toml, options, sentence = REFUSED[name]
    found = run(tmp_path, toml, **options)
    assert found.failed
    assert re.search(sentence, found["msg"]), found["msg"]
    assert "Geheim-3" not in found.output
    happened("keystore_info", f"of a home: {name}", plain(found["msg"], home=tmp_path / "home"))


def test_a_password_is_needed_with_a_path() -> None:
    assert "password" in run_module("keystore_info", path="/no-such-store")["msg"]
