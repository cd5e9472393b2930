# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a ``deployment.toml`` is to say, given as data or as a snippet of one.

What a server could not read, or would read otherwise than it looks, is refused before a file is looked at.
Pure: no Ansible, no file access.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._problem import Problem
from .document import Document, write_key
from .reader import Header, InlineTable, KeyPath, KeyValue, TableArray, TomlError, TomlTable

# The keys by which an entry of an array of tables is known among the others, by the array's path.
Identities = t.Mapping[KeyPath, t.Tuple[str, ...]]
# One entry's identity: those keys with what they say.
Identity = t.Dict[str, t.Any]

# What the server's templates would evaluate, wherever it stands.
_EVALUATED = re.compile(r"\{\{|\{%|\{#")
_LARGEST = 2**63
_NOTHING_CHANGED = "nothing was changed"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Keys with the values that they are to have, and entries that arrays are to have, in order.

    Keys of one table stand before those of the tables inside it.
    """

    keys: list[tuple[KeyPath, t.Any]]
    entries: list[tuple[KeyPath, TomlTable]]
    identities: Identities

    def identity_of(self, path: KeyPath, table: TomlTable) -> Identity:
        """What tells an entry from others: its identity's keys, or all of it where its array has none."""
        names = self.identities.get(path)
        if names is None:
            return table
        return {name: _identity_value(name, table[name]) for name in names if name in table}

    def is_nothing(self) -> bool:
        return not self.keys and not self.entries

    def nothing(self) -> Wanted:
        """Nothing at all, of arrays whose entries are known by the same keys."""
        return Wanted([], [], self.identities)


def _identity_value(name: str, value: t.Any) -> t.Any:
    """Methods are the same in any order and case, as a text or as a list."""
    if name != "http_method":
        return value
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return ", ".join(sorted({part.strip().upper() for part in text.split(",") if part.strip()}))


def parse_identities(given: t.Mapping[str, t.Any], known: Identities) -> Identities:
    """The known identities and those that are given, by names of arrays. Raises Problem."""
    found = dict(known)
    for name, keys in given.items():
        names = [keys] if isinstance(keys, str) else keys
        if not isinstance(names, list) or not names or not all(isinstance(key, str) for key in names):
            raise Problem(f"identity gives {name} as {keys!r}", advice="give a list of the entry's keys")
        found[parse_name(name, "identity")] = tuple(names)
    return found


def parse_name(name: str, option: str) -> KeyPath:
    """A table's name as in its header, without the brackets. Raises Problem."""
    try:
        statements = Document(f"[{name}]").statements
    except TomlError as exc:
        raise Problem(  # pylint: disable=bad-exception-cause
            f"{option} names {name!r}, which is no table's name",
            exc.doing,
            "write it as between the brackets of its header",
        ) from exc
    header = statements[0] if len(statements) == 1 else None
    if not isinstance(header, Header) or header.is_array:
        raise Problem(f"{option} names {name!r}, which is no table's name", advice="give one table's name")
    return header.path


def parse_wanted(
    tables: t.Mapping[str, t.Any] | None,
    snippet: str | None,
    identities: Identities,
    meant: t.Container[KeyPath] = (),
    may_be_nothing: bool = False,
) -> Wanted:
    """What data and snippet say together. ``meant`` are dotted keys that may stand below a header.

    Raises Problem.
    """
    data = _from_snippet(snippet, meant) if snippet is not None else {}
    given = _from_tables(tables) if tables is not None else {}
    _join(given, data, (), "Both tables and snippet give {}")
    wanted = Wanted(list(_keys(given, ())), list(_entries(given, ())), identities)
    if wanted.is_nothing() and not may_be_nothing:
        raise Problem("Neither tables nor snippet says anything", advice="give at least one key")
    for path, value in wanted.keys:
        _refuse_part_of_an_array(path, identities)
        _refuse_unreadable(path, value)
    _check_entries(wanted)
    return wanted


# As a snippet


def _from_snippet(snippet: str, meant: t.Container[KeyPath]) -> TomlTable:
    try:
        document = Document(snippet)
    except TomlError as exc:
        raise Problem(  # pylint: disable=bad-exception-cause
            "The snippet is not what a server can read", exc.clause, f"correct it, {_NOTHING_CHANGED}"
        ) from exc
    under: KeyPath = ()
    for statement in document.statements:
        if isinstance(statement, Header):
            under = statement.path
        elif under and len(statement.path) > 1 and under + statement.path not in meant:
            raise _elsewhere(document, under, statement)
    return document.data


def _elsewhere(document: Document, under: KeyPath, statement: KeyValue) -> Problem:
    name, above = write_key(statement.path), write_key(under)
    start = statement.start
    column = len(document.text[start:]) - len(document.text[start:].lstrip()) + 1
    return Problem(
        f"Line {document.line_of(start)}, column {column} of the snippet gives {name} below [{above}],"
        f" so that it would be {above}.{name}",
        advice=f"put it above all headers if {name} is meant, in quotes if the dot is part of the key, or"
        f" below a header [{write_key(under + statement.path[:-1])}]",
    )


# As data


def _from_tables(tables: t.Mapping[str, t.Any]) -> TomlTable:
    whole: TomlTable = {}
    for name, value in tables.items():
        path = parse_name(str(name), "tables")
        nested = _as_toml(value, path)
        for part in reversed(path):
            nested = {part: nested}
        _join(whole, nested, (), "tables gives {} twice")
    return whole


