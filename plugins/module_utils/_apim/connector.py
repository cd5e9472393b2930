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
import difflib
import re
import typing as t

from .._http.json_text import objects
from .._http.text import told
from .._is7.profile import TYPE
from .._problem import Problem
from .options import CONNECTOR_FIELDS, ENDPOINT_FIELDS, KeyManager

# The field of a claim, its member in the settings, and what the server falls back on without one.
_CLAIMS = (
    ("consumerKeyClaim", "defaultConsumerKeyClaim", "azp"),
    ("scopesClaim", "defaultScopesClaim", "scope"),
)
_CHECKBOX = "checkbox"
# The type of API Manager's own key manager, which its settings do not describe.
RESIDENT_TYPE = "default"
# The additional property that limits what applications may ask for, from API Manager 4.7 on.
CONSTRAINTS = "constraints"
# What a constraint of each type says (read from the validators of 9.33.90).
_OF_CONSTRAINT = {
    "RANGE": ("min", "max"),
    "MIN": ("min",),
    "MAX": ("max",),
    "REGEX": ("pattern",),
    "ENUM": ("allowed",),
}
# The connector takes a key manager without these and fails later, with a null pointer (measured).
_NEEDED = (
    "issuer",
    "clientRegistrationEndpoint",
    "tokenEndpoint",
    "introspectionEndpoint",
    "userInfoEndpoint",
)
# How the connectors for other products call the user or the client that a secret is of.
_OWNER = re.compile(r"(?:client_?id|user_?name|user|login|account)$", re.IGNORECASE)
_CREDENTIALS = frozenset(field.name for field in CONNECTOR_FIELDS if field.credential)

Described = t.Dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Connector:
    """One key manager type: the names of its fields, those that the server masks, and those that are set only
    once.

    ``sign_in`` are those that say as whom and how it signs in to its server. ``claims`` are the claims that
    the server falls back on, by field. ``endpoints`` are the required ones, by the fields that hold them.
    ``organizations`` tells whether this server has allowed organizations: from API Manager 4.5 on its
    settings say whether access by organization is switched on. ``constraints`` are described from 4.7 on,
    None before.
    """

    kind: str
    known: frozenset[str]
    masked: frozenset[str]
    fixed: frozenset[str] = frozenset()
    sign_in: frozenset[str] = _CREDENTIALS
    endpoints: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = tuple((field, usual) for field, _member, usual in _CLAIMS)
    organizations: bool = False
    constraints: tuple[Described, ...] | None = None
    _fields: tuple[Described, ...] = ()

    @classmethod
    def from_settings(cls, settings: Described, kind: str) -> Connector:
        """The type's description. Raises Problem where the server has none."""
        described = _by_type(settings)
        if kind == RESIDENT_TYPE:
            described.setdefault(kind, {})
        if kind not in described:
            raise _unknown_type(kind, sorted(described))
        item = described[kind]
        ways = _named(item.get("authConfigurations"))
        fields = (*_named(item.get("configurations")), *ways)
        everything = list(_walk(fields))
        return cls(
            kind,
            known=frozenset(field["name"] for field in everything) | _constraints_field(item),
            masked=frozenset(field["name"] for field in everything if field.get("mask")),
            fixed=frozenset(field["name"] for field in everything if field.get("updateDisabled")),
            sign_in=_CREDENTIALS | {field["name"] for field in _walk(ways)},
            endpoints=_required_endpoints(item),
            claims=tuple((field, str(item.get(member) or usual)) for field, member, usual in _CLAIMS),
            organizations="orgAccessControlEnabled" in settings,
            constraints=_described_constraints(item),
            _fields=fields,
        )

    @classmethod
    def of_stored(cls, settings: Described, key_manager: KeyManager) -> Connector:
        """The description of the type that a key manager has; an empty one where the server has none left."""
        kind = str(key_manager.get("type"))
        if kind not in _by_type(settings):
            return cls(kind, frozenset(), frozenset())
        return cls.from_settings(settings, kind)

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields without which this connector does not work."""
        if self.kind != TYPE:
            return self.endpoints
        # Only the oldest one manages scopes there; revocation came after the cache of the user schema.
        scopes = () if "api_resource_management_endpoint" in self.known else ("scopeManagementEndpoint",)
        revoke = ("revokeEndpoint",) if "user_schema_cache_enabled" in self.known else ()
        return tuple(dict.fromkeys((*_NEEDED, *revoke, *scopes, *self.endpoints)))

    def is_credential(self, name: str) -> bool:
        """Whether a secret belongs to what this field says: another user has another password."""
        if name in self.masked:
            return False
        if self.kind == TYPE:
            return name in _CREDENTIALS
        return name in {field["name"] for field in _walk(self._fields) if field.get("type") != _CHECKBOX}

    def is_owner(self, name: str) -> bool:
        """Whether this field says whose the secret is: the one of another user or client is another."""
        if self.kind == TYPE:
            return name in _CREDENTIALS
        return name not in self.masked and bool(_OWNER.search(name))

    def secrets_needed(self, values: t.Mapping[str, t.Any]) -> list[str]:
        """The required secrets, given how the connector signs in."""
        without = {name: value for name, value in values.items() if name not in self.masked}
        return [name for name in self.missing(without) if name in self.masked]

    def constraints_of(self, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """What limits applications, in the API's form. Raises Problem for what there is no field for."""
        described = {str(item.get("name")): item for item in self.constraints or ()}
        return {name: _constraint(name, limits, described) for name, limits in given.items()}

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


def _by_type(settings: Described) -> dict[str, Described]:
    """The descriptions that the server has, by the types of key managers."""
    return {str(item.get("type")): item for item in objects(settings.get("keyManagerConfiguration"))}


def _unknown_type(kind: str, known: list[str]) -> Problem:
    """The error for a type that is not there, with the one that may be meant."""
    by_lower = {item.lower(): item for item in known}
    near = difflib.get_close_matches(kind.lower(), by_lower, n=1)
    return Problem(
        f"API Manager has no key manager type '{kind}' (it has: {told(', '.join(known) or 'none')})",
        advice=f"did you mean '{told(by_lower[near[0]])}'?"
        if near
        else "use a version or update level that has it",
    )


def _described_constraints(item: Described) -> tuple[Described, ...] | None:
    return _named(item["configurationConstraints"]) if "configurationConstraints" in item else None


def _constraints_field(item: Described) -> frozenset[str]:
    return frozenset((CONSTRAINTS,)) if "configurationConstraints" in item else frozenset()


def _constraint(name: str, limits: t.Any, described: t.Mapping[str, Described]) -> dict[str, t.Any]:
    """One in the API's form, its type as described. Raises Problem."""
    if name not in described:
        known = told(", ".join(sorted(described)) or "none")
        raise Problem(
            f"This API Manager's connector has no constraint of {name} (it has: {known})",
            advice="leave it out",
        )
    kind = str(described[name].get("constraintType"))
    members = _OF_CONSTRAINT.get(kind)
    value = limits.get("value", limits) if isinstance(limits, dict) else None
    if members is not None and (not isinstance(value, dict) or set(value) != set(members)):
        raise Problem(
            f"The constraint of {name} is of type {kind}", advice=f"give it {' and '.join(members)}"
        )
    return {"type": kind, "value": value}


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
