"""The module truststore_cert on real stores with the real keytool, and the pure plans behind it."""

from __future__ import annotations

import os
import struct
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import LOCK_FILE, only_run_in
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import Certificate
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.jks import trusted_jks
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import StoreEntry
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.trust import (
    Step,
    Wanted,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.cases import Happened, plain
from support.certificates import authority, self_signed
from support.modules import Outcome, run_module
from support.stores import BASE, PASSWORD, CountingJdk, commands, content, listed, template, trust

NEW, THIRD = self_signed("new"), self_signed("third")
EXPIRED, EARLY = self_signed("expired", (-20, -10)), self_signed("early", (10, 20))
WRITE, DELETE = ["-list", "-importkeystore", "-list"], ["-list", "-delete", "-list"]
BLANKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def sha256(pair: Any) -> str:
    return Certificate(pair.der).sha256


class Bench:
    """One store in a folder of its own, and a keytool that counts."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.store = folder / "stores" / "client-truststore.jks"
        self.store.parent.mkdir()
        self.store.write_bytes(template(kind))
        self.jdk = CountingJdk(folder / "jdk")
        (folder / "new.der").write_bytes(NEW.der)
        self.der = str(folder / "new.der")

    def run(self, check: bool = False, environment: dict[str, str] | None = None, **options: Any) -> Outcome:
        given_options = {
            "path": str(self.store),
            "password": PASSWORD,
            "java_home": self.jdk.java_home,
            **options,
        }
        outcome = run_module(
            "truststore_cert",
            check,
            environment,
            **{name: value for name, value in given_options.items() if value is not None},
        )
        assert PASSWORD not in outcome.output
        return outcome

    def listed(self) -> dict[str, tuple[str, str]]:
        return listed(self.store, PASSWORD)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, "JKS")


def test_a_missing_store_is_made_where_that_is_wished(happened: Happened, bench: Bench) -> None:
    bench.store.unlink()
    options = {
        "create": True,
        "backup": True,
        "certificates": [{"alias": "new", "content": NEW.pem}, {"alias": "third", "content": THIRD.pem}],
    }
    predicted = bench.run(check=True, **options)
    assert content(bench.store.parent) == {}
    done = bench.run(**options)
    assert (done["changed"], done["certificates"]) == (True, predicted["certificates"])
    assert "backup_file" not in done, "there was nothing to keep a copy of"
    assert bench.listed() == trusted(("new", NEW), ("third", THIRD))
    assert bench.store.read_bytes()[:1] == b"0", "PKCS12 was to be made"
    assert bench.store.stat().st_mode & 0o777 == 0o644
    assert set(content(bench.store.parent)) == {bench.store.name}
    assert commands(bench.jdk.calls()) == ["-importkeystore", "-list"]
    assert bench.run(**options)["changed"] is False
    happened(
        "truststore_cert",
        "a missing store with create",
        "made as PKCS12, two certificates by one call of keytool",
    )


def test_a_missing_store_is_not_made_to_remove_something_from_it(bench: Bench) -> None:
    bench.store.unlink()
    assert bench.run(create=True, alias="new", state="absent")["changed"] is False
    assert content(bench.store.parent) == {}


def trusted(*pairs: tuple[str, Any]) -> dict[str, tuple[str, str]]:
    return {alias: ("trustedCertEntry", sha256(pair)) for alias, pair in pairs}


MANY = {f"host-{number}": self_signed(f"host-{number}") for number in range(120)}
CHAIN = f"root:\n{NEW.pem}and\n{THIRD.pem}{EARLY.pem}"
# Store type, options, keytool's commands, actions by alias, what the store trusts afterwards.
CHANGES: dict[str, tuple[str, dict[str, Any], list[str], dict[str, str], dict[str, tuple[str, str]]]] = {
    "add and replace in JKS": (
        "JKS",
        {"certificates": [{"alias": "new", "content": NEW.pem}, {"alias": "BASE", "content": THIRD.pem}]},
        WRITE,
        {"new": "added", "base": "replaced"},
        trusted(("base", THIRD), ("new", NEW)),
    ),
    "remove": (
        "JKS",
        {"alias": "Base", "content": BASE.pem, "state": "absent"},
        DELETE,
        {"base": "removed"},
        {},
    ),
    "many and a chain to PKCS12": (
        "PKCS12",
        {
            "certificates": [
                {"alias": "chain", "content": CHAIN},
                *({"alias": alias, "content": pair.pem} for alias, pair in MANY.items()),
            ],
            "on_expired": "ignore",
        },
        WRITE,
        dict.fromkeys(["chain", "chain-1", "chain-2", *MANY], "added"),
        trusted(("base", BASE), ("chain", NEW), ("chain-1", THIRD), ("chain-2", EARLY), *MANY.items()),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_check_mode_predicts_what_a_run_does_and_a_second_run_does_nothing(
    happened: Happened, tmp_path: Path, name: str
) -> None:
    kind, options, expected_commands, actions, expected = CHANGES[name]
    bench = Bench(tmp_path, kind)
    before = content(bench.store.parent)

    predicted = bench.run(check=True, **options)
    assert content(bench.store.parent) == before
    assert commands(bench.jdk.calls()) == ["-list"]

    done = bench.run(**options)
    calls = bench.jdk.calls()
    assert commands(calls) == expected_commands
    assert not [line for line in calls if PASSWORD in line]
    assert done["changed"] is predicted["changed"] is True
    assert (done["certificates"], done["diff"], done["path"]) == (
        predicted["certificates"],
        predicted["diff"],
        predicted["path"],
    )
    assert {item["alias"]: item["action"] for item in done["certificates"]} == actions
    assert set(content(bench.store.parent)) == {bench.store.name}
    assert bench.store.read_bytes()[:1] == before[bench.store.name][:1], "the type has changed"
    after = bench.listed()
    assert after.pop("server")[0] == "PrivateKeyEntry"
    assert after == expected

    left = content(bench.store.parent)
    again = bench.run(**options)
    assert again["changed"] is False
    assert {item["action"] for item in again["certificates"]} == {"unchanged"}
    assert again["diff"]["before"] == again["diff"]["after"]
    assert content(bench.store.parent) == left
    assert commands(bench.jdk.calls()) == ["-list"]
    happened(
        "truststore_cert",
        name,
        f"done by {len(expected_commands)} calls of keytool, as check mode said; a second run changes"
        " nothing",
    )


def test_the_difference_of_a_replacement_names_both_fingerprints(happened: Happened, bench: Bench) -> None:
    done = bench.run(check=True, alias="base", content=NEW.pem)
    assert sha256(BASE) in done["diff"]["before"]
    assert sha256(NEW) in done["diff"]["after"]
    assert sha256(NEW) not in done["diff"]["before"]
    assert done["certificates"] == [
        {
            "alias": "base",
            "sha256": sha256(NEW),
            "not_after": NEW.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "is_ca": False,
            "action": "replaced",
        }
    ]
    happened(
        "truststore_cert",
        "an alias that another certificate has",
        "replaced; the difference has both fingerprints",
    )


# Options, action, the alias that is told.
NOTHING_TO_DO: dict[str, tuple[dict[str, Any], str, str]] = {
    "trusted under another alias": ({"alias": "other", "content": BASE.pem}, "unchanged", "base"),
    "no such alias": ({"alias": "other", "state": "absent"}, "unchanged", "other"),
    "another certificate than the one to remove": (
        {"alias": "base", "content": NEW.pem, "state": "absent"},
        "kept",
        "base",
    ),
}


@pytest.mark.parametrize("name", NOTHING_TO_DO)
def test_where_nothing_is_to_be_done_nothing_is_written(happened: Happened, bench: Bench, name: str) -> None:
    options, action, alias = NOTHING_TO_DO[name]
    before = content(bench.store.parent)
    done = bench.run(**options)
    assert done["changed"] is False
    assert [(item["action"], item["alias"]) for item in done["certificates"]] == [(action, alias)]
    assert ("was kept" in str(done.get("warnings"))) is (action == "kept")
    assert content(bench.store.parent) == before
    assert commands(bench.jdk.calls()) == ["-list"]
    happened("truststore_cert", name, f"{action}; told with alias '{alias}'")


def test_no_certificates_at_all_are_none_to_change(bench: Bench) -> None:
    done = bench.run(certificates=[])
    assert (done["changed"], done["certificates"]) == (False, [])


@pytest.mark.parametrize("on_expired", ["warn", "ignore"])
def test_certificates_outside_their_validity_are_told_of(bench: Bench, on_expired: str) -> None:
    done = bench.run(
        check=True,
        on_expired=on_expired,
        certificates=[{"alias": "old", "content": EXPIRED.pem}, {"alias": "early", "content": EARLY.pem}],
    )
    assert [item["action"] for item in done["certificates"]] == ["added", "added"]
    told = [
        f"'old' expired on {EXPIRED.not_after:%Y-%m-%d}",
        f"'early' is not valid before {EARLY.not_before:%Y-%m-%d}",
    ]
    assert [text in str(done.get("warnings")) for text in told] == [on_expired == "warn"] * 2


# Options, what the sentence says, how many JVMs it took.
REFUSED: dict[str, tuple[dict[str, Any], str, int]] = {
    "wrong password": (
        {"password": "Geheim-2"},
        "the password is wrong, or the file is damaged; give the store's",
        1,
    ),
    "empty password": ({"password": ""}, "is empty; give the store's password.", 0),
    "no store": (
        {"path": "STORES/none.jks"},
        "The store STORES/none.jks does not exist; give the path of an existing Java store.",
        0,
    ),
    "no folder": (
        {"path": "STORES/none/none.jks"},
        "The store STORES/none/none.jks does not exist; give the path of",
        0,
    ),
    "no folder to make it in": (
        {"path": "STORES/none/none.jks", "create": True},
        "The store STORES/none/none.jks cannot be made: STORES/none is not a",
        0,
    ),
    "a new store's password is short": (
        {"path": "STORES/none.jks", "create": True, "password": "12345"},
        "its password is shorter than 6 characters",
        0,
    ),
    "a folder": ({"path": "STORES"}, "The store STORES is a folder; give the path of a Java store.", 0),
    "unreadable": (
        {"path": "STORES/../unreadable"},
        "Reading the store STORES/../unreadable failed: Input/output error; check the path and its"
        " permissions.",
        0,
    ),
    "no JDK": (
        {"java_home": "/nowhere/jdk"},
        "/nowhere/jdk/bin/keytool does not exist or cannot be run; set java_home to a JDK on this host.",
        0,
    ),
    "another certificate": (
        {"alias": "base", "on_conflict": "fail"},
        f"Alias 'base' holds another certificate (SHA-256 {sha256(BASE)}); use",
        1,
    ),
    "a private key's alias": (
        {"alias": "Server"},
        "Alias 'server' holds a private key, which is never replaced or removed; use another alias.",
        1,
    ),
    "removal of a private key": (
        {"alias": "server", "content": None, "state": "absent"},
        "'server' holds a private key, which is never replaced",
        1,
    ),
    "expired": (
        {"content": EXPIRED.pem, "on_expired": "fail"},
        f"'new' expired on {EXPIRED.not_after:%Y-%m-%d}",
        0,
    ),
    "a private key": (
        {"content": NEW.key_pem},
        "cannot be used: it holds a private key, which must not go into a truststore; give",
        0,
    ),
    "no certificate": (
        {"content": "x"},
        "cannot be used: it holds no X.509 certificate in PEM, DER or PKCS#7 form; give an X.509"
        " certificate.",
        0,
    ),
    "no file": (
        {"content": None, "src": "/nowhere/x.pem"},
        "Reading the certificate /nowhere/x.pem failed: No such file or directory; check",
        0,
    ),
    "an alias like an option": (
        {"alias": "-list"},
        "The alias '-list' is empty, begins with a hyphen or holds a control character, which",
        1,
    ),
    "an alias with a line break": (
        {"alias": "a\r"},
        r"The alias 'a\r' is empty, begins with a hyphen or holds a control character, which",
        1,
    ),
    "an empty alias to remove": (
        {"alias": "", "content": None, "state": "absent"},
        "The alias '' is empty, begins with a hyphen or holds a control",
        1,
    ),
    "two sources": (
        {"src": "/nowhere/x.pem"},
        "Both content and src are given for alias 'new'; give one of them.",
        0,
    ),
    "no source": ({"content": None}, "No certificate is given for alias 'new'; give content or src.", 0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_ends_in_one_sentence_and_leaves_the_store(
    happened: Happened, bench: Bench, name: str
) -> None:
    options, sentence, jvms = REFUSED[name]
    before = content(bench.store.parent)
    stores = str(bench.store.parent)
    (bench.store.parent.parent / "unreadable").symlink_to("/proc/self/mem")
    options = {
        key: value.replace("STORES", stores) if isinstance(value, str) else value
        for key, value in options.items()
    }
    done = bench.run(**{"alias": "new", "content": NEW.pem, **options})
    assert done.failed
    assert sentence in done["msg"].replace(stores, "STORES")
    assert done["msg"].endswith(".")
    assert "\n" not in done["msg"]
    assert "Geheim-2" not in done.output
    assert "PRIVATE KEY" not in done["msg"]
    assert content(bench.store.parent) == before
    assert len(bench.jdk.calls()) == jvms
    names = {
        "store": bench.store,
        "stores": bench.store.parent,
        "fingerprint": sha256(BASE),
        "date": f"{EXPIRED.not_after:%Y-%m-%dT%H:%M:%SZ}",
    }
    happened("truststore_cert", name, plain(done["msg"], **names))


# What keytool does instead of writing -> what the sentence says.
BROKEN = {
    "writes nothing": (
        "exit 0",
        "nothing was changed: keytool's work did not come out as planned; report it",
    ),
    "writes rubbish": (
        'for last; do case "$last" in */store) echo x > "$last";; esac; done; exit 0',
        "nothing was changed: what keytool wrote cannot be read; check the disk and the JDK.",
    ),
    "fails": (
        "exit 1",
        "nothing was changed: keytool gave no reason; check the store, the disk and the JDK.",
    ),
    "is killed": (
        "kill -9 $$",
        "nothing was changed: keytool was ended by signal 9; look at the host's memory and logs.",
    ),
    "loses another entry": (
        'for last; do case "$last" in */store) rm "$last";; esac; done',
        "nothing was changed: keytool's work did not come out as planned; report it",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_keytool_that_does_not_write_what_it_should_leaves_the_store(
    happened: Happened, bench: Bench, tmp_path: Path, name: str
) -> None:
    does, sentence = BROKEN[name]
    bench.jdk = CountingJdk(tmp_path / "broken", on="-importkeystore", do=does)
    before = content(bench.store.parent)
    done = bench.run(alias="new", content=NEW.pem)
    assert done.failed
    assert done["msg"].startswith(f"Writing the store {bench.store} failed, ")
    assert sentence in done["msg"]
    assert content(bench.store.parent) == before
    happened("truststore_cert", f"keytool {name}", plain(done["msg"], store=bench.store))


def test_what_is_planted_beside_the_store_while_keytool_works_is_not_written_through(
    happened: Happened, bench: Bench, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    names = (f".carbonops-{bench.store.name}", f".carbonops-{bench.store.name}.trusted")
    plants = "; ".join(f"ln -sf {victim} {bench.store.parent}/{name}" for name in names)
    bench.jdk = CountingJdk(tmp_path / "planting", on="-store", do=plants)
    assert bench.run(alias="new", content=NEW.pem, backup=True)["changed"] is True
    assert victim.read_bytes() == b"precious"
    assert not bench.store.is_symlink()
    assert bench.listed()["new"] == ("trustedCertEntry", sha256(NEW))
    happened("truststore_cert", "symlinks planted beside the store while it is written", "not followed")


def test_a_store_swapped_for_another_between_reading_and_writing_is_left(
    happened: Happened, bench: Bench, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    trust(other, PASSWORD, "third", THIRD)
    swaps = f"cp {other} {other}.copy; mv {other}.copy {bench.store}"
    bench.jdk = CountingJdk(tmp_path / "swapping", on="-importkeystore", do=swaps)
    done = bench.run(alias="new", content=NEW.pem, backup=True)
    assert bench.store.read_bytes() == other.read_bytes()
    assert set(content(bench.store.parent)) == {bench.store.name}
    assert done["msg"] == (
        f"Writing the store {bench.store} failed, nothing was changed: another process changed it at the same"
        " time; run again."
    )
    happened(
        "truststore_cert",
        "another process replaces the store meanwhile",
        plain(done["msg"], store=bench.store),
    )


def test_the_file_that_keytool_imports_has_a_password_of_its_own(bench: Bench, tmp_path: Path) -> None:
    told = tmp_path / "told"
    bench.jdk = CountingJdk(tmp_path / "telling", on="-importkeystore", do=f'printenv IMPORTPASS >> "{told}"')
    bench.run(alias="new", content=NEW.pem)
    bench.run(alias="third", content=THIRD.pem)
    one, two = told.read_text().splitlines()
    assert len({one, two, PASSWORD}) == 3
    assert not [call for call in bench.jdk.calls() if one in call or two in call]


@pytest.mark.parametrize("option", ["path", "src"])
def test_a_pipe_in_place_of_a_file_holds_nothing_up(happened: Happened, bench: Bench, option: str) -> None:
    pipe = bench.store.parent.parent / "pipe"
    os.mkfifo(pipe)
    done = bench.run(alias="new", **{"content": NEW.pem if option == "path" else None, option: str(pipe)})
    what = "store" if option == "path" else "certificate"
    told = f"Reading the {what} {pipe} failed: it is not a regular file; give a regular file."
    assert done["msg"] == told
    happened("truststore_cert", f"a pipe as {option}", plain(told, pipe=pipe))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("option", ["path", "src"])
def test_a_strangers_symlink_is_not_followed(happened: Happened, bench: Bench, option: str) -> None:
    link = bench.store.parent.parent / "link"
    link.symlink_to(bench.store if option == "path" else bench.der)
    os.chown(link, 12345, 12345, follow_symlinks=False)
    before = content(bench.store.parent)
    done = bench.run(alias="new", **{"content": NEW.pem if option == "path" else None, option: str(link)})
    assert (
        f"failed: the symlink {link} belongs to user id 12345, and what it leads to does not" in done["msg"]
    )
    assert content(bench.store.parent) == before
    happened(
        "truststore_cert",
        f"{option} is a symlink of another user to a file of root",
        plain(done["msg"], link=link),
    )


def test_a_file_beyond_its_limit_is_refused(happened: Happened, bench: Bench) -> None:
    large = bench.store.parent.parent / "large"
    with large.open("wb") as file:
        file.truncate((64 << 20) + 1)
    told = "failed: it has more than {} bytes; give the right file."
    assert bench.run(alias="new", src=str(large))["msg"].endswith(told.format(1 << 20))
    done = bench.run(alias="new", content=NEW.pem, path=str(large))
    assert done["msg"].endswith(told.format(64 << 20))
    happened("truststore_cert", "a store of more than 64 MiB", plain(done["msg"], large=large))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_users_run_and_roots_do_the_same_and_leave_nothing(bench: Bench, tmp_path: Path) -> None:
    """In a folder of that user, whose run finds the lock that a killed one of root left."""
    user = 12345
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name), Path(name) / "store"
        store.write_bytes(template("JKS"))
        for path in (folder, store):
            os.chown(path, user, user)
        options = {"path": str(store), "password": PASSWORD}
        for alias, pair, as_user in (("new", NEW, user), ("third", THIRD, None), ("early", EARLY, user)):
            if as_user:
                with only_run_in(folder, 1):
                    left = (folder / LOCK_FILE).stat()
                (folder / LOCK_FILE).touch(left.st_mode & 0o777)
                os.chown(folder / LOCK_FILE, left.st_uid, left.st_gid)
            done = run_module("truststore_cert", user=as_user, **options, alias=alias, content=pair.pem)
            assert done.get("changed") is True, done.get("msg")
            assert set(content(folder)) == {"store"}
            assert (store.stat().st_uid, store.stat().st_gid) == (user, user)
        assert set(listed(store, PASSWORD)) == {"base", "server", "new", "third", "early"}


AUTHORITY = authority("ca")


def test_a_ca_becoming_trusted_is_told_of_once(happened: Happened, bench: Bench) -> None:
    options = {"alias": "ca", "content": AUTHORITY.pem}
    told = "The certificate for alias 'ca' is one of a CA (CA:TRUE), so each certificate that its key signs"
    for check in (True, False):
        done = bench.run(check=check, **options)
        assert str(done["warnings"]).count(told) == 1
        assert [item["is_ca"] for item in done["certificates"]] == [True]
    happened(
        "truststore_cert",
        "the certificate of a CA",
        "trusted, with a warning that says what that means; not told of again where it is trusted already",
    )
    again = bench.run(**options)
    assert (again["changed"], again["certificates"][0]["is_ca"]) == (False, True)
    assert "warnings" not in again
    assert "warnings" not in bench.run(**options, state="absent")
    assert bench.run(alias="new", content=NEW.pem)["certificates"][0]["is_ca"] is False


def test_a_ca_is_refused_where_that_is_wished_unless_it_is_trusted_already(
    happened: Happened, bench: Bench
) -> None:
    options = {"alias": "ca", "content": AUTHORITY.pem}
    before = content(bench.store.parent)
    for check in (True, False):
        refused = bench.run(check=check, **options, on_ca="fail")
        assert refused.failed
        assert "or set on_ca: warn to trust it all the same." in refused["msg"]
    assert content(bench.store.parent) == before
    happened("truststore_cert", "the certificate of a CA with on_ca=fail", refused["msg"])
    done = bench.run(**options, on_ca="ignore")
    assert (done["changed"], "warnings" in done) == (True, False)
    assert bench.run(**options, on_ca="fail")["changed"] is False


def test_an_alias_out_of_a_store_does_not_steer_a_terminal(bench: Bench) -> None:
    bench.store.write_bytes(trusted_jks({"a\x1b[2j\u202e": Certificate(NEW.der)}, PASSWORD, 0))
    done = bench.run(alias="new", content=NEW.pem)
    assert [item["alias"] for item in done["certificates"]] == [r"a\x1b[2j\u202e"]
    assert r"a\x1b[2j\u202e: SHA-256" in done["diff"]["before"]
    found = run_module("keystore_info", path=str(bench.store), password=PASSWORD)
    assert [entry["alias"] for entry in found["entries"]] == [r"a\x1b[2j\u202e"]


def test_a_jdk_that_cannot_be_run_is_told(happened: Happened, bench: Bench, tmp_path: Path) -> None:
    program = tmp_path / "foreign" / "bin" / "keytool"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    done = bench.run(java_home=str(tmp_path / "foreign"), alias="new", content=NEW.pem)
    assert (
        done["msg"]
        == f"Reading the store {bench.store} failed: {program} cannot be run (Exec format error); set java_home to a JDK on this host."
    )
    happened(
        "truststore_cert",
        "a JDK of another processor",
        plain(done["msg"], store=bench.store, keytool=program),
    )


def test_a_run_killed_while_it_writes_leaves_the_store_and_is_no_obstacle_to_the_next(
    bench: Bench, tmp_path: Path
) -> None:
    before = bench.store.read_bytes()
    good, bench.jdk = (
        bench.jdk,
        CountingJdk(tmp_path / "killing", on="-importkeystore", do="kill -9 $PPID; exit 1"),
    )
    work = tmp_path / "work"
    work.mkdir()
    environment = {**os.environ, "TMPDIR": str(work)}
    with pytest.raises(AssertionError, match="wrote no result"):
        bench.run(environment=environment, alias="new", content=NEW.pem)
    assert bench.store.read_bytes() == before
    assert set(content(bench.store.parent)) == {bench.store.name, LOCK_FILE}
    (left,) = work.iterdir()
    assert left.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in left.iterdir()} == {
        "store": 0o600,
        "import": 0o600,
    }
    bench.jdk = good
    assert bench.run(environment=environment, alias="new", content=NEW.pem)["changed"] is True
    assert set(content(bench.store.parent)) == {bench.store.name}
    assert list(work.iterdir()) == []


def posix_acl(*entries: tuple[int, int, int]) -> bytes:
    """Linux's form of an access control list: tag, permissions, id."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


# The owner, user 4713, the group, the mask, others.
ACL = posix_acl(
    (1, 6, 0xFFFFFFFF), (2, 4, 4713), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)
)


