"""Files replaced in folders where somebody else may plant, swap and lock what they like."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._files import lock as locking
from ansible_collections.carbonops.wso2.plugins.module_utils._files import replace as replacing
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import LOCK_FILE, only_run_in
from ansible_collections.carbonops.wso2.plugins.module_utils._files.place import Place
from ansible_collections.carbonops.wso2.plugins.module_utils._files.private_folder import private_folder
from ansible_collections.carbonops.wso2.plugins.module_utils._files.replace import (
    clear_leftover,
    has_leftover,
    make,
    replace,
)
from support.modules import run_module

OWNER, STRANGER = 12345, 12346

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away and be another user")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of another user, if there can be one."""
    path = tmp_path / "theirs"
    path.mkdir()
    (path / "file").write_bytes(b"old")
    if os.geteuid() == 0:
        os.chown(path, OWNER, OWNER)
        os.chown(path / "file", OWNER, OWNER)
    return path


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of whoever runs this."""
    path = tmp_path / "victim"
    path.write_bytes(b"precious")
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("backup", [False, True])
def test_a_symlink_planted_at_the_scratch_name_is_not_written_through(
    folder: Path, victim: Path, backup: bool
) -> None:
    (folder / ".carbonops-file").symlink_to(victim)
    copy = replace(folder / "file", b"new", backup, b"old")
    assert victim.read_bytes() == b"precious"
    assert (folder / "file").read_bytes() == b"new"
    assert not (folder / "file").is_symlink()
    assert names(folder) == {"file"} | ({Path(copy).name} if copy else set())


def test_a_hard_link_planted_at_the_scratch_name_is_not_written_to(folder: Path, victim: Path) -> None:
    os.link(victim, folder / ".carbonops-file")
    replace(folder / "file", b"new", False, b"old")
    assert victim.read_bytes() == b"precious"


def test_a_folder_planted_at_the_scratch_name_is_an_error_and_nothing_changes(folder: Path) -> None:
    (folder / ".carbonops-file").mkdir()
    with pytest.raises(OSError):
        replace(folder / "file", b"new", False, b"old")
    assert (folder / "file").read_bytes() == b"old"


def test_a_link_planted_while_a_new_file_is_made_is_not_written_through(folder: Path, victim: Path) -> None:
    (folder / ".carbonops-new").symlink_to(victim)
    make(folder / "new", b"made")
    assert (victim.read_bytes(), (folder / "new").read_bytes()) == (b"precious", b"made")
    with pytest.raises(OSError, match="another process changed it at the same time"):
        make(folder / "new", b"made again")
    assert (folder / "new").read_bytes() == b"made"
    assert names(folder) == {"file", "new"}


@as_root
def test_a_strangers_link_is_not_followed_to_the_file_to_replace(folder: Path, victim: Path) -> None:
    (folder / "link").symlink_to(victim)
    os.chown(folder / "link", OWNER, OWNER, follow_symlinks=False)
    with pytest.raises(OSError, match=f"belongs to user id {OWNER}") as refused:
        replace(folder / "link", b"new", False, b"precious")
    assert refused.value.errno == errno.ELOOP
    assert victim.read_bytes() == b"precious"
    (folder / "own").symlink_to("file")
    os.chown(folder / "own", OWNER, OWNER, follow_symlinks=False)
    replace(folder / "own", b"new", False, b"old")
    assert (folder / "file").read_bytes() == b"new"
    assert (folder / "file").stat().st_uid == OWNER


def test_a_file_that_holds_something_else_by_now_is_left(folder: Path) -> None:
    with pytest.raises(OSError, match="another process changed it at the same time") as refused:
        replace(folder / "file", b"new", True, b"older")
    assert replacing.os_error_advice(refused.value)[1] == "run again"
    assert (folder / "file").read_bytes() == b"old"
    assert names(folder) == {"file"}


@pytest.mark.parametrize("backup", [False, True])
def test_a_file_swapped_while_the_new_one_is_written_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, backup: bool
) -> None:
    write = replacing._write_scratch

    def write_and_swap(place: Place, content: bytes, like: int | None, keep_time: bool = False) -> None:
        write(place, content, like, keep_time)
        if not keep_time:
            (folder / "theirs").write_bytes(b"old")
            (folder / "theirs").rename(folder / "file")

    monkeypatch.setattr(replacing, "_write_scratch", write_and_swap)
    swapped = folder / "file"
    with pytest.raises(OSError, match="another process changed it at the same time"):
        replace(folder / "file", b"new", backup, b"old")
    assert swapped.read_bytes() == b"old"
    assert names(folder) == {"file"}


def test_nobody_else_may_read_a_file_before_it_has_its_mode(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    monkeypatch.setattr(
        replacing, "_take_after", lambda handle, _like, _time: modes.append(os.fstat(handle).st_mode & 0o777)
    )
    old = os.umask(0)
    try:
        replace(folder / "file", b"new", False, b"old")
    finally:
        os.umask(old)
    assert modes == [0o600]


def test_what_a_killed_run_left_is_known_and_cleared(folder: Path) -> None:
    assert not has_leftover(folder / "file")
    (folder / ".carbonops-file").write_bytes(b"half")
    assert has_leftover(folder / "file")
    clear_leftover(folder / "file")
    assert names(folder) == {"file"}
    (folder / LOCK_FILE).touch()
    assert has_leftover(folder / "file")


HOLDER = """
import fcntl, os, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
for path in sys.argv[2:]:
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held_by_a_reader(folder: Path) -> Iterator[None]:
    """All that somebody else may read there is locked by them."""
    # By relative paths, as the folders above are not theirs to enter.
    command = [sys.executable, "-c", HOLDER, str(STRANGER), ".", "file"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        yield
        assert holder.stdin
        holder.stdin.close()


@as_root
@pytest.mark.usefixtures("held_by_a_reader")
def test_who_may_only_read_the_folder_cannot_hold_up_a_run(folder: Path) -> None:
    begun = time.monotonic()
    with only_run_in(folder, 5):
        status = (folder / LOCK_FILE).stat()
        assert (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o600, OWNER, OWNER)
    assert time.monotonic() - begun < 1
    assert names(folder) == {"file"}


@as_root
@pytest.mark.usefixtures("held_by_a_reader")
def test_who_may_only_read_a_configuration_cannot_hold_up_its_change(folder: Path) -> None:
    (folder / "file").write_text("[server]\noffset = 1\n")
    begun = time.monotonic()
    done = run_module("carbon_port_offset", path=str(folder / "file"), port_offset=2)
    assert done["changed"] is True
    assert time.monotonic() - begun < 10
    assert names(folder) == {"file"}


def test_a_run_that_changes_nothing_needs_no_lock_and_touches_nothing(folder: Path) -> None:
    (folder / "file").write_text("[server]\noffset = 1\n")
    before = folder.stat().st_mtime_ns
    for check, wanted in ((False, 1), (True, 2)):
        assert (
            run_module("carbon_port_offset", check, path=str(folder / "file"), port_offset=wanted).failed
            is False
        )
    assert folder.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o755, 0o600), (0o775, 0o660), (0o777, 0o666), (0o1777, 0o666), (0o700, 0o600)]
)
def test_the_lock_is_for_those_who_may_write_to_the_folder(folder: Path, mode: int, expected: int) -> None:
    folder.chmod(mode)
    with only_run_in(folder, 1):
        assert (folder / LOCK_FILE).stat().st_mode & 0o777 == expected


