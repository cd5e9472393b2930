# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: plans for one ``[[resource.access_control]]`` entry of an IS 7 configuration.

IS 7 takes the first entry whose context and method match a request, custom entries before its defaults
(measured with the config mapper and the decision class of IS 7.0 to 7.2). Pure: text in, text out.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import typing as t

from .._problem import Problem, printable
from .._toml import tables
from .._toml.document import Document, lookup, same_meaning
from .._toml.reader import TomlTable

ARRAY = ("resource", "access_control")
# The document's own spelling.
_EQUALS = "="
# What the server takes a missing key for; a missing "secure" means open, so it is always written.
_MISSING_MEANS = {"cross_tenant": False, "permissions": [], "scopes": []}
# Values reach an XML file through a Jinja template, unescaped; it says ISO-8859-1 and is UTF-8.
_UNSAFE = re.compile(r'[&<>"]|[^ -~]|\{\{|\{%|\{#')
# What Python's regular expressions have and Java's have not: the server's access control would fail as a
# whole.
_NOT_JAVA = re.compile(r"\(\?(?![:=!])|(?<!\\)\{(?![0-9]+(?:,[0-9]*)?\})|(?<!\\)\[[^\]]*(?<!\\)\[")
# A part of a plain context: anything, or one character (a "." takes any); what else there is is not plain.
_PLAIN = re.compile(r"(?P<run>\(\.\*\)|\.\*)|(?P<character>\\[^A-Za-z0-9]|[^\\^$*+?{}\[\]|()])|.", re.DOTALL)
# What stands in a value for something that only the server knows.
_PLACEHOLDER = re.compile(r"\$(?:env|sys|ref|secret)\{|\{\{|\{%")
_EVERY_METHOD = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


@dataclasses.dataclass(frozen=True)
class Entry:
    """What an entry says; field names are the file's own keys."""

    context: str
    http_method: str
    secure: bool
    cross_tenant: bool
    permissions: tuple[str, ...]
    scopes: tuple[str, ...]

    def as_table(self) -> TomlTable:
        """The entry as a TOML parser reads it, in the order of the document."""
        return {
            "context": self.context,
            "secure": self.secure,
            "http_method": self.http_method,
            "cross_tenant": self.cross_tenant,
            "permissions": list(self.permissions),
            "scopes": list(self.scopes),
        }


# The options of an entry, wherever a module takes one.
ENTRY_ARGUMENTS: dict[str, t.Any] = {
    "context": {"type": "str", "default": "(.*)/scim2/Me"},
    "http_method": {"type": "str", "default": "GET"},
    "secure": {"type": "bool", "default": True},
    "cross_tenant": {"type": "bool", "default": True},
    "permissions": {"type": "list", "elements": "str", "default": []},
    "scopes": {"type": "list", "elements": "str", "default": []},
    "position": {"type": "str", "choices": ["first", "last"], "default": "first"},
}


def entry_of(options: t.Mapping[str, t.Any]) -> Entry:
    """The entry that a module's options give."""
    return Entry(
        context=options["context"],
        http_method=normalise_method(options["http_method"]),
        secure=options["secure"],
        cross_tenant=options["cross_tenant"],
        permissions=tuple(options["permissions"]),
        scopes=tuple(options["scopes"]),
    )


@dataclasses.dataclass(frozen=True)
class Plan:
    """``text`` is the file as it will be; ``shadowed_by`` are the contexts of earlier entries that win.

    ``before`` and ``after`` are the text of all entries alone: the rest of the file holds passwords.
    """

    text: str
    shadowed_by: list[str]
    before: str
    after: str


def methods(value: t.Any) -> frozenset[str]:
    """``"get, HEAD"`` -> GET and HEAD."""
    return frozenset(part.strip().upper() for part in str(value).split(",") if part.strip())


def normalise_method(value: str) -> str:
    """Upper-case, as the server needs it: a lower-case method has no effect there, silently."""
    return ", ".join(part.strip().upper() for part in value.split(",") if part.strip())


def refuse_unsafe(entry: Entry) -> None:
    """Refuse values that would break the XML file they are rendered into, or the server's reading of it."""
    named = [("context", entry.context), ("http_method", entry.http_method)]
    named += [("permissions", value) for value in entry.permissions]
    named += [("scopes", value) for value in entry.scopes]
    for option, value in named:
        if not value:
            raise Problem(f"{option} is empty", advice="give a value")
        found = _UNSAFE.search(value)
        if found:
            raise Problem(
                f"{option} holds {found.group()!r}, which does not come through IS 7's XML configuration as"
                " it is",
                advice="use a value without it",
            )
    foreign = _NOT_JAVA.search(entry.context)
    if foreign:
        raise Problem(
            f"context holds {foreign.group()!r}, which IS 7 could not read as a regular expression",
            advice="write it otherwise",
        )
    try:
        re.compile(entry.context)
    except (re.error, OverflowError, RecursionError) as exc:
        raise Problem("context is not a regular expression", f"{exc}", "correct it") from exc