def test_mode_owner_attributes_and_link_of_the_store_stay_and_a_copy_is_kept_on_request(
    happened: Happened, bench: Bench, tmp_path: Path
) -> None:
    before = bench.store.read_bytes()
    link = tmp_path / "links" / "store.jks"
    link.parent.mkdir()
    link.symlink_to(bench.store)
    bench.store.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(bench.store, 4711, 4712)
    attributes = {"user.comment": b"ours", "system.posix_acl_access": ACL}
    for attribute, value in attributes.items():
        os.setxattr(bench.store, attribute, value)
    status = bench.store.stat()
    done = bench.run(path=str(link), alias="new", src=bench.der, backup=True)
    assert done["path"] == str(link)
    assert link.is_symlink()
    after = bench.store.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (status.st_mode, status.st_uid, status.st_gid)
    assert {attribute: os.getxattr(bench.store, attribute) for attribute in attributes} == attributes
    assert bench.listed()["new"] == ("trustedCertEntry", sha256(NEW))
    assert Path(done["backup_file"]).read_bytes() == before
    assert set(content(bench.store.parent)) == {bench.store.name, Path(done["backup_file"]).name}
    happened(
        "truststore_cert",
        "mode, owner, access control list, extended attributes, symlink",
        "as before; backup is the old store",
    )


