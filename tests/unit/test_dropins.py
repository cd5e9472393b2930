"""The jars in a home's dropins against those that are to be there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.dropins import DROPINS, look_at_dropins
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem

HANDLERS = "wso2is.notification.event.handlers"
CONTENT = b"jar"


def home_with(folder: Path, *names: str) -> Path:
    (folder / DROPINS).mkdir(parents=True)
    for name in names:
        (folder / DROPINS / name).write_bytes(CONTENT)
    return folder


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


# Case -> what is there, the wanted jar with its checksum, whether it is due, and what of another version is there.
CASES: dict[str, tuple[list[str], tuple[str, str], bool, list[str]]] = {
    "nothing there": ([], (f"{HANDLERS}-2.1.3.jar", ""), True, []),
    "there": ([f"{HANDLERS}-2.1.3.jar"], (f"{HANDLERS}-2.1.3.jar", ""), False, []),
    "there with its checksum": (["a-1.jar"], ("a-1.jar", checksum(CONTENT).upper().replace("SHA", "sha")), False, []),
    "there with its longer checksum": (["a-1.jar"], ("a-1.jar", checksum(CONTENT, "sha512")), False, []),
    "there with another content": (["a-1.jar"], ("a-1.jar", checksum(b"other")), True, []),
    "an old version": (
        [f"{HANDLERS}-2.0.5.jar", f"{HANDLERS}_1.0.15.jar", "other-2.0.5.jar", f"{HANDLERS}-2.0.5.txt"],
        (f"{HANDLERS}-2.1.3.jar", ""),
        True,
        [f"{HANDLERS}-2.0.5.jar", f"{HANDLERS}_1.0.15.jar"],
    ),
    "an old version beside it": (["a-1.jar", "a-2-SNAPSHOT.jar"], ("a-1.jar", ""), True, ["a-2-SNAPSHOT.jar"]),
    "without a version": (["a.jar", "ab.jar"], ("a.jar", ""), False, []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_jar_is_due_if_it_is_missing_or_another_or_an_old_one_is_there(tmp_path: Path, case: str) -> None:
    there, (name, digest), due, old = CASES[case]
    found = look_at_dropins(home_with(tmp_path, *there), {name: digest})
    assert found == [{"name": name, "path": f"{DROPINS}/{name}", "due": due, "old": old}]


def test_a_home_without_the_folder_has_none(tmp_path: Path) -> None:
    assert [jar["due"] for jar in look_at_dropins(tmp_path, {"a.jar": "", "b.jar": ""})] == [True, True]


def test_a_checksum_that_can_be_forged_is_refused(tmp_path: Path) -> None:
    home = home_with(tmp_path, "a.jar")
    with pytest.raises(
        Problem, match=r"^The checksum of a.jar is not sha256:, sha384: or sha512: with its digits;"
    ):
        look_at_dropins(home, {"a.jar": "md5:0123"})


def test_a_symlink_of_a_stranger_is_not_read(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    (home / DROPINS / "a.jar").symlink_to("/dev/zero")
    with pytest.raises(Problem, match=r"^Reading .*a\.jar failed"):
        look_at_dropins(home, {"a.jar": checksum(b"")})
