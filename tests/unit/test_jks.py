"""JKS files written by the collection, read by the real keytool."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import Certificate
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.jks import trusted_jks
from support.certificates import self_signed
from support.stores import keytool, listed

PASSWORD = "Geheim-1"
CREATED = 1_767_225_600_000  # 2026-01-01T00:00:00Z
PAIRS = [self_signed(f"name {number}") for number in range(5)]


def write(folder: Path, aliases: list[str], password: str = PASSWORD) -> Path:
    store = folder / "made.jks"
    store.write_bytes(
        trusted_jks(
            {alias: Certificate(PAIRS[at % 5].der) for at, alias in enumerate(aliases)}, password, CREATED
        )
    )
    return store


@pytest.mark.parametrize(
    "aliases",
    [
        ["one"],
        [],
        ["jörg", "日本", "with blanks, and: signs", "a" * 200],
        [f"host-{number}" for number in range(150)],
    ],
    ids=len,
)
def test_keytool_reads_each_alias_with_its_certificate(tmp_path: Path, aliases: list[str]) -> None:
    store = write(tmp_path, aliases)
    expected = {
        alias: ("trustedCertEntry", Certificate(PAIRS[at % 5].der).sha256) for at, alias in enumerate(aliases)
    }
    assert listed(store, PASSWORD) == expected


def test_keytool_reads_an_alias_beyond_the_basic_plane(tmp_path: Path) -> None:
    assert list(listed(write(tmp_path, ["key 🔑"]), PASSWORD)) == ["key 🔑"]


def test_the_date_is_the_one_given_and_the_type_is_jks(tmp_path: Path) -> None:
    said = keytool(
        "-list", "-keystore", str(write(tmp_path, ["one"])), "-storepass", PASSWORD, "-J-Duser.timezone=UTC"
    )
    assert "one, Jan 1, 2026, trustedCertEntry" in said
    assert "Keystore type: JKS" in said


@pytest.mark.parametrize("password", ["wrong-1", "Geheim-1 ", "geheim-1"])
def test_the_digest_holds_for_its_password_alone(tmp_path: Path, password: str) -> None:
    with pytest.raises(AssertionError, match="password was incorrect"):
        keytool("-list", "-keystore", str(write(tmp_path, ["one"])), "-storepass", password)


def test_a_password_may_be_of_any_script(tmp_path: Path) -> None:
    assert list(listed(write(tmp_path, ["one"], "pässwört 鍵"), "pässwört 鍵")) == ["one"]
