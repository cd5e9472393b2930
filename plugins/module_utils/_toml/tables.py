# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: edits of the tables of a ``deployment.toml``, and of the entries of its arrays.

Each edit takes a document and gives the edited one, read again. What was put in and is taken out leaves the
bytes from before. All raise Problem, its sentence in lower case, where an edit would change something else or
where a server could not read the outcome. Pure: no Ansible, no file access.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._problem import Problem
from .document import Additions, Document, lookup, same_meaning, write_key, write_value
from .reader import Header, InlineTable, KeyPath, KeyValue, Statement, TableArray, TomlError, TomlTable

EQUALS = " = "
# Which of the blocks that are put in at one place comes first: what belongs to the entry there, then further
# entries of its array.
_IN_ENTRY, _FURTHER_ENTRY, _LAST = range(1, 4)
_UNCHANGED = "nothing was changed"


@dataclasses.dataclass(frozen=True)
class Placed:
    """A statement, the path of the header that it stands under, and the full path of what it defines.

    ``number`` is the statement's in its document, from 0.
    """

    statement: Statement
    under: KeyPath
    path: KeyPath
    number: int


class Index:
    """Where in a part of a file things stand, by their full paths: made once, in linear time."""

    def __init__(self, statements: t.Iterable[Placed]) -> None:
        self.keys: dict[KeyPath, Placed] = {}
        self.headers: dict[KeyPath, Placed] = {}
        # The first statement that is this or stands inside it, and the last dotted key that does.
        self.first: dict[KeyPath, Statement] = {}
        self.dotted: dict[KeyPath, Placed] = {}
        self.under: dict[KeyPath, list[Placed]] = {}
        for placed in statements:
            self._add(placed)

    def _add(self, placed: Placed) -> None:
        is_key = isinstance(placed.statement, KeyValue)
        (self.keys if is_key else self.headers).setdefault(placed.path, placed)
        self.under.setdefault(placed.under, []).append(placed)
        for depth in range(len(placed.path) + 1):
            self.first.setdefault(placed.path[:depth], placed.statement)
            if is_key and depth > len(placed.under):
                self.dotted[placed.path[:depth]] = placed


@dataclasses.dataclass(frozen=True)
class Part:
    """What an edit of a key looks at: a whole file, or one entry of an array of tables.

    ``path`` is where it stands, ``table`` what it means, and ``end`` the offset behind its last line.
    """

    path: KeyPath
    table: TomlTable
    statements: list[Placed]
    end: int

    @functools.cached_property
    def where(self) -> Index:
        return Index(self.statements)


@dataclasses.dataclass(frozen=True)
class Entry(Part):
    """One ``[[table]]`` of an array of tables, with the tables inside it; ``index`` counts from 0."""

    index: int

    @property
    def header(self) -> Header:
        return t.cast(Header, self.statements[0].statement)

    @property
    def start(self) -> int:
        return self.header.start

    def text_in(self, document: Document) -> str:
        return document.text[self.start : self.end]


# Keys of tables


def put_key(
    document: Document, path: KeyPath, value: t.Any, within: Entry | None = None, equals: str = EQUALS
) -> Document:
    """Have a key say a value: changed in place, or put into its table, which is made where it is missing.

    The path is that from the file's top or, with an entry to stay within, from there.
    """
    part = within or whole(document)
    if same_meaning(lookup(part.table, *path), value):
        return document
    text = _with_key(document, part, path, write_value(value), equals)
    return _edited(document, text, *_expected(document, path, value, within))


def take_key(
    document: Document, path: KeyPath, within: Entry | None = None, equals: str = EQUALS
) -> Document:
    """Take a key out, and its table's header too if that is as put_key makes it for one key."""
    part = within or whole(document)
    if lookup(part.table, *path) is None:
        return document
    statement = t.cast(KeyValue, _statement_of(document, part, path))
    text = _without_table(document, part, path, statement, equals)
    if text is None:
        text = document.without_lines(statement.start, statement.end)
    return _edited(document, text, *_expected(document, path, None, within))


def whole(document: Document) -> Part:
    """The whole file as what an edit of a key looks at."""
    return Part((), document.data, _placed(document), len(document.text))


def _placed(document: Document) -> list[Placed]:
    placed = []
    under: KeyPath = ()
    for number, statement in enumerate(document.statements):
        if isinstance(statement, Header):
            under = statement.path
            placed.append(Placed(statement, under, under, number))
        else:
            placed.append(Placed(statement, under, under + statement.path, number))
    return placed


