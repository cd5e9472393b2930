"""Reading and editing take time in proportion to the file's size, whatever stands in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.access_control import (
    ARRAY,
    Entry,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.merge import put_all, take_all
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.record import Record
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.tables import (
    entries,
    put_key,
    take_key,
    write_entry,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.wanted import Wanted, parse_wanted

STANZA = Entry("(.*)/scim2/Me", "GET", True, True, (), ())
STANZA_TEXT = write_entry(ARRAY, STANZA.as_table(), "\n", "=") + "\n"
OTHER = '# c\n\n[[resource.access_control]]\ncontext = "(.*)"\nhttp_method = "GET"\n'

# What is repeated -> the text, given how often, and how often it is to begin with.
READ: dict[str, tuple[Callable[[int], str], int]] = {
    "keys": (lambda n: "".join(f"k{number} = 1\n" for number in range(n)), 2000),
    "headers": (lambda n: "".join(f"[t{number}]\nx = 1\n" for number in range(n)), 1000),
    "entries": (lambda n: "[[e]]\nx = 1\n" * n, 1000),
    "comments": (lambda n: "# c\r\n" * n, 10000),
    "a long string": (lambda n: f'x = "{"a" * n}"\n', 200000),
    "a string that is not closed": (lambda n: f'x = "{"a" * n}\n', 200000),
    "escapes": (lambda n: f'x = "{chr(92)}u00e9{chr(92) * 2 * n}"\n', 40000),
    "escapes that are none": (lambda n: f'x = "{chr(92) * 2 * n}{chr(92)}q"\n', 40000),
    "lines of a string": (lambda n: f'x = """{"a" + chr(92) + chr(10)}{"a" * n}\n', 200000),
    "quotes in a string": (lambda n: "x = '''" + "''a" * n + "'''\n", 100000),
    "digits": (lambda n: f"x = {'1' * n}\n", 200000),
    "digits of a fraction": (lambda n: f"x = 1.{'1_' * n}1\n", 25000),
    "items": (lambda n: f"x = [{'1,' * n}]\n", 5000),
    "comments between items": (lambda n: f"x = [{chr(10)}{'1, # c' + chr(10)}{'# c' + chr(10)}" * n, 5000),
    "keys of an inline table": (lambda n: "x = {" + ", ".join(f"k{each} = 1" for each in range(n)) + "}\n", 2000),
    "arrays in each other": (lambda n: f"x = {'[' * n}\n", 100000),
    "parts of a key": (lambda n: f"{'.'.join('a' * n)} = 1\n", 5000),
}  # fmt: skip

EDITED: dict[str, tuple[Callable[[int], str], Callable[[Document], object]]] = {
    "an entry put in before others": (lambda n: OTHER * n, lambda text: plan_present(text, STANZA, "first")),
    "an entry put in after others": (lambda n: OTHER * n, lambda text: plan_present(text, STANZA, "last")),
    "an entry moved": (lambda n: OTHER * n + STANZA_TEXT, lambda text: plan_present(text, STANZA, "first")),
    "equal entries": (lambda n: STANZA_TEXT * n, lambda text: plan_present(text, STANZA, "first")),
    "equal entries with blank lines": (lambda n: "\n" * n + f"{STANZA_TEXT * 2}\n" * n, lambda text: plan_absent(text, STANZA)),
    "a long context": (lambda n: OTHER.replace("(.*)", "(.*)a" * 50 * n), lambda text: plan_present(text, STANZA, "first")),
    "a key put in and taken out": (
        lambda n: "".join(f"# c\n[t{number}]\nx = 1\n" for number in range(n)),
        lambda text: take_key(put_key(text, ("server", "x"), 1), ("server", "x")),
    ),
    "comments above a header": (lambda n: "# c\n" * 10 * n + "[server.x]\n", lambda text: put_key(text, ("server", "x"), 1)),
    "keys merged into tables, new ones, and entries": (
        lambda n: "".join(f"# c\n[t{number}]\nx = 1\n\n" for number in range(2 * n)),
        lambda text: merged_and_taken(text, len(text.statements) // 4),
    ),
    "other keys and entries for a purpose": (
        lambda n: "".join(f"# c\n[t{number}]\nx = 1\n\n" for number in range(2 * n)),
        lambda text: merged_and_replaced(text, len(text.statements) // 4),
    ),
    "places of entries": (
        lambda n: OTHER * n,
        lambda text: [
            (text.line_of(entry.end), text.lead_of(entry.header), text.newline_at(entry.start))
            for entry in entries(text, ARRAY)
        ],
    ),
}  # fmt: skip


def merged_and_taken(document: Document, number: int) -> str:
    """With so many keys in tables that are there, in new ones, and in new entries; and without again."""
    wanted = much(number)
    merged = put_all(document, wanted, Record())
    back = take_all(merged.document, wanted, merged.record).document.text
    assert len(merged.changes) == 4 * number and back == document.text
    return back


def merged_and_replaced(document: Document, number: int) -> str:
    """The same for a purpose, for which something else is wanted then."""
    merged = put_all(document, much(number), Record(), "ours")
    other = put_all(merged.document, parse_wanted({"v": {"x": 1}}, None, {}), merged.record, "ours")
    assert len(other.changes) == 4 * number + 1 and other.document.text == f"{document.text}\n[v]\nx = 1\n"
    return other.document.text


def much(number: int) -> Wanted:
    tables: dict[str, Any] = {f"t{each}": {"x": 2, "y": 3} for each in range(number)}
    tables.update({f"u{each}": {"x": 2} for each in range(number)}, e=[{"x": each} for each in range(number)])
    return parse_wanted(tables, None, {})


def seconds(run: Callable[[], object]) -> float:
    """Of this process, so that other processes do not count."""
    began = time.process_time()
    try:
        run()
    except Problem as refused:
        assert len(str(refused)) < 500
    return time.process_time() - began


def assert_linear(run: Callable[[int], Callable[[], object]], number: int) -> None:
    """Four times as much takes about four times as long; sixteen times if it were quadratic."""
    little, much = run(number), run(4 * number)
    for _attempt in range(3):
        times = min(seconds(little), seconds(little)), min(seconds(much), seconds(much))
        if times[1] < 9 * times[0] or times[1] < 0.01:
            return
    raise AssertionError(f"four times as much takes {times[1] / times[0]:.1f} times as long")


@pytest.mark.parametrize("what", READ)
def test_reading_is_linear(what: str) -> None:
    text, number = READ[what]

    def reading(count: int) -> Callable[[], object]:
        content = text(count)
        return lambda: Document(content)

    assert_linear(reading, number)


@pytest.mark.parametrize("what", EDITED)
def test_editing_is_linear(what: str) -> None:
    text, edit = EDITED[what]

    def editing(count: int) -> Callable[[], object]:
        document = Document(text(count))
        return lambda: edit(document)

    assert_linear(editing, 200)


def test_a_thousand_keys_are_merged_into_ten_thousand_lines_in_seconds() -> None:
    document = Document("".join(f"# c\n[t{number}]\nx = 1\n\n" for number in range(2500)))
    assert seconds(lambda: merged_and_taken(document, 250)) < 5


def test_a_file_of_ten_thousand_entries_is_edited_in_seconds() -> None:
    document = Document(OTHER * 10000)
    assert seconds(lambda: plan_present(document, STANZA, "first")) < 20
