# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: plans that merge what is wanted into a ``deployment.toml``, and take it out.

All of it is planned on one reading of the file and put in at once, in linear time. What was put in is taken
out to the byte with the help of a record of what stood before. Pure: no Ansible, no file access.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import typing as t

from .._problem import Problem
from .document import Additions, Cut, Document, lookup, same_meaning, write_key, write_value
from .reader import KeyPath, KeyValue, TomlError, TomlTable
from .record import Record, Where, left_over, names_of, places_of
from .tables import (
    EQUALS,
    Entry,
    Part,
    Placed,
    add_entry,
    add_key,
    add_table,
    assert_whole,
    entries,
    leaves,
    placed_key,
    read_again,
    whole,
)
from .wanted import Wanted

_WHAT = "what is wanted"


@dataclasses.dataclass(frozen=True)
class Change:
    """A key, or an entry as a whole, with its values before and after; None for nothing.

    ``under`` is the table or entry that a key belongs to.
    """

    under: Where
    path: KeyPath
    before: t.Any
    after: t.Any
    is_entry: bool = False


@dataclasses.dataclass
class Merge:
    """What comes of merging: the ``document``, the ``changes`` in order, and the ``record`` afterwards.

    ``unknown`` was taken out without a record of what stood there before, and ``foreign`` stays, as its value
    is somebody else's.
    """

    document: Document
    changes: list[Change]
    record: Record
    unknown: list[Where] = dataclasses.field(default_factory=list)
    foreign: list[Where] = dataclasses.field(default_factory=list)

    def then(self, other: Merge) -> Merge:
        """This merge and one of its document as one."""
        return Merge(
            other.document,
            self.changes + other.changes,
            other.record,
            self.unknown + other.unknown,
            self.foreign + other.foreign,
        )


def put_all(document: Document, wanted: Wanted, record: Record, purpose: str | None = None) -> Merge:
    """Have the file say all that is wanted, each thing once, in the tables and entries that are there.

    What an earlier run put in for the same purpose and is not wanted any more is taken out first.
    Raises Problem, its sentence in lower case, where it cannot.
    """
    if purpose is None:
        return _Putting(document, wanted, record).merge()
    less = _take_left_over(document, wanted, record, purpose)
    return less.then(_Putting(less.document, wanted, less.record, purpose).merge())


def take_all(document: Document, wanted: Wanted, record: Record, purpose: str | None = None) -> Merge:
    """Take out what was put in, and all else that was for the purpose; give back what stood there before.

    A value that is neither the one wanted nor the one recorded stays. Raises Problem.
    """
    less = _Taking(document, wanted, record).merge()
    if purpose is None:
        return less
    return less.then(_take_left_over(less.document, wanted.nothing(), less.record, purpose))


def _take_left_over(document: Document, wanted: Wanted, record: Record, purpose: str) -> Merge:
    """Take out what was put in for a purpose and is not wanted any more; the rest of it is nobody's then."""
    left = left_over(document, record, purpose, wanted)
    less = _Taking(document, left, record).merge()
    return dataclasses.replace(less, record=less.record.less(purpose, places_of(wanted)))


def _by_array(wanted: Wanted) -> dict[KeyPath, list[TomlTable]]:
    arrays: dict[KeyPath, list[TomlTable]] = {}
    for path, table in wanted.entries:
        arrays.setdefault(path, []).append(table)
    return arrays


@dataclasses.dataclass(frozen=True)
class _Scope:
    """A part of a file that keys are merged into, its place, and the table that it is to mean."""

    part: Part
    where: Where
    expected: TomlTable


class _Merging:
    def __init__(self, document: Document, wanted: Wanted, record: Record) -> None:
        self._document = document
        self._wanted = wanted
        self._record = Record(dict(record.traces))
        self._changes: list[Change] = []
        self._expected: TomlTable = copy.deepcopy(document.data)

    def _whole(self) -> _Scope:
        return _Scope(whole(self._document), (), self._expected)

    def _entry(self, entry: Entry, where: Where) -> _Scope:
        return _Scope(entry, where, lookup(self._expected, *entry.path)[entry.index])

    def _found(self, path: KeyPath) -> list[Entry]:
        """The entries of an array that may be missing. Refuses what is no array of tables."""
        there = lookup(self._document.data, *path)
        if isinstance(there, dict):
            where = whole(self._document).where.first[path]
            raise Problem(
                f"line {self._document.line_of(where.start)} makes {write_key(path)} one table",
                advice=f"give it as [{write_key(path)}], or write it as [[{write_key(path)}]] first",
            )
        return entries(self._document, path)

    def _alike(self, found: t.Iterable[Entry], path: KeyPath) -> dict[str, list[Entry]]:
        """Entries by their identity."""
        alike: dict[str, list[Entry]] = {}
        for entry in found:
            alike.setdefault(self._identity(path, entry.table), []).append(entry)
        return alike

    def _identity(self, path: KeyPath, table: TomlTable) -> str:
        return Record.name((self._wanted.identity_of(path, table),))


