"""Plans for [server] offset."""

from __future__ import annotations

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._deployment_toml import Document, EditRefused
from ansible_collections.carbonops.wso2.plugins.module_utils._port_offset import plan_offset


def plan(text: str, offset: int | None) -> str:
    return plan_offset(Document(text), offset)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[server]\nhostname = 'x'\n", "[server]\noffset = 1\nhostname = 'x'\n"),
        ("[server]\r\noffset=0 # c\r\n", "[server]\r\noffset=1 # c\r\n"),
        ("[server]", "[server]\noffset = 1"),
        ("[a]\nb = 1\n", "[server]\noffset = 1\n\n[a]\nb = 1\n"),
        ("server.hostname = 'x'\nserver.offset = 5\n", "server.hostname = 'x'\nserver.offset = 1\n"),
    ],
)
def test_the_offset_is_set_where_it_belongs(before: str, after: str) -> None:
    assert plan(before, 1) == after
    assert plan(after, 1) == after


@pytest.mark.parametrize("text", ["[server]\nhostname = 'x'\n", "[server]", "# c\n[server]\n# d\n[x]\n"])
def test_an_offset_set_and_removed_leaves_the_file_as_it_was(text: str) -> None:
    assert plan(plan(text, 3), None).rstrip("\n") == text.rstrip("\n")


def test_none_where_there_is_none_changes_nothing() -> None:
    assert plan("[server]\nx = 1\n", None) == "[server]\nx = 1\n"


@pytest.mark.parametrize("text", ["server = {hostname = 'x'}\n", "top = 1\n[a]\n"])
def test_what_cannot_be_edited_safely_is_refused(text: str) -> None:
    with pytest.raises(EditRefused):
        plan(text, 1)
