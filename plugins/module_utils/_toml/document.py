# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the text of a ``deployment.toml``, and splices into it.

The reader says what the file means and where each statement stands, so that an edit replaces exactly the
bytes it is about. Pure: no Ansible, no file access.
"""

from __future__ import annotations

import bisect
import re
import typing as t

from .._problem import Problem
from .reader import Header, Reader, TomlTable

_NEWLINE = re.compile(r"\r?\n")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# Neither a literal string nor the server's reader of keys takes these.
_NOT_IN_A_KEY = re.compile(r"""['"\x00-\x08\x0a-\x1f\x7f]""")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f]')

Value = t.Union[bool, int, str, t.Sequence[t.Any]]

# Lines without the last line end, given the line end to use.
Block = t.Callable[[str], str]


class Document:
    """A ``deployment.toml``: its ``text``, its ``statements`` in order, and ``data``, what it means.

    Raises TomlError where a server would not read it.
    """

    def __init__(self, text: str) -> None:
        reader = Reader(text)
        self.text = text
        self.statements = reader.statements
        self.data = reader.data
        self._line_ends: list[int] | None = None

    @classmethod
    def from_bytes(cls, content: bytes) -> Document:
        """Decode as the server's files are: UTF-8, any stray byte kept as it is."""
        return cls(content.decode("utf-8", "surrogateescape"))

    def line_of(self, offset: int) -> int:
        """Line number, from 1, of an offset."""
        if self._line_ends is None:
            self._line_ends = [found.start() for found in re.finditer("\n", self.text)]
        return bisect.bisect_left(self._line_ends, offset) + 1

    def newline_at(self, offset: int) -> str:
        """The line end to use where a line is inserted: that of the line there, else of the one before."""
        found = _NEWLINE.search(self.text, offset)
        if found is not None:
            return found.group()
        last = self.text.rfind("\n", 0, offset)
        return "\r\n" if last > 0 and self.text[last - 1] == "\r" else "\n"

    def lead_of(self, header: Header) -> int:
        """Where the comment lines right above a header begin.

        They belong to it only if a blank line, or the beginning of the file, sets them off.
        """
        start = header.start
        while start > 0:
            above = self.text.rfind("\n", 0, start - 1) + 1
            line = self.text[above:start].strip()
            if not line.startswith("#"):
                return header.start if line else start
            start = above
        return start

    def with_block_before(self, header: Header, block: Block) -> str:
        """The text with a block of lines, and a blank one, before a header and its comments."""
        at = self.lead_of(header)
        newline = self.newline_at(at)
        return splice(self.text, [(at, at, block(newline) + newline * 2)])

    def with_block_at(self, at: int, block: Block) -> str:
        """The text with a blank line and a block of lines at the beginning of a line or the end."""
        newline = self.newline_at(at)
        if at == 0:
            return block(newline) + newline + self.text
        closed = self.text.endswith("\n", 0, at)
        new = newline + block(newline) + newline if closed else newline * 2 + block(newline)
        return splice(self.text, [(at, at, new)])

    def with_line_at(self, at: int, line: str, newline: str) -> str:
        """The text with one more line at the beginning of a line or the end."""
        closed = at == 0 or self.text.endswith("\n", 0, at)
        return splice(self.text, [(at, at, line + newline if closed else newline + line)])

    def without_lines(self, start: int, end: int) -> str:
        """The text less whole lines, the inverse of with_line_at."""
        unclosed = end == len(self.text) and not self.text.endswith("\n")
        if unclosed and start > 0:
            start -= len(_line_end_before(self.text, start))
        return splice(self.text, [(start, end, "")])

    def without_blocks(self, blocks: t.Iterable[tuple[int, int]]) -> str:
        """The text less blocks of whole lines in order, each with the one blank line that came with it.

        The inverse of with_block_before and with_block_at.
        """
        kept = _Kept(self.text)
        at = above = 0
        for start, end in blocks:
            kept.add(at, start)
            following = _NEWLINE.match(self.text, end)
            if not following:
                # Directly below another block there is no blank line of its own.
                if start != above:
                    kept.drop_blank_line()
                if end == len(self.text) and not self.text.endswith("\n"):
                    kept.drop_line_end()
            at = following.end() if following else end
            above = end
        kept.add(at, len(self.text))
        return kept.text()


class _Kept:
    """The ranges that are kept of a text; each begins at the beginning of a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ranges: list[tuple[int, int]] = []

    def text(self) -> str:
        return "".join(self._text[start:end] for start, end in self._ranges)

    def add(self, start: int, end: int) -> None:
        if start < end:
            self._ranges.append((start, end))

    def drop_blank_line(self) -> None:
        """Drop the last line if it is blank."""
        if self._ranges:
            start, end = self._ranges[-1]
            line_end = _line_end_before(self._text, end)
            above = end - len(line_end)
            if line_end and (above == start or self._text.endswith("\n", start, above)):
                self.drop_line_end()

    def drop_line_end(self) -> None:
        """Drop the end of the last line."""
        if self._ranges:
            start, end = self._ranges.pop()
            self.add(start, end - len(_line_end_before(self._text, end)))


def _line_end_before(text: str, offset: int) -> str:
    if text.endswith("\r\n", 0, offset):
        return "\r\n"
    return "\n" if text.endswith("\n", 0, offset) else ""


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


def write_value(value: Value) -> str:
    """A value as TOML 0.5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f'"{_ESCAPED.sub(_escape, value)}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no form in TOML here")


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")


def write_key(path: t.Iterable[str]) -> str:
    """A key, or several with dots between them, as TOML 0.5. Raises Problem where the server has no form."""
    return ".".join(_write_part(part) for part in path)


def _write_part(part: str) -> str:
    if _BARE_KEY.fullmatch(part):
        return part
    if _NOT_IN_A_KEY.search(part):
        raise Problem(
            f"the key {part!r} holds a quote or a control character, which the server cannot read",
            advice="use a key without it",
        )
    return f"'{part}'"
