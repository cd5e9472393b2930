# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: plans for ``[server] offset`` of a ``deployment.toml``. Pure."""

from __future__ import annotations

import typing as t

from .._problem import Problem
from .._toml.document import Document, lookup, same_meaning, splice, write_value
from .._toml.reader import Header, KeyValue, TomlError, TomlTable

KEY = ("server", "offset")


def plan_offset(document: Document, port_offset: int | None) -> str:
    """The file with this offset, or without one for None.

    Raises Problem where it cannot be edited safely.
    """
    if same_meaning(lookup(document.data, *KEY), port_offset):
        return document.text
    try:
        after = Document(_edit(document, port_offset))
    except TomlError as exc:
        raise Problem(
            "its offset cannot be edited, as the server could not read it then",
            exc.clause,
            "nothing was changed",
        ) from exc
    _assert_only(document.data, after.data, port_offset)
    return after.text


def _edit(document: Document, port_offset: int | None) -> str:
    table: tuple[str, ...] = ()
    headers: list[Header] = []
    beside: KeyValue | None = None
    for statement in document.statements:
        if isinstance(statement, Header):
            table = statement.path
            headers += [statement] if table[:1] == KEY[:1] else []
        elif table + statement.path == KEY:
            if port_offset is None:
                return splice(document.text, [(statement.start, statement.end, "")])
            return splice(
                document.text, [(statement.value_start, statement.value_end, write_value(port_offset))]
            )
        elif not table and statement.path == KEY[:1]:
            raise Problem(
                f"line {document.line_of(statement.start)} writes the server table inline",
                advice="write it as a [server] table first",
            )
        elif not table and statement.path[:1] == KEY[:1]:
            beside = statement
    value = write_value(t.cast(int, port_offset))
    own = [header for header in headers if header.path == KEY[:1] and not header.is_array]
    if own:
        return _line_after(document, own[0], f"offset = {value}")
    if beside is not None:
        return _line_after(document, beside, f"server.offset = {value}")

    def block(newline: str) -> str:
        return f"[server]{newline}offset = {value}"

    return (
        document.with_block_before(headers[0], block)
        if headers
        else document.with_block_at(len(document.text), block)
    )


def _line_after(document: Document, statement: Header | KeyValue, line: str) -> str:
    newline = document.newline_at(statement.start)
    closed = document.text.endswith("\n", 0, statement.end)
    return splice(
        document.text, [(statement.end, statement.end, line + newline if closed else newline + line)]
    )


def _assert_only(before: TomlTable, after: TomlTable, port_offset: int | None) -> None:
    if not same_meaning(lookup(after, *KEY), port_offset) or not same_meaning(
        _without(before), _without(after)
    ):
        raise Problem("its offset cannot be edited without changing something else")


def _without(data: TomlTable) -> TomlTable:
    """The data less the offset; a table emptied by that is as good as none."""
    server = dict(sorted(data.get("server", {}).items()))
    server.pop("offset", None)
    return dict(sorted({**data, "server": server}.items()))
