# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a discovery document, read by API Manager itself, and why it may not have been.
No Ansible import.
"""

from __future__ import annotations

from .._http.client import HttpClient, Server
from .._http.errors import HttpError
from .._is7.oauth import discovery
from .._problem import Problem
from .admin import AdminApi
from .compare import equal
from .options import KeyManager

# Seconds for a look from this host.
_TIMEOUT = 5


def discover(api: AdminApi, url: str, kind: str, probe: HttpClient | None = None) -> KeyManager:
    """What API Manager reads at a well-known URL.

    Raises HttpError, with what this host sees there if API Manager reads nothing.
    """
    try:
        return api.discover(url, kind)
    except HttpError as exc:
        if exc.status != 500:
            raise
        seen = _seen_from_here(probe or HttpClient(Server(url, timeout=_TIMEOUT)), url)
        raise exc.with_clause(f"where this module runs, {seen}; API Manager's log has the cause") from exc


def _seen_from_here(client: HttpClient, url: str) -> str:
    """What this host sees at the URL, and what to do about it."""
    try:
        discovery(client, url)
    except HttpError as exc:
        if exc.unreachable:
            return "no connection to it is made either, so check the URL and that the server runs"
        if exc.unsent:
            return (
                f"{exc.came_back}, so have its certificate in API Manager's truststore, and API Manager"
                " restarted since"
            )
        does = f"answers with HTTP status {exc.status}" if exc.status else "gives no proper answer"
        return f"it {does}, so check the URL"
    return "it can be read, so check API Manager's network, its truststore, and that it was restarted since"


def refuse_other_issuer(server: str, expected: str, discovered: KeyManager) -> None:
    """Refuse an issuer that the server's tokens will not have. Raises Problem.

    ``server`` is the URL at which the document was found.
    """
    issuer = discovered.get("issuer")
    if not equal(issuer, expected):
        raise Problem(
            f"Identity Server 7 at {server} calls itself {issuer}, not {expected}, so API Manager would"
            " refuse its tokens",
            advice=(
                "set [server] hostname in its deployment.toml to the name in is7_url (the role's"
                " is7_hostname does that), or set is7_url or is7_public_url to the name that it has"
            ),
        )
