# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: text from a server, made fit for a sentence. Pure."""

from __future__ import annotations

import typing as t

_LONGEST = 500


def told(value: t.Any, longest: int = _LONGEST) -> str:
    """What a server said, on one line, in printable characters, cut where it is long."""
    text = printable(str(value))
    return text if len(text) <= longest else f"{text[:longest]}…"


def printable(text: str) -> str:
    """Line ends and tabs as blanks, whatever else could steer a terminal as its escape."""
    one_line = " ".join(text.split())
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in one_line)
