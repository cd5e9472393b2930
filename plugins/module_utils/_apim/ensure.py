# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: having a key manager as asked, from the look at what is there to what is read
back. No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._http.errors import HttpError
from .._http.text import told
from .._http.url import host_of, is_loopback
from .._is7.profile import WELL_KNOWN, public_profile
from .._problem import Problem, option
from .admin import AdminApi, is_in_use
from .adopt import find_fitting, refuse_untakable, spoken_of
from .carry_out import carry_out, remove
from .compare import equal
from .connector import RESIDENT_TYPE, Connector
from .discovery import discover, refuse_other_issuer
from .options import FIELD_PROPERTIES, KeyManager
from .plan import Plan, is_resident, mask_secrets, plan_absent, plan_present, plan_unseen, shared_issuer
from .refuse import refuse_impossible
from .wanted import Given, wanted

Warn = t.Callable[[str], None]
# Applications and APIs that a sentence names.
_MOST_TOLD = 5


@dataclasses.dataclass(frozen=True)
class Rules:
    """How to go about it: only planned or carried out, what is asked of API Manager, what is let pass."""

    only_plan: bool = False
    discover: bool = False
    verify_issuer: bool = False
    allow_shared_issuer: bool = False
    force: bool = False
    adopt: bool = False


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was done, or would be; the key manager as it is now, or would be; what discovery said.

    ``adopted`` is the key manager that was taken over, in short, None where none was.
    """

    plan: Plan
    now: KeyManager
    discovered: KeyManager = dataclasses.field(default_factory=dict)
    adopted: dict[str, t.Any] | None = None


def ensure_present(api: AdminApi, given: Given, rules: Rules, warn: Warn) -> Outcome:
    """Have the key manager as it was given. Raises Problem."""
    refuse_impossible(given)
    try:
        return _ensure_present(api, given, rules, warn)
    except HttpError as exc:
        if not (exc.unreachable and rules.only_plan and given.is7_url):
            raise
        warn(f"The plan is made from is7_url alone, as if the key manager were not there. {exc}")
        plan = plan_unseen(given)
        return Outcome(plan, plan.after)


def _ensure_present(api: AdminApi, given: Given, rules: Rules, warn: Warn) -> Outcome:
    with _before_any_write():
        summaries = api.list()
        resident = api.find(given.name, filter(is_resident, summaries))
        if resident is not None:
            given = _as_resident(given, resident)
        settings = api.settings()
        connector = Connector.from_settings(settings, given.type)
        discovered = _read_discovery(api, given, rules, warn)
        existing = resident or api.find(given.name, summaries)
        if existing is None and rules.adopt:
            existing = _to_adopt(api, wanted(given, connector, discovered, {}).fields, summaries)
        asked, given = given, _by_name_of(existing, given)
        former = Connector.of_stored(settings, existing) if existing and rules.adopt else None
        plan = plan_present(given, connector, discovered, existing, former)
        if plan.action != "none" and not rules.allow_shared_issuer:
            _refuse_shared_issuer(api, given.name, plan, summaries)
        _refuse_missing_roles(api, plan, warn)
    now = plan.after
    masked = connector.masked | frozenset(given.secrets)
    adopted = _adopted(asked, existing, plan) if existing and rules.adopt else None
    if plan.action != "none" and not rules.only_plan:

        def replan(existing: KeyManager | None, secrets_arrived: bool) -> Plan:
            always = given.always_update_secrets and not secrets_arrived
            left = dataclasses.replace(given, always_update_secrets=always)
            return plan_present(left, connector, discovered, existing, former)

        plan, now, not_kept = carry_out(api, given.name, plan, replan)
        now = mask_secrets(now, masked)
        if not_kept:
            warn(f"API Manager accepted key manager '{given.name}', but did not keep {', '.join(not_kept)}.")
    return Outcome(plan, now, mask_secrets(discovered, masked), adopted)


def _to_adopt(api: AdminApi, fields: KeyManager, summaries: list[KeyManager]) -> KeyManager | None:
    """The key manager that is there for the server already. Raises Problem."""
    found = find_fitting(api, fields, summaries)
    if found is None:
        refuse_untakable(api, fields, summaries)
    return found


def _by_name_of(existing: KeyManager | None, given: Given) -> Given:
    """What is given, for the key manager that was found: API Manager refuses to change a name (measured)."""
    return given if existing is None else dataclasses.replace(given, name=existing["name"])


def _adopted(asked: Given, existing: KeyManager, plan: Plan) -> dict[str, t.Any] | None:
    """What was found that is not of the name and type that were asked for."""
    if (existing["name"], existing.get("type")) == (asked.name, asked.type):
        return None
    return {
        "name": existing["name"],
        "type": existing.get("type"),
        "not_carried_over": list(plan.dropped),
    }


def ensure_absent(api: AdminApi, given: Given, rules: Rules, warn: Warn) -> Outcome:
    """Have no key manager of this name. Raises Problem."""
    name = given.name
    gone = plan_absent(name, None)
    with _before_any_write():
        summaries = api.list()
        existing = api.find(name, summaries)
        used = _is_used(existing, summaries) if existing else None
        users = _users(api, existing) if existing and used and not rules.force else []
        plan = plan_absent(name, existing, used, rules.force, users, adopted=rules.adopt)
        if existing is None and not api.everywhere:
            _refuse_overlooked(api, name)
        if existing is None and rules.adopt:
            _leave_adopted(api, given, summaries, warn)
    if plan.action == "none" or rules.only_plan:
        return Outcome(plan, {})
    try:
        was_there = remove(api, name, plan)
    except HttpError as exc:
        if not is_in_use(exc):
            raise
        how = "this API Manager never deletes one in use" if rules.force else "it is in use"
        by = ", ".join(_users(api, plan.before))
        raise exc.with_clause(
            f"{how}{f' ({by})' if by else ''}, so delete its keys from the applications and its name from the"
            " APIs first"
        ) from exc
    return Outcome(plan if was_there else gone, {})


def _leave_adopted(api: AdminApi, given: Given, summaries: list[KeyManager], warn: Warn) -> None:
    """Leave one of another name, which was there before; refuse where applications may need it.

    Its removal would not take anything back. Raises Problem.
    """
    found = find_fitting(api, spoken_of(given), summaries)
    if found is None:
        return
    name = told(found["name"])
    used = _is_used(found, summaries)
    if used is False:
        warn(
            f"Key manager '{name}', which adopt finds for '{given.name}', stays, as it was there before; give"
            " its name to remove it."
        )
        return
    use = "is in use" if used else "may be in use, which this API Manager does not tell"
    raise Problem(
        f"Key manager '{name}', which {option('adopt')} finds for '{given.name}', was there before and {use}",
        ", ".join(_users(api, found)),
        f"set {option('adopt')} to false to go on and leave it, or give its name in {option('name')} to"
        " remove it",
    )


def _is_used(key_manager: KeyManager, summaries: t.Iterable[KeyManager]) -> bool | None:
    """Whether something uses it, which the list alone tells, and not that of every release."""
    return next((item.get("isUsed") for item in summaries if item["id"] == key_manager["id"]), None)


def _users(api: AdminApi, key_manager: KeyManager) -> list[str]:
    """The first of the applications and APIs that use it, as they are told in a sentence."""
    usages = api.usages(key_manager["id"], key_manager["name"]) or {}
    lines = [
        f"application '{told(item.get('name'))}' of {told(item.get('owner'))}"
        for item in usages.get("applications", [])
    ]
    lines += [
        f"API '{told(item.get('name'))}' {told(item.get('version'))}" for item in usages.get("apis", [])
    ]
    return lines if len(lines) <= _MOST_TOLD else [*lines[:_MOST_TOLD], f"{len(lines) - _MOST_TOLD} more"]


def _refuse_overlooked(api: AdminApi, name: str) -> None:
    """Refuse to call a key manager absent that every tenant has. Raises Problem."""
    if any(item["name"] == name for item in api.others().list_if_told()):
        raise Problem(
            f"Key manager '{name}' is not this tenant's, but a global one of all tenants",
            advice="set global to remove it from all of them",
        )


def _as_resident(given: Given, resident: KeyManager) -> Given:
    """API Manager's own key manager has no connector, and a type of its own; the further fields that it has
    may be given as they are. Raises Problem.
    """
    stored = resident.get("additionalProperties") or {}
    others = {name: value for name, value in given.additional.items() if name not in FIELD_PROPERTIES}
    is_other = any(name not in stored or not equal(stored[name], value) for name, value in others.items())
    if given.is7_url or given.connector or given.secrets or is_other:
        raise Problem(
            f"'{given.name}' is API Manager's own and has no connector",
            advice="give type default and no is7_url or field of a connector, or name another key manager",
        )
    repeated = {name: value for name, value in given.additional.items() if name in FIELD_PROPERTIES}
    return dataclasses.replace(given, type=RESIDENT_TYPE, additional=repeated)


def _refuse_missing_roles(api: AdminApi, plan: Plan, warn: Warn) -> None:
    """Refuse permissions for roles that are not there, before they are written. Raises Problem."""
    roles = (plan.after.get("permissions") or {}).get("roles") or [] if "permissions" in plan.sources else []
    known = {role: api.has_role(role) for role in roles}
    missing = [f"'{role}'" for role, is_there in known.items() if is_there is False]
    if missing:
        raise Problem(
            f"API Manager has no role {', '.join(missing)}, which permissions names",
            advice="correct it, or make the role first",
        )
    if None in known.values():
        warn("Whether API Manager has the roles in permissions could not be looked up with these rights.")


@contextlib.contextmanager
def _before_any_write() -> t.Iterator[None]:
    """An error in here says that nothing was changed."""
    try:
        yield
    except HttpError as exc:
        raise exc.with_clause("nothing was changed") from exc


def _read_discovery(api: AdminApi, given: Given, rules: Rules, warn: Warn) -> KeyManager:
    """What API Manager's discovery says; in check mode the trust that it needs may only be planned yet."""
    if not rules.discover:
        if rules.verify_issuer:
            raise Problem("verify_issuer compares with what discovery says", advice="set discover too")
        return {}
    url = given.fields.get("wellKnownEndpoint") or (given.is7_url and given.is7_url + WELL_KNOWN)
    if not url:
        raise Problem("discover needs the URL to read", advice="give well_known_endpoint or is7_url")
    try:
        discovered = discover(api, url, given.type)
    except HttpError as exc:
        if not (rules.only_plan and given.is7_url):
            raise
        warn(f"The plan is made from is7_url alone. {exc}")
        return {}
    if rules.verify_issuer and (given.is7_url or given.fields.get("issuer")):
        refuse_other_issuer(given.is7_url or url, _expected_issuer(given, discovered), discovered)
    return discovered