class _Putting(_Merging):
    def __init__(
        self, document: Document, wanted: Wanted, record: Record, purpose: str | None = None
    ) -> None:
        super().__init__(document, wanted, record)
        self._additions = Additions(document)
        self._purpose = purpose

    def merge(self) -> Merge:
        self._put_keys(self._whole(), self._wanted.keys)
        for path, tables in _by_array(self._wanted).items():
            self._put_entries(path, tables)
        after = read_again(self._document, self._additions.text(), _WHAT)
        assert_whole(after, self._expected, _WHAT)
        return Merge(after, self._changes, self._record)

    def _put_keys(self, scope: _Scope, keys: t.Iterable[tuple[KeyPath, t.Any]]) -> None:
        part, where = scope.part, scope.where
        missing: dict[KeyPath, list[tuple[str, str]]] = {}
        for path, value in keys:
            before = lookup(part.table, *path)
            if same_meaning(before, value):
                self._remember(where, path, part.where.keys.get(part.path + path), None)
                continue
            placed = placed_key(self._document, part, path)
            written = write_value(value)
            if not add_key(self._additions, part, path, written, EQUALS):
                missing.setdefault(path[:-1], []).append((path[-1], written))
            self._remember(where, path, placed, written)
            self._changes.append(Change(where, path, before, value))
            _set(scope.expected, path, value)
        for table, lines in missing.items():
            add_table(self._additions, part, table, lines, EQUALS)
            self._record.put(where + table, None, None)

    def _remember(self, where: Where, path: KeyPath, placed: Placed | None, written: str | None) -> None:
        """Record what a key said before, if it is not part of an entry that a run put in.

        What it said already is recorded too: it is not to be taken out.
        """
        old = _written(self._document, placed)
        if self._record.get(where) is not None or (old is None and written is None):
            return
        trace = self._record.get(where + path)
        ours = trace is not None and trace.now is not None and trace.now == old
        # What is there already is for whom it was first.
        purpose = trace.purpose if trace and written is None else self._purpose
        self._record.put(where + path, trace.was if trace and ours else old, written or old, purpose)

    def _put_entries(self, path: KeyPath, tables: list[TomlTable]) -> None:
        found = self._found(path)
        alike = self._alike(found, path)
        new = []
        for table in tables:
            there = alike.get(self._identity(path, table))
            if there:
                self._correct(there[0], table)
            else:
                new.append(table)
        for table in new:
            add_entry(self._additions, found, path, table)
            where: Where = (*path, self._wanted.identity_of(path, table))
            self._record.put(where, None, None, self._purpose)
            self._changes.append(Change(where, (), None, table, is_entry=True))
            _append(self._expected, path, table)

    def _correct(self, entry: Entry, table: TomlTable) -> None:
        where: Where = (*entry.path, self._wanted.identity_of(entry.path, table))
        self._put_keys(self._entry(entry, where), leaves(table))


