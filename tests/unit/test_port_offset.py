"""Plans for [server] offset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.port_offset import KEY, plan_offset
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, lookup
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import TomlError
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deployment_files import EDITED, GROUPS
from support.modules import run_module
from support.toml_statements import files


def plan(text: str, offset: int | None) -> str:
    return plan_offset(Document(text), offset)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[server]\nhostname = 'x'\n", "[server]\noffset = 1\nhostname = 'x'\n"),
        ("[server]\r\noffset=0 # c\r\n", "[server]\r\noffset=1 # c\r\n"),
        ("[server]\noffset = true\n", "[server]\noffset = 1\n"),
        ("[server]\noffset = '$env{OFFSET}' # c", "[server]\noffset = 1 # c"),
        ("[server]", "[server]\noffset = 1"),
        ("[a]\nb = 1\n", "[a]\nb = 1\n\n[server]\noffset = 1\n"),
        ("top = 1\n[a]", "top = 1\n[a]\n\n[server]\noffset = 1"),
        ("", "[server]\noffset = 1\n"),
        (
            "[a]\n\n# about it\n[server.x]\ny = 1\n",
            "[a]\n\n[server]\noffset = 1\n\n# about it\n[server.x]\ny = 1\n",
        ),
        ("server.hostname = 'x'\nserver.offset = 5\n", "server.hostname = 'x'\nserver.offset = 1\n"),
        ("server.hostname = 'x'\r\n[a]\r\n", "server.hostname = 'x'\r\nserver.offset = 1\r\n[a]\r\n"),
        ("server.hostname = 'x'", "server.hostname = 'x'\nserver.offset = 1"),
        ("[ 'server' ]\n\"offset\" = 2\n", "[ 'server' ]\n\"offset\" = 1\n"),
    ],
)
def test_the_offset_is_set_where_it_belongs(before: str, after: str) -> None:
    assert plan(before, 1) == after
    assert plan(after, 1) == after


@pytest.mark.parametrize(
    "text",
    ["[server]\nhostname = 'x'\n", "[server]", "# c\n[server]\n# d\n[x]\n", "server.hostname = 'x'\n[a]\n"],
)
def test_an_offset_set_and_removed_leaves_the_file_as_it_was(text: str) -> None:
    assert plan(plan(text, 3), None).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("text", ["[server]\nx = 1\n", "server = {x = 1}\n", ""])
def test_none_where_there_is_none_changes_nothing(text: str) -> None:
    assert plan(text, None) == text


@pytest.mark.parametrize(
    ("text", "offset", "sentence"),
    [
        (
            "a = 1\nserver = {hostname = 'x'}\n",
            1,
            r"^line 2 writes the server table inline; write it as a \[server\] table first\.$",
        ),
        ("server = {offset = 1}\n", None, "line 1 writes the server table inline"),
        (
            "[[server]]\nx = 1\n",
            1,
            r"line 1 begins \[\[server\]\], an array of tables; write it as one \[server\] table first\.$",
        ),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(text: str, offset: int | None, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        plan(text, offset)


@pytest.mark.parametrize("options", [{"port_offset": 1}, {"state": "absent"}])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("server = {offset = 2}\n", "line 1 writes the server table inline; write it as a [server] table first."),
        ("[server]\n[server.offset]\n", "line 2 writes server.offset as a table of its own; write it as one value first."),
    ],
)  # fmt: skip
def test_the_module_tells_a_refusal_in_one_sentence(
    tmp_path: Path, text: str, sentence: str, options: dict[str, Any]
) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text(text)
    outcome = run_module("carbon_port_offset", path=str(file), **options)
    assert outcome.failed
    assert outcome["msg"] == f"Editing {file} was refused: {sentence}"
    assert file.read_text() == text


def assert_only_the_offset_changes(text: str) -> None:
    after = plan(text, 7)
    assert lookup(Document(after).data, *KEY) == 7
    assert plan(after, 7) == after
    back = plan(after, None)
    assert lookup(Document(back).data, *KEY) is None
    kept = [line.strip() for line in text.split("\n") if line.strip() and "offset" not in line]
    assert [line.strip() for line in back.split("\n") if line.strip() and line.strip() != "[server]"] == [
        line for line in kept if line != "[server]"
    ]


@pytest.mark.parametrize("name", [name for name, group in GROUPS.items() if group.fate == EDITED])
def test_any_file_of_a_site_can_be_edited(name: str) -> None:
    for text in GROUPS[name].files.values():
        assert_only_the_offset_changes(text)


@settings(max_examples=200, deadline=None)
@given(files(), st.sampled_from(["", "[server]\noffset=1\n", "[server.x]\ny=1\n", "[server]"]))
def test_any_file_is_edited_or_refused(text: str, more: str) -> None:
    try:
        assert_only_the_offset_changes(text + more)
    except TomlError:
        return
    except Problem as refused:
        assert "could not read it then" in str(refused)
