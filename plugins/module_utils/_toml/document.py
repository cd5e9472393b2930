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
from .reader import Header, Moment, Reader, TomlTable

_NEWLINE = re.compile(r"\r?\n")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# Neither a literal string nor the server's reader of keys takes these.
_NOT_IN_A_KEY = re.compile(r"""['"\x00-\x08\x0a-\x1f\x7f]""")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f]')

# A number's exponent as Python writes it, with zeros that the server does not read.
_EXPONENT = re.compile(r"e([+-]?)0*(?=[0-9])")

Value = t.Union[bool, int, float, str, Moment, t.Sequence[t.Any], t.Mapping[str, t.Any]]

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
        additions = Additions(self)
        additions.block_before(header, block)
        return additions.text()

    def without_lines(self, start: int, end: int) -> str:
        """The text less whole lines, the inverse of Additions.line_at."""
        return self.without([Cut(start, end, is_block=False)])

    def without_blocks(self, blocks: t.Iterable[tuple[int, int]]) -> str:
        """The text less blocks of whole lines in order, each with the one blank line that came with it.

        The inverse of Additions.block_before and Additions.block_at.
        """
        return self.without([Cut(start, end, is_block=True) for start, end in blocks])

    def without(self, cuts: t.Iterable[Cut]) -> str:
        """The text less lines and blocks, which are given in order."""
        kept = _Kept(self.text)
        at = above = 0
        for cut in cuts:
            kept.add(at, cut.start)
            at = cut.end
            following = _NEWLINE.match(self.text, cut.end) if cut.is_block else None
            # Directly below another block there is no blank line of its own.
            if cut.is_block and not following and cut.start != above:
                kept.drop_blank_line()
            if not following and cut.end == len(self.text) and not self.text.endswith("\n"):
                kept.drop_line_end()
            at = following.end() if following else cut.end
            above = cut.end if cut.is_block else above
        kept.add(at, len(self.text))
        return kept.text()


class Cut(t.NamedTuple):
    """Whole lines to take out; with a block goes the blank line that came with it."""

    start: int
    end: int
    is_block: bool


class _Addition(t.NamedTuple):
    """What takes the place of ``text[start:end]``, made from what stands before it."""

    start: int
    end: int
    rank: int
    piece: t.Callable[[str], str]


class Additions:
    """Values, lines and blocks put into a text together, as if they came one after the other.

    Of those at one place the lines come first, then blocks by their rank, then in the order they were given.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._items: list[_Addition] = []

    def value(self, start: int, end: int, written: str) -> None:
        """Replace a value."""
        self._items.append(_Addition(start, end, 0, lambda _before: written))

    def line_at(self, at: int, line: str, newline: str) -> None:
        """One more line at the beginning of a line or the end."""

        def piece(before: str) -> str:
            return line + newline if _is_closed(before) else newline + line

        self._items.append(_Addition(at, at, 0, piece))

    def block_before(self, header: Header, block: Block, rank: int = 1) -> None:
        """A block of lines, and a blank one, before a header and its comments."""
        at = self.document.lead_of(header)
        newline = self.document.newline_at(at)
        self._items.append(_Addition(at, at, rank, lambda _before: block(newline) + newline * 2))

    def block_at(self, at: int, block: Block, rank: int = 1) -> None:
        """A blank line and a block of lines at the beginning of a line or the end."""
        newline = self.document.newline_at(at)

        def piece(before: str) -> str:
            if not before:
                return block(newline) + newline
            closed = _is_closed(before)
            return newline + block(newline) + newline if closed else newline * 2 + block(newline)

        self._items.append(_Addition(at, at, rank, piece))

    def text(self) -> str:
        """The whole, in linear time."""
        text = self.document.text
        pieces = [""]
        at = 0
        for item in sorted(self._items, key=lambda item: (item.start, item.rank)):
            pieces += [text[at : item.start]] if at < item.start else []
            pieces += [item.piece(pieces[-1])]
            at = item.end
        return "".join([*pieces, text[at:]])


def _is_closed(before: str) -> bool:
    """Whether a line can begin behind this."""
    return not before or before.endswith("\n")


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


def same_meaning(one: t.Any, other: t.Any) -> bool:
    """Equal in value, type and order; unlike ``==`` it tells true from 1 and finds nan equal to itself."""
    return repr(one) == repr(other)


def write_value(value: Value) -> str:
    """A value as TOML 0.5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _EXPONENT.sub(r"e\1", repr(value))
    if isinstance(value, Moment):
        return value.text
    if isinstance(value, str):
        return f'"{_ESCAPED.sub(_escape, value)}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    if isinstance(value, dict):
        inner = (f"{write_key([key])} = {write_value(item)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
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