def placed_key(document: Document, part: Part, path: KeyPath) -> Placed | None:
    """The statement that gives a key its value; None where the key is missing.

    Refuses a value that cannot be edited as one, and a table on the way that nothing can be put into.
    """
    _refuse_closed(document, part, path[:-1])
    placed = part.where.keys.get(part.path + path)
    if placed is None and lookup(part.table, *path) is not None:
        raise _written_otherwise(document, part, path)
    return placed


def _statement_of(document: Document, part: Part, path: KeyPath) -> KeyValue | None:
    placed = placed_key(document, part, path)
    return None if placed is None else t.cast(KeyValue, placed.statement)


def _refuse_closed(document: Document, part: Part, path: KeyPath) -> None:
    value: t.Any = part.table
    for depth, key in enumerate(path, 1):
        value = value.get(key)
        if value is None:
            return
        if isinstance(value, InlineTable) or not isinstance(value, dict):
            raise _written_otherwise(document, part, path[:depth])


def _written_otherwise(document: Document, part: Part, path: KeyPath) -> Problem:
    """Why what stands at a path cannot be edited as a key, or as a table that has one."""
    full = part.path + path
    line = document.line_of(part.where.first[full].start)
    name = write_key(full)
    value = lookup(part.table, *path)
    advice = f"write it as a [{name}] table first"
    if isinstance(value, TableArray):
        said = f"begins [[{name}]], an array of tables"
        advice = f"write it as one [{name}] table first"
    elif isinstance(value, InlineTable):
        said = f"writes the {name} table inline"
    elif isinstance(value, dict):
        said = f"writes {name} as a table of its own"
        advice = "write it as one value first"
    else:
        said = f"gives {name} a value"
    return Problem(f"line {line} {said}", advice=advice)


def _begins(placed: Placed, path: KeyPath) -> bool:
    """Whether a statement is, or stands inside, what has this path."""
    return placed.path[: len(path)] == path


def _with_key(document: Document, part: Part, path: KeyPath, written: str, equals: str) -> str:
    additions = Additions(document)
    if not add_key(additions, part, path, written, equals):
        add_table(additions, part, path[:-1], [(path[-1], written)], equals)
    return additions.text()


def add_key(additions: Additions, part: Part, path: KeyPath, written: str, equals: str) -> bool:
    """Change a key in place, or put it into its table; whether that table is there at all."""
    document = additions.document
    statement = _statement_of(document, part, path)
    if statement is not None:
        additions.value(statement.value_start, statement.value_end, written)
        return True
    found = _line_place(document, part, path)
    if found is not None:
        at, under, newline = found
        name = (part.path + path)[len(under) :]
        additions.line_at(at, f"{write_key(name)}{equals}{written}", newline)
    return found is not None


def add_table(
    additions: Additions, part: Part, path: KeyPath, keys: t.Sequence[tuple[str, str]], equals: str
) -> None:
    """Put a table that is missing, with its keys and their values as written, into a part of a file."""
    table = part.path + path
    lines = [f"[{write_key(table)}]", *(f"{write_key([key])}{equals}{written}" for key, written in keys)]
    inside = part.where.first.get(table)
    rank = _IN_ENTRY if part.path else _LAST
    if isinstance(inside, Header):
        additions.block_before(inside, lambda newline: newline.join(lines), rank)
    else:
        additions.block_at(part.end, lambda newline: newline.join(lines), rank)


def _line_place(document: Document, part: Part, path: KeyPath) -> tuple[int, KeyPath, str] | None:
    """Where a line with a new key goes, under which header that is, and the line end to use.

    None where the key's table has neither a header nor dotted keys.
    """
    table = part.path + path[:-1]
    if len(path) == 1:
        return _place_on_top(document, part)
    header = part.where.headers.get(table)
    if header is not None:
        return header.statement.end, table, document.newline_at(header.statement.start)
    last = part.where.dotted.get(table)
    if last is not None:
        return last.statement.end, last.under, document.newline_at(last.statement.start)
    return None


def _place_on_top(document: Document, part: Part) -> tuple[int, KeyPath, str]:
    """Behind the keys that are the part's own: those of an entry follow its header, a file's have none."""
    own = part.where.under.get(part.path)
    if own:
        return own[-1].statement.end, part.path, document.newline_at(own[-1].statement.start)
    first = part.where.first.get(())
    at = document.lead_of(first) if isinstance(first, Header) else part.end
    return at, part.path, document.newline_at(at)