def plan_present(document: Document, wanted: Entry, position: str) -> Plan:
    """The file with the entry in it once and, with ``position="first"``, winning for the paths it is for."""
    refuse_unsafe(wanted)
    found = tables.entries(document, ARRAY)
    ours = _of(found, wanted)
    if ours:
        after = _corrected(document, ours, wanted)
        if position == "first" and _winners(after, wanted):
            after = _moved_first(after, wanted)
    else:
        first = found[0] if found and position == "first" else None
        after = tables.put_entry(document, ARRAY, wanted.as_table(), first, _EQUALS)
    return Plan(after.text, _winners(after, wanted), _entries_text(document), _entries_text(after))


def plan_absent(document: Document, wanted: Entry) -> Plan:
    """The file without the entries of this context and method, whatever else they say."""
    said = lookup(document.data, *ARRAY)
    if not isinstance(said, list) or not any(_is(table, wanted) for table in said):
        return Plan(document.text, [], "", "")
    after = tables.take_entries(document, _of(tables.entries(document, ARRAY), wanted))
    return Plan(after.text, [], _entries_text(document), _entries_text(after))


def _of(entries: t.Iterable[tables.Entry], wanted: Entry) -> list[tables.Entry]:
    """Those of the context and method wanted."""
    return [entry for entry in entries if _is(entry.table, wanted)]


def _corrected(document: Document, ours: list[tables.Entry], wanted: Entry) -> Document:
    """The file with the first of our entries alone, its values corrected."""
    after = tables.take_entries(document, ours[1:])
    entry = _of(tables.entries(after, ARRAY), wanted)[0]
    return tables.change_entry(after, entry, _changes(entry.table, wanted), _EQUALS)


def _moved_first(document: Document, wanted: Entry) -> Document:
    found = tables.entries(document, ARRAY)
    return tables.move_entry(document, _of(found, wanted)[0], found[0])


def _entries_text(document: Document) -> str:
    texts = [entry.text_in(document) for entry in tables.entries(document, ARRAY)]
    return "\n".join(text.replace("\r\n", "\n").rstrip("\n") + "\n" for text in texts)


def _is(table: t.Any, wanted: Entry) -> bool:
    if not isinstance(table, dict) or table.get("context") != wanted.context:
        return False
    return methods(table.get("http_method", "")) == methods(wanted.http_method)


def _changes(table: TomlTable, wanted: Entry) -> TomlTable:
    """The keys of the entry that do not say what is wanted, with what they should say."""
    changes = {}
    for key, value in wanted.as_table().items():
        current = table.get(key, _MISSING_MEANS.get(key))
        if key == "http_method" and str(current).upper().strip() == current:
            continue
        if not same_meaning(current, value):
            changes[key] = value
    return changes


def _tokens(context: str) -> list[str] | None:
    """A plain context in parts: ``.*`` for anything, ``.`` for one character, or a character that is meant.

    None for any other regular expression, which is never run: ``((.*)*)*!`` out of a file takes minutes.
    """
    tokens = []
    for found in _PLAIN.finditer(context):
        run, character = found.group("run"), found.group("character")
        if not run and not character:
            return None
        tokens.append(".*" if run else character)
    return tokens


def _matches(tokens: list[str], path: str) -> bool:
    """Whether a plain context takes a path, in no more steps than the product of both lengths."""
    at = position = 0
    anything, resume = -1, 0
    while position < len(path):
        token = tokens[at] if at < len(tokens) else ""
        if token == ".*":
            anything, resume = at, position
            at += 1
        elif token in (".", path[position], f"\\{path[position]}"):
            at += 1
            position += 1
        elif anything >= 0:
            resume += 1
            at, position = anything + 1, resume
        else:
            return False
    return all(token == ".*" for token in tokens[at:])


def _samples(context: str) -> list[str] | None:
    """Paths that a context is for, or None where it is not a plain one."""
    tokens = _tokens(context)
    if tokens is None:
        return None
    return [
        "".join(filler if token == ".*" else token[-1] for token in tokens)
        for filler in ("", "/t/x", "/o/x", "x")
    ]


def _may_win(table: TomlTable, wanted: Entry, samples: list[str] | None) -> bool:
    """Whether an entry standing earlier may take requests that the wanted one is for.

    True, as it is safe to move an entry, wherever only the server could tell.
    """
    method = str(table.get("http_method", ""))
    asked = methods(wanted.http_method)
    # The server looks for the request's method in the text of the entry's: "get" takes nothing, "all"
    # everything in any case.
    takes_method = method.upper() == "ALL" or any(
        name in method for name in (_EVERY_METHOD if asked == {"ALL"} else asked)
    )
    if not takes_method and not _PLACEHOLDER.search(method):
        return False
    tokens = _tokens(str(table.get("context", "")))
    if tokens is None or samples is None:
        return True
    return any(_matches(tokens, sample) for sample in samples)


def _winners(document: Document, wanted: Entry) -> list[str]:
    """Contexts of the entries before ours that take, or may take, requests that ours is for."""
    said: list[TomlTable] = lookup(document.data, *ARRAY)
    earlier = itertools.takewhile(lambda table: not _is(table, wanted), said)
    samples = _samples(wanted.context)
    won = (table for table in earlier if _may_win(table, wanted, samples))
    return [printable(str(table.get("context"))) for table in won]
