# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a reader of TOML that takes what a WSO2 server takes.

It says where each statement stands. The servers read their ``deployment.toml`` with cava-toml 0.5.0, which is
TOML 0.5 with habits of its own: some valid files keep a server from starting, some invalid ones don't. Each
rule here was measured with it. Linear in the size of the text. Pure: no Ansible, no file access.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import typing as t

from .._problem import Problem

TomlTable = t.Dict[str, t.Any]
KeyPath = t.Tuple[str, ...]


class TomlError(Problem):
    """A server would not read the text; ``clause`` says why, with line and column."""


@dataclasses.dataclass(frozen=True)
class Header:
    """A ``[table]`` or ``[[array of tables]]`` line; ``start`` and ``end`` are offsets of whole lines."""

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


@dataclasses.dataclass(frozen=True)
class Moment:
    """A date, a time or both, as written."""

    text: str


class InlineTable(t.Dict[str, t.Any]):
    """A table in braces, which nothing can be added to from outside."""


class TableArray(t.List[TomlTable]):
    """What ``[[headers]]`` make."""


# How deep tables, keys and arrays may stand inside each other. The server's reader overflows its stack
# between 600 and 700 tables or parts of a key, and between 800 and 1000 arrays (measured).
_DEEPEST = 100
_LONGEST_NAME = 100  # characters of a file's own names in a message
_BLANKS = re.compile(r"[ \t]*")
_COMMENT = re.compile(r"#[^\n]*")
_NEWLINE = re.compile(r"\r?\n")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# What each kind of string begins and ends with, and a piece of what may stand in it. Pieces are taken one by
# one, as one expression for a whole string would keep a place to come back to for each.
_MULTI_LINE_STRINGS = tuple(
    (quotes, re.compile(piece, re.DOTALL))
    for quotes, piece in (
        ('"""', r'[^"\\\x00-\x1f\x7f]+|\r?\n|\\.|"(?!"")'),
        ("'''", r"[^'\x00-\x08\x0a-\x1f\x7f]+|\r?\n|'(?!'')"),
    )
)
_ONE_LINE_STRINGS = tuple(
    (quotes, re.compile(piece, re.DOTALL))
    for quotes, piece in (
        ('"', r'[^"\\\x00-\x1f\x7f]+|\\[^\n]'),
        ("'", r"[^'\x00-\x08\x0a-\x1f\x7f]+"),
    )
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\n|.)", re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_DECIMAL = r"[+-]?(?:[1-9][0-9]*(?:_[0-9]+)*|0)"
_FLOAT = re.compile(rf"{_DECIMAL}(?:[eE]{_DECIMAL}|\.[0-9]+(?:_[0-9]+)*(?:[eE]{_DECIMAL})?)|[+-]?(?:inf|nan)")
_INTEGER = re.compile(rf"0x[0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*|0o[0-7]+(?:_[0-7]+)*|0b[01]+(?:_[01]+)*|{_DECIMAL}")
_BOOLEAN = re.compile(r"true|false")
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_FRACTION = r"(?:\.[0-9]{1,9})?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9])?"
_MOMENT_BEGINS = re.compile(r"[0-9]+[-:]")
_MOMENT = re.compile(
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[Tt ](?P<time>{_TIME}){_FRACTION}{_ZONE})?"
    rf"|(?P<alone>{_TIME}){_FRACTION}"
)