def _without_table(
    document: Document, part: Part, path: KeyPath, statement: KeyValue, equals: str
) -> str | None:
    """The text less the key's table, if putting the key in again would make the very same text."""
    table = part.path + path[:-1]
    header = part.where.headers.get(table)
    if len(path) == 1 or header is None:
        return None
    text = document.without_blocks([(header.statement.start, statement.end)])
    try:
        less = Document(text)
    except TomlError:
        return None
    rest = entries(less, part.path)[part.index] if isinstance(part, Entry) else whole(less)
    written = document.text[statement.value_start : statement.value_end]
    return text if _with_key(less, rest, path, written, equals) == document.text else None


# Entries of arrays of tables


def entries(document: Document, path: KeyPath) -> list[Entry]:
    """The entries of an array of tables in order.

    Refuses the inline form, whose parts have no lines of their own, and an array inside another one.
    """
    groups: list[list[Placed]] = []
    inside = False
    for placed in _placed(document):
        if isinstance(placed.statement, Header) and placed.statement.is_array and placed.path == path:
            groups.append([])
            inside = True
        elif not _begins(placed, path):
            inside = False
        if inside:
            groups[-1].append(placed)
        else:
            _refuse_elsewhere(document, placed, path)
    tables = lookup(document.data, *path)
    return [
        Entry(path, tables[index], statements, statements[-1].statement.end, index)
        for index, statements in enumerate(groups)
    ]


def _refuse_elsewhere(document: Document, placed: Placed, path: KeyPath) -> None:
    """Refuse a statement outside all entries that is about the array."""
    statement = placed.statement
    above = path[: len(placed.path)] == placed.path
    if not above and not _begins(placed, path):
        return
    line = document.line_of(statement.start)
    if isinstance(statement, KeyValue) or _begins(placed, path):
        name = write_key(path)
        raise Problem(
            f"line {line} writes {name} inline or in pieces",
            advice=f"write each entry as one [[{name}]] table first",
        )
    if statement.is_array:
        name = write_key(placed.path)
        raise Problem(
            f"line {line} begins [[{name}]], so that entries below it are part of that array",
            advice=f"write it as [{name}] first",
        )


def put_entry(
    document: Document, path: KeyPath, table: TomlTable, before: Entry | None = None, equals: str = EQUALS
) -> Document:
    """Put an entry into an array of tables, before another one or after all."""
    found = entries(document, path)
    text = _with_entry(document, found, lambda newline: write_entry(path, table, newline, equals), before)
    tables = [entry.table for entry in found]
    tables.insert(before.index if before else len(tables), table)
    return _edited(document, text, path, tables)


def change_entry(document: Document, entry: Entry, changes: TomlTable, equals: str = EQUALS) -> Document:
    """Have keys of an entry say other values; a table among these changes the table of that name."""
    for path, value in leaves(changes):
        document = put_key(document, path, value, entries(document, entry.path)[entry.index], equals)
    return document


def take_entries(document: Document, gone: t.Sequence[Entry]) -> Document:
    """Take entries of one array out, with the tables inside them and the blank line that came with each."""
    if not gone:
        return document
    path = gone[0].path
    indexes = {entry.index for entry in gone}
    blocks = [(entry.start, entry.end) for entry in sorted(gone, key=lambda entry: entry.index)]
    tables = [entry.table for entry in entries(document, path) if entry.index not in indexes]
    return _edited(document, document.without_blocks(blocks), path, tables or None)


def move_entry(document: Document, entry: Entry, before: Entry | None = None) -> Document:
    """Move an entry, its own lines as they are, before another one of the same array or after all."""
    own = entry.text_in(document).rstrip("\r\n")
    count = len(entries(document, entry.path))
    index = count if before is None else before.index
    if index in (entry.index, entry.index + 1):
        return document
    index -= index > entry.index
    less = take_entries(document, [entry])
    found = entries(less, entry.path)
    text = _with_entry(less, found, lambda _newline: own, found[index] if index < len(found) else None)
    tables = [other.table for other in found]
    tables.insert(index, entry.table)
    return _edited(less, text, entry.path, tables)


def write_entry(path: KeyPath, table: TomlTable, newline: str, equals: str = EQUALS) -> str:
    """An entry as lines, without a line end after the last; tables in it follow under headers."""
    return newline.join([f"[[{write_key(path)}]]", *_lines(path, table, equals)])


