# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: finding the key manager that is there for a server already, under whatever name.
No Ansible import.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from .._http.text import told
from .._http.url import origin
from .._is7.profile import profile, public_profile
from .._problem import Problem, option
from .admin import AdminApi
from .options import KeyManager
from .plan import is_resident
from .wanted import Given

# API Manager calls both in any type of key manager, and their paths are the same in all releases of Identity
# Server.
_ENDPOINTS = ("tokenEndpoint", "introspectionEndpoint")
_TENANT = re.compile(r"/[to]/[^/]+")


def spoken_of(given: Given) -> KeyManager:
    """What the URL and the options say of a key manager, which no server has to be asked for."""
    return {**fields_of(given.is7_url, given.is7_public_url), **given.fields}


def fields_of(is7_url: str | None, public_url: str | None = None) -> KeyManager:
    """What the URLs of Identity Server 7 say of its key manager."""
    return {
        **(profile(is7_url) if is7_url else {}),
        **(public_profile(public_url) if public_url else {}),
    }


def fits(fields: KeyManager, key_manager: KeyManager) -> bool:
    """Whether it is one of the server that the fields are of.

    An issuer is often given wrong by hand, as a stock server calls itself localhost. So an endpoint that is
    the same does too, unless the issuer is of another tenant, as tenants can share endpoints.
    """
    if _are_same(fields, key_manager, "issuer"):
        return True
    if _tenant(fields) != _tenant(key_manager):
        return False
    return any(_are_same(fields, key_manager, name) for name in _ENDPOINTS)


def find_fitting(api: AdminApi, fields: KeyManager, summaries: t.Iterable[KeyManager]) -> KeyManager | None:
    """The one of them that fits, whole, but for API Manager's own. Raises Problem where several do."""
    whole = (api.get_if_there(item) for item in summaries if not is_resident(item))
    found = [item for item in whole if item is not None and fits(fields, item)]
    if len(found) > 1:
        names = " and ".join(f"'{told(item['name'])}'" for item in found)
        raise Problem(
            f"Which key manager of {_server_of(fields)} to take over is not clear, as there are {names}",
            advice=f"give the name of the right one in {option('name')}",
        )
    return found[0] if found else None


def refuse_untakable(api: AdminApi, fields: KeyManager, summaries: t.Iterable[KeyManager]) -> None:
    """Refuse a server whose key manager is there, but for nobody to take over. Raises Problem."""
    for item in filter(is_resident, summaries):
        resident = api.get_if_there(item)
        if resident is not None and fits(fields, resident):
            raise Problem(
                f"The key manager of {_server_of(fields)} is '{item['name']}', which is API Manager's own and"
                " cannot be taken over",
                advice=f"check is7_url, or leave {option('adopt')} out",
            )
    elsewhere = api.others()
    found = find_fitting(elsewhere, fields, elsewhere.list_if_told())
    if found is not None:
        whose = "this tenant's alone" if api.everywhere else "a global one of all tenants"
        way = "leave global out" if api.everywhere else "set global"
        raise Problem(
            f"The key manager of {_server_of(fields)} is '{told(found['name'])}', which is {whose}",
            advice=f"{way} to take it over, or leave {option('adopt')} out",
        )


def _server_of(fields: KeyManager) -> str:
    return told(fields.get("issuer") or fields.get("tokenEndpoint") or fields.get("introspectionEndpoint"))


def _are_same(one: KeyManager, other: KeyManager, name: str) -> bool:
    """Whether both say the same URL; a case of letters or a slash that no server minds is no difference."""
    form = _form(one.get(name))
    return bool(form) and form == _form(other.get(name))


def _form(url: t.Any) -> str:
    text = str(url or "").strip()
    server = origin(text)
    return server + urlsplit(text).path.rstrip("/") if server else text


def _tenant(key_manager: KeyManager) -> str:
    """Which tenant of Identity Server a key manager is of, empty for that of the whole server."""
    path = urlsplit(str(key_manager.get("issuer") or key_manager.get("tokenEndpoint") or "")).path
    found = _TENANT.match(path)
    return found.group() if found else ""