def _expected_issuer(given: Given, discovered: KeyManager) -> str:
    """The issuer that the user gives, or that follows from the URLs.

    What discovery says is taken for the public name of a server that is called by another one, unless that is
    this host's: a server that nobody has named calls itself localhost.
    """
    if given.fields.get("issuer"):
        return str(given.fields["issuer"])
    if given.is7_public_url:
        return str(public_profile(given.is7_public_url)["issuer"])
    own = str(given.is7_url)
    issuer = str(discovered.get("issuer") or "")
    is_of_another_host = bool(host_of(issuer)) and host_of(issuer) != host_of(own) and not is_loopback(issuer)
    return issuer if is_of_another_host else str(public_profile(own)["issuer"])


def _refuse_shared_issuer(api: AdminApi, name: str, plan: Plan, summaries: t.Iterable[KeyManager]) -> None:
    """Refuse the issuer of another key manager. Raises Problem."""
    own = [item for item in summaries if item["name"] != name]
    elsewhere = api.others()
    others = (*map(api.get_if_there, own), *map(elsewhere.get_if_there, elsewhere.list_if_told()))
    other = shared_issuer(plan, (item for item in others if item is not None))
    if other:
        ways = f"by its name or with {option('adopt')}, or set {option('allow_shared_issuer')}"
        raise Problem(
            f"Key manager '{other}' has the issuer {plan.after['issuer']} already",
            advice=f"use that one, {ways}",
        )
