# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a ``deployment.toml`` and a product's defaults say together. Pure."""

from __future__ import annotations

import itertools
import re
import typing as t

from .._problem import Problem
from .document import lookup
from .reader import TomlTable

_REFERENCE = re.compile(r"\$ref\{([^{}]+)\}")
# What only the server can see: its environment, its JVM's properties, its vault.
_FOREIGN = re.compile(r"\$(env|sys|secret)\{[^{}]*\}")
# References in a circle come to an end here, and so do values that would grow without one.
_DEEPEST = 10
_MOST = 100


class Settings:
    """Values by dotted keys: those of a file's tables, then of each of the defaults, ``$ref{...}`` followed.

    ``source`` is what the problems call the file.
    """

    def __init__(self, source: str, tables: TomlTable, *defaults: t.Mapping[str, t.Any]) -> None:
        self._source = source
        self._tables = tables
        self._defaults = defaults

    def value(self, key: str) -> t.Any:
        """The value of a key, or None. Raises Problem where it refers to what nothing says."""
        return self._expanded(key, 0, itertools.count(1))

    def says(self, key: str) -> bool:
        """Whether the file itself says it."""
        return lookup(self._tables, *key.split(".")) is not None

    def number(self, key: str, default: int) -> int:
        """A whole number, in a string too. Raises Problem."""
        value = self.value(key)
        try:
            return default if value is None else int(value)
        except (TypeError, ValueError, OverflowError) as exc:
            raise self._wrong(key, f"{value!r}, which is not a number") from exc

    def text(self, key: str, advice: str) -> str | None:
        """A value as text. Raises Problem, with this advice, where only the server can see it."""
        value = self.value(key)
        if value is None:
            return None
        foreign = _FOREIGN.search(str(value))
        if foreign:
            raise Problem(
                f"{self._source} takes {key} from {foreign.group()}, which only the server can see",
                advice=advice,
            )
        return str(value)

    def _expanded(self, key: str, depth: int, references: t.Iterator[int]) -> t.Any:
        value = lookup(self._tables, *key.split("."))
        for defaults in self._defaults:
            value = defaults.get(key) if value is None else value

        def referred(found: re.Match[str]) -> str:
            if next(references) > _MOST:
                raise self._wrong(key, f"a value with more than {_MOST} references in it")
            inner = self._expanded(found.group(1), depth + 1, references)
            if inner is None:
                raise self._wrong(key, f"{found.group()}, which it does not say")
            return str(inner)

        return _REFERENCE.sub(referred, value) if isinstance(value, str) and depth < _DEEPEST else value

    def _wrong(self, key: str, what: str) -> Problem:
        return Problem(f"{self._source} gives {key} as {what}", advice="correct it")