class _Taking(_Merging):
    def __init__(self, document: Document, wanted: Wanted, record: Record) -> None:
        super().__init__(document, wanted, record)
        self._restored: list[tuple[int, str]] = []  # numbers of statements, values as they were written
        self._lines: list[Placed] = []
        self._blocks: list[tuple[int, int]] = []  # numbers of the first and the last statement
        self._unknown: list[Where] = []
        self._foreign: list[Where] = []

    def merge(self) -> Merge:
        self._take_keys(self._whole(), self._wanted.keys)
        for path, tables in _by_array(self._wanted).items():
            self._take_entries(path, tables)
        restored = self._with_values()
        after = read_again(self._document, _without(restored, self._lines, self._blocks), _WHAT)
        assert_whole(after, self._expected, _WHAT)
        return Merge(after, self._changes, self._record, self._unknown, self._foreign)

    def _with_values(self) -> Document:
        additions = Additions(self._document)
        for number, written in self._restored:
            statement = t.cast(KeyValue, self._document.statements[number])
            additions.value(statement.value_start, statement.value_end, written)
        return read_again(self._document, additions.text(), _WHAT)

    def _take_keys(self, scope: _Scope, keys: t.Iterable[tuple[KeyPath, t.Any]]) -> None:
        part, where = scope.part, scope.where
        gone: dict[KeyPath, list[Placed]] = {}
        for path, value in keys:
            placed = placed_key(self._document, part, path)
            if where and self._record.get(where + path) is None:
                continue  # of an entry that was there before
            if placed is not None and self._take_key(scope, path, value, placed):
                gone.setdefault(placed.under, []).append(placed)
            self._let_go(where + path, value)
            if part.path + path[:-1] not in part.where.headers:
                self._record.drop(where + path[:-1])
        for under, lines in gone.items():
            if not self._take_table(part, where, under, lines):
                self._lines += lines

    def _take_key(self, scope: _Scope, path: KeyPath, value: t.Any, placed: Placed) -> bool:
        """Plan for one key; whether its line goes."""
        part, where = scope.part, scope.where
        before = lookup(part.table, *path)
        trace = self._record.get(where + path)
        written = _written(self._document, placed)
        if not same_meaning(before, value) and not (trace and trace.now == written):
            self._foreign += [where + path] if trace else []
            return False
        if trace and trace.was == written:
            return False
        after = None
        if trace is None:
            self._unknown.append(where + path)
        elif trace.was is not None:
            after = _value_of(trace.was, write_key(names_of(where + path)))
            self._restored.append((placed.number, trace.was))
        self._changes.append(Change(where, path, before, after))
        _set(scope.expected, path, after)
        return after is None

    def _let_go(self, place: Where, value: t.Any) -> None:
        """Forget a key, but for one that the next run would take for one that was put in."""
        trace = self._record.get(place)
        self._record.drop(place)
        if trace is None or trace.was is None:
            return
        name = names_of(place)
        is_of_entry = len(name) < len(place)
        if is_of_entry or same_meaning(_value_of(trace.was, write_key(name)), value):
            self._record.put(place, trace.was, trace.was)

    def _take_table(self, part: Part, where: Where, under: KeyPath, lines: list[Placed]) -> bool:
        """Plan for a table that a run made and that would be left empty; whether it goes as a whole."""
        place = where + under[len(part.path) :]
        header = part.where.headers.get(under)
        trace = self._record.get(place)
        if header is None or trace is None or len(part.where.under[under]) > len(lines) + 1:
            return False
        ordered = sorted([header, *lines], key=lambda placed: placed.number)
        if self._has_comments(ordered, is_last=not part.path):
            return False
        self._blocks.append((header.number, ordered[-1].number))
        self._record.drop(place)
        return True

    def _has_comments(self, ordered: list[Placed], is_last: bool) -> bool:
        """Whether lines of somebody else's stand in a table, or right behind it for want of a blank line."""
        gaps = [(above.statement.end, below.statement.start) for above, below in zip(ordered, ordered[1:])]
        end = ordered[-1].statement.end
        behind = self._document.text[end : end + 2]
        return any(start != stop for start, stop in gaps) or (is_last and behind.lstrip("\r")[:1] not in "\n")

    def _take_entries(self, path: KeyPath, tables: list[TomlTable]) -> None:
        alike = self._alike(self._found(path), path)
        gone: list[Entry] = []
        for table in tables:
            where: Where = (*path, self._wanted.identity_of(path, table))
            there = alike.get(self._identity(path, table), [])
            if self._was_there(where, table):
                # The first of those alike is the one that was corrected.
                for entry in there[:1]:
                    self._take_keys(self._entry(entry, where), leaves(table))
            else:
                gone += there
                for entry in there:
                    self._take_entry(entry, where)
                self._record.drop_inside(where)
        _drop(self._expected, path, {entry.index for entry in gone})

    def _was_there(self, where: Where, table: TomlTable) -> bool:
        """Whether an entry was there before a run, which put in or changed no more than keys of it."""
        own = self._record.get(where) is not None
        return not own and any(self._record.get(where + path) for path, _value in leaves(table))

    def _take_entry(self, entry: Entry, where: Where) -> None:
        if self._record.get(where) is None:
            self._unknown.append(where)
        self._changes.append(Change(where, (), entry.table, None, is_entry=True))
        self._blocks.append((entry.statements[0].number, entry.statements[-1].number))


def _written(document: Document, placed: Placed | None) -> str | None:
    """A key's value as the file has it."""
    if placed is None:
        return None
    statement = t.cast(KeyValue, placed.statement)
    return document.text[statement.value_start : statement.value_end]


def _value_of(written: str, place: str) -> t.Any:
    """What a value means that a record has. Raises Problem where it is not one value."""
    document: Document | None = None
    with contextlib.suppress(TomlError):
        document = Document(f"x = {written}")
    if document is None or len(document.statements) != 1:
        raise Problem(f"what was recorded of {place} is no value", advice="remove the record")
    return document.data["x"]


def _without(document: Document, lines: list[Placed], blocks: list[tuple[int, int]]) -> str:
    """The text less statements by their numbers, and less blocks of them."""
    statements = document.statements
    cuts = [Cut(statements[line.number].start, statements[line.number].end, False) for line in lines]
    cuts += [Cut(statements[first].start, statements[last].end, True) for first, last in blocks]
    return document.without(sorted(cuts)) if cuts else document.text


def _set(table: TomlTable, path: KeyPath, value: t.Any) -> None:
    for part in path[:-1]:
        table = table.setdefault(part, {})
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value


def _append(table: TomlTable, path: KeyPath, entry: TomlTable) -> None:
    for part in path[:-1]:
        table = table.setdefault(part, {})
    table.setdefault(path[-1], []).append(entry)


def _drop(table: TomlTable, path: KeyPath, indexes: set[int]) -> None:
    there = lookup(table, *path)
    if there and indexes:
        rest = [entry for index, entry in enumerate(there) if index not in indexes]
        _set(table, path, rest or None)
