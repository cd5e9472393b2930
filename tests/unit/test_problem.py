"""The one error's sentence."""

from __future__ import annotations

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("an ordinary name, ä, 日本, 🔑 and \\", "an ordinary name, ä, 日本, 🔑 and \\"),
        ("\x1b]0;title\x07\x1b[2J", r"\x1b]0;title\x07\x1b[2J"),
        ("one\r\ntwo\tthree\0", r"one\r\ntwo\tthree\x00"),
        ("\x7f\x85\x9b31m", r"\x7f\x85\x9b31m"),
        ("\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c", r"\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\udc80", r"\udc80"),
    ],
)
def test_what_steers_a_terminal_is_shown_instead(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert str(Problem(f"Reading {text} failed", text, "x")) == f"Reading {shown} failed: {shown}; x."
    assert str(Problem("Reading failed", "came back", text).during("More")).endswith(f"; {shown}.")
