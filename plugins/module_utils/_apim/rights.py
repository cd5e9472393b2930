# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the scopes that the calls of the Admin REST API ask for. Pure.

They are those of API Manager 4.7's own description of it (``admin-api.yaml`` of rest.api.admin.v1 9.33.90).
"""

from __future__ import annotations

_OPERATIONS = ("apim:admin", "apim:admin_operations")
_MANAGE = (*_OPERATIONS, "apim:keymanagers_manage")
_SETTINGS = ("apim:admin", "apim:admin_settings")
_ROLES = ("apim:admin", "apim:role_manage")


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
    """What a refusal says of the scopes."""
    return f"one of the scopes {', '.join(scopes_for(method, path))}"
