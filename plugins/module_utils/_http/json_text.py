# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: JSON from a server, which may be anything. Pure."""

from __future__ import annotations

import json
import math
import typing as t

# Deeper than anything that an API says, and far from where Python's own recursion ends.
_DEEPEST = 50


def read_json(raw: bytes) -> t.Any:
    """The value of a JSON text (RFC 8259), None where it is none or is nested too deeply to be an answer."""
    try:
        value = json.loads(raw, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return value if _is_shallow(value) else None


def _refuse(constant: str) -> t.NoReturn:
    """Python takes NaN and Infinity, and would write them into the module's result."""
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def _is_shallow(value: t.Any) -> bool:
    """Whether lists and objects stand in each other at most so deep; without recursion itself."""
    level = [value]
    for _depth in range(_DEEPEST):
        level = [inner for outer in level for inner in _members(outer)]
        if not level:
            return True
    return False


def _members(value: t.Any) -> t.Iterable[t.Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def objects(value: t.Any) -> list[dict[str, t.Any]]:
    """The objects in what should be a list of them, without anything else that is there."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
