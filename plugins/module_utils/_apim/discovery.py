# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a discovery document, read by API Manager itself, and why it may not have.

No Ansible import.
"""

from __future__ import annotations

from .._http.client import HttpClient, HttpError, Server
from .._is7.oauth import discovery
from .admin import AdminApi
from .options import KeyManager

# Only to tell a failure better, so not long.
_SECONDS = 5


def discover(api: AdminApi, url: str, kind: str, probe: HttpClient | None = None) -> KeyManager:
    """What API Manager reads at a well-known URL.

    Raises HttpError, with what this host sees there if API Manager reads nothing.
    """
    try:
        return api.discover(url, kind)
    except HttpError as exc:
        if exc.status != 500:
            raise
        raise exc.with_clause(
            f"{_seen_from_here(probe or HttpClient(Server(url, timeout=_SECONDS)), url)}; API Manager's log"
            " has the cause"
        ) from exc


def _seen_from_here(client: HttpClient, url: str) -> str:
    """A clause on the likely cause."""
    try:
        discovery(client, url)
    except HttpError as exc:
        if exc.unreachable:
            return (
                "where this module runs, no connection to it is made either, so check the URL and that the"
                " server runs"
            )
        if not exc.unsent:
            does = f"answers with HTTP status {exc.status}" if exc.status else "gives no proper answer"
            return f"where this module runs, it {does}, so check the URL"
        why = exc.came_back
        return (
            f"where this module runs, {why}, so have its certificate in API Manager's truststore, and API"
            " Manager restarted since"
        )
    return (
        "where this module runs, it can be read, so check API Manager's network, its truststore, and that"
        " it was restarted since"
    )
