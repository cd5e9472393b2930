"""Files that another user may have swapped: what is read of them, and what is not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._files.place import Place
from ansible_collections.carbonops.wso2.plugins.module_utils._files.read import (
    open_regular,
    read_end,
    read_file,
    read_regular,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem

STRANGER, OWNER = 12345, 12346

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "real" / "file"
    path.parent.mkdir()
    path.write_bytes(b"0123456789")
    return path


def refusal(path: Path, limit: int = 100, follow: bool = True) -> OSError:
    with pytest.raises(OSError) as refused:
        read_regular(path, limit, follow)
    return refused.value


def give(path: Path, user: int) -> None:
    os.chown(path, user, user, follow_symlinks=False)


def test_a_path_is_followed_to_its_file_however_it_is_written(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to("real/../real")
    (tmp_path / "absolute").symlink_to(f"{tmp_path}//link/./file")
    monkeypatch.chdir(tmp_path)
    for path in (
        file,
        "real/file",
        "./link/file",
        "absolute",
        tmp_path / "absolute",
        "real/../link/../real/file",
    ):
        assert read_regular(path, 10) == b"0123456789"
        with Place(path) as place:
            assert place.path == os.path.realpath(path) == str(file)


def test_the_limit_is_that_of_the_whole_file(file: Path) -> None:
    assert read_regular(file, 10) == b"0123456789"
    refused = refusal(file, 9)
    assert (refused.errno, refused.strerror) == (errno.EFBIG, "it has more than 9 bytes")


def test_of_a_growing_file_the_end_is_read(file: Path) -> None:
    assert read_end(file, 100) == b"0123456789"
    assert read_end(file, 3) == b"789"
    assert read_end(file, 100, start=8) == b"89"
    assert read_end(file, 1, start=8) == b"9"
    assert read_end(file, 100, start=10) == b""
    assert read_end(file, 100, start=11) == b"0123456789", "it was begun anew"


def test_a_pipe_or_device_or_folder_is_not_read_and_nothing_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        assert refusal(path).errno == errno.EINVAL
    assert refusal(tmp_path).errno == errno.EISDIR
    assert refusal(tmp_path / "none").errno == refusal(tmp_path / "none" / "none").errno == errno.ENOENT


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert refusal(tmp_path / "one").errno == errno.ELOOP


def test_a_link_in_the_files_own_place_can_be_refused_altogether(file: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "link").symlink_to(file)
    assert read_regular(tmp_path / "folder" / "file", 10, follow=False) == b"0123456789"
    assert refusal(tmp_path / "link", follow=False).strerror == "it is a symlink, which is not followed here"


@as_root
@pytest.mark.parametrize("name", ["link", "folder/file"])
def test_a_strangers_link_to_anothers_file_is_not_followed(file: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "link").symlink_to(file)
    first = tmp_path / name.split("/")[0]
    assert read_regular(tmp_path / name, 10), "root's own link"
    give(first, STRANGER)
    refused = refusal(tmp_path / name)
    assert (refused.errno, refused.strerror) == (
        errno.ELOOP,
        f"the symlink {first} belongs to user id {STRANGER}, and what it leads to does not",
    )
    give(file, OWNER)
    assert refusal(tmp_path / name).errno == errno.ELOOP
    give(file, STRANGER)
    assert read_regular(tmp_path / name, 10), "the owner's link to a file of theirs"


@as_root
def test_a_swap_after_the_path_was_followed_is_no_way_to_another_file(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_bytes(b"secret")
    with Place(file) as place:
        file.parent.rename(tmp_path / "moved")
        file.parent.symlink_to(secret)
        with os.fdopen(place.open(os.O_RDONLY), "rb") as opened:
            assert opened.read() == b"0123456789"
        (tmp_path / "moved" / "file").unlink()
        (tmp_path / "moved" / "file").symlink_to(secret / "file")
        with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
            place.open(os.O_RDONLY)


def test_no_descriptor_stays_open(file: Path, tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    (tmp_path / "loop").symlink_to("loop")
    for path in (file, tmp_path, tmp_path / "loop", tmp_path / "none", Path("/dev/null")):
        try:
            with open_regular(path):
                pass
        except OSError:
            continue
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none", "No such file or directory; check the path and its permissions."),
        ("real/file", "it has more than 3 bytes; give the right file."),
        ("pipe", "it is not a regular file; give a regular file."),
    ],
)
def test_what_cannot_be_read_is_one_sentence(file: Path, tmp_path: Path, name: str, told: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Problem) as refused:
        read_file(tmp_path / name, "the page", 3)
    assert str(refused.value) == f"Reading the page {tmp_path / name} failed: {told}"