class Reader:
    """One pass over a text: ``statements`` in order, and ``data``, what they mean. Raises TomlError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: TomlTable = {}
        self.statements: list[Statement] = []
        self._pos = 0
        self._table = self.data
        self._depth = 0
        # Each array that is empty or ends in a comma leaves the server's reader inside a value, until a line
        # end takes it out.
        self._stuck = 0
        if text.startswith("\ufeff"):
            raise self._error("the file begins with a byte order mark, which the server does not read")
        while self._pos < len(text):
            start = self._pos
            self._skip(_BLANKS)
            if not self._at_line_end() and not self._peek("#"):
                if self._stuck:
                    raise self._error(
                        "the arrays above leave the server's reader inside a value; put an empty line here"
                    )
                if self._peek("["):
                    self._header(start)
                else:
                    self._key_value(start)
            else:
                self._line_end()

    def _header(self, start: int) -> None:
        at = self._pos
        is_array = self._peek("[[")
        self._pos += 2 if is_array else 1
        path = self._key()
        self._expect("]]" if is_array else "]")
        self._depth = self._deeper(0, path, at)
        self._table = self._define(path, is_array, at)
        self._line_end()
        self.statements.append(Header(path, is_array, start, self._pos))

    def _key_value(self, start: int) -> None:
        at = self._pos
        path = self._key()
        depth = self._deeper(self._depth, path, at)
        self._expect("=")
        self._skip(_BLANKS)
        value_start = self._pos
        value, self._stuck = self._value(depth)
        value_end = self._pos
        self._assign(self._table, path, value, at)
        self._line_end()
        self.statements.append(KeyValue(path, start, value_start, value_end, self._pos))

    def _define(self, path: KeyPath, is_array: bool, at: int) -> TomlTable:
        parent = self._descend(self.data, path[:-1], at)
        key, name = path[-1], _name(path)
        new: TomlTable = {}
        if not is_array:
            if key in parent:
                raise self._error(
                    f"[{name}] is there already or stands after something inside it, which the server"
                    " cannot read",
                    at,
                )
            parent[key] = new
            return new
        array = parent.setdefault(key, TableArray())
        if not isinstance(array, TableArray):
            raise self._error(f"[[{name}]] is something else already", at)
        array.append(new)
        return new

    def _assign(self, table: TomlTable, path: KeyPath, value: t.Any, at: int) -> None:
        table = self._descend(table, path[:-1], at)
        if path[-1] in table:
            raise self._error(f"{_name(path)} is there already", at)
        table[path[-1]] = value

    def _descend(self, table: TomlTable, path: KeyPath, at: int) -> TomlTable:
        for part in path:
            inner = table.setdefault(part, {})
            if isinstance(inner, TableArray):
                inner = inner[-1]
            if not isinstance(inner, dict) or isinstance(inner, InlineTable):
                raise self._error(f"{_name([part])} is something else than a table that can be added to", at)
            table = inner
        return table

    def _key(self) -> KeyPath:
        parts = []
        while True:
            self._skip(_BLANKS)
            at = self._pos
            quoted = self._string(multi_line=False)
            if quoted is not None:
                if "'" in quoted or '"' in quoted:
                    raise self._error("a key holds a quote, which the server cannot read", at)
                parts.append(quoted)
            else:
                bare = self._take(_BARE_KEY)
                if bare is None:
                    raise self._error("a key was expected")
                parts.append(bare)
            self._skip(_BLANKS)
            if not self._peek("."):
                return tuple(parts)
            self._pos += 1

    def _deeper(self, depth: int, path: t.Sequence[str], at: int) -> int:
        """How deep the end of a path stands that begins so deep."""
        if depth + len(path) > _DEEPEST:
            raise self._error(f"tables, keys or arrays stand more than {_DEEPEST} deep inside each other", at)
        return depth + len(path)

    def _value(self, depth: int, inside: bool = False) -> tuple[t.Any, int]:
        """A value, and how many line ends the server's reader needs after it to be out of it."""
        if self._peek("["):
            return self._array(self._deeper(depth, "[", self._pos))
        if self._peek("{"):
            return self._inline_table(depth), 0
        at = self._pos
        string = self._string(multi_line=True)
        if string is not None:
            return string, 0
        if _MOMENT_BEGINS.match(self.text, at):
            if inside:
                raise self._error(
                    "a date stands in brackets, where the server cannot read each of them; write it as a"
                    " string"
                )
            return self._moment(), 0
        for pattern, convert in ((_FLOAT, self._float), (_INTEGER, self._integer)):
            found = self._take(pattern)
            if found is not None:
                return convert(found, at), 0
        boolean = self._take(_BOOLEAN)
        if boolean is None:
            raise self._error("a value was expected")
        return boolean == "true", 0

    def _array(self, depth: int) -> tuple[list[t.Any], int]:
        self._pos += 1
        items: list[t.Any] = []
        stuck = 0
        while True:
            self._skip_lines()
            if self._peek("]"):
                self._pos += 1
                return items, stuck + 1
            at = self._pos
            item, more = self._value(depth, inside=True)
            if items and type(item) is not type(items[0]):
                raise self._error(
                    "an array holds values of more than one type, which the server cannot read", at
                )
            items.append(item)
            stuck += more
            self._skip(_BLANKS)
            if self._peek(","):
                self._pos += 1
                continue
            self._skip_lines()
            if not self._peek("]"):
                raise self._error("']' was expected, or ',' on the line of the value before it")
            self._pos += 1
            return items, stuck

    def _inline_table(self, depth: int) -> InlineTable:
        table = InlineTable()
        self._pos += 1
        self._skip(_BLANKS)
        if self._peek("}"):
            self._pos += 1
            return table
        while True:
            self._skip(_BLANKS)
            at = self._pos
            path = self._key()
            below = self._deeper(depth, path, at)
            self._expect("=")
            self._skip(_BLANKS)
            value_at = self._pos
            value, stuck = self._value(below, inside=True)
            if stuck:
                raise self._error(
                    "an array in an inline table is empty or ends in a comma, which the server cannot read",
                    value_at,
                )
            self._assign(table, path, value, at)
            self._skip(_BLANKS)
            if not self._peek(","):
                self._expect("}")
                return table
            self._pos += 1

    def _string(self, multi_line: bool) -> str | None:
        at = self._pos
        kinds = _MULTI_LINE_STRINGS + _ONE_LINE_STRINGS if multi_line else _ONE_LINE_STRINGS
        for quotes, piece in kinds:
            if self._peek(quotes):
                return self._string_between(quotes, piece, at)
        return None

    def _string_between(self, quotes: str, piece: re.Pattern[str], at: int) -> str:
        self._pos += len(quotes)
        if len(quotes) > 1:
            self._skip(_NEWLINE)
        begin = self._pos
        while self._take(piece) is not None:
            pass
        body = self.text[begin : self._pos].replace("\r\n", "\n")
        if not self._peek(quotes):
            raise self._error(
                "a string is not closed, or holds a character that the server does not take in one", at
            )
        self._pos += len(quotes)
        return self._unescaped(body, at) if quotes[0] == '"' else body

    def _unescaped(self, body: str, at: int) -> str:
        def character(escape: re.Match[str]) -> str:
            code = escape.group(1)
            if code[0] in "uU" and len(code) > 1:
                number = int(code[1:], 16)
                if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
                    return chr(number)
            elif code in _ESCAPED or code[-1] == "\n":
                return _ESCAPED.get(code, "\n")
            raise self._error(f"a string holds \\{code}, which is no escape sequence", at)

        return _ESCAPE.sub(character, body)

    def _moment(self) -> Moment:
        at = self._pos
        found = _MOMENT.match(self.text, at)
        try:
            if found is None:
                raise ValueError
            dt.date.fromisoformat(found.group("date") or "1970-01-01")
            dt.time.fromisoformat(found.group("time") or found.group("alone") or "00:00:00")
        except ValueError as exc:
            raise self._error("a date or time is not valid", at) from exc
        self._pos = found.end()
        return Moment(found.group())

    def _float(self, text: str, at: int) -> float:
        value = float(text.replace("_", ""))
        if "n" not in text and (
            value in (float("inf"), float("-inf"))
            or (value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]))
        ):
            raise self._error("a number is too large or too small", at)
        return value

    def _integer(self, text: str, at: int) -> int:
        digits = text.replace("_", "")
        base = {"0x": 16, "0o": 8, "0b": 2}.get(text[:2], 10)
        # Python reads no more than 4300 decimal digits, and slowly; a sign and 19 are the most that can fit.
        value = 2**63 if base == 10 and len(digits) > 20 else int(digits, base)
        if not -(2**63) <= value < 2**63:
            raise self._error("a number is too large", at)
        return value

    def _skip_lines(self) -> None:
        """Move past blanks, comments and line ends, as they may stand between the values of an array."""
        while any(self._take(pattern) for pattern in (_BLANKS, _COMMENT, _NEWLINE)):
            pass

    def _line_end(self) -> None:
        self._skip(_BLANKS)
        self._skip(_COMMENT)
        if not self._at_line_end():
            raise self._error("the line should end here")
        self._skip(_NEWLINE)
        self._stuck = max(0, self._stuck - 1)

    def _at_line_end(self) -> bool:
        return self._pos == len(self.text) or _NEWLINE.match(self.text, self._pos) is not None

    def _peek(self, what: str) -> bool:
        return self.text.startswith(what, self._pos)

    def _expect(self, what: str) -> None:
        if not self._peek(what):
            raise self._error(f"'{what}' was expected")
        self._pos += len(what)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self._pos)
        if found is None:
            return None
        self._pos = found.end()
        return found.group()

    def _error(self, what: str, at: int | None = None) -> TomlError:
        at = self._pos if at is None else at
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return TomlError(f"{what} (at line {line}, column {column})")


def _name(path: t.Iterable[str]) -> str:
    """A key as a message shows it."""
    name = ".".join(path)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
