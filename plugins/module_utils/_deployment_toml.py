# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the text of a ``deployment.toml`` as statements with their places, and splices into it.

A parser says what the file means; this scanner only says where each statement stands, so that an edit replaces
exactly the bytes it is about. Pure: no Ansible, no file access.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

TomlTable = t.Dict[str, t.Any]
KeyPath = t.Tuple[str, ...]


class TomlError(Exception):
    """The text is not TOML that can be edited; ``str()`` is one sentence with line and column where known."""


class EditRefused(Exception):
    """An edit would not do what was asked for, or more than that; the text is one sentence."""


class TomlReaderMissing(Exception):
    """This Python has no TOML parser at all."""


def _find_reader() -> t.Callable[[str], TomlTable] | None:
    try:
        import tomllib

        return tomllib.loads
    except ImportError:
        pass
    for name in ("tomli", "toml"):
        try:
            return t.cast("t.Callable[[str], TomlTable]", __import__(name).loads)
        except ImportError:
            continue
    return None


_READER = _find_reader()


@dataclasses.dataclass(frozen=True)
class Header:
    """A ``[table]`` or ``[[array of tables]]`` line; ``start`` and ``end`` are offsets of whole lines in the text."""

    path: KeyPath
    is_array: bool
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class KeyValue:
    """A ``key = value`` statement; ``value_start`` and ``value_end`` enclose the value alone."""

    path: KeyPath
    start: int
    value_start: int
    value_end: int
    end: int


Statement = t.Union[Header, KeyValue]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_NEWLINE = re.compile(r"\r?\n")
_LINE_REST = re.compile(r"[^\n]*(?:\n|\Z)")
_COMMENT = re.compile(r"#[^\n]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ONE_LINE_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_MULTI_LINE_STRING = re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*?"{3,5}|\'\'\'(?:[^\']|\'{1,2}(?!\'))*?\'{3,5}', re.DOTALL)


class _Scanner:
    """One pass over the text; ``statements`` and ``comments`` (as offset pairs) are its result."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.statements: list[Statement] = []
        self.comments: list[tuple[int, int]] = []

    def scan(self) -> None:
        while self.pos < len(self.text):
            start = self.pos
            self._skip(_BLANK)
            if self._peek("["):
                self._header(start)
            elif self._peek("#") or self._at_line_end():
                self._line_end()
            else:
                self._key_value(start)

    def _header(self, start: int) -> None:
        is_array = self._peek("[[")
        self.pos += 2 if is_array else 1
        path = self._key()
        self._expect("]]" if is_array else "]")
        self._line_end()
        self.statements.append(Header(path, is_array, start, self.pos))

    def _key_value(self, start: int) -> None:
        path = self._key()
        self._expect("=")
        self._skip(_BLANK)
        value_start = self.pos
        value_end = self._value()
        self._line_end()
        self.statements.append(KeyValue(path, start, value_start, value_end, self.pos))

    def _key(self) -> KeyPath:
        parts = []
        while True:
            self._skip(_BLANK)
            quoted = _ONE_LINE_STRING.match(self.text, self.pos)
            found = quoted or _BARE_KEY.match(self.text, self.pos)
            if found is None:
                raise self._error("a key was expected")
            self.pos = found.end()
            parts.append(_unquote(found.group()) if quoted else found.group())
            self._skip(_BLANK)
            if not self._peek("."):
                return tuple(parts)
            self.pos += 1

    def _value(self) -> int:
        """Move past one value and return the offset where it ends, trailing blanks not counted."""
        if self._peek("[") or self._peek("{"):
            self._bracketed()
            return self.pos
        for string in (_MULTI_LINE_STRING, _ONE_LINE_STRING):
            if self.text.startswith(('"""', "'''"), self.pos) and string is _ONE_LINE_STRING:
                raise self._error("a multi-line string is not closed")
            found = string.match(self.text, self.pos)
            if found:
                self.pos = found.end()
                return self.pos
        start = self.pos
        self._skip(_SCALAR)
        value = self.text[start : self.pos].rstrip(" \t")
        if not value:
            raise self._error("a value was expected")
        return start + len(value)

    def _bracketed(self) -> None:
        """Move past an array or inline table, whatever it holds; the parser has the word on what it means."""
        depth = 0
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char in "\"'":
                self._value()
            elif char == "#":
                self._comment()
            else:
                self.pos += 1
                depth += (char in "[{") - (char in "]}")
                if depth == 0:
                    return
        raise self._error("a bracket is not closed")

    def _comment(self) -> None:
        found = t.cast("re.Match[str]", _COMMENT.match(self.text, self.pos))
        self.comments.append(found.span())
        self.pos = found.end()

    def _line_end(self) -> None:
        self._skip(_BLANK)
        if self._peek("#"):
            self._comment()
        if not self._at_line_end():
            raise self._error("the line should end here")
        self._skip(_LINE_REST)

    def _at_line_end(self) -> bool:
        return self.pos == len(self.text) or _NEWLINE.match(self.text, self.pos) is not None

    def _peek(self, what: str) -> bool:
        return self.text.startswith(what, self.pos)

    def _expect(self, what: str) -> None:
        if not self._peek(what):
            raise self._error(f"'{what}' was expected")
        self.pos += len(what)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.pos)
        if found:
            self.pos = found.end()

    def _error(self, what: str) -> TomlError:
        line = self.text.count("\n", 0, self.pos) + 1
        column = self.pos - self.text.rfind("\n", 0, self.pos)
        return TomlError(f"{what} (at line {line}, column {column})")


def _unquote(key: str) -> str:
    return next(iter(parse(f"{key} = 0")))


def parse(text: str) -> TomlTable:
    """What the text means. Raises TomlError with the parser's own words."""
    if _READER is None:
        raise TomlReaderMissing("Reading deployment.toml needs Python 3.11 or later, or the Python package tomli or toml on the managed host.")
    if text.startswith("\ufeff"):
        raise TomlError("the file begins with a byte order mark, which the server does not read (at line 1, column 1)")
    try:
        return _READER(text)
    except (ValueError, IndexError, KeyError, TypeError) as exc:  # the package toml lets some of these through
        raise TomlError(str(exc)) from exc


class Document:
    """A parsed ``deployment.toml``: ``text``, its ``statements`` in order, and ``data``, what it means."""

    def __init__(self, text: str) -> None:
        self.text = text
        scanner = _Scanner(text)
        try:
            scanner.scan()
        except TomlError as scan_error:
            parse(text)  # its words are better, if it has any
            raise scan_error
        self.statements = scanner.statements
        # The server takes control characters in comments, the parser does not (measured with cava-toml 0.5.0).
        readable = text
        for start, end in scanner.comments:
            comment = text[start:end].rstrip("\r")
            if _CONTROL.search(comment):
                readable = readable[:start] + _CONTROL.sub(" ", comment) + readable[start + len(comment) :]
        self.data = parse(readable)

    @classmethod
    def from_bytes(cls, content: bytes) -> Document:
        """Decode as the server's files are: UTF-8, any stray byte kept as it is."""
        return cls(content.decode("utf-8", "surrogateescape"))

    def line_of(self, offset: int) -> int:
        """Line number, from 1, of an offset."""
        return self.text.count("\n", 0, offset) + 1

    def newline_at(self, offset: int) -> str:
        """The line end in use where a line is to be inserted: that of the line there, else of the one before."""
        found = _NEWLINE.search(self.text, offset)
        if found is None:
            before = list(_NEWLINE.finditer(self.text, 0, offset))
            found = before[-1] if before else None
        return found.group() if found else "\n"


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