def test_two_runs_at_once_both_get_their_certificate_in_by_whatever_path(
    bench: Bench, tmp_path: Path
) -> None:
    link = tmp_path / "link.jks"
    link.symlink_to(bench.store)
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(bench.run, path=str(path), alias=alias, content=pair.pem)
            for path, alias, pair in ((bench.store, "new", NEW), (link, "third", THIRD))
        ]
    assert [run.result()["changed"] for run in runs] == [True, True]
    assert set(bench.listed()) == {"base", "server", "new", "third"}
    assert set(content(bench.store.parent)) == {bench.store.name}


def test_the_locale_of_the_host_does_not_matter(bench: Bench) -> None:
    environment = {
        **os.environ,
        "LANG": "tr_TR.UTF-8",
        "LC_ALL": "de_DE.ISO-8859-1",
        "JAVA_TOOL_OPTIONS": "-Duser.language=tr",
    }
    done = bench.run(environment=environment, alias="title-i", content=NEW.pem)
    assert done["changed"] is True
    assert "title-i" in bench.listed()


def test_the_well_known_password_is_hidden_where_it_is_one_and_not_in_names(tmp_path: Path) -> None:
    store = tmp_path / "wso2carbon" / "wso2carbon.jks"
    store.parent.mkdir()
    trust(store, "wso2carbon", "wso2carbon", BASE)
    done = run_module(
        "truststore_cert", path=str(store), password="wso2carbon", alias="wso2carbon", content=BASE.pem
    )
    invocation = done.get("invocation")  # ansible-core 2.21 tells it only if asked
    assert invocation is None or invocation["module_args"]["password"] == BLANKED
    assert done["path"] == str(store)
    assert done["certificates"][0]["alias"] == "wso2carbon"


