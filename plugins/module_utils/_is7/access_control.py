# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: plans for one ``[[resource.access_control]]`` entry of an IS 7
``deployment.toml``.

IS 7 takes the first entry whose context and method match a request, custom entries before its defaults
(measured
with the config mapper and the decision class of IS 7.0 to 7.2). Pure: text in, text out.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import typing as t

from .._problem import Problem
from .._toml.document import Block, Document, lookup, same_meaning, splice, write_value
from .._toml.reader import Header, KeyValue, TomlError, TomlTable

ARRAY = ("resource", "access_control")
# What the server takes a missing key for; a missing "secure" means open, so it is always written.
_MISSING_MEANS = {"cross_tenant": False, "permissions": [], "scopes": []}
# Values reach an XML file through a Jinja template, unescaped; it says ISO-8859-1 and is UTF-8.
_UNSAFE = re.compile(r'[&<>"]|[^ -~]|\{\{|\{%|\{#')
# What Python's regular expressions have and Java's have not: the server's access control would fail as a
# whole.
_NOT_JAVA = re.compile(r"\(\?(?![:=!])|(?<!\\)\{(?![0-9]+(?:,[0-9]*)?\})|(?<!\\)\[[^\]]*(?<!\\)\[")
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

    def as_text(self, newline: str) -> str:
        """The canonical form: the document's own spelling, a line a key, without a line end after
        the last."""
        lines = ["[[resource.access_control]]"]
        lines += [f"{key}={write_value(value)}" for key, value in self.as_table().items()]
        return newline.join(lines)


@dataclasses.dataclass(frozen=True)
class Plan:
    """``text`` is the file as it will be; ``shadowed_by`` the contexts of earlier entries that win over the
    entry.

    ``before`` and ``after`` are the text of all entries alone: the rest of the file holds passwords.
    """

    text: str
    shadowed_by: list[str]
    before: str
    after: str


@dataclasses.dataclass(frozen=True)
class _Found:
    """An entry of the file: its place and what the parser read there."""

    table: TomlTable
    header: Header
    values: dict[str, KeyValue]
    end: int


def methods(value: t.Any) -> frozenset[str]:
    """``"get, HEAD"`` -> GET and HEAD."""
    return frozenset(part.strip().upper() for part in str(value).split(",") if part.strip())


def normalise_method(value: str) -> str:
    """Upper-case, as the server needs it: a lower-case method has no effect there, silently."""
    return ", ".join(part.strip().upper() for part in value.split(",") if part.strip())


def refuse_unsafe(entry: Entry) -> None:
    """Refuse values that would break the XML file they are rendered into, or the server's reading of it."""
    named = [("context", entry.context), ("http_method", entry.http_method)]
    named += [("permissions", value) for value in entry.permissions] + [
        ("scopes", value) for value in entry.scopes
    ]
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
    except re.error as exc:
        raise Problem("context is not a regular expression", f"{exc}", "correct it") from exc


def plan_present(document: Document, wanted: Entry, position: str) -> Plan:
    """The file with the entry in it once and, with ``position="first"``, winning for the paths it is for."""
    refuse_unsafe(wanted)
    found = _entries(document)
    if not any(_is(entry.table, wanted) for entry in found):
        after = _reread(_insert(document, found, wanted.as_text, position))
    else:
        after = _update(_keep(document, wanted, 1), wanted)
        if position == "first" and _winners(after, wanted):
            after = _move_first(after, wanted)
    _assert_only(document, after, wanted)
    return Plan(after.text, _winners(after, wanted), _entries_text(document), _entries_text(after))


def plan_absent(document: Document, wanted: Entry) -> Plan:
    """The file without the entries of this context and method, whatever else they say."""
    if not any(_is(table, wanted) for table in _tables(document)):
        return Plan(document.text, [], "", "")
    after = _keep(document, wanted, 0)
    _assert_only(document, after, wanted, gone=True)
    return Plan(after.text, [], _entries_text(document), _entries_text(after))


