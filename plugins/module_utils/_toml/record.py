# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what runs left in a ``deployment.toml``: where, in the place of what, what for.

Pure: no Ansible, no file access.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import typing as t

from .._problem import Problem
from .document import Document
from .reader import KeyPath, TomlTable
from .tables import entries, leaves, placed_key, whole
from .wanted import Identity, Wanted

# Where something stands: the path of a table, key or array, an entry's identity as one of its parts.
Where = t.Tuple[t.Union[str, Identity], ...]


@dataclasses.dataclass(frozen=True)
class Trace:
    """What a run left in the place of what: a value as it was written, None for nothing.

    Both are None for a table or an entry that a run made. ``purpose`` is the caller's word for what it is
    for.
    """

    was: str | None
    now: str | None
    purpose: str | None = None


@dataclasses.dataclass
class Record:
    """What runs left in a file, by place."""

    traces: dict[str, Trace] = dataclasses.field(default_factory=dict)

    @staticmethod
    def name(where: Where) -> str:
        return json.dumps(where, sort_keys=True, default=repr)

    @staticmethod
    def place(name: str) -> Where:
        """The place of a name. Raises ValueError for what is none."""
        where = json.loads(name)
        if not isinstance(where, list) or not all(isinstance(part, (str, dict)) for part in where):
            raise ValueError(name)
        return tuple(where)

    def get(self, where: Where) -> Trace | None:
        return self.traces.get(self.name(where))

    def is_own(self, where: Where) -> bool:
        """Whether a run made this table or entry."""
        trace = self.get(where)
        return trace is not None and trace.now is None

    def put(self, where: Where, was: str | None, now: str | None, purpose: str | None = None) -> None:
        self.traces[self.name(where)] = Trace(was, now, purpose)

    def drop(self, where: Where) -> None:
        self.traces.pop(self.name(where), None)

    def drop_inside(self, where: Where) -> None:
        """Drop what was recorded of a place and of everything inside it."""
        inside = self.name(where)[:-1] + ","
        self.drop(where)
        self.traces = {name: trace for name, trace in self.traces.items() if not name.startswith(inside)}

    def purposes(self) -> list[str]:
        """What for something was left."""
        return sorted({trace.purpose for trace in self.traces.values() if trace.purpose})

    def less(self, purpose: str, kept: t.Container[str]) -> Record:
        """A record in which nothing is for a purpose any more, but for what these places' names keep."""
        traces = {
            name: trace
            if trace.purpose != purpose or name in kept
            else dataclasses.replace(trace, purpose=None)
            for name, trace in self.traces.items()
        }
        return Record(traces)


def _is_entry(where: Where) -> bool:
    return bool(where) and isinstance(where[-1], dict)


def names_of(where: Where) -> KeyPath:
    """A place without the identities in it: the path of its table or key."""
    return tuple(part for part in where if isinstance(part, str))


@dataclasses.dataclass(frozen=True)
class _Left:
    """An entry that something was left in, or that was left as a whole; ``table`` has those keys, too."""

    path: KeyPath
    identity: Identity
    table: TomlTable


def left_over(document: Document, record: Record, purpose: str, wanted: Wanted) -> Wanted:
    """What was left for a purpose and is not wanted any more, as far as the file has a place for it.

    Its values are None, as what was written tells whose they are.
    """
    kept = places_of(wanted)
    unwanted = [
        (Record.place(name), trace)
        for name, trace in record.traces.items()
        if trace.purpose == purpose and name not in kept
    ]
    # A table goes with its last key.
    left = [where for where, trace in unwanted if trace.now is not None or _is_entry(where)]
    part = whole(document)
    keys = [names_of(where) for where in left if names_of(where) == where]
    entered = _left_entries(left)
    arrays = {one.path for one in entered}
    there = {path for path in arrays if _can_be_edited(entries, document, path)}
    in_them = [one for one in entered if one.path in there]
    return Wanted(
        [(path, None) for path in keys if _can_be_edited(placed_key, document, part, path)],
        [(one.path, one.table) for one in in_them],
        {**_identities(document, in_them), **wanted.identities},
    )


def places_of(wanted: Wanted) -> set[str]:
    """The names of all places that something is wanted in."""
    places = {Record.name(path) for path, _value in wanted.keys}
    for path, table in wanted.entries:
        where: Where = (*path, wanted.identity_of(path, table))
        places.add(Record.name(where))
        places.update(Record.name(where + inside) for inside, _value in leaves(table))
    return places


def _can_be_edited(look: t.Callable[..., t.Any], *arguments: t.Any) -> bool:
    """Whether a place is still what can be edited; somebody else may have written it in another form."""
    try:
        look(*arguments)
    except Problem:
        return False
    return True


def _left_entries(places: t.Iterable[Where]) -> list[_Left]:
    """The entries among places, and in each what was left inside it."""
    found: dict[str, _Left] = {}
    for where in places:
        depth = next((depth for depth, part in enumerate(where) if isinstance(part, dict)), None)
        if depth is None:
            continue
        identity = t.cast(Identity, where[depth])
        one = _Left(names_of(where[:depth]), identity, copy.deepcopy(identity))
        one = found.setdefault(Record.name(where[: depth + 1]), one)
        _reserve(one.table, names_of(where[depth + 1 :]))
    return list(found.values())


def _reserve(table: TomlTable, path: KeyPath) -> None:
    for part in path[:-1]:
        table = table.setdefault(part, {})
    if path:
        table.setdefault(path[-1], None)


def _identities(document: Document, left: t.Sequence[_Left]) -> dict[KeyPath, tuple[str, ...]]:
    """The keys by which entries were known that are not in the file as a whole."""
    by_array: dict[KeyPath, list[Identity]] = {}
    for one in left:
        by_array.setdefault(one.path, []).append(one.identity)
    found = {}
    for path, identities in by_array.items():
        there = {Record.name((entry.table,)) for entry in entries(document, path)}
        if there.isdisjoint(Record.name((identity,)) for identity in identities):
            found[path] = tuple(identities[0])
    return found
