"""Plans for [[resource.access_control]] entries: what changes, what stays, what is refused."""

from __future__ import annotations

import re
import time
import tomllib

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.access_control import (
    ARRAY,
    Entry,
    _matches,
    _tokens,
    normalise_method,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import TomlError
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.tables import assert_only
from hypothesis import given, settings
from hypothesis import strategies as st
from support.toml_files import PIECES

STANZA = Entry("(.*)/scim2/Me", "GET", True, True, (), ())
STANZA_TEXT = '[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nsecure=true\nhttp_method="GET"\ncross_tenant=true\npermissions=[]\nscopes=[]'


def present(text: str, wanted: Entry = STANZA, position: str = "first") -> str:
    return plan_present(Document(text), wanted, position).text


def absent(text: str, wanted: Entry = STANZA) -> str:
    return plan_absent(Document(text), wanted).text


def entries(text: str) -> list[dict[str, object]]:
    return tomllib.loads(text).get("resource", {}).get("access_control", [])


@st.composite
def files(draw: st.DrawFn) -> str:
    chosen = draw(st.lists(st.sampled_from(PIECES), max_size=8))
    text = "".join(piece if piece.endswith("\n") else piece + "\n" for piece in chosen)
    text = text[:-1] if draw(st.booleans()) and not text.endswith("\r\n") else text
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if draw(st.booleans()) else text


def document_or_none(text: str) -> Document | None:
    try:
        return Document(text)
    except TomlError:  # the pieces chosen may repeat a table
        return None


@settings(max_examples=400, deadline=None)
@given(files(), st.sampled_from(["first", "last"]))
def test_an_entry_put_in_and_taken_out_leaves_the_very_same_bytes(text: str, position: str) -> None:
    document = document_or_none(text)
    if document is None:
        return
    added = plan_present(document, STANZA, position).text
    assert plan_present(Document(added), STANZA, position).text == added, "a second run changes something"
    assert to_bytes(absent(added)) == to_bytes(text)


@settings(max_examples=200, deadline=None)
@given(files(), st.sampled_from(["first", "last"]))
def test_only_the_entry_and_its_blank_line_are_new(text: str, position: str) -> None:
    document = document_or_none(text)
    if document is None:
        return
    added = plan_present(document, STANZA, position).text
    newline = "\r\n" if "\r\n" in added else "\n"
    at = added.replace("\r\n", "\n").find(STANZA_TEXT)
    assert at >= 0
    without = added.replace("\r\n", "\n").replace(STANZA_TEXT, "", 1)
    assert sorted(line for line in without.split("\n") if line.strip()) == sorted(
        line for line in text.replace("\r\n", "\n").split("\n") if line.strip()
    )
    if "\r\n" in text:
        assert "\n" not in added.replace("\r\n", "") or "\n" in text.replace("\r\n", "")
    assert newline in added


@settings(max_examples=200, deadline=None)
@given(files(), st.booleans(), st.booleans(), st.lists(st.sampled_from(["a", "internal_login"]), max_size=2))
def test_changing_values_changes_only_the_entry(
    text: str, secure: bool, cross_tenant: bool, scopes: list[str]
) -> None:
    document = document_or_none(text)
    if document is None:
        return
    first = present(text)
    wanted = Entry(STANZA.context, STANZA.http_method, secure, cross_tenant, (), tuple(scopes))
    second = present(first, wanted)
    assert present(second, wanted) == second
    assert absent(second, wanted) == text
    ours = [
        entry
        for entry in _entries_of(second)
        if entry.get("context") == STANZA.context and entry.get("http_method") == "GET"
    ]
    assert ours == [wanted.as_table()]


def _entries_of(text: str) -> list[dict[str, object]]:
    return Document(text).data.get("resource", {}).get("access_control", [])


def test_a_new_entry_is_the_documents_own_text() -> None:
    assert present("[server]\nx=1\n") == f"[server]\nx=1\n\n{STANZA_TEXT}\n"


def test_a_new_entry_comes_before_the_first_one_and_its_comment() -> None:
    text = '[a]\n\n# about it\n[[resource.access_control]]\ncontext="(.*)"\nhttp_method="all"\n'
    assert (
        present(text)
        == f'[a]\n\n{STANZA_TEXT}\n\n# about it\n[[resource.access_control]]\ncontext="(.*)"\nhttp_method="all"\n'
    )


def test_position_last_says_what_wins() -> None:
    text = '[[resource.access_control]]\ncontext="(.*)"\nhttp_method="all"\n'
    plan = plan_present(Document(text), STANZA, "last")
    assert plan.shadowed_by == ["(.*)"]
    assert entries(plan.text)[1]["context"] == STANZA.context


@pytest.mark.parametrize(
    ("earlier", "moves"),
    [
        ('context="(.*)"\nhttp_method="GET"', True),
        ('context="(.*)/scim2/(.*)"\nhttp_method="POST, GET"', True),
        ('context="(.*)"\nhttp_method="All"', True),
        ('context="(.*)"\nhttp_method="get"', False),
        ('context="(.*)"\nhttp_method="POST"', False),
        ('context="(.*)/scim2/Users"\nhttp_method="GET"', False),
        ('context="/o/(.*)"\nhttp_method="GET"', True),
        ('context="$env{CONTEXT}"\nhttp_method="GET"', True),
        ('context="(.*)"\nhttp_method="$ref{x.method}"', True),
        ('context="(.*)/other"\nhttp_method="$ref{x.method}"', False),
        ('context="(.*)"\nhttp_method=["GET"]', True),
        ('context="(.*"\nhttp_method="GET"', True),
    ],
)
def test_an_entry_is_moved_only_when_an_earlier_one_takes_its_requests(earlier: str, moves: bool) -> None:
    ours = STANZA_TEXT.replace("scopes=[]", "scopes=[] # kept")
    text = f"[[resource.access_control]]\n{earlier}\n\n{ours}\n"
    after = present(text)
    assert (after != text) is moves
    assert (entries(after)[0]["context"] == STANZA.context) is moves
    assert "# kept" in after
    assert present(after) == after


CATASTROPHE = "((.*)*)*!"


@pytest.mark.parametrize("context", [CATASTROPHE, "(a|a)*" * 20, "(" * 100000, "(.*)a" * 10000, "[" * 5000])
def test_a_files_regular_expression_is_never_run(context: str) -> None:
    began = time.process_time()
    text = f"[[resource.access_control]]\ncontext='{context}'\nhttp_method='GET'\n\n{STANZA_TEXT}\n"
    plain = context.endswith("(.*)a")
    plan = plan_present(Document(text), STANZA, "first")
    assert (plan.text != text) is not plain
    assert plan_present(Document(text), STANZA, "last").shadowed_by == ([] if plain else [context])
    assert time.process_time() - began < 5


@pytest.mark.parametrize("context", [CATASTROPHE, "(a|a)*" * 20])
def test_a_wanted_regular_expression_is_never_run(context: str) -> None:
    began = time.process_time()
    text = f"[[resource.access_control]]\ncontext='{'a' * 5000}'\nhttp_method='GET'\n\n"
    wanted = Entry(context, "GET", True, True, (), ())
    assert plan_present(Document(text), wanted, "last").shadowed_by == ["a" * 5000]
    assert time.process_time() - began < 5


@pytest.mark.parametrize("context", ["(" * 50000 + ")" * 50000, "a{99999999999999999999}"])
def test_a_wanted_regular_expression_beyond_pythons_limits_is_refused(context: str) -> None:
    with pytest.raises(Problem, match=r"^context is not a regular expression: .*; correct it\.$"):
        present("", Entry(context, "GET", True, True, (), ()))


PLAIN_CONTEXTS = st.lists(
    st.sampled_from(["(.*)", ".*", "/", "a", "b", ".", r"\.", r"\/", "ab"]), max_size=12
)


@settings(max_examples=1000, deadline=None)
@given(PLAIN_CONTEXTS.map("".join), st.text(alphabet="ab./", max_size=12))
def test_a_plain_context_takes_the_paths_that_its_regular_expression_takes(context: str, path: str) -> None:
    tokens = _tokens(context)
    assert tokens is not None
    assert _matches(tokens, path) is bool(re.fullmatch(context, path))


@pytest.mark.parametrize(
    "context", ["a+", "a*", "(.*)*", ".*?", "[ab]", "a|b", "(a)", r"\w", r"\1", "^a", "a$", "a{2}"]
)
def test_any_other_context_is_not_plain(context: str) -> None:
    assert _tokens(context) is None


def test_contexts_of_earlier_entries_are_told_without_what_steers_a_terminal() -> None:
    text = '[[resource.access_control]]\ncontext="(.*)[\\u001b]?"\nhttp_method="all"\n'
    assert plan_present(Document(text), STANZA, "last").shadowed_by == [r"(.*)[\x1b]?"]


@pytest.mark.parametrize(("method", "moves"), [("POST", True), ("post", False), ("", False), ("all", True)])
def test_an_entry_for_all_methods_is_moved_before_one_for_any_of_them(method: str, moves: bool) -> None:
    wanted = Entry(STANZA.context, "ALL", True, True, (), ())
    text = f'[[resource.access_control]]\ncontext="(.*)"\nhttp_method="{method}"\n\n{present("", wanted)}'
    assert (present(text, wanted) != text) is moves


def test_what_a_missing_key_means_is_not_written_for_it() -> None:
    text = '[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nhttp_method="GET"\nsecure=true\n'
    wanted = Entry(STANZA.context, "GET", True, False, (), ())
    assert present(text, wanted) == text
    assert present(text) == text + "cross_tenant=true\n"
    open_to_all = Entry(STANZA.context, "GET", False, False, (), ())
    assert present(text.replace("secure=true\n", ""), open_to_all) == text.replace(
        "secure=true", "secure=false"
    )


def test_a_method_with_blanks_is_written_anew_where_the_server_does_not_see_it() -> None:
    wanted = Entry(STANZA.context, "ALL", True, True, (), ())
    assert present(present("", wanted).replace('"ALL"', '" ALL "'), wanted) == present("", wanted)


@pytest.mark.parametrize(
    "after",
    [
        f"[a]\nb = 2\n\n{STANZA_TEXT}\n",
        f"[a]\nb = true\n\n{STANZA_TEXT}\n",
        f"[a]\nb = 1\n\n{STANZA_TEXT}\nmore = 1\n",
        f"[a]\nb = 1\n\n{STANZA_TEXT}\n\n{STANZA_TEXT}\n",
        f"[a]\nb = 1\n\n{STANZA_TEXT.replace('true', 'false')}\n",
        "[a]\nb = 1\n",
    ],
)
def test_an_edit_that_is_not_the_one_wanted_is_never_written(after: str) -> None:
    with pytest.raises(Problem, match="without changing something else"):
        assert_only(Document("[a]\nb = 1\n"), Document(after), ARRAY, [STANZA.as_table()])


def test_an_entry_is_updated_in_place_keeping_comments_order_and_style() -> None:
    text = (
        "[[resource.access_control]]\r\nscopes = ['x'] # s\r\n  http_method = 'get'# m\r\ncontext ="
        " '(.*)/scim2/Me'\r\nsecure = \"true\"\r\n# end\r\n[b]\r\n"
    )
    assert present(text) == (
        '[[resource.access_control]]\r\nscopes = [] # s\r\n  http_method = "GET"# m\r\ncontext ='
        " '(.*)/scim2/Me'\r\nsecure = true\r\n"
        "cross_tenant=true\r\n# end\r\n[b]\r\n"
    )


def test_several_equal_entries_become_one() -> None:
    text = f"{STANZA_TEXT}\n\n[b]\nx=1\n\n{STANZA_TEXT.replace('true', 'false')}\n\n[c]\n"
    after = present(text)
    assert entries(after) == [STANZA.as_table()]
    assert tomllib.loads(after)["b"] == {"x": 1}
    assert absent(text) == "[b]\nx=1\n\n[c]\n"


@pytest.mark.parametrize("method", ["GET, HEAD", "head,get", " all ", "ALL"])
def test_methods_are_written_in_upper_case(method: str) -> None:
    wanted = Entry(STANZA.context, normalise_method(method), True, True, (), ())
    after = present("", wanted)
    assert entries(after)[0]["http_method"] == method.strip().upper().replace(",G", ", G")
    assert present(after, wanted) == after


@pytest.mark.parametrize("bad", ["a&b", "<x>", 'q"q', "{{ x }}", "{% x %}", "a\nb", "(unclosed", ""])
def test_values_that_would_break_the_servers_xml_are_refused(bad: str) -> None:
    with pytest.raises(Problem):
        present("", Entry(bad, "GET", True, True, (), ()))


@pytest.mark.parametrize(
    "text",
    [
        "resource.access_control = [{context='a'}]\n",
        "[resource.access_control]\ncontext='a'\n",
        "[resource]\naccess_control = []\n",
        "resource = {access_control = [{context='a'}]}\n",
    ],
)
def test_the_inline_form_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(Problem, match=r"line \d writes resource.access_control inline"):
        present(text)


def test_an_entry_of_an_array_of_resources_is_refused_with_its_line() -> None:
    with pytest.raises(Problem, match=r"line 1 begins \[\[resource\]\], so that"):
        present(f"[[resource]]\n{STANZA_TEXT}\n")


def test_a_file_that_the_server_cannot_read_is_refused() -> None:
    with pytest.raises(
        TomlError,
        match=r"\[resource\] is there already or stands after something inside it.*line 9, column 1",
    ):
        Document(f"{STANZA_TEXT}\n\n[resource]\nx = 1\n")


@pytest.mark.parametrize(
    "text", ["[a\n", "a = \n", "x = 1\nx = 2\n", "\ufeffx = 1\n", 'a = """\n', "a = [1,\n"]
)
def test_broken_toml_is_refused_with_line_and_column(text: str) -> None:
    with pytest.raises(TomlError, match=r"line \d+, column \d+"):
        Document(text)