CERTIFICATES = [Certificate(pair.der) for pair in (BASE, NEW, THIRD, EXPIRED)]
ALIASES = st.sampled_from(["a", "A", "b", "c", "d"])
STORES = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(CERTIFICATES))
WANTED = st.dictionaries(ALIASES, st.sampled_from(CERTIFICATES), min_size=1)


def entries(store: dict[str, Certificate]) -> list[StoreEntry]:
    return [StoreEntry(alias, "trusted_certificate", certificate) for alias, certificate in store.items()]


def held_after(store: dict[str, Certificate], steps: list[Step]) -> dict[str, Certificate]:
    after = dict(store)
    for step in steps:
        if step.changes:
            after.pop(step.alias.lower(), None)
        if step.changes and step.certificate:
            after[step.alias.lower()] = step.certificate
    return after


@settings(max_examples=150, deadline=None)
@given(STORES, WANTED)
def test_after_a_run_each_certificate_is_trusted_and_nothing_else_has_changed(
    store: dict[str, Certificate], wanted: dict[str, Certificate]
) -> None:
    lowered = {alias.lower(): certificate for alias, certificate in wanted.items()}
    assume(len(lowered) == len(wanted))
    items = [Wanted(alias, certificate) for alias, certificate in wanted.items()]
    steps = plan_present(entries(store), items, "replace")
    after = held_after(store, steps)
    assert set(wanted.values()) <= set(after.values())
    assert {alias: certificate for alias, certificate in after.items() if alias not in lowered} == {
        alias: certificate for alias, certificate in store.items() if alias not in lowered
    }
    assert [step.action for step in plan_present(entries(after), items, "fail")] == ["unchanged"] * len(items)
    for item, step in zip(items, steps, strict=True):
        assert after[step.alias.lower()] == item.certificate


