"""Java stores read and written by the real keytool, without a module around it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore import keytool as keytool_module
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import Certificate
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.der import encode
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.jdk import find_java_tool
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.jks import trusted_jks
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import (
    Keytool,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.store import (
    is_unprotected,
    read_store,
    store_type,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.cases import Happened, plain
from support.certificates import Pair, self_signed
from support.stores import (
    BASE,
    PASSWORD,
    CountingJdk,
    content,
    invisible_to_java,
    keytool,
    listed,
    template,
    trust,
)

ONE, TWO = BASE, self_signed("two", (-20, -10))


def certificate(pair: Pair) -> Certificate:
    return Certificate(pair.der)


def put_in(tool: Keytool, store: Path, trusted: dict[str, Certificate]) -> None:
    store.write_bytes(tool.changed(store.read_bytes(), PASSWORD, trusted))


@pytest.fixture(params=["JKS", "PKCS12"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A store of each type under a name that lies."""
    return written(tmp_path, request.param)


def written(folder: Path, kind: str) -> Path:
    store = folder / "client-truststore.jks"
    store.write_bytes(template(kind))
    return store


def test_entries_are_read_with_their_kinds_and_certificates(store: Path) -> None:
    tool = Keytool(None)
    entries = {entry.alias: entry for entry in tool.entries(store, PASSWORD)}
    assert {alias: entry.kind for alias, entry in entries.items()} == {
        "base": "trusted_certificate",
        "server": "private_key",
    }
    assert {alias: entry.certificate.sha256 for alias, entry in entries.items() if entry.certificate} == {
        alias: fingerprint for alias, (_kind, fingerprint) in listed(store, PASSWORD).items()
    }
    assert tool.calls == 1


def test_certificates_are_trusted_over_what_was_there_and_the_type_is_kept(store: Path) -> None:
    kind = store_type(store.read_bytes())
    tool = Keytool(None)
    put_in(tool, store, {"base": certificate(TWO), "more": certificate(ONE)})
    assert tool.calls == 1
    assert store_type(store.read_bytes()) == kind
    after = listed(store, PASSWORD)
    assert after["base"][1] == certificate(TWO).sha256
    assert after["more"][1] == certificate(ONE).sha256
    assert after["server"][0] == "PrivateKeyEntry"


def test_one_entry_is_deleted_and_the_others_stay(tmp_path: Path) -> None:
    store = written(tmp_path, "PKCS12")
    store.write_bytes(Keytool(None).changed(store.read_bytes(), PASSWORD, {}, ["BASE"]))
    assert list(listed(store, PASSWORD)) == ["server"]


def test_a_secret_key_has_a_kind_and_no_certificate(tmp_path: Path) -> None:
    store = tmp_path / "store"
    keytool(
        "-genseckey",
        "-alias",
        "aes",
        "-keyalg",
        "AES",
        "-keysize",
        "128",
        "-keystore",
        str(store),
        "-storetype",
        "PKCS12",
        "-storepass",
        PASSWORD,
    )
    (entry,) = Keytool(None).entries(store, PASSWORD)
    assert (entry.alias, entry.kind, entry.certificate) == ("aes", "secret_key", None)


def test_an_empty_store_has_no_entries(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.write_bytes(trusted_jks({}, PASSWORD, 0))
    assert Keytool(None).entries(store, PASSWORD) == []


def test_an_empty_pkcs12_has_no_entries(tmp_path: Path) -> None:
    store = tmp_path / "store"
    trust(store, PASSWORD, "base", BASE)
    keytool("-delete", "-alias", "base", "-keystore", str(store), "-storepass", PASSWORD)
    assert Keytool(None).entries(store, PASSWORD) == []


def test_certificates_that_java_does_not_see_are_not_lost(happened: Happened, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.write_bytes(invisible_to_java(ONE, PASSWORD))
    with pytest.raises(Problem, match="holds something that no Java server sees") as refused:
        Keytool(None).entries(store, PASSWORD)
    happened(
        "keystore_info",
        "PKCS12, made by openssl without Java's mark of trust",
        plain(str(refused.value), store=store),
    )
    before = store.stat().st_size
    trust(store, PASSWORD, "two", TWO)
    keytool("-delete", "-alias", "two", "-keystore", str(store), "-storepass", PASSWORD)
    assert store.stat().st_size < before, "keytool was to drop what it does not see"


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xfe\xed\xfe\xed", "JKS"),
        (b"\xce\xce\xce\xce", "JCEKS"),
        (b"0\x82\x01\x00", "PKCS12"),
        (b"0\x83", "PKCS12"),
    ],
)
def test_the_type_is_told_by_the_first_bytes(start: bytes, kind: str) -> None:
    assert store_type(start + b"whatever") == kind


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return encode(tag, content)


