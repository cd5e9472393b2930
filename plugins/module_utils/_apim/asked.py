# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a proof is asked to do. No Ansible import."""

from __future__ import annotations

import dataclasses
import typing as t

from .._http.url import check_url
from .._problem import Problem, option

# In the order in which tokens are got: the last needs the one before.
GRANTS = ("client_credentials", "password", "refresh_token")


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a proof is to do.

    ``signs_in`` tells whether the clients of Identity Server have a user and password, ``user`` and
    ``user_password`` are of one whose token is asked for, ``origins`` are the servers that may be sent
    secrets, ``ready_timeout`` is in seconds.
    """

    grant_types: tuple[str, ...] = ("client_credentials",)
    signs_in: bool = True
    username: str = ""
    user: str | None = None
    user_password: str | None = dataclasses.field(default=None, repr=False)
    gateway_urls: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()
    ready_timeout: float = 60

    def to_servers(self, origins: frozenset[str]) -> Asked:
        """The same, and which servers may be sent secrets."""
        return dataclasses.replace(self, origins=origins)


def read_asked(options: dict[str, t.Any]) -> Asked:
    """What the proof is to do. Raises Problem."""
    of_user = set(options["grant_types"]) - {"client_credentials"}
    if of_user and not options["user_username"]:
        raise Problem(
            f"There is no user for the grant {' and '.join(sorted(of_user))}",
            advice=f"give {option('user_username')} and {option('user_password')}",
        )
    return Asked(
        grant_types=tuple(options["grant_types"]),
        signs_in=options["is7_password"] is not None,
        username=options["is7_username"],
        user=options["user_username"],
        user_password=options["user_password"],
        gateway_urls=tuple(url for url in options["gateway_urls"] if check_url(url, "gateway_urls")),
        ready_timeout=options["ready_timeout"],
    )
