"""truststore_cert when it is cut off, when others run at the same time, and on disks that take nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cases import Happened, plain
from support.certificates import self_signed
from support.modules import run_module, start_module
from support.stores import PASSWORD, content, listed, template

NEW = self_signed("new")
KILLS = 24
PAGE = 4096
BEGINNING = "Writing the store STORE failed, nothing was changed: "


class Target:
    """A store in a folder of its own, and runs that put a certificate in and take it out in turn."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.store = folder / "client-truststore.jks"
        self.store.write_bytes(template(kind))
        self._options = {"path": str(self.store), "password": PASSWORD, "alias": "new", "content": NEW.pem}

    def options(self) -> dict[str, str]:
        return {**self._options, "state": "absent" if "new" in self.aliases() else "present"}

    def aliases(self) -> set[str]:
        return set(listed(self.store, PASSWORD))


def keytools_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@pytest.mark.parametrize("victim", ["module", "keytool"])
@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_store(
    happened: Happened, tmp_path: Path, kind: str, victim: str
) -> None:
    target = Target(tmp_path, kind)
    begun = time.monotonic()
    assert run_module("truststore_cert", **target.options())["changed"]
    whole = time.monotonic() - begun
    killed = 0
    for number in range(KILLS // 4):
        options, before = target.options(), target.store.read_bytes()
        run = start_module("truststore_cert", **options)
        time.sleep(whole * (number + 0.5) / (KILLS // 4))
        for pid in [run.pid] if victim == "module" else keytools_of(run.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        with contextlib.suppress(AssertionError):
            ended = run.outcome()
            assert (
                not ended.failed
                or "nothing was changed" in ended["msg"]
                or ended["msg"].startswith("Reading")
            ), ended["msg"]
        if target.store.read_bytes() != before:
            assert target.aliases() == {"base", "server"} | (
                {"new"} if options["state"] == "present" else set()
            )
    assert killed
    expected = target.options()["state"]
    assert run_module("truststore_cert", **target.options())["changed"]
    assert ("new" in target.aliases()) is (expected == "present")
    assert set(content(tmp_path)) == {target.store.name}
    happened(
        "truststore_cert",
        f"{victim} killed at any moment of a run: {kind}",
        "the old or the new store each time; no other file after the next run",
    )


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_all_certificates_of_four_runs_at_once_are_in(happened: Happened, tmp_path: Path, kind: str) -> None:
    target = Target(tmp_path, kind)
    pairs = {f"host-{number}": self_signed(f"host-{number}") for number in range(4)}
    runs = [
        start_module(
            "truststore_cert", path=str(target.store), password=PASSWORD, alias=alias, content=pair.pem
        )
        for alias, pair in pairs.items()
    ]
    assert [run.outcome()["changed"] for run in runs] == [True] * 4
    assert target.aliases() == {"base", "server", *pairs}
    assert set(content(tmp_path)) == {target.store.name}
    happened("truststore_cert", f"four runs at once on {kind}", "all four certificates are in")


def test_a_keytool_that_outlives_its_killed_run_writes_nowhere(happened: Happened, tmp_path: Path) -> None:
    for name in ("stores", "work"):
        (tmp_path / name).mkdir()
    target = Target(tmp_path / "stores", "JKS")
    started, goes_on, ended = (tmp_path / name for name in ("started", "goes_on", "ended"))
    slow = tmp_path / "jdk" / "bin" / "keytool"
    slow.parent.mkdir(parents=True)
    slow.write_text(
        f'#!/bin/sh\ncase "$*" in *-importkeystore*) touch {started}; while ! [ -e {goes_on} ]; do sleep 0.1; done;;'
        f' esac\n{shutil.which("keytool")} "$@"; touch {ended}\n'
    )
    slow.chmod(0o755)
    environment = {**os.environ, "TMPDIR": str(tmp_path / "work")}
    options = target.options()
    run = start_module("truststore_cert", environment=environment, **options, java_home=str(tmp_path / "jdk"))
    while not started.exists():
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    assert run_module("truststore_cert", environment=environment, **options)["changed"]
    assert target.aliases() == {"base", "server", "new"}
    after = content(tmp_path / "stores")
    assert set(after) == {target.store.name}
    assert len(list((tmp_path / "work").iterdir())) == 1, "what is in use stays"
    ended.unlink(missing_ok=True)  # that of the call that read the store
    goes_on.touch()
    while not ended.exists():
        time.sleep(0.05)
    time.sleep(0.1)
    assert content(tmp_path / "stores") == after
    assert not run_module("truststore_cert", environment=environment, **options)["changed"]
    assert list((tmp_path / "work").iterdir()) == []
    happened(
        "truststore_cert",
        "a run whose predecessor was killed and left its keytool writing",
        "writes at once; what that keytool writes goes nowhere, and its folder goes with the next run",
    )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_store(happened: Happened, disk: Path) -> None:
    target, filler = Target(disk, "JKS"), disk / "filler"
    options, said = many(target), set()
    for free in range(16):
        fill(filler, free)
        before = target.store.read_bytes()
        done = run_module("truststore_cert", **options)
        if not done.failed:
            break
        assert target.store.read_bytes() == before
        assert set(content(disk)) == {target.store.name, "filler"}
        said.add(plain(done["msg"], store=target.store))
    assert len(target.aliases()) == 32
    (sentence,) = said
    assert sentence == f"{BEGINNING}No space left on device; check its folder and the disk."
    happened("truststore_cert", "a disk without room for the copy", sentence)


def test_no_room_for_what_keytool_works_on_leaves_the_store(
    happened: Happened, disk: Path, tmp_path: Path
) -> None:
    (tmp_path / "stores").mkdir()
    target, filler = Target(tmp_path / "stores", "JKS"), disk / "filler"
    options, said, before = many(target), set(), content(tmp_path / "stores")
    # Room for the copy, then for the certificates on their way, then for what keytool writes: several pages each.
    for free in range(1, 24):
        fill(filler, free)
        done = run_module("truststore_cert", environment={**os.environ, "TMPDIR": str(disk)}, **options)
        assert set(content(disk)) == {"filler"}
        assert list(disk.iterdir()) == [filler]
        if not done.failed:
            break
        assert content(tmp_path / "stores") == before
        said.add(plain(done["msg"], store=target.store, folder=disk))
    assert len(target.aliases()) == 32
    own, keytools = sorted(said, key=lambda sentence: "keytool error" in sentence)
    room = "No space left on device; check"
    assert own == (
        f"{BEGINNING}keytool's copy of the store in FOLDER cannot be used: {room} that folder and its disk."
    )
    assert keytools.startswith(f"{BEGINNING}keytool error: java.io.IOException: {room}")
    happened("truststore_cert", "no room for the copy that keytool works on", own)
    happened("truststore_cert", "a disk without room for what keytool writes", keytools)


def many(target: Target) -> dict[str, str]:
    return {
        **target.options(),
        "content": "".join(self_signed(f"host-{number}").pem for number in range(30)),
    }


def fill(filler: Path, free: int) -> None:
    """Leave so many pages of the file system that the filler is in."""
    filler.unlink(missing_ok=True)
    status = os.statvfs(filler.parent)
    filler.write_bytes(b"x" * (status.f_bavail * status.f_frsize - free * PAGE))


def test_a_read_only_file_system_leaves_the_store_and_is_no_obstacle_to_a_run_without_changes(
    happened: Happened, disk: Path
) -> None:
    target = Target(disk, "PKCS12")
    before, options = content(disk), target.options()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = run_module("truststore_cert", **options)
    assert (
        done["msg"]
        == f"Writing the store {target.store} failed, nothing was changed: Read-only file system; check its folder and the disk."
    )
    assert content(disk) == before
    assert run_module("truststore_cert", **{**options, "state": "absent"})["changed"] is False
    happened("truststore_cert", "a read-only file system", plain(done["msg"], store=target.store))
    happened("truststore_cert", "a read-only file system, and nothing to do", "unchanged")


def test_a_store_that_is_a_mount_of_its_own_is_left(happened: Happened, tmp_path: Path) -> None:
    target = Target(tmp_path, "PKCS12")
    before, mount = content(tmp_path), ["mount", "--bind", str(target.store), str(target.store)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file can be mounted here")
    try:
        done = run_module("truststore_cert", **target.options(), backup=True)
    finally:
        subprocess.run(["umount", str(target.store)], check=True)
    hindrance = (
        "it is a separate mount point, which cannot be replaced at once; mount its folder instead,"
        " or have it written in place (unsafe_writes)"
    )
    assert done["msg"] == f"Writing the store {target.store} failed, nothing was changed: {hindrance}."
    assert content(tmp_path) == before
    happened("truststore_cert", "a store that is a mount of its own", plain(done["msg"], store=target.store))
