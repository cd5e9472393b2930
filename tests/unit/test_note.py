"""A line that one run leaves for the next, in a folder where others may write."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._files.note import remove_note, write_note


def test_a_note_is_written_anew_for_everybody_to_read_and_removed(tmp_path: Path) -> None:
    note = tmp_path / "note"
    for text in ("one", "two"):
        write_note(str(note), text)
        assert note.read_text() == text
        assert note.stat().st_mode & 0o777 == 0o644 & ~_umask()
    remove_note(str(note))
    remove_note(str(note))
    assert os.listdir(tmp_path) == []


def test_what_lies_there_as_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("another's")
    (tmp_path / "note").symlink_to(tmp_path / "other")
    for call in (
        lambda: write_note(str(tmp_path / "note"), "x"),
        lambda: remove_note(str(tmp_path / "note")),
    ):
        with pytest.raises(OSError) as refused:
            call()
        assert refused.value.errno == errno.ELOOP
    assert (tmp_path / "other").read_text() == "another's"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
