"""The module on files: what it does in each case, what it says, and that check mode and a second run tell the
truth.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.cases import Happened, plain
from support.deployment_files import OTHER, STANZA, STOCK, entry
from support.modules import Outcome, run_module

PART = "is7_access_control"
ALL = entry(context='"(.*)"', http_method='"all"')

UNESCAPED = "which does not come through IS 7's XML configuration as it is; use a value without it."
UNREADABLE = "which the server cannot read"
CORRECT = "correct it first, nothing was changed."


def run(file: Path, check: bool = False, **options: Any) -> Outcome:
    return run_module("is7_access_control", check, path=str(file), **options)


def entries(text: str) -> list[dict[str, Any]]:
    return tomllib.loads(text).get("resource", {}).get("access_control", [])


# Case -> the file, the options, and the file as it becomes.
CHANGES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no entry": (STOCK, {}, f"{STOCK}\n{STANZA}"),
    "other entries: before them all": (f"# theirs\n{OTHER}", {}, f"{STANZA}\n# theirs\n{OTHER}"),
    "position=last: after them all": (
        f"{OTHER}[x]\ny = 1\n",
        {"position": "last"},
        f"{OTHER}\n{STANZA}[x]\ny = 1\n",
    ),
    "http_method 'get, head': in upper case": (
        "",
        {"http_method": "get, head"},
        STANZA.replace('"GET"', '"GET, HEAD"'),
    ),
    "http_method 'all': in upper case": ("", {"http_method": "all"}, STANZA.replace('"GET"', '"ALL"')),
    "secure=false: written, as a missing one means open": (
        "",
        {"secure": False},
        STANZA.replace("secure=true", "secure=false"),
    ),
    "scopes and permissions": (
        "",
        {"scopes": ["internal_login", "b"], "permissions": ["/p"]},
        STANZA.replace("permissions=[]\nscopes=[]", 'permissions=["/p"]\nscopes=["internal_login", "b"]'),
    ),
    "a context with a backslash": ("", {"context": r"/a\.b"}, STANZA.replace("(.*)/scim2/Me", r"/a\\.b")),
    "the entry with other values, string booleans too: in place, comments, order and style kept": (
        "[[resource.access_control]]\r\nscopes = ['x'] # s\r\n  http_method = 'get'# m\r\ncontext ="
        " '(.*)/scim2/Me'\r\nsecure = \"true\"\r\n# end\r\n[b]\r\n",
        {},
        '[[resource.access_control]]\r\nscopes = [] # s\r\n  http_method = "GET"# m\r\ncontext ='
        " '(.*)/scim2/Me'\r\nsecure = true\r\n"
        "cross_tenant=true\r\n# end\r\n[b]\r\n",
    ),
    "several equal entries: one is left": (
        f"{STANZA}\n[b]\nx=1\n\n{STANZA}\n{STANZA.replace('true', 'false')}",
        {},
        f"{STANZA}\n[b]\nx=1\n",
    ),
    "an earlier entry takes its requests: moved before it": (f"{ALL}\n{STANZA}", {}, f"{STANZA}\n{ALL}"),
    "state=absent": (f"{OTHER}\n{STANZA}[x]\ny = 1\n", {"state": "absent"}, f"{OTHER}[x]\ny = 1\n"),
    "state=absent, entries with other values": (
        f"{entry(secure='false')}\n{entry(scopes='[]')}",
        {"state": "absent"},
        "",
    ),
}

# Case -> the file and the options of runs that change nothing.
UNCHANGED: dict[str, tuple[str, dict[str, Any]]] = {
    "the entry is there": (STANZA, {}),
    "the entry is there, earlier ones take other requests: not moved": (
        f"{OTHER}{entry(context=chr(34) + '(.*)' + chr(34), http_method=chr(34) + 'POST' + chr(34))}{STANZA}",
        {},
    ),
    "state=absent and no entry": (STOCK, {"state": "absent"}),
    "state=absent and entries written inline": (
        "[resource]\naccess_control = [{context = '/a'}]\n",
        {"state": "absent"},
    ),
}

# Case -> the file, the options and the sentence.
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    **{
        f"{option} with {bad}": (
            "",
            {option: value},
            f"Editing FILE was refused: {option} holds {bad!r}, {UNESCAPED}",
        )
        for option, value, bad in (
            ("context", "/a&b", "&"),
            ("context", "/a<b", "<"),
            ("context", '/a"b', '"'),
            ("context", "/{{ a }}", "{{"),
            ("context", "/caf\u00e9", "\u00e9"),
            ("http_method", "{% a %}", "{%"),
            ("scopes", ["a", "b&c"], "&"),
            ("permissions", ["<a>"], "<"),
        )
    },
    "a context that only Python reads": (
        "",
        {"context": "(?#a)/b"},
        "Editing FILE was refused: context holds '(?', which IS 7 could not read as a regular expression;"
        " write it otherwise.",
    ),
    "a context that nothing reads": (
        "",
        {"context": "a**"},
        "Editing FILE was refused: context is not a regular expression: multiple repeat at position 2;"
        " correct it.",
    ),
    "an empty context": ("", {"context": ""}, "Editing FILE was refused: context is empty; give a value."),
    "entries as an inline array": (
        "[resource]\n\naccess_control = [{context = '/a'}]\n",
        {},
        "Editing FILE was refused: line 3 writes resource.access_control inline or in pieces; write each"
        " entry as one [[resource.access_control]] table first.",
    ),
    "[resource] after the entries": (
        f"{STANZA}[resource]\nx = 1\n",
        {},
        "FILE is not what a server can read: [resource] is there already or stands after something inside"
        f" it, {UNREADABLE} (at line 8, column 1); {CORRECT}",
    ),
    "an empty array in an inline table": (
        "[x]\ny = { z = [] }\n",
        {},
        "FILE is not what a server can read: an array in an inline table is empty or ends in a comma,"
        f" {UNREADABLE} (at line 2, column 11); {CORRECT}",
    ),
    "an array of mixed types": (
        "x = [1, 'a']\n",
        {},
        f"FILE is not what a server can read: an array holds values of more than one type, {UNREADABLE} (at"
        f" line 1, column 9); {CORRECT}",
    ),
    "[a.b] before [a]": (
        "[a.b]\n[a]\n",
        {"state": "absent"},
        "FILE is not what a server can read: [a] is there already or stands after something inside it,"
        f" {UNREADABLE} (at line 2, column 1); {CORRECT}",
    ),
    "a byte order mark": (
        f"\ufeff{STOCK}",
        {},
        "FILE is not what a server can read: the file begins with a byte order mark, which the server does"
        f" not read (at line 1, column 1); {CORRECT}",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deployment.toml"


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_foretold_made_and_made_once(file: Path, case: str, happened: Happened) -> None:
    before, options, after = CHANGES[case]
    file.write_bytes(before.encode())
    foretold = run(file, check=True, **options)
    assert file.read_bytes() == before.encode()
    made = run(file, **options)
    assert file.read_bytes() == after.encode()
    second = run(file, **options)
    assert (foretold["changed"], made["changed"], second["changed"]) == (True, True, False)
    for told in ("path", "diff", "entry", "shadowed_by"):
        assert foretold[told] == made[told]
    assert made["diff"]["before"] != made["diff"]["after"]
    assert second["diff"]["before"] == second["diff"]["after"]
    assert "password" not in made["diff"]["before"] + made["diff"]["after"]
    if options.get("state") != "absent":
        assert made["entry"] in [{"permissions": [], "scopes": [], **table} for table in entries(after)]
    happened(PART, case, "changed, as check mode and diff said; a second run changes nothing")


@pytest.mark.parametrize("case", UNCHANGED)
def test_what_is_right_is_left_alone(file: Path, case: str, happened: Happened) -> None:
    before, options = UNCHANGED[case]
    file.write_text(before)
    assert not run(file, check=True, **options)["changed"]
    assert not run(file, **options)["changed"]
    assert file.read_text() == before
    happened(PART, case, "unchanged")


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_said_in_one_sentence(file: Path, case: str, happened: Happened) -> None:
    before, options, sentence = REFUSED[case]
    file.write_text(before)
    for check in (True, False):
        outcome = run(file, check, **options)
        assert outcome.failed and outcome["msg"] == sentence.replace("FILE", str(file))
    assert file.read_text() == before
    happened(PART, case, plain(outcome["msg"], file=file))


def test_a_diff_steers_no_terminal(file: Path) -> None:
    file.write_bytes(STANZA.replace("secure", "# \x1b[2J\x9b\rsecure").replace("true", "false").encode())
    outcome = run(file, check=True)
    assert outcome["changed"]
    for side in ("before", "after"):
        assert r"# \x1b[2J\x9b\rsecure" in outcome["diff"][side]


def test_what_wins_over_it_in_last_place_is_told(file: Path, happened: Happened) -> None:
    users = entry(context='"(.*)/scim2/Users"')
    file.write_text(f"{ALL}\n{users}")
    last = run(file, position="last")
    assert last["changed"] and last["shadowed_by"] == ["(.*)"]
    assert not run(file, position="last")["changed"]
    first = run(file)
    assert first["changed"] and first["shadowed_by"] == []
    assert [table["context"] for table in entries(file.read_text())] == [
        "(.*)/scim2/Me",
        "(.*)",
        "(.*)/scim2/Users",
    ]
    happened(
        PART,
        "position=last and an earlier entry takes its requests",
        f"shadowed_by is {last['shadowed_by']}; position=first then moves it before that",
    )
