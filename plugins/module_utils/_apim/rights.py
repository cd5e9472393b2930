# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the scopes that the calls of the Admin REST API and of the developer portal ask
for. Pure.

Those of the Admin REST API are what API Manager 4.7's own classes let a call pass with, by a token or by the
roles of a user (measured on 9.33.90, every call with every scope).
"""

from __future__ import annotations

_OPERATIONS = ("apim:admin", "apim:admin_operations")
_MANAGE = (*_OPERATIONS, "apim:keymanagers_manage")
_SETTINGS = ("apim:admin", "apim:admin_settings")
_ROLES = ("apim:admin", "apim:role_manage")
_PORTAL = ("apim:app_manage", "apim:subscribe")

# What a token is asked for: every scope that may be of use, of which API Manager grants those that the user's
# roles have. The modules for key managers call the Admin REST API alone, the proof the developer portal too.
ADMIN_SCOPES = " ".join(dict.fromkeys((*_MANAGE, *_SETTINGS, *_ROLES)))
PORTAL_SCOPES = " ".join((ADMIN_SCOPES, *_PORTAL))
# What a refusal of the developer portal says.
PORTAL_RIGHT = f"one of the scopes {', '.join(_PORTAL)}"


def scopes_for(method: str, path: str) -> tuple[str, ...]:
    """The scopes of which a call needs one; ``path`` begins behind the version."""
    if path == "/settings":
        return _SETTINGS
    if path.startswith("/roles/"):
        return _ROLES
    of_the_tenant = path.startswith("/key-managers/")
    if path.partition("?")[0].endswith("-usages") or (method == "DELETE" and of_the_tenant):
        return _OPERATIONS
    return _MANAGE


def right_for(method: str, path: str) -> str:
    """What a refusal says of the scopes, and of the tenant: what all have is written by one alone."""
    is_of_super_tenant = path.startswith("/global-key-managers") and method != "GET"
    where = " in the super tenant" if is_of_super_tenant else ""
    return f"one of the scopes {', '.join(scopes_for(method, path))}{where}"
