# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the rules that say which tokens are a key manager's own to validate.

API Manager stores any value of any type; its gateway takes the value of REFERENCE for a text, that of JWT for
claims with texts under ``body``, and compiles them with each token (``AbstractKeyManager.canHandleToken``
9.33.90). Pure.
"""

from __future__ import annotations

import re
import typing as t

from .._problem import Problem

_QUOTED = re.compile(r"\\Q.*?(?:\\E|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_GROUP = re.compile(r"\(\?(?:[:=!>]|<[=!]|<[A-Za-z][A-Za-z0-9]*>)")
_DANGLING = re.compile(r"(?:^|[(|])[*+?]")


def refuse_unfit_rules(rules: t.Iterable[t.Mapping[str, t.Any]]) -> None:
    """Refuse a value unfit for its type, and an expression that Java cannot compile. Raises Problem."""
    for rule in rules:
        fault = _fault(str(rule.get("type")), rule.get("value"))
        if fault:
            raise Problem(
                f"token_validation has a value for {rule.get('type')} that {fault}", advice="correct it"
            )


def _fault(kind: str, value: t.Any) -> str | None:
    if kind == "REFERENCE":
        if not isinstance(value, str) or not value:
            return "is no regular expression"
        return _fault_of_expression(value)
    if kind == "JWT":
        claims = value.get("body") if isinstance(value, dict) else None
        if not isinstance(claims, dict) or not all(isinstance(text, str) for text in claims.values()):
            return "is no dictionary with an expression for each claim under body"
        faults = [_fault_of_expression(text) for text in claims.values()]
        return next((fault for fault in faults if fault), None)
    return None


def _fault_of_expression(expression: str) -> str | None:
    """What Java refuses for sure; its expressions are not Python's, so that only the frame is read."""
    rest = _ESCAPE.sub("x", _QUOTED.sub("x", expression))
    if rest.endswith("\\"):
        return f"does not compile: '{expression}' ends in a backslash"
    frame, is_open = _without_classes(rest)
    if is_open:
        return f"does not compile: a bracket in '{expression}' is not closed"
    depth = 0
    for char in frame:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            break
    if depth:
        return f"does not compile: the parentheses in '{expression}' do not match"
    # What is left of a question mark behind a parenthesis are flags.
    if _DANGLING.search(_GROUP.sub("(", frame).replace("(?", "(x")):
        return f"does not compile: in '{expression}' there is nothing to repeat"
    return None


def _without_classes(expression: str) -> tuple[str, bool]:
    """The expression with a letter for each class of characters, and whether one is left open."""
    frame, depth, opened = "", 0, False
    for char in expression:
        if char == "[":
            frame += "x" if depth == 0 else ""
            depth, opened = depth + 1, True
            continue
        # A bracket that closes right behind the one that opens stands for itself.
        if char == "]" and depth and not opened:
            depth -= 1
        elif depth == 0:
            frame += char
        opened = opened and char == "^"
    return frame, depth > 0