def _lines(path: KeyPath, table: TomlTable, equals: str) -> t.Iterator[str]:
    inner = {key: value for key, value in table.items() if _has_headers(value)}
    for key, value in table.items():
        if key not in inner:
            yield f"{write_key([key])}{equals}{write_value(value)}"
    for key, value in inner.items():
        below = (*path, key)
        name = write_key(below)
        tables = [value] if isinstance(value, dict) else value
        for each in tables:
            yield f"[{name}]" if isinstance(value, dict) else f"[[{name}]]"
            yield from _lines(below, each, equals)


def _has_headers(value: t.Any) -> bool:
    """Whether a value is written as tables of its own: a table, or a list of some."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)


def leaves(table: TomlTable) -> t.Iterator[tuple[KeyPath, t.Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            for path, inner in leaves(value):
                yield (key, *path), inner
        else:
            yield (key,), value


def _with_entry(
    document: Document, found: list[Entry], block: t.Callable[[str], str], before: Entry | None
) -> str:
    if before is not None:
        return document.with_block_before(before.header, block)
    additions = Additions(document)
    _add_block(additions, found, block)
    return additions.text()


def add_entry(
    additions: Additions, found: list[Entry], path: KeyPath, table: TomlTable, equals: str = EQUALS
) -> None:
    """Put an entry behind all entries of its array, which have been found, or at the end of the file."""
    _add_block(additions, found, lambda newline: write_entry(path, table, newline, equals))


def _add_block(additions: Additions, found: list[Entry], block: t.Callable[[str], str]) -> None:
    at = found[-1].end if found else len(additions.document.text)
    additions.block_at(at, block, _FURTHER_ENTRY if found else _LAST)


# What makes sure that an edit is the one wanted


def _edited(document: Document, text: str, path: KeyPath, expected: t.Any) -> Document:
    after = read_again(document, text, write_key(path))
    assert_only(document, after, path, expected)
    return after


def read_again(document: Document, text: str, what: str) -> Document:
    """The edited text, read as a server will read it; ``what`` was edited. Raises Problem."""
    if text == document.text:
        return document
    try:
        return Document(text)
    except TomlError as exc:
        why = exc.clause
    raise Problem(
        f"{what} cannot be edited in this file, as the server could not read it then", why, _UNCHANGED
    )


def assert_whole(after: Document, expected: TomlTable, what: str) -> None:
    """Make sure that an edited file means what it should, but for the order of keys and empty tables.

    Raises Problem.
    """
    if not same_meaning(_comparable(after.data), _comparable(expected)):
        raise _changes_more(what)


def _changes_more(what: str) -> Problem:
    return Problem(f"{what} cannot be edited in this file without changing something else", advice=_UNCHANGED)


def assert_only(before: Document, after: Document, path: KeyPath, expected: t.Any) -> None:
    """Make sure that what stands at a path is as expected (None: nothing) and all else means what it meant.

    A table that is empty is as good as none there. The order of keys counts outside of what was edited.
    Raises Problem.
    """
    edited = lookup(after.data, *path)
    as_wanted = same_meaning(_comparable(edited), _comparable(expected))
    if not as_wanted or not same_meaning(_without(before.data, path), _without(after.data, path)):
        raise _changes_more(write_key(path))


def _expected(document: Document, path: KeyPath, value: t.Any, within: Entry | None) -> tuple[KeyPath, t.Any]:
    """The path that an edit of a key is about, and what is to stand there afterwards."""
    if within is None:
        return path, value
    tables = [entry.table for entry in entries(document, within.path)]
    tables[within.index] = _with_value(within.table, path, value)
    return within.path, tables


def _with_value(table: TomlTable, path: KeyPath, value: t.Any) -> TomlTable:
    rest = _without(table, path)
    if len(path) > 1:
        value = _with_value(rest.get(path[0], {}), path[1:], value) or None
    if value is not None:
        rest[path[0]] = value
    return rest


def _without(table: TomlTable, path: KeyPath) -> TomlTable:
    """A table less what stands at a path; its keys, and those of the tables on the way, are sorted."""
    rest = {key: table[key] for key in sorted(table)}
    inner = rest.pop(path[0], None)
    if len(path) > 1 and isinstance(inner, dict):
        inner = _without(inner, path[1:])
    elif len(path) == 1:
        inner = None
    if inner is not None and inner != {}:
        rest[path[0]] = inner
    return {key: rest[key] for key in sorted(rest)}


def _comparable(value: t.Any) -> t.Any:
    """A value with the keys of all its tables sorted, and the empty ones in tables left out."""
    if isinstance(value, dict):
        inner = {key: _comparable(value[key]) for key in sorted(value)}
        return {key: kept for key, kept in inner.items() if kept != {}}
    return [_comparable(item) for item in value] if isinstance(value, list) else value