def _reread(text: str) -> Document:
    """The edited text, read as the server will read it."""
    try:
        return Document(text)
    except TomlError as exc:
        raise Problem(
            "The entry cannot be edited in this file, as IS 7 could not read it then",
            exc.clause,
            "nothing was changed",
        ) from exc


def _ours(document: Document, wanted: Entry) -> list[_Found]:
    return [entry for entry in _entries(document) if _is(entry.table, wanted)]


def _tables(document: Document) -> list[TomlTable]:
    """What the entries of the file say, however they are written."""
    tables = lookup(document.data, *ARRAY)
    return [table for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []


def _entries(document: Document) -> list[_Found]:
    """The entries of the file in order. Refuses the inline form, whose parts have no lines of their own."""
    tables = _tables(document)
    found: list[_Found] = []
    inside = False
    header: Header | None = None
    path: tuple[str, ...] = ()
    for statement in document.statements:
        if isinstance(statement, Header):
            path = statement.path
            if statement.path == ARRAY and statement.is_array:
                header, inside = statement, True
                if len(found) >= len(tables):
                    raise Problem(
                        f"Line {document.line_of(statement.start)} is part of a [[resource]], where IS 7"
                        " does not look",
                        advice="write it as [resource]",
                    )
                found.append(_Found(tables[len(found)], statement, {}, statement.end))
                continue
            inside = inside and statement.path[:2] == ARRAY
        elif not inside and _defines_array(path + statement.path):
            line = document.line_of(statement.start)
            raise Problem(
                f"Line {line} writes resource.access_control inline or in pieces",
                advice="write each entry as one [[resource.access_control]] table first",
            )
        if inside and found:
            last = found[-1]
            values = last.values
            if (
                isinstance(statement, KeyValue)
                and header is not None
                and path == ARRAY
                and len(statement.path) == 1
            ):
                values = {**values, statement.path[0]: statement}
            found[-1] = dataclasses.replace(last, values=values, end=statement.end)
    return found


def _entries_text(document: Document) -> str:
    texts = [
        document.text[entry.header.start : entry.end].replace("\r\n", "\n").rstrip("\n") + "\n"
        for entry in _entries(document)
    ]
    return "\n".join(texts)


def _defines_array(path: tuple[str, ...]) -> bool:
    return path[:2] == ARRAY or path == ARRAY[:1]


def _is(table: TomlTable, wanted: Entry) -> bool:
    return table.get("context") == wanted.context and methods(table.get("http_method", "")) == methods(
        wanted.http_method
    )


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


def _keep(document: Document, wanted: Entry, number: int) -> Document:
    """The file with no more than so many of our entries, the later ones taken out."""
    ours = _ours(document, wanted)
    while len(ours) > number:
        document = _reread(splice(document.text, [_removal(document, ours[-1])]))
        ours = _ours(document, wanted)
    return document


def _update(document: Document, wanted: Entry) -> Document:
    """Rewrite the values that differ in our entry."""
    entry = _ours(document, wanted)[0]
    edits = []
    added = ""
    newline = document.newline_at(entry.header.start)
    for key, value in _changes(entry.table, wanted).items():
        if key in entry.values:
            edits.append((entry.values[key].value_start, entry.values[key].value_end, write_value(value)))
        elif key in entry.table:
            raise Problem(
                f"The entry at line {document.line_of(entry.header.start)} writes {key} as a table of its"
                " own",
                advice="write it as one value first",
            )
        else:
            added += f"{key}={write_value(value)}{newline}"
    if added:
        own = max([entry.header.end] + [value.end for value in entry.values.values()])
        if not document.text.endswith("\n", 0, own):
            added = newline + added[: -len(newline)]
        edits.append((own, own, added))
    return _reread(splice(document.text, edits))


def _insert(document: Document, found: list[_Found], block: Block, position: str) -> str:
    if found and position == "first":
        return document.with_block_before(found[0].header, block)
    return document.with_block_at(found[-1].end if found else len(document.text), block)


def _removal(document: Document, entry: _Found) -> tuple[int, int, str]:
    """The edit that takes an entry out together with the one blank line that came with it: the inverse of
    _insert.
    """
    text, start, end = document.text, entry.header.start, entry.end
    following = re.compile(r"\r?\n").match(text, end)
    if following:
        return start, following.end(), ""
    before = re.compile(r"(?:\A|(?<=\n))\r?\n\Z").search(text[:start])
    if before:
        start = before.start()
    if end == len(text) and not text.endswith("\n") and start:
        start -= 2 if text.endswith("\r\n", 0, start) else 1
    return start, end, ""


def _move_first(document: Document, wanted: Entry) -> Document:
    entry = _ours(document, wanted)[0]
    own = document.text[entry.header.start : entry.end]
    without = _reread(splice(document.text, [_removal(document, entry)]))
    return _reread(_insert(without, _entries(without), lambda newline: own.rstrip("\r\n"), "first"))


def _samples(context: str) -> list[str] | None:
    """Paths a context is for, or None where its regular expression is beyond a plain ``(.*)``."""
    parts = re.split(r"\(\.\*\)|\.\*", context)
    if any(re.search(r"[\\^$*+?{}\[\]|()]", part) for part in parts):
        return None
    return [filler.join(parts) for filler in ("", "/t/x", "/o/x", "x")]


def _wins(table: TomlTable, wanted: Entry) -> bool:
    """Whether an entry standing earlier takes requests that the wanted one is for."""
    method, context = str(table.get("http_method", "")), str(table.get("context", ""))
    asked = methods(wanted.http_method)
    # The server looks for the request's method in the text of the entry's: "get" takes nothing, "all"
    # everything in any case.
    takes_method = method.upper() == "ALL" or any(
        name in method for name in (_EVERY_METHOD if asked == {"ALL"} else asked)
    )
    if not takes_method and not _PLACEHOLDER.search(method):
        return False
    samples = _samples(wanted.context)
    if samples is None or _PLACEHOLDER.search(context):
        return True
    try:
        return any(re.fullmatch(context, sample) for sample in samples)
    except re.error:
        return True


def _winners(document: Document, wanted: Entry) -> list[str]:
    """Contexts of the entries before ours that take requests that ours is for."""
    found = _entries(document)
    first = next(index for index, entry in enumerate(found) if _is(entry.table, wanted))
    return [str(entry.table.get("context")) for entry in found[:first] if _wins(entry.table, wanted)]


def _assert_only(before: Document, after: Document, wanted: Entry, gone: bool = False) -> None:
    """Make sure that the new text says what is wanted and that nothing else in it means anything else now."""
    rest_before, ours_before = _without(before.data, wanted)
    rest_after, ours_after = _without(after.data, wanted)
    kept = dict(ours_before[0]) if ours_before else {}
    expected = {**kept, **_changes(kept, wanted)} if kept else wanted.as_table()
    ours_right = (
        not ours_after
        if gone
        else len(ours_after) == 1
        and same_meaning(dict(sorted(ours_after[0].items())), dict(sorted(expected.items())))
    )
    if not ours_right or not same_meaning(rest_before, rest_after):
        raise Problem(
            "The entry cannot be edited in this file without changing something else",
            advice="nothing was changed",
        )


def _without(data: TomlTable, wanted: Entry) -> tuple[TomlTable, list[TomlTable]]:
    """The data less our entries (an array or table emptied by that is as good as none), and our entries."""
    rest = copy.deepcopy(data)
    resource = rest.get("resource", {})
    entries = resource.get("access_control", []) if isinstance(resource, dict) else []
    ours = [entry for entry in entries if _is(entry, wanted)]
    others = [entry for entry in entries if not _is(entry, wanted)]
    if isinstance(resource, dict):
        resource.pop("access_control", None)
        if others:
            resource["access_control"] = others
        if not resource:
            rest.pop("resource", None)
    return dict(sorted(rest.items())), ours
