# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the connector fields that this API Manager wants, from its own ``GET
/settings``.

Update levels change a connector inside one release, so a version string says nothing. Pure.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._problem import Problem
from .options import ENDPOINT_FIELDS

_CLAIMS = (("consumerKeyClaim", "azp"), ("scopesClaim", "scope"))


@dataclasses.dataclass(frozen=True)
class Connector:
    """One key manager type: the names of its fields, those that the server masks, and those that are set only
    once.

    ``claims`` are the claims that the server falls back on, by field. ``endpoints`` are the required ones, by
    the fields
    that hold them. ``organizations`` tells whether this server has allowed organizations: from API Manager
    4.5 on its
    settings say whether access by organization is switched on.
    """

    kind: str
    known: frozenset[str]
    masked: frozenset[str]
    fixed: frozenset[str] = frozenset()
    endpoints: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = _CLAIMS
    organizations: bool = False
    _fields: tuple[dict[str, t.Any], ...] = ()

    @classmethod
    def from_settings(cls, settings: dict[str, t.Any], kind: str) -> Connector:
        """The type's description. Raises Problem where the server has none."""
        described = {str(item.get("type")): item for item in settings.get("keyManagerConfiguration") or []}
        if kind not in described:
            known = ", ".join(sorted(described)) or "none"
            raise Problem(
                f"API Manager has no key manager type '{kind}' (it has",
                f"{known})",
                "use a version or update level that has it",
            )
        item = described[kind]
        fields = (*(item.get("configurations") or []), *(item.get("authConfigurations") or []))
        everything = list(_walk(fields))
        endpoints = [
            field["name"] for field in item.get("endpointConfigurations") or [] if field.get("required")
        ]
        return cls(
            kind,
            known=frozenset(field["name"] for field in everything),
            masked=frozenset(field["name"] for field in everything if field.get("mask")),
            fixed=frozenset(field["name"] for field in everything if field.get("updateDisabled")),
            endpoints=tuple(ENDPOINT_FIELDS[name] for name in endpoints if name in ENDPOINT_FIELDS),
            claims=tuple(
                (field, item.get(f"default{field[0].upper()}{field[1:]}") or usual)
                for field, usual in _CLAIMS
            ),
            organizations="orgAccessControlEnabled" in settings,
            _fields=fields,
        )

    def missing(self, values: t.Mapping[str, t.Any]) -> list[str]:
        """Required fields without a value.

        A field under an option counts only where that option is chosen.
        """
        return list(_missing(self._fields, values))

    def unfit(self, values: t.Mapping[str, t.Any]) -> str | None:
        """A clause on the first value that its field does not take: the server ignores such a one or fails
        later.
        """
        for field in _walk(self._fields):
            value = values.get(field["name"])
            options = [option["name"] for option in _options(field)]
            if value is None:
                continue
            if field.get("type") == "checkbox" and not isinstance(value, bool):
                return f"{field['name']} is switched by true or false alone"
            if (
                options
                and field.get("type") != "checkbox"
                and isinstance(value, str)
                and value not in options
            ):
                return f"{field['name']} is one of {', '.join(options)}"
        return None


def _options(field: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    return [option for option in field.get("values") or [] if isinstance(option, dict) and "name" in option]


def _walk(fields: t.Iterable[t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """Every field that holds a value of its own: an option of a choice is a value, not a field."""
    for field in fields:
        yield field
        for option in _options(field):
            yield from _walk(_options(option))


def _missing(fields: t.Iterable[dict[str, t.Any]], values: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for field in fields:
        value = values.get(field["name"])
        if field.get("required") and value in (None, ""):
            yield field["name"]
        for option in _options(field):
            if option["name"] == value:
                yield from _missing(_options(option), values)
