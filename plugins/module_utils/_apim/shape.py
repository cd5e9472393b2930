# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: whether what API Manager answers has the shape of a key manager. Pure."""

from __future__ import annotations

import typing as t

from .options import DICT, FIELDS, LIST, SET, Field

_SCALARS = (str, bool, int, float, type(None))


def fault_of(answer: t.Mapping[str, t.Any]) -> str | None:
    """The first member of a key manager that is not what the API says it is, None where all are."""
    for field in FIELDS:
        if not _fits(field, answer.get(field.name)):
            return field.name
    for name in ("id", "name", "type"):
        if not isinstance(answer.get(name), _SCALARS):
            return name
    if not isinstance(answer.get("additionalProperties"), (dict, type(None))):
        return "additionalProperties"
    return None


def is_summary(item: t.Mapping[str, t.Any]) -> bool:
    """Whether an item of the list names a key manager that can be asked for."""
    return isinstance(item.get("id"), str) and bool(item["id"]) and isinstance(item.get("name"), str)


def _fits(field: Field, value: t.Any) -> bool:
    if value is None:
        return True
    if field.kind == SET:
        return _is_list_of_scalars(value)
    if field.kind == LIST:
        return isinstance(value, list) and all(_fits_below(field, item) for item in value)
    if field.kind == DICT:
        return _fits_below(field, value)
    return isinstance(value, _SCALARS)


def _fits_below(field: Field, value: t.Any) -> bool:
    """Whether it is an object whose members are plain, but for those that may be anything."""
    if not isinstance(value, dict):
        return False
    free = {name for name, argument in field.below.items() if argument["type"] == "raw"}
    return all(
        isinstance(member, _SCALARS) or _is_list_of_scalars(member)
        for name, member in value.items()
        if name not in free
    )


def _is_list_of_scalars(value: t.Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, _SCALARS) for item in value)