ALGORITHM = der(0x30, der(0x06, b"\x2a\x03"))
BCFKS = der(
    0x30, der(0x30, ALGORITHM, der(0x04, b"x" * 300)), der(0x30, ALGORITHM, ALGORITHM, der(0x04, b"m"))
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (BCFKS, "is a BCFKS store, which only Bouncy Castle's FIPS provider reads"),
        (certificate(ONE).der, "is a certificate or request (DER), and no store"),
        (der(0x30, ALGORITHM, der(0x04, b"x")), "is an encrypted private key (DER), and no store"),
        (der(0x30, der(0x02, b"\0"), ALGORITHM), "is a private key (DER), and no store"),
        (der(0x30, der(0x06, b"\x2a"), der(0xA0, b"")), "is a PKCS#7 file, and no store"),
        (b"whatever", "is neither JKS nor PKCS12"),
    ],
)
def test_what_only_begins_like_pkcs12_is_named_for_what_it_is(
    tmp_path: Path, happened: Happened, content: bytes, told: str
) -> None:
    path = tmp_path / "store.p12"
    path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        read_store(path, PASSWORD)
    assert f"The store {path} {told}" in str(caught.value)
    assert store_type(content) is None
    if content == BCFKS:
        happened(
            "keystore_info", "a BCFKS store, which begins as PKCS12 does", plain(str(caught.value), path=path)
        )


def test_a_store_that_opens_with_any_password_is_known_as_unprotected(tmp_path: Path) -> None:
    bare, pem = tmp_path / "bare.p12", tmp_path / "one.pem"
    pem.write_text(ONE.pem)
    plain = ("-J-Dkeystore.pkcs12.macAlgorithm=NONE", "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE")
    keytool(
        *plain,
        "-importcert",
        "-noprompt",
        "-alias",
        "base",
        "-file",
        str(pem),
        "-keystore",
        str(bare),
        "-storepass",
        PASSWORD,
    )
    assert len(Keytool(None).entries(bare, "any other")) == 1
    protected = tmp_path / "protected.p12"
    protected.write_bytes(template("PKCS12"))
    for path, expected in (
        (bare, True),
        (written(tmp_path, "JKS"), False),
        (protected, False),
        (pem, False),
    ):
        assert is_unprotected(path.read_bytes()) is expected, path


@pytest.mark.parametrize("damage", ["cut off", "empty", "text", "a byte flipped"])
@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_a_damaged_store_is_refused_in_one_sentence(
    happened: Happened, tmp_path: Path, kind: str, damage: str
) -> None:
    whole = template(kind)
    middle = len(whole) // 2
    store = tmp_path / "store"
    flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    store.write_bytes(
        {"cut off": whole[:middle], "empty": b"", "text": b"-----BEGIN", "a byte flipped": flipped}[damage]
    )
    with pytest.raises(Problem, match=r"^(The store|Reading the store) .*[^.\n]\.$") as refused:
        Keytool(None).entries(store, PASSWORD)
    assert "\n" not in str(refused.value)
    # Where the byte is, and so what keytool says, differs from run to run.
    happened(
        "keystore_info",
        f"{kind}, {damage}",
        "refused in one sentence" if damage == "a byte flipped" else plain(str(refused.value), store=store),
    )


def test_a_list_with_less_in_it_than_it_says_is_not_believed(tmp_path: Path) -> None:
    store, jdk = (
        written(tmp_path, "JKS"),
        CountingJdk(tmp_path / "jdk", on="-list", do="echo Your keystore contains 2 entries; exit 0"),
    )
    with pytest.raises(Problem, match="keytool's list could not be understood"):
        Keytool(jdk.java_home).entries(store, PASSWORD)


