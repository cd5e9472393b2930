"""What is merged into a deployment.toml as data or as a snippet: where it lands, what stays, and the way back."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.merge import (
    Merge,
    put_all,
    take_all,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import TomlError
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.record import Record
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.wanted import Wanted, parse_wanted
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deployment_files import EDITED, GROUPS, LATER_SNIPPETS, SNIPPETS, STOCK
from support.toml_files import PIECES

IDENTITIES = {
    ("resource", "access_control"): ("context", "http_method"),
    ("event_listener",): ("name",),
}
LISTENER = "org.wso2.is.notification.ApimOauthEventInterceptor"


def wanted(snippet: str | None = None, **tables: Any) -> Wanted:
    return parse_wanted(tables or None, snippet, IDENTITIES)


def put(text: str, asked: Wanted, record: Record | None = None) -> Merge:
    return put_all(Document(text), asked, record or Record())


def there_and_back(text: str, asked: Wanted) -> str:
    """The text with what is asked for; a second time nothing changes, and taken out it is as before."""
    merged = put(text, asked)
    again = put(merged.document.text, asked, merged.record)
    assert (again.document.text, again.changes) == (merged.document.text, [])
    assert again.record == merged.record
    back = take_all(merged.document, asked, merged.record)
    assert (back.document.text, back.unknown, back.foreign) == (text, [], [])
    assert_only_theirs(back.record)
    twice = take_all(back.document, asked, back.record)
    assert (twice.document.text, twice.changes, twice.unknown, twice.record) == (text, [], [], back.record)
    return merged.document.text


def assert_only_theirs(record: Record) -> None:
    """All that is remembered is what was there before, for the next run not to take it out."""
    assert all(trace.now is not None and trace.was == trace.now for trace in record.traces.values())


# Case -> the file, what is wanted, and the file as it becomes.
PLACES: dict[str, tuple[str, Wanted, str]] = {
    "a table that is missing": ("[a]\nx = 1\n", wanted("[oauth]\ny = true\n"), "[a]\nx = 1\n\n[oauth]\ny = true\n"),
    "a file that is empty": ("", wanted("z = 0\n[a]\nx = 1\n[b]\ny = 2\n"), "z = 0\n\n[a]\nx = 1\n\n[b]\ny = 2\n"),
    "a table that is there": (
        "[oauth] # o\n# c\na = 1\n[b]\n",
        wanted("[oauth]\ny = true\nz = 2\n"),
        "[oauth] # o\ny = true\nz = 2\n# c\na = 1\n[b]\n",
    ),
    "a table that is there only by what is inside it": (
        "# t\n[oauth.token_cleanup]\nenable = false\n",
        wanted("[oauth]\ny = true\n"),
        "[oauth]\ny = true\n\n# t\n[oauth.token_cleanup]\nenable = false\n",
    ),
    "both a table and the one above it": (
        "[a.b.c]\nx = 1\n",
        wanted(**{"a.b": {"y": 2}, "a": {"z": 3}}),
        "[a]\nz = 3\n\n[a.b]\ny = 2\n\n[a.b.c]\nx = 1\n",
    ),
    "dotted keys": ("oauth.a = 1\n[b]\n", wanted("[oauth]\ny = true\n"), "oauth.a = 1\noauth.y = true\n[b]\n"),
    "another value, in place": (
        "[server]\r\nhostname = 'localhost' # ours\r\n",
        wanted("[server]\nhostname = 'x.y'\n"),
        '[server]\r\nhostname = "x.y" # ours\r\n',
    ),
    "several lines as a value": (
        '[a]\nx = """\none\n"""\ny = [ # c\n  1,\n]\n',
        wanted(a={"x": "two", "y": [2, 3]}),
        '[a]\nx = "two"\ny = [2, 3]\n',
    ),
    "no line end": ("[a]\nx = 1", wanted(a={"y": 2}, b={"z": 3}), "[a]\ny = 2\nx = 1\n\n[b]\nz = 3"),
    "no line end, a header": ("[a]", wanted(a={"y": 2, "z": 3}, b={"z": 3}), "[a]\ny = 2\nz = 3\n\n[b]\nz = 3"),
    "an entry, then a further one": (
        '[[event_listener]]\nname = "a"\n[event_listener.properties]\nx = 1\n[b]\n',
        wanted(event_listener=[{"name": "c", "properties": {"y": 2}}, {"name": "d"}]),
        '[[event_listener]]\nname = "a"\n[event_listener.properties]\nx = 1\n\n[[event_listener]]\nname = "c"\n'
        '[event_listener.properties]\ny = 2\n\n[[event_listener]]\nname = "d"\n[b]\n',
    ),
    "an entry by its identity, in place": (
        '[[event_listener]]\n# why\norder = 9 # o\nname = "a"\n\n[[event_listener]]\nname = "b"\n[c]\n',
        wanted(event_listener=[{"name": "a", "order": 1, "properties": {"x": 1, "y": 2}}]),
        '[[event_listener]]\n# why\norder = 1 # o\nname = "a"\n\n[event_listener.properties]\nx = 1\ny = 2\n\n'
        '[[event_listener]]\nname = "b"\n[c]\n',
    ),
    "an entry of an array without an identity": (
        '[[x.y]]\na = 1\n', wanted(**{"x.y": [{"a": 1}, {"a": 2}]}), '[[x.y]]\na = 1\n\n[[x.y]]\na = 2\n'
    ),
    "methods in another order and case": (
        '[[resource.access_control]]\ncontext = "c"\nhttp_method = "get,HEAD"\n',
        wanted(**{"resource.access_control": [{"context": "c", "http_method": "HEAD, GET"}]}),
        '[[resource.access_control]]\ncontext = "c"\nhttp_method = "HEAD, GET"\n',
    ),
    "methods as a list": (
        '[[resource.access_control]]\ncontext = "c"\nhttp_method = ["GET", "HEAD"]\n',
        wanted("[[resource.access_control]]\ncontext = 'c'\nhttp_method = 'HEAD, GET'\n"),
        '[[resource.access_control]]\ncontext = "c"\nhttp_method = "HEAD, GET"\n',
    ),
    "a table and entries inside it": (
        "[x]\ny = 1\n",
        wanted("[c]\nenable = true\n[[c.map]]\nuser = ['*']\n"),
        "[x]\ny = 1\n\n[c]\nenable = true\n\n[[c.map]]\nuser = [\"*\"]\n",
    ),
    "a table above entries that are there": (
        "[[c.map]]\nx = 1\n", wanted(c={"enable": True}), "[c]\nenable = true\n\n[[c.map]]\nx = 1\n"
    ),
    "quoted names": (
        "",
        wanted(**{"a.'b.c'": {"header.X": "y"}}),
        "[a.'b.c']\n'header.X' = \"y\"\n",
    ),
    "numbers, dates, lists and tables": (
        "",
        wanted("[a]\nx = 1e-5\ny = 1979-05-27T07:32:00Z\nz = [[1, 2], [3]]\nt = {a = 1, b = 'c'}\nu = 0x1F\n"),
        '[a]\nx = 1e-5\ny = 1979-05-27T07:32:00Z\nz = [[1, 2], [3]]\nt = {a = 1, b = "c"}\nu = 31\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACES)
def test_what_is_wanted_lands_in_what_is_there_and_leaves_no_trace(case: str) -> None:
    text, asked, expected = PLACES[case]
    assert there_and_back(text, asked) == expected


def test_a_value_that_was_changed_twice_goes_back_to_the_first() -> None:
    text = '[server]\nhostname = "localhost" # c\n'
    first = put(text, wanted(server={"hostname": "a"}))
    second = put(first.document.text, wanted(server={"hostname": "b"}), first.record)
    back = take_all(second.document, wanted(server={"hostname": "b"}), second.record)
    assert back.document.text == text and back.record == Record()


def test_a_value_that_somebody_else_has_changed_since_stays() -> None:
    merged = put('[server]\nhostname = "localhost"\n', wanted(server={"hostname": "a"}))
    theirs = merged.document.text.replace('"a"', '"theirs"')
    back = take_all(Document(theirs), wanted(server={"hostname": "a"}), merged.record)
    assert (back.document.text, back.foreign) == (theirs, [("server", "hostname")])
    # It is what stood before from now on.
    again = put(theirs, wanted(server={"hostname": "a"}), merged.record)
    assert take_all(again.document, wanted(server={"hostname": "a"}), again.record).document.text == theirs


def test_what_was_put_in_is_known_though_something_else_is_wanted_by_now() -> None:
    merged = put('[server]\nhostname = "localhost"\n', wanted(server={"hostname": "a"}))
    back = take_all(merged.document, wanted(server={"hostname": "other"}), merged.record)
    assert back.document.text == '[server]\nhostname = "localhost"\n' and not back.foreign


def follow(text: str, asked: Wanted | None, record: Record | None = None) -> Merge:
    """What is put in for one purpose, and nothing else any more that was put in for it."""
    return put_all(Document(text), asked or NOTHING, record or Record(), "ours")


NOTHING = Wanted([], [], IDENTITIES)


@pytest.mark.parametrize("case", PLACES)
def test_what_is_not_wanted_any_more_for_a_purpose_is_taken_out(case: str) -> None:
    text, asked, expected = PLACES[case]
    merged = follow(text, asked)
    assert merged.document.text == expected
    again = follow(expected, asked, merged.record)
    assert (again.changes, again.record) == ([], merged.record)
    back = follow(expected, None, merged.record)
    assert (back.document.text, back.unknown, back.foreign) == (text, [], [])
    assert back.record.purposes() == []
    assert_only_theirs(back.record)
    assert take_all(merged.document, NOTHING, merged.record, "ours").document.text == text
    other = put_all(merged.document, NOTHING, merged.record, "another purpose")
    assert (other.document.text, other.record) == (expected, merged.record)


def test_one_snippet_after_another_for_a_purpose_is_the_last_one_alone() -> None:
    for first, second in itertools.permutations(SNIPPETS, 2):
        merged = follow(STOCK, wanted(SNIPPETS[first]))
        merged = follow(merged.document.text, wanted(SNIPPETS[second]), merged.record)
        assert merged.document.text == put(STOCK, wanted(SNIPPETS[second])).document.text
        assert follow(merged.document.text, None, merged.record).document.text == STOCK


def test_what_a_purpose_wants_less_of_in_an_entry_that_was_there_goes_back() -> None:
    text = '[[event_listener]]\nname = "a"\norder = 7\n'
    both = wanted(event_listener=[{"name": "a", "order": 1, "properties": {"x": 1, "y": 2}}])
    merged = follow(text, both)
    less = follow(merged.document.text, wanted(event_listener=[{"name": "a", "order": 1}]), merged.record)
    assert less.document.text == text.replace("7", "1")
    assert follow(less.document.text, None, less.record).document.text == text


def test_an_entry_of_a_purpose_is_another_one_by_now() -> None:
    mapping = {"thumb": "A", "user": ["x"]}
    text = '[c]\nenable = true\n\n[[c.map]]\nthumb = "A"\nuser = ["theirs"]\n'
    merged = follow(text, wanted(**{"c.map": [mapping]}))
    other = follow(merged.document.text, wanted(**{"c.map": [{**mapping, "thumb": "B"}]}), merged.record)
    assert other.document.text == f'{text}\n[[c.map]]\nthumb = "B"\nuser = ["x"]\n'
    assert follow(other.document.text, None, other.record).document.text == text


def test_an_entry_goes_though_its_identity_is_not_given_any_more() -> None:
    known = parse_wanted({"x.y": [{"name": "a", "z": 1}]}, None, {**IDENTITIES, ("x", "y"): ("name",)})
    for text in ("", '[[x.y]]\nname = "a"\nz = 0\nw = 2\n'):
        merged = follow(text, known)
        assert merged.document.text != text
        assert follow(merged.document.text, None, merged.record).document.text == text


def test_what_is_somebody_elses_by_now_stays_when_a_purpose_ends() -> None:
    merged = follow(STOCK, wanted(a={"x": 1, "y": 2}, m=[{"n": 1}]))
    theirs = merged.document.text.replace("x = 1", "x = 3").replace("n = 1", "n = 3")
    back = follow(theirs, None, merged.record)
    assert (back.document.text, back.foreign) == (theirs.replace("y = 2\n", ""), [("a", "x")])
    assert back.record.purposes() == []
    for written in ("a = {x = 1, y = 2}", "a.x.b = 1", "[[a]]\nx = 1\n"):
        theirs = merged.document.text.replace("[a]\nx = 1\ny = 2", written).replace("[[m]]\nn = 1", "")
        back = follow(theirs, None, merged.record)
        assert (back.document.text, back.record.purposes()) == (theirs, [])


def test_what_two_purposes_want_is_for_the_first_and_what_was_there_is_for_none() -> None:
    text = "[c]\nz = 0\n"
    first = put_all(Document(text), wanted(c={"x": 1, "z": 0}), Record(), "first")
    second = put_all(first.document, wanted(c={"x": 1, "y": 2}), first.record, "second")
    less = put_all(second.document, NOTHING, second.record, "second")
    assert less.document.text == first.document.text
    assert put_all(less.document, NOTHING, less.record, "first").document.text == text
    changed = put_all(first.document, wanted(c={"x": 9}), first.record, "second")
    assert put_all(changed.document, NOTHING, changed.record, "first").document.text == changed.document.text
    assert put_all(changed.document, NOTHING, changed.record, "second").document.text == text


def test_without_a_record_a_key_and_an_entry_are_taken_out_and_that_is_told() -> None:
    text = '[oauth]\ny = true\n[[event_listener]]\nname = "a"\nx = 1\n'
    back = take_all(Document(text), wanted(oauth={"y": True}, event_listener=[{"name": "a"}]), Record())
    assert back.document.text == "[oauth]\n"
    assert back.unknown == [("oauth", "y"), ("event_listener", {"name": "a"})]


def test_what_others_put_into_our_table_stays_with_its_header() -> None:
    merged = put("", wanted(oauth={"y": True}))
    for theirs in ("x = 1\n", "# theirs\n"):
        text = merged.document.text + theirs
        back = take_all(Document(text), wanted(oauth={"y": True}), merged.record)
        assert back.document.text == f"[oauth]\n{theirs}"


def test_an_entry_that_was_there_goes_back_to_what_it_said() -> None:
    text = '[[event_listener]]\nname = "a"\norder = 7 # theirs\n'
    asked = wanted(event_listener=[{"name": "a", "order": 1, "properties": {"x": 1}}])
    there_and_back(text, asked)


def test_several_are_put_in_and_taken_out_in_any_order() -> None:
    for order in itertools.permutations(SNIPPETS):
        for back_order in (order, tuple(reversed(order))):
            document, record = Document(STOCK), Record()
            for name in order:
                merged = put_all(document, wanted(SNIPPETS[name]), record)
                document, record = merged.document, merged.record
            for name in back_order:
                merged = take_all(document, wanted(SNIPPETS[name]), record)
                document, record = merged.document, merged.record
            assert (document.text, record) == (STOCK, Record())


# Case -> the file, what is wanted, and the sentence.
REFUSED: dict[str, tuple[str, Any, str]] = {
    "a key that is a table": (
        "x = 1\n[oauth]\ny = 1\n",
        {"oauth": True},
        "line 2 writes oauth as a table of its own; write it as one value first.",
    ),
    "a table that is a key": (
        "oauth = true\n", {"oauth": {"y": 1}}, "line 1 gives oauth a value; write it as a [oauth] table first."
    ),
    "an inline table": (
        "oauth = {y = 1}\n",
        {"oauth": {"y": 2}},
        "line 1 writes the oauth table inline; write it as a [oauth] table first.",
    ),
    "a table that is an array": (
        "[[x]]\ny = 1\n", {"x": {"y": 2}},
        "line 1 begins [[x]], an array of tables; write it as one [x] table first.",
    ),
    "an array that is a table": (
        "[x]\ny = 1\n", {"x": [{"y": 2}]},
        "line 1 makes x one table; give it as [x], or write it as [[x]] first.",
    ),
    "an array that is written inline": (
        "x = [{y = 1}]\n", {"x": [{"y": 2}]},
        "line 1 writes x inline or in pieces; write each entry as one [[x]] table first.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_merged_is_refused_in_one_sentence(case: str) -> None:
    text, tables, sentence = REFUSED[case]
    with pytest.raises(Problem) as refused:
        put(text, wanted(**tables))
    assert str(refused.value) == sentence


# Case -> tables, snippet, and the sentence.
BAD: dict[str, tuple[dict[str, Any] | None, str | None, str]] = {
    "no TOML": (
        None, "[oauth]\ny = tru\n",
        "The snippet is not what a server can read: a value was expected (at line 2, column 5); correct it,"
        " nothing was changed.",
    ),
    "a quote of a word processor": (
        None, "[x]\npassword = \"<password>\u201d\n",
        "The snippet is not what a server can read: a string is not closed, or holds a character that the server"
        " does not take in one (at line 2, column 12); correct it, nothing was changed.",
    ),
    "a dotted key below a header": (
        None, "[server]\nhostname = 'x'\n  oauth.y = true\n",
        "Line 3, column 3 of the snippet gives oauth.y below [server], so that it would be server.oauth.y; put it"
        " above all headers if oauth.y is meant, in quotes if the dot is part of the key, or below a header"
        " [server.oauth].",
    ),
    "a table in the place of a known array": (
        None, "[event_listener.properties]\nx = 1\n",
        "event_listener.properties.x would be part of event_listener, which is an array of tables; give it in an"
        " entry [[event_listener]] with its name.",
    ),
    "an entry without its identity": (
        None, "[[event_listener]]\nid = 'x'\n",
        "An entry of [[event_listener]] has no name, by which it is known among the others; give its name.",
    ),
    "an entry without half of its identity": (
        {"resource.access_control": [{"context": "x"}]}, None,
        "An entry of [[resource.access_control]] has no http_method, by which it is known among the others; give"
        " its context and http_method.",
    ),
    "an entry twice": (
        {"event_listener": [{"name": "x"}, {"name": "x"}]}, None,
        "Two entries of [[event_listener]] have the same name; give each entry once.",
    ),
    "an entry in both": (
        {"event_listener": [{"name": "x"}]}, "[[event_listener]]\nname = 'x'\n",
        "Two entries of [[event_listener]] have the same name; give each entry once.",
    ),
    "a key in both": (
        {"oauth": {"y": True}}, "[oauth]\ny = true\n", "Both tables and snippet give oauth.y; give it once."
    ),
    "a key in one, a table in the other": (
        {"oauth": True}, "[oauth]\ny = true\n", "Both tables and snippet give oauth; give it once."
    ),
    "a key twice": ({"a.b": {"c": 1}, "a": {"b": {"c": 1}}}, None, "tables gives a.b.c twice; give it once."),
    "a template": (
        {"a": {"b": "x {{ y }}"}}, None,
        "The value of a.b holds '{{', which the server takes for the beginning of a template; use a text without it.",
    ),
    "a template in a snippet, in an entry": (
        None, "[[event_listener]]\nname = 'x'\n[event_listener.properties]\ny = ['{% z %}']\n",
        "The value of event_listener.properties.y holds '{%', which the server takes for the beginning of a"
        " template; use a text without it.",
    ),
    "no value": ({"a": {"b": None}}, None, "a.b has no value, and TOML has none for that; give one, or leave it out."),
    "values of several types": (
        {"a": {"b": [1, "x"]}}, None,
        "a.b is a list of values of more than one type; give values of one type, the server reads no others.",
    ),
    "tables and values": (
        {"a": {"b": [{"x": 1}, 2]}}, None,
        "a.b is a list of values of more than one type; give values of one type, the server reads no others.",
    ),
    "an empty list where tables are written in braces": (
        {"a": {"b": [[{"c": []}]]}}, None,
        "a.b.c is an empty list in a table inside a list, which the server does not read; leave it out.",
    ),
    "a number too large": ({"a": {"b": 2**63}}, None, "a.b is a larger number than a server reads; give it as a string."),
    "nothing": ({"a": {}}, "# nothing\n", "Neither tables nor snippet says anything; give at least one key."),
    "a name that is none": (
        {"a b": {"c": 1}}, None,
        "tables names 'a b', which is no table's name: ']' was expected (at line 1, column 4); write it as between"
        " the brackets of its header.",
    ),
    "a name that is more": (
        {"a]\n[b": {"c": 1}}, None, "tables names 'a]\\n[b', which is no table's name; give one table's name."
    ),
    "a key outside of ASCII": (
        None, "[a]\n'gr\u00f6\u00dfe' = 1\n",
        "The key a.'gr\u00f6\u00dfe' holds a character outside of ASCII, which the server does not read; use a key without it.",
    ),
    "a table outside of ASCII": (
        {"'gr\u00f6\u00dfe'.b": {"c": 1}}, None,
        "The key 'gr\u00f6\u00dfe' holds a character outside of ASCII, which the server does not read; use a key without it.",
    ),
    "a table that is a template": (
        {"a.'{{x}}'": {"b": 1}}, None,
        "The key a.'{{x}}' holds '{{', which the server takes for the beginning of a template; use a text without it.",
    ),
    "a key that is a template": (
        {"a": {"{{x}}": 1}}, None,
        "The key a.'{{x}}' holds '{{', which the server takes for the beginning of a template; use a text without it.",
    ),
    "a key with a quote": (
        {"a": {"b'c": 1}}, None,
        "the key \"b'c\" holds a quote or a control character, which the server cannot read; use a key without it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_one_sentence_before_any_file_is_looked_at(case: str) -> None:
    tables, snippet, sentence = BAD[case]
    with pytest.raises(Problem) as refused:
        put("", parse_wanted(tables, snippet, IDENTITIES))
    assert str(refused.value) == sentence


def test_a_dotted_key_that_is_meant_is_taken() -> None:
    meant = (("multi_tenancy", "stratos", "public_cloud_setup"),)
    asked = parse_wanted(None, "[multi_tenancy]\nstratos.public_cloud_setup = false\n", IDENTITIES, meant)
    assert there_and_back("[multi_tenancy]\nx = 1\n", asked) == (
        "[multi_tenancy]\nx = 1\n\n[multi_tenancy.stratos]\npublic_cloud_setup = false\n"
    )


TABLES = (
    {"oauth": {"authorize_all_scopes": True, "token_cleanup": {"enable": False}}},
    {"server": {"hostname": "x.y", "offset": 3}},
    {"tenant.quoted": {"a.b": 2, "new": [1.5]}},
    {"event_listener": [{"name": "n", "id": "x", "properties": {"header.X": "y", "z": "w"}}]},
    {"resource.access_control": [{"context": "(.*)", "http_method": "all", "more": {"x": 2, "y": 3}}]},
    {"inline": {"list": [3], "other": "x"}},
    {"top": 1, "text": {"long": "short"}},
    {"times": {"b": 1.0, "c": False}},
    {"x": {"y": {"z": 1}}, "resource": {"w": 1}},
    {"x.list": [{"a": 1, "b": [{"c": 1}]}]},
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=6, unique=True),
    st.lists(st.sampled_from([*TABLES, *SNIPPETS.values()]), min_size=1, max_size=4, unique_by=repr),
    st.booleans(),
)
def test_in_any_file_any_of_them_is_put_in_once_and_leaves_no_trace(
    pieces: list[str], asked: list[Any], reverse: bool
) -> None:
    try:
        document = Document("".join(pieces))
    except TomlError:
        return
    record = Record()
    done = []
    for each in asked:
        one = (
            parse_wanted(None, each, IDENTITIES)
            if isinstance(each, str)
            else parse_wanted(each, None, IDENTITIES)
        )
        try:
            merged = put_all(document, one, record)
        except Problem as refused:
            assert str(refused).endswith(".") and "\n" not in str(refused)
            continue
        assert put_all(merged.document, one, merged.record).document.text == merged.document.text
        document, record = merged.document, merged.record
        done.append(one)
    for one in reversed(done) if reverse else done:
        merged = take_all(document, one, record)
        document, record = merged.document, merged.record
    if not _share(done) or reverse:
        assert document.text == "".join(pieces)
        assert_only_theirs(record)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=6, unique=True),
    st.lists(st.sampled_from([*TABLES, *SNIPPETS.values()]), min_size=1, max_size=4, unique_by=repr),
)
def test_in_any_file_a_purpose_ends_without_a_trace(pieces: list[str], asked: list[Any]) -> None:
    text = "".join(pieces)
    try:
        document = Document(text)
    except TomlError:
        return
    record = Record()
    for each in asked:
        one = wanted(each) if isinstance(each, str) else wanted(**each)
        try:
            merged = follow(document.text, one, record)
        except Problem:
            continue
        document, record = merged.document, merged.record
        assert follow(document.text, one, record).document.text == document.text
    back = follow(document.text, None, record)
    assert (back.document.text, back.foreign, back.record.purposes()) == (text, [], [])
    assert_only_theirs(back.record)


def _share(done: list[Wanted]) -> bool:
    """Whether two of them are about the same thing, so that only the reverse order leads back."""
    keys = [path for one in done for path, _value in one.keys]
    found = [repr((path, one.identity_of(path, table))) for one in done for path, table in one.entries]
    return len(set(keys)) < len(keys) or len(set(found)) < len(found)


@pytest.mark.parametrize("name", LATER_SNIPPETS)
def test_every_file_of_a_site_takes_each_snippet_and_gives_it_back(name: str) -> None:
    asked = wanted(LATER_SNIPPETS[name])
    for group in GROUPS.values():
        for text in group.files.values():
            with (
                contextlib.suppress(Problem, TomlError) if group.fate != EDITED else contextlib.nullcontext()
            ):
                there_and_back(text, asked)
