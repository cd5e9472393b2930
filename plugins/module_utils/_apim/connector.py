# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the connector fields that this API Manager wants, from its own ``GET
/settings``.

Update levels change a connector inside one release, so a version string says nothing. What in the settings
is not of the shape that the API's description gives is as good as absent. Pure.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._http.json_text import objects
from .._http.text import told
from .._problem import Problem
from .options import ENDPOINT_FIELDS

# The field of a claim, its member in the settings, and what the server falls back on without one.
_CLAIMS = (
    ("consumerKeyClaim", "defaultConsumerKeyClaim", "azp"),
    ("scopesClaim", "defaultScopesClaim", "scope"),
)
_CHECKBOX = "checkbox"

Described = t.Dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Connector:
    """One key manager type: the names of its fields, those that the server masks, and those that are set only
    once.

    ``claims`` are the claims that the server falls back on, by field. ``endpoints`` are the required ones, by
    the fields that hold them. ``organizations`` tells whether this server has allowed organizations: from API
    Manager 4.5 on its settings say whether access by organization is switched on.
    """

    kind: str
    known: frozenset[str]
    masked: frozenset[str]
    fixed: frozenset[str] = frozenset()
    endpoints: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = tuple((field, usual) for field, _member, usual in _CLAIMS)
    organizations: bool = False
    _fields: tuple[Described, ...] = ()

    @classmethod
    def from_settings(cls, settings: Described, kind: str) -> Connector:
        """The type's description. Raises Problem where the server has none."""
        described = {str(item.get("type")): item for item in objects(settings.get("keyManagerConfiguration"))}
        if kind not in described:
            known = told(", ".join(sorted(described)) or "none")
            raise Problem(
                f"API Manager has no key manager type '{kind}' (it has: {known})",
                advice="use a version or update level that has it",
            )
        item = described[kind]
        fields = (*_named(item.get("configurations")), *_named(item.get("authConfigurations")))
        everything = list(_walk(fields))
        return cls(
            kind,
            known=frozenset(field["name"] for field in everything),
            masked=frozenset(field["name"] for field in everything if field.get("mask")),
            fixed=frozenset(field["name"] for field in everything if field.get("updateDisabled")),
            endpoints=_required_endpoints(item),
            claims=tuple((field, str(item.get(member) or usual)) for field, member, usual in _CLAIMS),
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
        clauses = (_unfit(field, values.get(field["name"])) for field in _walk(self._fields))
        return next((clause for clause in clauses if clause), None)


def _required_endpoints(item: Described) -> tuple[str, ...]:
    """The fields of the endpoints without which this type does not work."""
    names = [field["name"] for field in _named(item.get("endpointConfigurations")) if field.get("required")]
    return tuple(ENDPOINT_FIELDS[name] for name in names if name in ENDPOINT_FIELDS)


def _named(value: t.Any) -> tuple[Described, ...]:
    """The objects of a list that have a name."""
    return tuple(item for item in objects(value) if isinstance(item.get("name"), str))


def _options(field: Described) -> tuple[Described, ...]:
    """The options of a choice that have fields of their own below them; others are plain names."""
    return _named(field.get("values"))


def _walk(fields: t.Iterable[Described]) -> t.Iterator[Described]:
    """Every field that holds a value of its own: an option of a choice is a value, not a field."""
    for field in fields:
        yield field
        for option in _options(field):
            yield from _walk(_options(option))


def _missing(fields: t.Iterable[Described], values: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for field in fields:
        value = values.get(field["name"])
        if field.get("required") and value in (None, ""):
            yield field["name"]
        for option in _options(field):
            if option["name"] == value:
                yield from _missing(_options(option), values)


def _unfit(field: Described, value: t.Any) -> str | None:
    """A clause on a value that this field does not take."""
    if value is None:
        return None
    if field.get("type") == _CHECKBOX:
        fits = isinstance(value, bool)
        return None if fits else f"{field['name']} is switched by true or false alone"
    names = [option["name"] for option in _options(field)]
    if names and isinstance(value, str) and value not in names:
        return f"{field['name']} is one of {', '.join(names)}"
    return None
