# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: values of a key manager in the one form in which two of them are compared.

Pure.
"""

from __future__ import annotations

import typing as t

from .options import BY_NAME, SET
from .token_certificate import identity


def equal(one: t.Any, other: t.Any, field: str = "") -> bool:
    """Whether both values mean the same to the server.

    Strings are trimmed, empty is as good as absent, whole numbers are floats. ``field`` is as in normalise.
    """
    return bool(normalise(one, field) == normalise(other, field))


def normalise(value: t.Any, field: str = "") -> t.Any:
    """The value to compare; ``field`` is the API's name of a top field, whose own rules then hold."""
    if field in _RULES:
        return _RULES[field](value)
    if _is_set(field):
        return frozenset(_plain(item) for item in value or []) - {None}
    return _plain(value)


def tidy(value: t.Any, field: str) -> t.Any:
    """What is given, as it is sent: strings trimmed, nothing twice in what is a set.

    The server answers 201 to a role given twice, and has stored nothing (measured).
    """
    if isinstance(value, str):
        return value.strip()
    if _is_set(field):
        return _once(value)
    if field == "certificates":
        return {**value, "value": value["value"].strip()}
    if field == "permissions":
        return {**value, "roles": _once(value.get("roles") or [])}
    return value


def _is_set(field: str) -> bool:
    return field in BY_NAME and BY_NAME[field].kind == SET


def _once(values: t.Iterable[str]) -> list[str]:
    """Each of them once, in their order, without blanks around them."""
    stripped = (str(value).strip() for value in values)
    return list(dict.fromkeys(value for value in stripped if value))


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, bool):
        return ("flag", value)  # in Python true equals 1
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, dict):
        members = {key: _plain(item) for key, item in value.items()}
        return {key: item for key, item in members.items() if item is not None} or None
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value] or None
    return value


def _number(value: float) -> float:
    """The server reads 3600 back as 3600.0. What is too large for a float stays what it is."""
    try:
        return float(value)
    except OverflowError:
        return value


def _certificates(value: t.Any) -> t.Any:
    """A certificate for what it is, whatever the form and the text around it."""
    if not isinstance(value, dict) or value.get("type") != "PEM":
        return _plain(value)
    return _plain({**value, "value": identity(str(value.get("value") or "")) or value.get("value")})


def _permissions(value: t.Any) -> t.Any:
    """Without roles nobody is allowed or denied: the server reads it back as PUBLIC, and roles beside PUBLIC
    not at all (measured).
    """
    permissions = value or {}
    roles = frozenset(_once(permissions.get("roles") or []))
    kind = permissions.get("permissionType") or "PUBLIC"
    return ["PUBLIC"] if kind == "PUBLIC" or not roles else [kind, roles]


def _token_validation(value: t.Any) -> t.Any:
    """A rule holds unless it says otherwise."""
    return _plain([{"enable": True, **rule} for rule in value or []])


def _claim_mapping(value: t.Any) -> t.Any:
    """Pairs of claims in any order."""
    return frozenset(
        tuple(repr(_plain(item.get(name))) for name in ("remoteClaim", "localClaim")) for item in value or []
    )


_RULES: dict[str, t.Callable[[t.Any], t.Any]] = {
    "certificates": _certificates,
    "permissions": _permissions,
    "tokenValidation": _token_validation,
    "claimMapping": _claim_mapping,
}
