# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what Java refuses for sure of a regular expression.

It is read as ``java.util.regex.Pattern`` reads one without flags (JDK 17; the tests hold it to the real one).
What is not claimed here may be refused by Java all the same: look-behind without an end, the names of
properties and characters, and everything in an expression with comments, ``(?x)``. Pure.
"""

from __future__ import annotations

import re

_FLAGS = re.compile(r"[idmsuU-]*[):]")
_GROUP_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)>")
_COUNT = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|$)|\\.", re.DOTALL)
# Escapes by what follows the backslash: with an argument, inside and outside of a class, outside alone.
_ARGUMENTS = {
    "0": re.compile(r"[0-7]"),
    "c": re.compile(r".", re.DOTALL),
    "k": re.compile(r"<([A-Za-z][A-Za-z0-9]*)>"),
    "u": re.compile(r"[0-9A-Fa-f]{4}"),
    "x": re.compile(r"[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]+\}"),
    "p": re.compile(r"\{[^}]+\}|[A-Za-z]"),
    "P": re.compile(r"\{[^}]+\}|[A-Za-z]"),
    "N": re.compile(r"\{[^}]+\}"),
}
_ESCAPES, _ESCAPES_OUTSIDE = set("dDhHsSvVwWaefnrt"), set("ABGZzbRX")


class _Fault(Exception):
    """What Java refuses; its argument is the rest of a sentence."""


class _Unsure(Exception):
    """From here on nothing can be said."""


def fault_of(expression: str) -> str | None:
    """A clause on what keeps Java from compiling it, None for nothing that is known."""
    try:
        _Reader(_QUOTED.sub(_unquoted, expression)).read()
    except _Fault as exc:
        return str(exc)
    except _Unsure:
        return None
    return None


def _unquoted(found: re.Match[str]) -> str:
    """What is quoted, each character for itself; any other escape as it is. Java goes the same way."""
    if found.group(1) is None:
        return found.group()
    return "".join(_for_itself(char) for char in found.group(1))


def _for_itself(char: str) -> str:
    if char.isascii() and char.isdecimal():
        return f"\\x3{char}"
    return char if char.isalpha() or not char.isascii() else f"\\{char}"


class _Reader:
    """Goes through an expression once; ``_at`` is where it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open = 0
        self._groups: set[str] = set()

    def read(self) -> None:
        """Raises _Fault or _Unsure."""
        repeatable = False
        while self._at < len(self._text):
            char = self._next()
            if char in "*+?":
                raise _Fault(f"there is nothing to repeat before '{char}'")
            repeatable = self._atom(char)
            if repeatable:
                self._quantifier()
        if self._open:
            raise _Fault("the parentheses do not match")

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, gone past."""
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _atom(self, char: str) -> bool:
        """Read what begins with this character; whether it can be repeated."""
        if char == "(":
            self._group()
            return False
        if char == ")":
            self._open -= 1
            if self._open < 0:
                raise _Fault("the parentheses do not match")
        elif char == "[":
            self._class()
        elif char == "\\":
            self._escape(in_class=False)
        elif char == "{":
            self._at -= 1
        return char != "|"

    def _quantifier(self) -> None:
        """Read how often what stands before is repeated."""
        here = self._text[self._at : self._at + 1]
        if here == "{":
            count = self._match(_COUNT)
            if not count:
                raise _Fault("a repetition has no number, or is not closed")
            if count.group(3) and int(count.group(3)) < int(count.group(1)):
                raise _Fault(f"a repetition ends before it begins, {count.group()}")
        elif here and here in "*+?":
            self._at += 1
        else:
            return
        if self._text[self._at : self._at + 1] in ("?", "+"):
            self._at += 1

    def _group(self) -> None:
        """Read how a group begins, or flags alone."""
        self._open += 1
        if not self._text.startswith("?", self._at):
            return
        self._at += 1
        kind = self._text[self._at : self._at + 1]
        if kind and kind in ":=!>":
            self._at += 1
        elif kind == "<":
            self._at += 1
            self._named_group()
        else:
            self._flags()

    def _named_group(self) -> None:
        if self._text[self._at : self._at + 1] in ("=", "!"):
            self._at += 1
            return
        name = self._match(_GROUP_NAME)
        if not name:
            raise _Fault("the name of a group does not begin with a letter, or is not closed")
        if name.group(1) in self._groups:
            raise _Fault(f"two groups have the name {name.group(1)}")
        self._groups.add(name.group(1))

    def _flags(self) -> None:
        if re.match(r"[a-zA-Z-]*x", self._text[self._at :]):
            raise _Unsure
        flags = self._match(_FLAGS)
        if not flags:
            raise _Fault("a group begins with a question mark and no kind that Java knows")
        if flags.group().endswith(")"):
            self._open -= 1

    def _escape(self, in_class: bool) -> str:
        """Read what is escaped; the character that it stands for, nothing where that is not looked for."""
        if self._at == len(self._text):
            raise _Fault("it ends in a backslash")
        char = self._next()
        if char in _ARGUMENTS and not (in_class and char == "k"):
            argument = self._match(_ARGUMENTS[char])
            if not argument:
                raise _Fault(f"'\\{char}' lacks what belongs to it")
            if char == "k" and argument.group(1) not in self._groups:
                raise _Fault(f"there is no group {argument.group(1)} before its use")
            return ""
        known = _ESCAPES if in_class else _ESCAPES | _ESCAPES_OUTSIDE
        if char.isascii() and char.isalpha() and char not in known:
            raise _Fault(f"there is no escape '\\{char}'")
        return "" if char.isalnum() else char

    def _class(self) -> None:
        """Read a class to its closing bracket; classes in it too."""
        if self._text.startswith("^", self._at):
            self._at += 1
        depth, is_empty = 1, True
        while depth:
            if self._at == len(self._text):
                raise _Fault("a bracket is not closed")
            char = self._next()
            if char == "&" and self._text.startswith("&", self._at):
                raise _Unsure
            if char == "[":
                depth, is_empty = depth + 1, True
                self._at += self._text.startswith("^", self._at)
            elif char == "]" and not is_empty:
                depth -= 1
            else:
                self._range(char)
                is_empty = False

    def _range(self, char: str) -> None:
        """Read a character of a class, and the one that it goes up to."""
        first = self._escape(in_class=True) if char == "\\" else char
        if not self._text.startswith("-", self._at) or self._text[self._at + 1 : self._at + 2] in (
            "]",
            "[",
            "",
        ):
            return
        if not first and self._text[self._at - 1] in "dDhHsSvVwW}":
            return  # a class of its own begins no range
        self._at += 1
        last = self._next()
        last = self._escape(in_class=True) if last == "\\" else last
        if first and last and last < first:
            raise _Fault(f"a range of characters ends before it begins, {first}-{last}")
