# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the one error type, and the one place where its sentence is made."""

from __future__ import annotations

import re
import typing as t

# Words that keep their capital where a sentence becomes a part of another one.
_PROPER = re.compile(r"(?:Identity Server|Python|Java|PKCS|WSO2|[A-Z]+\b|[A-Z][a-z]*[A-Z])")
# What a terminal obeys instead of showing it: control characters of ASCII and Latin-1, line ends of Unicode,
# and what turns the direction of writing. Lone surrogates, which cannot be written at all, go the same way.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# Around an option's name in a text; no text has these characters, which Unicode leaves to private use.
_OPTION = re.compile("\ue000(\\w+)\ue001")


def option(name: str) -> str:
    """An option of a module in a problem's text: a role calls it by the name of its own variable."""
    return f"\ue000{name}\ue001"


def with_names(text: str, names: t.Mapping[str, str]) -> str:
    """The text for somebody who calls options by these names, or by their own where there is none."""
    return _OPTION.sub(lambda found: names.get(found.group(1), found.group(1)), text)


class Problem(Exception):
    """Something that keeps a run from doing what was asked.

    ``doing`` says what was being done, and to what; ``came_back`` what came of it, and may be empty;
    ``advice`` what to do about it. ``facts`` is the same as data, for the module's result.
    None of them ever holds a secret.
    """

    def __init__(
        self,
        doing: str,
        came_back: str = "",
        advice: str = "",
        facts: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        super().__init__(doing, came_back, advice)
        self.doing = doing
        self.came_back = came_back
        self.advice = advice
        self.facts: dict[str, t.Any] = dict(facts or {})

    def __str__(self) -> str:
        """One sentence: *Starting /opt/wso2is failed: port 9444 is taken by process 7; end that process.*"""
        return self.sentence({})

    def sentence(self, names: t.Mapping[str, str]) -> str:
        """The same for somebody who calls options by these names."""
        clause = self.clause
        text = f"{clause}; {self.advice}" if self.advice else clause
        named = with_names(text, names)
        return printable(named if named.endswith((".", "?")) else f"{named}.")

    @property
    def clause(self) -> str:
        """What was being done and what came back, without the advice."""
        return f"{self.doing}: {self.came_back}" if self.came_back else self.doing

    def during(self, doing: str) -> Problem:
        """The same problem, told as what came back while something larger was being done."""
        return Problem(doing, as_clause(self.clause), self.advice, self.facts)


def printable(text: str) -> str:
    """A text on one line in which each character that steers a terminal is a visible escape, as ``\\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def as_clause(sentence: str) -> str:
    """A sentence as a part of another one: without its full stop, and its capital unless that is a name's."""
    begun = sentence if _PROPER.match(sentence) else sentence[:1].lower() + sentence[1:]
    return begun.rstrip(".")
