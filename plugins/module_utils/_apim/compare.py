# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: values of a key manager in the one form in which two of them are compared.

Pure.
"""

from __future__ import annotations

import base64
import binascii
import typing as t

from .options import BY_NAME, SET


def equal(one: t.Any, other: t.Any, field: str = "") -> bool:
    """Whether both values mean the same to the server: strings trimmed, empty as good as absent, whole
    numbers as floats.
    """
    return bool(normalise(one, field) == normalise(other, field))


def normalise(value: t.Any, field: str = "") -> t.Any:
    """The value to compare; ``field`` is the API's name of a top field, whose own rules then hold."""
    if field == "certificates":
        value = _certificates(value)
    elif field == "permissions":
        value = _permissions(value)
    elif field == "tokenValidation":
        value = [{"enable": True, **item} for item in value or []]
    elif field == "claimMapping":
        return frozenset(
            (_plain(item.get("remoteClaim")), _plain(item.get("localClaim"))) for item in value or []
        )
    if field in BY_NAME and BY_NAME[field].kind == SET:
        return frozenset(_plain(item) for item in value or []) - {None}
    return _plain(value)


def tidy(value: t.Any, field: str) -> t.Any:
    """What is given, as it is sent: strings trimmed, nothing twice in what is a set.

    The server answers 201 to a role given twice, and has stored nothing (measured).
    """
    if isinstance(value, str):
        return value.strip()
    if field in BY_NAME and BY_NAME[field].kind == SET:
        return _once(value)
    if field == "certificates":
        return {**value, "value": value["value"].strip()}
    if field == "permissions":
        return {**value, "roles": _once(value.get("roles") or [])}
    return value


def _once(values: t.Iterable[str]) -> list[str]:
    return list(dict.fromkeys(stripped for stripped in (str(value).strip() for value in values) if stripped))


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, bool):
        return ("flag", value)  # in Python true equals 1
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, dict):
        return {
            key: item
            for key, item in ((key, _plain(item)) for key, item in value.items())
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value] or None
    return value


def _certificates(value: t.Any) -> t.Any:
    """A PEM text by its lines: it is in base64 there, and one more line end at its end means nothing."""
    if not isinstance(value, dict) or value.get("type") != "PEM":
        return value
    try:
        return {**value, "value": base64.b64decode((value.get("value") or "").strip(), validate=True).split()}
    except (binascii.Error, ValueError):
        return value


def _permissions(value: t.Any) -> t.Any:
    """Without roles nobody is allowed or denied: the server reads it back as PUBLIC, and roles beside PUBLIC
    not at all (measured).
    """
    roles = frozenset(_once((value or {}).get("roles") or []))
    kind = (value or {}).get("permissionType") or "PUBLIC"
    return ("PUBLIC",) if kind == "PUBLIC" or not roles else (kind, roles)