def _as_toml(value: t.Any, path: KeyPath) -> t.Any:
    if isinstance(value, dict):
        return {str(key): _as_toml(inner, (*path, str(key))) for key, inner in value.items()}
    if not isinstance(value, (list, tuple)):
        return value
    items = [_as_toml(item, path) for item in value]
    return TableArray(items) if items and all(isinstance(item, dict) for item in items) else items


def _join(table: TomlTable, other: TomlTable, above: KeyPath, twice: str) -> None:
    """Put what the other table has into a table; ``twice`` is the sentence for what both have."""
    for key, value in other.items():
        there = table.get(key)
        if key not in table:
            table[key] = value
        elif _is_table(there) and _is_table(value):
            _join(t.cast(TomlTable, there), value, (*above, key), twice)
        elif isinstance(there, TableArray) and isinstance(value, TableArray):
            there.extend(value)
        else:
            raise Problem(twice.format(write_key((*above, key))), advice="give it once")


def _is_table(value: t.Any) -> bool:
    return isinstance(value, dict) and not isinstance(value, InlineTable)


# As keys and entries


def _keys(table: TomlTable, above: KeyPath) -> t.Iterator[tuple[KeyPath, t.Any]]:
    """The keys of a table, then those of the tables inside it; arrays of tables are left out."""
    for key, value in table.items():
        if not _is_table(value) and not isinstance(value, TableArray):
            yield (*above, key), value
    for key, value in table.items():
        if _is_table(value):
            yield from _keys(value, (*above, key))


def _entries(table: TomlTable, above: KeyPath) -> t.Iterator[tuple[KeyPath, TomlTable]]:
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, TableArray):
            yield from ((path, entry) for entry in value)
        elif _is_table(value):
            yield from _entries(value, path)


# What is refused


def _refuse_part_of_an_array(path: KeyPath, identities: Identities) -> None:
    """Refuse a key, or a table with keys, in the place of an array whose entries are known."""
    for depth in range(1, len(path) + 1):
        if path[:depth] in identities:
            name = write_key(path[:depth])
            raise Problem(
                f"{write_key(path)} would be part of {name}, which is an array of tables",
                advice=f"give it in an entry [[{name}]] with its {_and(identities[path[:depth]])}",
            )


def _check_entries(wanted: Wanted) -> None:
    seen: set[tuple[KeyPath, str]] = set()
    for path, table in wanted.entries:
        name = write_key(path)
        _refuse_unreadable(path, table)
        missing = [key for key in wanted.identities.get(path, ()) if key not in table]
        if missing:
            raise Problem(
                f"An entry of [[{name}]] has no {_and(missing)}, by which it is known among the others",
                advice=f"give its {_and(wanted.identities[path])}",
            )
        known = (path, repr(wanted.identity_of(path, table)))
        if known in seen:
            raise Problem(
                f"Two entries of [[{name}]] have the same {_and(wanted.identities.get(path, ('keys',)))}",
                advice="give each entry once",
            )
        seen.add(known)


def _and(names: t.Sequence[str]) -> str:
    return " and ".join(names)


def _refuse_unreadable(path: KeyPath, value: t.Any) -> None:
    """Refuse what no server takes, or what its templates would evaluate, in a value and in its name."""
    for depth, key in enumerate(path, 1):
        _refuse_key(key, write_key(path[:depth]))
    _refuse_value(path, value)


def _refuse_key(key: str, name: str) -> None:
    _refuse_evaluated(key, f"The key {name}")
    if not key.isascii():
        raise Problem(
            f"The key {name} holds a character outside of ASCII, which the server does not read",
            advice="use a key without it",
        )


def _refuse_value(path: KeyPath, value: t.Any, is_inline: bool = False) -> None:
    """``is_inline`` is whether a table in it is written in braces."""
    name = write_key(path)
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_key(str(key), write_key((*path, str(key))))
            _refuse_empty_list(inner, write_key((*path, str(key))), is_inline)
            _refuse_value((*path, str(key)), inner, is_inline)
    elif isinstance(value, (list, tuple)):
        _refuse_mixture(name, value)
        for item in value:
            _refuse_value(path, item, is_inline or not isinstance(item, dict))
    elif value is None:
        raise Problem(f"{name} has no value, and TOML has none for that", advice="give one, or leave it out")
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise Problem(f"{name} is a larger number than a server reads", advice="give it as a string")
    elif isinstance(value, str):
        _refuse_evaluated(value, f"The value of {name}")


def _refuse_mixture(name: str, items: t.Sequence[t.Any]) -> None:
    if len({type(item) for item in items}) > 1:
        raise Problem(
            f"{name} is a list of values of more than one type",
            advice="give values of one type, the server reads no others",
        )


def _refuse_empty_list(value: t.Any, name: str, is_inline: bool) -> None:
    if is_inline and value in ([], ()):
        raise Problem(
            f"{name} is an empty list in a table inside a list, which the server does not read",
            advice="leave it out",
        )


def _refuse_evaluated(text: str, what: str) -> None:
    found = _EVALUATED.search(text)
    if found:
        raise Problem(
            f"{what} holds {found.group()!r}, which the server takes for the beginning of a template",
            advice="use a text without it",
        )
