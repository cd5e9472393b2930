"""Edits of any table and any array of tables: what changes, what stays, what is refused, and the way back."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import (
    Document,
    lookup,
    write_value,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import TomlError
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.tables import (
    assert_only,
    change_entry,
    entries,
    move_entry,
    put_entry,
    put_key,
    take_entries,
    take_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deployment_files import EDITED, GROUPS
from support.toml_files import PIECES

LISTENER = {
    "id": "token_revocation",
    "type": "org.wso2.carbon.identity.core.handler.AbstractIdentityHandler",
    "order": 1,
    "properties": {
        "notification_endpoint": "https://localhost:9443/",
        "header.X-WSO2-KEY-MANAGER": "WSO2-IS",
    },
}
LISTENER_TEXT = """\
[[event_listener]]
id = "token_revocation"
type = "org.wso2.carbon.identity.core.handler.AbstractIdentityHandler"
order = 1
[event_listener.properties]
notification_endpoint = "https://localhost:9443/"
'header.X-WSO2-KEY-MANAGER' = "WSO2-IS"
"""
MAPPING = {"trusted_issuer": "CN=x", "cert_thumbprint": ["aa:bb", "cc"], "allowed_username": "admin"}
ENTRIES: dict[tuple[str, ...], dict[str, Any]] = {
    ("event_listener",): LISTENER,
    ("resource", "access_control"): {"context": "(.*)/scim2/Me", "secure": True, "scopes": []},
    ("client_certificate_based_authentication", "user_thumbprint_mapping"): MAPPING,
    ("apim", "tenant_sharing"): {
        "type": 'a\tb\n\x01"\\',
        "inner": {"deep": {"x": 1}},
        "many": [{"y": 1}, {"y": 2}],
    },
}
KEYS: dict[tuple[str, ...], Any] = {
    ("oauth", "authorize_all_scopes"): True,
    ("server", "hostname"): "is7.example.com",
    ("role_mgt", "allow_system_prefix_for_role"): True,
    ("transport", "https", "properties", "proxyPort"): 443,
    ("tenant", "quoted", "c", "e"): "x",
    ("resource", "x"): ["a", "b"],
    ("top",): 1,
}  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    chosen = draw(st.lists(st.sampled_from(PIECES), max_size=8, unique=True))
    text = "".join(piece if piece.endswith("\n") else piece + "\n" for piece in chosen)
    text = text[:-1] if draw(st.booleans()) and not text.endswith("\r\n") else text
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if draw(st.booleans()) else text


def sites() -> list[str]:
    return [text for group in GROUPS.values() if group.fate == EDITED for text in group.files.values()]


def document_or_none(text: str) -> Document | None:
    try:
        return Document(text)
    except TomlError:  # the pieces chosen may repeat a table
        return None


def assert_inserted(before: str, after: str) -> None:
    """What is new stands in one place, and every byte around it is as before."""
    start = 0
    while start < len(before) and before[start] == after[start]:
        start += 1
    assert after.endswith(before[start:])


# Keys


def assert_key_put_and_taken(document: Document, path: tuple[str, ...], value: Any) -> None:
    after = put_key(document, path, value)
    assert lookup(after.data, *path) == value
    assert put_key(after, path, value).text == after.text, "a second run changes something"
    if lookup(document.data, *path) is None:
        assert_inserted(document.text, after.text)
        assert take_key(after, path).text == document.text
    else:
        assert lookup(take_key(after, path).data, *path) is None


@settings(max_examples=400, deadline=None)
@given(files(), st.sampled_from(list(KEYS)))
def test_a_key_put_in_and_taken_out_leaves_the_very_same_bytes(text: str, path: tuple[str, ...]) -> None:
    document = document_or_none(text)
    if document is not None:
        assert_key_put_and_taken(document, path, KEYS[path])


@pytest.mark.parametrize("path", KEYS)
def test_a_key_is_put_into_any_file_of_a_site_and_taken_out(path: tuple[str, ...]) -> None:
    for text in sites()[::3]:
        assert_key_put_and_taken(Document(text), path, KEYS[path])


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (("server", "x"), "[server] # c\r\ny = 1\r\n", "[server] # c\r\nx = 1\r\ny = 1\r\n"),
        (("server", "x"), "[server]\nx=[\n1,\n]# c\n", "[server]\nx=1# c\n"),
        (("server", "x"), "server.y = 2\n[a]\n", "server.y = 2\nserver.x = 1\n[a]\n"),
        (("server", "x"), "# c\n[server.y]\nz = 1\n", "[server]\nx = 1\n\n# c\n[server.y]\nz = 1\n"),
        (("server", "x"), "[[server.y]]\n", "[server]\nx = 1\n\n[[server.y]]\n"),
        (("server", "x"), "[a]", "[a]\n\n[server]\nx = 1"),
        (("a", "b", "x"), "[a]\nb.c = 1\n", "[a]\nb.c = 1\nb.x = 1\n"),
        (("a", "b", "x"), "[a]\nc = 1\n", "[a]\nc = 1\n\n[a.b]\nx = 1\n"),
        (("a", "b.c", "x y"), "[a.'b.c'.d]\n", "[a.'b.c']\n'x y' = 1\n\n[a.'b.c'.d]\n"),
        (("x",), "# c\n\n# d\n[a]\n", "# c\n\nx = 1\n# d\n[a]\n"),
        (("x",), "y = 1\n[a]\n", "y = 1\nx = 1\n[a]\n"),
        (("x",), "# c", "# c\nx = 1"),
    ],
)
def test_a_key_goes_where_its_table_is(path: tuple[str, ...], before: str, after: str) -> None:
    assert put_key(Document(before), path, 1).text == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[server]\nx = 1\n", ""),
        ("[a]\n\n[server]\nx = 1\n", "[a]\n"),
        ("[a]\n\n[server]\nx = 1", "[a]"),
        ("# mine\n[server]\nx = 1\n", "# mine\n[server]\n"),
        ("[server]\nx = 1\ny = 2\n", "[server]\ny = 2\n"),
        ("[server]\n# why\nx = 1\n[a]\n", "[server]\n# why\n[a]\n"),
        ("[server]\nx = 1.5\n", ""),
        ("server.x = 1\n", ""),
    ],
)
def test_a_table_is_taken_out_with_its_only_key_if_it_was_made_for_it(before: str, after: str) -> None:
    assert take_key(Document(before), ("server", "x")).text == after


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\nserver = {y = 1}\n", "line 2 writes the server table inline; write it as a [server] table first."),
        ("server = {x = 2}\n", "line 1 writes the server table inline; write it as a [server] table first."),
        ("server = 'x'\n", "line 1 gives server a value; write it as a [server] table first."),
        ("[[server]]\nx = 2\n", "line 1 begins [[server]], an array of tables; write it as one [server] table first."),
        ("[server]\n\n[server.x]\ny=1\n", "line 3 writes server.x as a table of its own; write it as one value first."),
        (
            "server.y = [[], []]\n\n",
            "server.x cannot be edited in this file, as the server could not read it then: the arrays above leave"
            " the server's reader inside a value; put an empty line here (at line 2, column 1); nothing was changed.",
        ),
    ],
)  # fmt: skip
def test_a_key_that_has_no_place_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Problem) as refused:
        put_key(Document(text), ("server", "x"), 1)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("text", ["server = {x = 1}\n", "[[server]]\nx = 1\n", "[server.x]\ny = 1\n"])
def test_a_key_that_is_no_line_of_its_own_is_not_taken_out(text: str) -> None:
    document = Document(text)
    if lookup(document.data, "server", "x") is None:
        assert take_key(document, ("server", "x")) is document
        return
    with pytest.raises(Problem, match=r"^line 1 writes"):
        take_key(document, ("server", "x"))


@pytest.mark.parametrize("key", ["a'b", 'a"b', "a\nb"])
def test_a_key_that_the_server_cannot_read_is_refused(key: str) -> None:
    with pytest.raises(Problem, match=r"^the key .* holds a quote or a control character"):
        put_key(Document(""), ("a", key), 1)


@given(st.text())
def test_any_string_is_read_as_it_was_written(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert Document(f"x = {write_value(text)}\n").data == {"x": text}
    assert tomllib.loads(f"x = {write_value(text)}\n") == {"x": text}


# Entries


@settings(max_examples=400, deadline=None)
@given(files(), st.sampled_from(list(ENTRIES)), st.integers(0, 3))
def test_an_entry_put_in_anywhere_and_taken_out_leaves_the_very_same_bytes(
    text: str, path: tuple[str, ...], at: int
) -> None:
    document = document_or_none(text)
    if document is not None:
        assert_entry_put_and_taken(document, path, at)


@pytest.mark.parametrize("path", ENTRIES)
def test_an_entry_is_put_into_any_file_of_a_site_and_taken_out(path: tuple[str, ...]) -> None:
    for number, text in enumerate(sites()[::3]):
        assert_entry_put_and_taken(Document(text), path, number % 3)


def assert_entry_put_and_taken(document: Document, path: tuple[str, ...], at: int) -> None:
    found = entries(document, path)
    before = found[at] if at < len(found) else None
    index = before.index if before else len(found)
    added = put_entry(document, path, ENTRIES[path], before)
    assert_inserted(document.text, added.text)
    mine = entries(added, path)[index]
    assert mine.table == ENTRIES[path]
    assert change_entry(added, mine, ENTRIES[path]) is added, "a second run changes something"
    assert take_entries(added, [mine]).text == document.text


def test_an_entry_is_written_with_the_tables_inside_it() -> None:
    assert put_entry(Document("[a]\n"), ("event_listener",), LISTENER).text == f"[a]\n\n{LISTENER_TEXT}"


def test_values_of_an_entry_change_in_place_and_missing_ones_follow_its_own() -> None:
    text = "[[e]]\r\na = 1 # a\r\n\r\n  [e.p] # p\r\n  b = [\r\n1]\r\n\r\n[[e]]\r\na = 2\r\n"
    document = Document(text)
    changes = {"a": 3, "c": "x", "p": {"b": [], "d": True}}
    after = change_entry(document, entries(document, ("e",))[0], changes)
    assert after.text == (
        '[[e]]\r\na = 3 # a\r\nc = "x"\r\n\r\n  [e.p] # p\r\nd = true\r\n  b = []\r\n\r\n[[e]]\r\na = 2\r\n'
    )
    assert change_entry(after, entries(after, ("e",))[0], changes).text == after.text


def test_a_table_is_put_into_one_entry_and_taken_out_of_it_again() -> None:
    document = Document("[[e]]\na = 1\n\n[x]\ny = 1\n\n[[e]]\na = 2\n[e.p.q]\nz = 1\n")
    for index, inside in (
        (0, "[[e]]\na = 1\n\n[e.p]\nd = 4\n\n[x]"),
        (1, "a = 2\n[e.p]\nd = 4\n\n[e.p.q]\n"),
    ):
        entry = entries(document, ("e",))[index]
        after = put_key(document, ("p", "d"), 4, within=entry)
        assert inside in after.text
        assert after.data["e"][index]["p"]["d"] == 4
        assert take_key(after, ("p", "d"), within=entries(after, ("e",))[index]).text == document.text


@settings(max_examples=200, deadline=None)
@given(files(), st.lists(st.sampled_from(["1", "2", "3"]), min_size=2, max_size=5), st.data())
def test_moving_an_entry_changes_the_order_and_nothing_else(
    text: str, ids: list[str], data: st.DataObject
) -> None:
    document = document_or_none(
        text + "".join(f'\n[[e]]\nid = "{each}" # {each}\n[e.p]\nx = 1\n' for each in ids)
    )
    if document is None:
        return
    found = entries(document, ("e",))
    entry = data.draw(st.sampled_from(found))
    before = data.draw(st.sampled_from([*found, None]))
    after = move_entry(document, entry, before)
    expected = [each for each in found if each.index != entry.index]
    at = len(expected) if before is None else before.index - (before.index > entry.index)
    expected.insert(at, entry)
    assert [each.table for each in entries(after, ("e",))] == [each.table for each in expected]
    # Its last line ends as the file's others do.
    assert entry.text_in(document).rstrip("\r\n") in after.text
    assert sorted(after.text.split()) == sorted(document.text.split())
    assert move_entry(after, entries(after, ("e",))[at], None if before is None else entries(after, ("e",))[at + 1]
                      if at + 1 < len(expected) else None) is after  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(files(), st.lists(st.booleans(), min_size=1, max_size=6), st.booleans())
def test_several_entries_taken_out_at_once_leave_what_taking_them_out_from_the_last_on_leaves(
    text: str, taken: list[bool], blank: bool
) -> None:
    blanks = "\n" if blank else ""
    document = document_or_none(
        text + "\n" + blanks.join(f"[[e]]\nid = {number}\n" for number in range(len(taken)))
    )
    if document is None:
        return
    gone = [entry for entry, out in zip(entries(document, ("e",)), taken, strict=True) if out]
    one_by_one = document
    for entry in reversed(gone):
        one_by_one = take_entries(one_by_one, [entries(one_by_one, ("e",))[entry.index]])
    assert take_entries(document, gone).text == one_by_one.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[e]\na = [{x = 1}]\n", "line 2 writes e.a inline or in pieces; write each entry as one [[e.a]] table first."),
        ("e = {a = 1}\n", "line 1 writes e.a inline or in pieces; write each entry as one [[e.a]] table first."),
        ("[e.a]\n", "line 1 writes e.a inline or in pieces; write each entry as one [[e.a]] table first."),
        ("[[e.a]]\n[x]\n[e.a.b]\n", "line 3 writes e.a inline or in pieces; write each entry as one [[e.a]] table first."),
        ("\n[[e]]\n[[e.a]]\n", "line 2 begins [[e]], so that entries below it are part of that array; write it as [e] first."),
    ],
)  # fmt: skip
def test_an_array_that_has_no_lines_of_its_own_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(Problem) as refused:
        entries(Document(text), ("e", "a"))
    assert str(refused.value) == sentence


# The assertion


@pytest.mark.parametrize(
    "after",
    [
        "[a]\nb = 2\n[s]\nx = 1\n",
        "[a]\nb = true\n[s]\nx = 1\n",
        "[a]\nb = 1\n[s]\nx = 2\n",
        "[a]\nb = 1\n[s]\nx = true\n",
        "[a]\nb = 1\n[s]\nx = 1\ny = 1\n",
        "[a]\nb = 1\nc = 2\n[s]\nx = 1\n",
        "[a]\nb = 1\n",
        "[s]\nx = 1\n",
        "[a]\nb = 1\n[[s]]\nx = 1\n",
    ],
)
def test_an_edit_that_is_not_the_one_wanted_is_never_taken(after: str) -> None:
    before = Document("[a]\nb = 1\n")
    assert_only(before, Document("[s]\nx = 1\n[a]\nb = 1\n"), ("s", "x"), 1)
    with pytest.raises(
        Problem, match=r"^s\.x cannot be edited in this file without changing something else; nothing"
    ):
        assert_only(before, Document(after), ("s", "x"), 1)
