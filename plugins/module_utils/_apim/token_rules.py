# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the rules that say which tokens are a key manager's own to validate.

API Manager stores any value of any type; its gateway takes the value of REFERENCE for a text, that of JWT for
claims with texts under ``body``, and compiles them with each token (``AbstractKeyManager.canHandleToken``
9.33.90). Pure.
"""

from __future__ import annotations

import typing as t

from .._problem import Problem
from .java_pattern import fault_of


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
    clause = fault_of(expression)
    return f"does not compile: in '{expression}' {clause}" if clause else None
