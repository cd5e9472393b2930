# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: changes of a ``deployment.toml`` as a diff shows them, secrets masked. Pure."""

from __future__ import annotations

import dataclasses
import itertools
import re
import typing as t

from .document import same_meaning, write_key, write_value
from .merge import Change
from .reader import KeyPath
from .record import Where, names_of
from .tables import EQUALS, write_entry

MASK = "********"
_MASK_OF_ANOTHER = f"{MASK} (changed)"
# Words of a name: split at what is no letter or digit, and where a capital follows a small letter.
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
# A secret wherever the word stands in a key's name; only where it is the last one, or ends it.
_ANYWHERE = re.compile(r"passw(?:or)?d|pwd|passphrase|passcode|secret|credential")
_LAST = re.compile(r"(?:key|token)s?$")
# Tables whose keys are all secrets.
_TABLES = re.compile(r"^(?:secrets|passwords|credentials)$")
# A password in a URL, or among its parameters.
_IN_TEXT = re.compile(r"://[^/@\s]*:[^/@\s]+@|(?:password|passwd|pwd|secret|token)=[^&;\s]", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Secrets:
    """Which values are secrets: by their key's name, and by the further names and paths that are given."""

    further: frozenset[str] = frozenset()

    @classmethod
    def with_further(cls, names: t.Iterable[str]) -> Secrets:
        return cls(frozenset(name.lower() for name in names))

    def is_secret(self, path: KeyPath, value: t.Any) -> bool:
        """Whether a key's value is not to be shown."""
        if {path[-1].lower(), ".".join(path).lower(), write_key(path).lower()} & self.further:
            return True
        if isinstance(value, bool):
            return False
        if isinstance(value, str) and _IN_TEXT.search(value):
            return True
        words = [word.lower() for word in _WORDS.findall(path[-1])] or [path[-1].lower()]
        named = _ANYWHERE.search("".join(words)) or _LAST.search(words[-1])
        return bool(named) or any(_TABLES.match(part.lower()) for part in path[:-1])

    def values(self, path: KeyPath, value: t.Any) -> t.Iterator[str]:
        """The texts of a key or entry that are secrets."""
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from self.values((*path, key), inner)
        elif isinstance(value, list):
            for item in value:
                yield from self.values(path, item)
        elif isinstance(value, str) and self.is_secret(path, value):
            yield value

    def masked(self, path: KeyPath, value: t.Any, before: t.Any = None) -> t.Any:
        """A value with its secrets masked; one that differs from what stood before says so."""
        if isinstance(value, dict):
            old = before if isinstance(before, dict) else {}
            return {key: self.masked((*path, key), inner, old.get(key)) for key, inner in value.items()}
        if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
            return [self.masked(path, item) for item in value]
        if not self.is_secret(path, value):
            return value
        return MASK if before is None or same_meaning(before, value) else _MASK_OF_ANOTHER


def shown_changes(changes: t.Sequence[Change], secrets: Secrets) -> tuple[str, str]:
    """The edited keys and entries before and after, as lines of a file."""
    return _side(changes, secrets, after=False), _side(changes, secrets, after=True)


def _side(changes: t.Sequence[Change], secrets: Secrets, after: bool) -> str:
    parts: list[list[str]] = []
    for group in _groups(changes):
        lines = [line for change in group for line in _lines(change, secrets, after)]
        header = [] if group[0].is_entry else _header(group[0], secrets)
        if lines:
            parts.append(header + lines)
    return "\n".join("\n".join(lines) + "\n" for lines in parts)


def _groups(changes: t.Sequence[Change]) -> t.Iterator[list[Change]]:
    """Changes of one table or entry together."""
    for _group, group in itertools.groupby(enumerate(changes), key=lambda found: _group_of(*found)):
        yield [change for _number, change in group]


def _group_of(number: int, change: Change) -> tuple[str, ...]:
    if change.is_entry:
        return ("entry", str(number))
    return ("keys", repr(change.under), *change.path[:-1])


def _header(change: Change, secrets: Secrets) -> list[str]:
    """The header of a key's table; before it that of the entry, with the keys that it is known by."""
    names = names_of(change.under)
    header = []
    for part in change.under:
        if not isinstance(part, str):
            header = write_entry(names, secrets.masked(names, part), "\n").split("\n")
    table = names + change.path[:-1]
    if len(change.path) > 1 or (table and not header):
        header.append(f"[{write_key(table)}]")
    return header


def name_of(where: Where, secrets: Secrets) -> str:
    """A place as a message shows it: ``event_listener[name = "x"].order``."""
    name = ""
    for number, part in enumerate(where):
        if isinstance(part, str):
            name += ("." if name else "") + write_key([part])
        else:
            shown = secrets.masked(names_of(where[:number]), part)
            said = (f"{write_key([key])}{EQUALS}{write_value(value)}" for key, value in shown.items())
            name += f"[{', '.join(said)}]"
    return name


def _lines(change: Change, secrets: Secrets, after: bool) -> list[str]:
    value = change.after if after else change.before
    if value is None:
        return []
    path = names_of(change.under) + change.path
    shown = secrets.masked(path, value, change.before if after else None)
    if change.is_entry:
        return write_entry(path, shown, "\n").split("\n")
    return [f"{write_key(change.path[-1:])}{EQUALS}{write_value(shown)}"]
