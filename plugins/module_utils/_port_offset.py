# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: plans for ``[server] offset`` of a ``deployment.toml``. Pure."""

from __future__ import annotations

import copy

from ._deployment_toml import Document, EditRefused, lookup, same_meaning, splice, write_value
from ._toml import Header, KeyValue, TomlTable

KEY = ("server", "offset")


def plan_offset(document: Document, port_offset: int | None) -> str:
    """The file with this offset, or without one for None. Raises EditRefused where it cannot be edited safely."""
    if lookup(document.data, *KEY) == port_offset:
        return document.text
    header: Header | None = None
    at: KeyValue | None = None
    table: tuple[str, ...] = ()
    for statement in document.statements:
        if isinstance(statement, Header):
            table = statement.path
            header = statement if table == KEY[:1] and not statement.is_array else header
        elif table + statement.path == KEY:
            at = statement
    newline = document.newline_at(header.end if header else 0)
    if at is not None:
        edit = (at.start, at.end, "") if port_offset is None else (at.value_start, at.value_end, write_value(port_offset))
    elif header is not None and port_offset is not None:
        closed = document.text.endswith("\n", 0, header.end)
        line = f"offset = {write_value(port_offset)}"
        edit = (header.end, header.end, line + newline if closed else newline + line)
    elif port_offset is not None and "server" not in document.data:
        edit = (0, 0, f"[server]{newline}offset = {write_value(port_offset)}{newline}{newline}")
        if any(isinstance(first, KeyValue) for first in document.statements[:1]):
            raise EditRefused("it has no [server] table and begins with keys outside of any table; add a [server] table first")
    else:
        raise EditRefused("it writes the server table inline; write it as a [server] table first")
    text = splice(document.text, [edit])
    _assert_only(document.data, Document(text).data, port_offset)
    return text


def _assert_only(before: TomlTable, after: TomlTable, port_offset: int | None) -> None:
    expected = copy.deepcopy(before)
    server = expected.setdefault("server", {})
    server.pop("offset", None)
    if port_offset is not None:
        server["offset"] = port_offset
    if not same_meaning(_sorted(expected), _sorted(after)):
        raise EditRefused("its offset cannot be edited without changing something else")


def _sorted(data: TomlTable) -> TomlTable:
    return dict(sorted({**data, "server": dict(sorted(data.get("server", {}).items()))}.items()))
