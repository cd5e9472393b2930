"""The modules that edit a deployment.toml, on real file systems: what stays, what is left by a failure, by a
kill, by two at once.
"""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.cases import Happened, plain
from support.deployment_files import STANZA, STOCK
from support.modules import Outcome, run_module

PART = "is7_access_control"
OTHER_USER = 12345
EDITED = f"{STOCK}\n{STANZA}"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount file systems and give files away")


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """The folder of a stock file."""
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "deployment.toml").write_text(STOCK)
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that has 72 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72k", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def edit(path: Path, check: bool = False, **options: object) -> Outcome:
    return run_module("is7_access_control", check, path=str(path), **options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def access_list() -> bytes:
    """A POSIX access control list as the kernel keeps it: owner rw, one more user r, group r, mask r, others
    nothing.
    """
    nobody = 0xFFFFFFFF
    entries = [(0x01, 6, nobody), (0x02, 4, 2000), (0x04, 4, nobody), (0x10, 4, nobody), (0x20, 0, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@as_root
def test_mode_owner_access_list_attributes_and_symlink_stay(conf: Path, happened: Happened) -> None:
    file, link = conf / "deployment.toml", conf / "link.toml"
    link.symlink_to("deployment.toml")
    os.chown(file, OTHER_USER, OTHER_USER)
    attributes = {
        "user.note": b"kept",
        "security.selinux": b"system_u:object_r:etc_t:s0\0",
        "system.posix_acl_access": access_list(),
    }
    for name, value in attributes.items():
        try:
            os.setxattr(file, name, value)
        except OSError as exc:
            pytest.skip(f"the file system here does not take {name}: {exc.strerror}")
    before = file.stat()
    outcome = edit(link, backup=True)
    assert outcome["changed"] and file.read_text() == EDITED
    for path in (file, Path(outcome["backup_file"])):
        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, OTHER_USER, OTHER_USER)
        assert {name: os.getxattr(path, name) for name in attributes} == attributes
    assert link.is_symlink() and os.readlink(link) == "deployment.toml"
    assert file.stat().st_mtime_ns > before.st_mtime_ns, (
        "what restarts a server by the age of its files has to see it"
    )
    happened(
        PART,
        "mode, owner, access control list, SELinux context, user attributes, a symlink to the file",
        "all stay, on the copy of backup=true too",
    )


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_the_mode_stays(conf: Path, mode: int) -> None:
    file = conf / "deployment.toml"
    file.chmod(mode)
    assert edit(file)["changed"]
    assert file.stat().st_mode & 0o7777 == mode


def test_a_backup_is_the_old_file_and_only_a_change_makes_one(conf: Path, happened: Happened) -> None:
    file = conf / "deployment.toml"
    assert "backup_file" not in edit(file, check=True, backup=True)
    assert names(conf) == ["deployment.toml"]
    copy = Path(edit(file, backup=True)["backup_file"])
    assert copy.read_text() == STOCK and copy.parent == conf
    second = edit(file, backup=True)
    assert not second["changed"] and "backup_file" not in second
    assert names(conf) == sorted(["deployment.toml", copy.name])
    happened(
        PART,
        "backup=true",
        "a copy of the old file beside it when something changes; none in check mode, none in a second run",
    )


@as_root
@pytest.mark.parametrize(
    ("backup", "filled"),
    [(False, 12000), (True, 12000), (True, 0)],
    ids=["no room", "no room for a backup", "room for the backup alone"],
)
def test_a_full_disk_leaves_the_old_file(
    small_disk: Path, backup: bool, filled: int, happened: Happened
) -> None:
    file = small_disk / "deployment.toml"
    file.write_text(STOCK + "# " + "x" * 30000 + "\n")
    before = file.read_bytes()
    (small_disk / "full").write_bytes(b"x" * filled)
    outcome = edit(file, backup=backup)
    assert (
        outcome["msg"]
        == f"Editing {file} failed, nothing was changed: No space left on device; check its folder and the disk."
    )
    assert file.read_bytes() == before
    assert names(small_disk) == ["deployment.toml", "full"]
    if not backup:
        happened(
            PART,
            "the disk is full",
            f"{plain(outcome['msg'], file=file)} The old file is there and nothing beside it",
        )


@as_root
def test_a_read_only_folder_leaves_the_old_file(conf: Path, happened: Happened) -> None:
    file = conf / "deployment.toml"
    subprocess.run(["mount", "--bind", str(conf), str(conf)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(conf)], check=True)
        outcome = edit(file, backup=True)
        assert edit(file, check=True)["changed"]
        assert not edit(file, state="absent")["changed"], "there is nothing to write"
    finally:
        subprocess.run(["umount", str(conf)], check=True)
    assert (
        outcome["msg"]
        == f"Editing {file} failed, nothing was changed: Read-only file system; check its folder and the disk."
    )
    assert file.read_text() == STOCK and names(conf) == ["deployment.toml"]
    happened(PART, "the folder is read-only", plain(outcome["msg"], file=file))


@as_root
def test_a_file_that_is_a_mount_of_its_own_is_left(conf: Path, happened: Happened) -> None:
    file = conf / "deployment.toml"
    subprocess.run(["mount", "--bind", str(file), str(file)], check=True)
    try:
        outcome = edit(file, backup=True)
    finally:
        subprocess.run(["umount", str(file)], check=True)
    hindrance = "it is a separate mount point, which cannot be replaced at once"
    hindrance += "; mount its folder instead, or have it written in place (unsafe_writes)"
    assert outcome["msg"] == f"Editing {file} failed, nothing was changed: {hindrance}."
    assert file.read_text() == STOCK and names(conf) == ["deployment.toml"]
    happened(PART, "the file is a mount of its own", plain(outcome["msg"], file=file))


@as_root
def test_a_mount_of_its_own_is_written_in_place_where_that_is_said(conf: Path, happened: Happened) -> None:
    file = conf / "deployment.toml"
    subprocess.run(["mount", "--bind", str(file), str(file)], check=True)
    try:
        inode = file.stat().st_ino
        planned = edit(file, check=True, unsafe_writes=True)
        outcome = edit(file, backup=True, unsafe_writes=True)
        assert planned["diff"] == outcome["diff"]
        assert not edit(file, unsafe_writes=True)["changed"]
        assert edit(file, state="absent", unsafe_writes=True)["changed"], "a shorter one, too"
        assert file.stat().st_ino == inode
    finally:
        subprocess.run(["umount", str(file)], check=True)
    assert outcome["changed"]
    assert file.read_text() == STOCK
    assert Path(outcome["backup_file"]).read_text() == STOCK
    happened(PART, "the file is a mount of its own, unsafe_writes", "written in place and read back")


@as_root
def test_a_file_in_a_folder_that_may_not_be_written_to_is_written_in_place(
    conf: Path, tmp_path: Path
) -> None:
    file = conf / "deployment.toml"
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    os.chown(file, OTHER_USER, OTHER_USER)
    refused = run_module(PART, user=OTHER_USER, path=str(file))
    assert "Permission denied" in refused["msg"], refused
    done = run_module(PART, user=OTHER_USER, path=str(file), unsafe_writes=True)
    assert done["changed"] and file.read_text() == EDITED, done


def test_what_is_no_file_is_not_replaced(conf: Path, happened: Happened) -> None:
    pipe = conf / "null"
    pipe.symlink_to("/dev/null")
    outcome = edit(pipe)
    assert (
        outcome["msg"] == f"Editing {pipe} failed, nothing was changed: it is not a regular file; give one."
    )
    assert not Path("/dev/null").is_file()
    missing = edit(conf / "no" / "such.toml")
    assert (
        missing["msg"]
        == f"Editing {conf}/no/such.toml failed, nothing was changed: it does not exist; correct the path."
    )
    happened(PART, "the path is a device", plain(outcome["msg"], file=pipe))


def test_what_a_killed_run_left_is_no_obstacle(conf: Path) -> None:
    leftover = conf / ".carbonops-deployment.toml"
    leftover.write_text("half a fi")
    assert edit(conf / "deployment.toml", check=True)["changed"] and leftover.exists()
    assert edit(conf / "deployment.toml")["changed"]
    assert names(conf) == ["deployment.toml"]
    leftover.write_text("half a fi")
    assert not edit(conf / "deployment.toml")["changed"]
    assert names(conf) == ["deployment.toml"]


REWRITER = """
import os, sys
from ansible_collections.carbonops.wso2.plugins.module_utils._files.replace import replace
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import only_run_in
path = sys.argv[1]
contents = [open(name, "rb").read() for name in sys.argv[2:]]
print("ready", flush=True)
while True:
    for content in contents:
        with only_run_in(os.path.dirname(path), 60):
            replace(path, content, backup=False, expected=open(path, "rb").read())
"""
KILLS = 60
KILLED_MODULES = 10


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(
    conf: Path, tmp_path: Path, happened: Happened
) -> None:
    file = conf / "deployment.toml"
    versions = [tmp_path / "old", tmp_path / "new"]
    versions[0].write_text(STOCK)
    versions[1].write_text(EDITED)
    whole = {path.read_bytes() for path in versions}
    dice = random.Random(11)
    left = 0
    for _kill in range(KILLS):
        rewriter = subprocess.Popen([sys.executable, "-c", REWRITER, file, *versions], stdout=subprocess.PIPE)
        assert rewriter.stdout is not None and rewriter.stdout.readline() == b"ready\n"
        time.sleep(dice.uniform(0, 0.02))
        rewriter.kill()
        rewriter.communicate()
        assert file.read_bytes() in whole
        beside = set(names(conf)) - {"deployment.toml"}
        assert beside <= {".carbonops-deployment.toml", ".carbonops.lock"}
        left += ".carbonops-deployment.toml" in beside
    assert left, "no kill hit a run that was writing"
    happened(
        PART,
        f"killed (-9) while it writes, {KILLS} times",
        "the old file or the new one, whole; the next run clears away what is beside it and is not held up",
    )


MODULE = """
import runpy, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = sys.stdin.buffer.read(), "legacy"
runpy.run_module("ansible_collections.carbonops.wso2.plugins.modules.is7_access_control", run_name="__main__")
"""


def test_a_killed_module_can_be_run_again(conf: Path, happened: Happened) -> None:
    file = conf / "deployment.toml"

    def start() -> subprocess.Popen[bytes]:
        module = subprocess.Popen(
            [sys.executable, "-c", MODULE], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert module.stdin is not None
        module.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": {"path": str(file)}}).encode())
        module.stdin.close()
        return module

    begun = time.monotonic()
    assert start().wait() == 0 and file.read_text() == EDITED
    lasts = time.monotonic() - begun
    dice = random.Random(12)
    for _kill in range(KILLED_MODULES):
        file.write_text(STOCK)
        module = start()
        time.sleep(dice.uniform(lasts / 2, lasts))
        module.kill()
        module.wait()
        assert file.read_text() in (STOCK, EDITED)
        edit(file)
        assert file.read_text() == EDITED and names(conf) == ["deployment.toml"]
    happened(
        PART,
        f"the module is killed (-9) at random moments, {KILLED_MODULES} times",
        "the next run puts the entry in",
    )


def test_runs_at_once_all_end_well(conf: Path, happened: Happened) -> None:
    file = conf / "deployment.toml"
    contexts = [f"(.*)/scim2/{name}" for name in ("Me", "Users", "Groups", "Roles")]
    with ThreadPoolExecutor(len(contexts) + 1) as pool:
        runs = [pool.submit(edit, file, context=context) for context in contexts]
        offset = pool.submit(run_module, "carbon_port_offset", path=str(file), port_offset=7)
        assert all(run.result()["changed"] for run in [*runs, offset])
    read = tomllib.loads(file.read_text())
    assert sorted(entry["context"] for entry in read["resource"]["access_control"]) == sorted(contexts)
    assert read["server"]["offset"] == 7
    assert names(conf) == ["deployment.toml"]
    happened(
        PART,
        f"{len(contexts) + 1} runs at once on one file, carbon_port_offset among them",
        "one after another; what each wants is in the file",
    )