@pytest.mark.parametrize(
    "line",
    ["Alias name: a", "Alias name: a\nCreation date: b", "Alias name: a\nCreation date: b\nEntry type: !"],
)
def test_a_list_of_aliases_without_their_entries_is_given_up_soon(tmp_path: Path, line: str) -> None:
    store, said = written(tmp_path, "JKS"), tmp_path / "said"
    said.write_text(f"{line}\n" * ((2 << 20) // len(line)))
    jdk = CountingJdk(tmp_path / "jdk", on="-list", do=f"cat '{said}'; exit 0")
    begun = time.process_time()
    with pytest.raises(Problem, match="keytool's list could not be understood"):
        Keytool(jdk.java_home).entries(store, PASSWORD)
    assert time.process_time() - begun < 2


def test_what_keytool_says_does_not_steer_a_terminal(tmp_path: Path) -> None:
    store = written(tmp_path, "JKS")
    says = r"printf 'keytool error: \033[2J\302\233 %s\n' \"$*\"; exit 1"
    jdk = CountingJdk(tmp_path / "jdk", on="-list", do=says)
    with pytest.raises(Problem, match="keytool error") as refused:
        Keytool(jdk.java_home).entries(store, PASSWORD)
    assert r"keytool error: \x1b[2J\x9b" in str(refused.value)
    assert "/carbonops-work-" not in str(refused.value), "a path that is gone"
    assert len(str(refused.value)) < 600


def test_a_keytool_that_hangs_is_ended(
    happened: Happened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keytool_module, "_TIMEOUT", 1)
    store, jdk = (
        written(tmp_path, "JKS"),
        CountingJdk(tmp_path / "jdk", on="-importkeystore", do="exec sleep 60"),
    )
    before, tool = content(tmp_path), Keytool(jdk.java_home)
    with pytest.raises(Problem) as refused:
        put_in(tool, store, {"two": certificate(TWO)})
    assert str(refused.value) == "keytool did not end within 1 s; look at the host's load."
    assert content(tmp_path) == before
    happened("truststore_cert", "keytool hangs", "ended after 120 s and told; nothing was changed")


def test_a_locale_and_java_options_of_the_environment_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "LANG": "tr_TR.UTF-8",
        "LC_ALL": "de_DE.UTF-8",
        "LANGUAGE": "ja",
        "JAVA_TOOL_OPTIONS": "-Duser.language=de",
        "_JAVA_OPTIONS": "-Xnope",
    }.items():
        monkeypatch.setenv(name, value)
    assert [entry.kind for entry in Keytool(None).entries(written(tmp_path, "JKS"), PASSWORD)] == [
        "trusted_certificate",
        "private_key",
    ]


def test_another_jdk_reads_and_writes_the_same(tmp_path: Path) -> None:
    usual = os.path.realpath(find_java_tool("keytool", None))
    others = [
        tool for tool in map(os.path.realpath, Path("/usr/lib/jvm").glob("*/bin/keytool")) if tool != usual
    ]
    if not others:
        pytest.skip("no second JDK")
    store = written(tmp_path, "PKCS12")
    tool = Keytool(str(Path(others[0]).parents[1]))
    put_in(tool, store, {"more": certificate(TWO)})
    assert {entry.alias for entry in tool.entries(store, PASSWORD)} == {"base", "server", "more"}


def test_java_home_beats_the_environment_which_beats_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = [tmp_path / name for name in ("option", "environment", "path")]
    for home in homes:
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "keytool").touch(mode=0o755)
    monkeypatch.setenv("JAVA_HOME", str(homes[1]))
    monkeypatch.setenv("PATH", str(homes[2] / "bin"))
    assert find_java_tool("keytool", str(homes[0])) == str(homes[0] / "bin/keytool")
    assert find_java_tool("keytool", None) == str(homes[1] / "bin/keytool")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java_tool("keytool", None) == str(homes[2] / "bin/keytool")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Problem, match=r"No keytool was found .*; install a JDK"):
        find_java_tool("keytool", None)


def test_an_alias_of_any_script_is_written_and_read_back(tmp_path: Path) -> None:
    store = written(tmp_path, "JKS")
    put_in(Keytool(None), store, {"jörg": certificate(TWO)})
    assert "jörg" in {entry.alias for entry in Keytool(None).entries(store, PASSWORD)}


def test_a_store_in_a_folder_of_any_script_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "größe"
    folder.mkdir()
    store = written(folder, "JKS")
    assert len(Keytool(None).entries(store, PASSWORD)) == 2
    assert set(content(folder)) == {store.name}


def test_a_password_of_any_script_opens_its_store(tmp_path: Path) -> None:
    trust(tmp_path / "store", "pässwört", "base", ONE, "JKS")
    assert len(Keytool(None).entries(tmp_path / "store", "pässwört")) == 1


def test_an_alias_in_upper_case_is_trusted(tmp_path: Path) -> None:
    store = written(tmp_path, "JKS")
    put_in(Keytool(None), store, {"CarbonOps-IS7-Host": certificate(TWO)})
    assert "carbonops-is7-host" in {entry.alias.lower() for entry in Keytool(None).entries(store, PASSWORD)}