@settings(max_examples=150, deadline=None)
@given(STORES, st.dictionaries(ALIASES, st.one_of(st.none(), st.sampled_from(CERTIFICATES)), min_size=1))
def test_a_removal_takes_only_what_it_names(
    store: dict[str, Certificate], wanted: dict[str, Certificate | None]
) -> None:
    assume(len({alias.lower() for alias in wanted}) == len(wanted))
    items = [Wanted(alias, certificate) for alias, certificate in wanted.items()]
    after = held_after(store, plan_absent(entries(store), items))
    gone = {
        alias.lower()
        for alias, certificate in wanted.items()
        if certificate is None or store.get(alias.lower()) == certificate
    }
    assert after == {alias: certificate for alias, certificate in store.items() if alias not in gone}
    assert not any(step.changes for step in plan_absent(entries(after), items))


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
def test_a_certificate_that_moves_to_another_alias_stays_trusted(order: list[str]) -> None:
    store = {"a": CERTIFICATES[0]}
    wanted = {"a": CERTIFICATES[1], "b": CERTIFICATES[0]}
    steps = plan_present(entries(store), [Wanted(alias, wanted[alias]) for alias in order], "replace")
    assert held_after(store, steps) == wanted


def test_the_certificate_of_a_private_key_is_not_trusted_by_that() -> None:
    (step,) = plan_present(
        [StoreEntry("server", "private_key", CERTIFICATES[0])], [Wanted("peer", CERTIFICATES[0])], "replace"
    )
    assert (step.action, step.alias) == ("added", "peer")


def test_an_alias_given_twice_for_two_certificates_is_refused_by_the_plan() -> None:
    with pytest.raises(Problem):
        plan_present([], [Wanted("a", CERTIFICATES[0]), Wanted("A", CERTIFICATES[1])], "replace")