def test_a_second_run_waits_for_the_first_and_a_killed_ones_lock_is_no_obstacle(folder: Path) -> None:
    (folder / LOCK_FILE).touch()
    held = "another run has been there for 0.1 s"
    with only_run_in(folder, 1), pytest.raises(TimeoutError, match=held), only_run_in(folder, 0.1):
        pass
    with only_run_in(folder, 0):
        pass
    assert names(folder) == {"file"}


RUNS = """
import sys, time
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import only_run_in
for _time in range(25):
    with only_run_in(sys.argv[1], 60):
        with open(sys.argv[1] + "/number", "r+") as file:
            number = int(file.read())
            time.sleep(0.0005)
            file.seek(0)
            file.write(str(number + 1))
"""


def test_only_one_run_is_there_at_a_time(folder: Path) -> None:
    (folder / "number").write_text("0")
    runs = [subprocess.Popen([sys.executable, "-c", RUNS, str(folder)]) for _run in range(4)]
    assert [run.wait(60) for run in runs] == [0] * 4
    assert (folder / "number").read_text() == "100"
    assert names(folder) == {"file", "number"}


def test_a_lock_on_a_file_that_another_run_removed_meanwhile_counts_for_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = locking._locked

    def after_its_removal(handle: int) -> bool:
        monkeypatch.undo()
        (folder / LOCK_FILE).unlink()
        return take(handle)

    monkeypatch.setattr(locking, "_locked", after_its_removal)
    with only_run_in(folder, 1):
        assert (folder / LOCK_FILE).exists()


def test_a_link_planted_as_the_lock_is_not_followed(folder: Path, victim: Path) -> None:
    (folder / LOCK_FILE).symlink_to(victim)
    with pytest.raises(OSError) as refused, only_run_in(folder, 1):
        pass
    assert refused.value.errno == errno.ELOOP
    assert victim.read_bytes() == b"precious"


def test_a_private_folder_is_for_its_user_alone_and_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with private_folder() as one, private_folder() as two:
        assert one.path != two.path
        assert os.stat(one.path).st_mode & 0o777 == 0o700
        one.write("file", b"x")
        assert os.stat(one.file("file")).st_mode & 0o777 == 0o600
        with pytest.raises(FileExistsError):
            one.write("file", b"y")
    assert names(tmp_path) == set()


def test_a_killed_runs_private_folder_goes_with_the_next_and_one_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("carbonops-work-left", "carbonops-work-used", "another"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "store").touch()
    (tmp_path / "precious").mkdir()
    (tmp_path / "carbonops-work-link").symlink_to(tmp_path / "precious")
    used = os.open(tmp_path / "carbonops-work-used", os.O_RDONLY)
    fcntl.flock(used, fcntl.LOCK_EX)
    with private_folder():
        pass
    os.close(used)
    assert names(tmp_path) == {"carbonops-work-used", "carbonops-work-link", "another", "precious"}
