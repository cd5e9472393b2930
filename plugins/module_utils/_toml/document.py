# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: splices into the text of a ``deployment.toml``.

The reader says what the file means and where each statement stands, so that an edit replaces exactly the
bytes it is about.
Pure: no Ansible, no file access.
"""

from __future__ import annotations

import re
import typing as t

from .reader import Header, Reader, TomlTable

_NEWLINE = re.compile(r"\r?\n")

# Lines without the last line end, given the line end to use.
Block = t.Callable[[str], str]


class Document:
    """A ``deployment.toml``:

    ``text``, its ``statements`` in order, and ``data``, what it means. Raises TomlError.
    """

    def __init__(self, text: str) -> None:
        reader = Reader(text)
        self.text = text
        self.statements = reader.statements
        self.data = reader.data

    @classmethod
    def from_bytes(cls, content: bytes) -> Document:
        """Decode as the server's files are: UTF-8, any stray byte kept as it is."""
        return cls(content.decode("utf-8", "surrogateescape"))

    def line_of(self, offset: int) -> int:
        """Line number, from 1, of an offset."""
        return self.text.count("\n", 0, offset) + 1

    def newline_at(self, offset: int) -> str:
        """The line end in use where a line is to be inserted: that of the line there, else of the
        one before."""
        found = _NEWLINE.search(self.text, offset)
        if found is None:
            before = list(_NEWLINE.finditer(self.text, 0, offset))
            found = before[-1] if before else None
        return found.group() if found else "\n"

    def lead_of(self, header: Header) -> int:
        """Where the comment lines right above a header begin, if a blank line or the file's beginning sets
        them off.
        """
        lines = re.findall(r"[^\n]*\n", self.text[: header.start])
        start = header.start
        while lines and lines[-1].lstrip(" \t").startswith("#"):
            start -= len(lines.pop())
        return header.start if lines and lines[-1].strip() else start

    def with_block_before(self, header: Header, block: Block) -> str:
        """The text with a block of lines, and a blank one, before a header and its comments."""
        at = self.lead_of(header)
        newline = self.newline_at(at)
        return splice(self.text, [(at, at, block(newline) + newline * 2)])

    def with_block_at(self, at: int, block: Block) -> str:
        """The text with a block of lines at the beginning of a line or the end, and a blank line
        before it."""
        newline = self.newline_at(at)
        if at == 0:
            return block(newline) + newline + self.text
        closed = self.text.endswith("\n", 0, at)
        return splice(
            self.text,
            [(at, at, newline + block(newline) + newline if closed else newline * 2 + block(newline))],
        )


def to_bytes(text: str) -> bytes:
    """The inverse of Document.from_bytes."""
    return text.encode("utf-8", "surrogateescape")


def lookup(data: TomlTable, *path: str) -> t.Any:
    """The value at a key path, or None."""
    value: t.Any = data
    for part in path:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def splice(text: str, edits: t.Iterable[tuple[int, int, str]]) -> str:
    """Replace each ``text[start:end]`` by a new text; the edits must not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def same_meaning(one: t.Any, other: t.Any) -> bool:
    """Equal in value, type and order; unlike ``==`` it tells true from 1 and finds nan equal to itself."""
    return repr(one) == repr(other)


def write_value(value: bool | int | str | t.Sequence[str]) -> str:
    """A value as TOML 0.5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "[" + ", ".join(write_value(item) for item in value) + "]"
