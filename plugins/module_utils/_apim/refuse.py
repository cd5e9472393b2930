# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what is given of a key manager and would be stored without doing what it says.

All of it can be told before a server is asked. Pure.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from .._is7.profile import TYPE, USER_INFO_PATH
from .._problem import Problem
from .compare import equal, tidy
from .options import BY_NAME, ENDPOINT_FIELDS, FIELD_PROPERTIES, FIELDS, KeyManager
from .token_rules import refuse_unfit_rules
from .wanted import Given

# The words of allowed_organizations, by their lower case.
_ORGANIZATION_WORDS = {"all": "ALL", "none": "none"}
_ORGANIZATION = re.compile(r"/o(?:/|$)")


def refuse_impossible(given: Given) -> None:
    """Refuse what no server can be asked for. Raises Problem."""
    if not 1 <= _length(given.name) <= 100 or given.name != given.name.strip():
        raise Problem(f"name is '{given.name}'", advice="give 1 to 100 characters without blanks around them")
    if not 1 <= _length(given.type) <= 45:
        raise Problem(f"type is '{given.type}'", advice="give 1 to 45 characters")
    _refuse_unfit_url(given)
    _refuse_long_text(given.fields)
    _refuse_empty_display_name(given.fields)
    _refuse_open_permissions(given.fields.get("permissions"))
    _refuse_unclear_organizations(given.fields.get("allowedOrganizations") or [])
    _refuse_unread_user_info(given)
    refuse_unfit_rules(given.fields.get("tokenValidation") or [])
    _refuse_said_twice(given)
    _refuse_unkept_endpoints(given.fields)


def _refuse_long_text(fields: KeyManager) -> None:
    for field in FIELDS:
        length = _length(tidy(fields.get(field.name) or "", field.name)) if field.limit else 0
        if field.limit and length > field.limit:
            raise Problem(f"{field.option} has {length} characters", advice=f"give at most {field.limit}")


def _length(text: str) -> int:
    """Characters as Java counts them: one outside of the basic plane is two (measured on 9.33.90)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _refuse_unfit_url(given: Given) -> None:
    """Refuse a URL of Identity Server 7 for another type, and one of an organization."""
    if given.is7_url is None:
        return
    if given.type != TYPE:
        meant = given.type.lower() == TYPE.lower()
        raise Problem(
            f"is7_url says what a key manager of type {TYPE} needs, but type is '{given.type}'",
            advice=f"did you mean '{TYPE}'?" if meant else "give the endpoints one by one",
        )
    if _ORGANIZATION.search(urlsplit(given.is7_url).path):
        raise Problem(
            f"is7_url is {given.is7_url}, an organization's, which nobody has seen work as a key manager",
            advice="give the URL of its tenant, like https://HOST:9443/t/DOMAIN",
        )


def _refuse_empty_display_name(fields: KeyManager) -> None:
    if "displayName" in fields and not fields["displayName"].strip():
        raise Problem("display_name is empty, so the portals would show nothing", advice="leave it out")


def _refuse_open_permissions(permissions: KeyManager | None) -> None:
    """Refuse what API Manager stores as open to everybody without having been told so (measured)."""
    if permissions is None:
        return
    kind = permissions.get("permissionType")
    roles = tidy(permissions, "permissions")["roles"]
    if kind is None:
        raise Problem(
            "permissions has no permission_type, and API Manager would open the key manager to everybody",
            advice="say ALLOW or DENY, or PUBLIC for everybody",
        )
    if kind == "PUBLIC" and roles:
        raise Problem(
            "permissions names roles beside PUBLIC, and API Manager would open the key manager to everybody",
            advice="say ALLOW or DENY, or leave roles out",
        )
    if kind != "PUBLIC" and not roles:
        raise Problem(
            f"permissions says {kind} without a role, which API Manager reads as PUBLIC",
            advice="give roles, or say PUBLIC",
        )


def _refuse_unclear_organizations(names: t.Iterable[str]) -> None:
    """Refuse a word for every organization or none in other letters, or beside others, where ALL wins."""
    organizations = tidy(list(names), "allowedOrganizations")
    for name in organizations:
        word = _ORGANIZATION_WORDS.get(name.lower())
        if word and name != word:
            raise Problem(
                f"allowed_organizations names '{name}', which API Manager takes for an organization's id",
                advice=f"did you mean '{word}'?",
            )
        if word and len(organizations) > 1:
            raise Problem(
                f"allowed_organizations names {word} beside others, where it stands for"
                f" {'every organization' if word == 'ALL' else 'none'}",
                advice=f"give {word} alone, or the others",
            )


def _refuse_unread_user_info(given: Given) -> None:
    """Refuse user information that the connector cannot read, from 2.0.9 on (measured with the real one)."""
    urls = [
        item["value"] for item in given.fields.get("endpoints") or [] if item["name"] == "userinfo_endpoint"
    ]
    for url in (*urls, given.fields.get("userInfoEndpoint")):
        if given.type == TYPE and url and not is_read_by_connector(url):
            raise Problem(
                f"user_info_endpoint is {url.strip()}, but the connector {TYPE} reads only one that ends in"
                f" {USER_INFO_PATH}",
                advice="correct it, or leave it out with is7_url",
            )


def is_read_by_connector(url: str) -> bool:
    """Whether the connector for Identity Server 7 gets user information there; a slash at the end counts."""
    return url.strip().lower().endswith(USER_INFO_PATH.lower().lstrip("/"))


def _refuse_said_twice(given: Given) -> None:
    for name in (*given.additional, *given.secrets):
        values = [
            names[name] for names in (given.connector, given.additional, given.secrets) if name in names
        ]
        if any(not equal(value, values[0]) for value in values):
            raise Problem(f"The connector field {name} is given twice", advice="give it once")


def refuse_repeated(given: Given, stored: KeyManager) -> None:
    """Refuse a property that API Manager writes itself, from a field; what repeats it may stand there."""
    for name in (*given.additional, *given.secrets):
        if name in FIELD_PROPERTIES:
            field = BY_NAME[FIELD_PROPERTIES[name]]
            is_given = field.name in given.fields
            said = given.fields[field.name] if is_given else stored.get(name)
            if name in given.secrets or not equal(said, given.additional[name]):
                raise Problem(
                    f"The additional property {name} is what the option {field.option} gives",
                    advice="use that",
                )


def _refuse_unkept_endpoints(fields: KeyManager) -> None:
    """Refuse endpoints by other names than those that are fields, and two values for one."""
    names = [item["name"] for item in fields.get("endpoints") or []]
    for name in names:
        if names.count(name) > 1:
            raise Problem(f"endpoints gives {name} twice", advice="give it once")
    for item in fields.get("endpoints") or []:
        name, value = item["name"], item["value"]
        field = ENDPOINT_FIELDS.get(name)
        if field is None:
            kept = ", ".join(ENDPOINT_FIELDS)
            raise Problem(
                f"endpoints names '{name}', which API Manager does not keep (it keeps: {kept})",
                advice="leave it out",
            )
        if not equal(fields.get(field, value), value):
            raise Problem(
                f"endpoints gives another {name} than {BY_NAME[field].option}", advice="give it once"
            )
