# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the ways to sign in to a server. No Ansible import."""

from __future__ import annotations

import base64
import dataclasses
import typing as t


class Authenticator(t.Protocol):
    """One way to sign in. ``advice`` says what to check when the server answers 401."""

    @property
    def advice(self) -> str:
        """The rest of a sentence."""

    def authorization(self) -> str | None:
        """The value of the header Authorization, None for no such header. May raise HttpError."""

    def renew(self) -> bool:
        """Whether there can be a new value, now that the server has answered 401 to the last one."""


@dataclasses.dataclass(frozen=True)
class Anonymous:
    """Not at all."""

    advice: str = "check that it may be asked without a password"

    def authorization(self) -> str | None:
        return None

    def renew(self) -> bool:
        return False


@dataclasses.dataclass(frozen=True)
class Basic:
    """HTTP Basic authentication, in UTF-8 as RFC 7617 has it."""

    username: str
    password: str = dataclasses.field(repr=False)
    advice: str = "check the user name and password, and that the user has the rights"

    def authorization(self) -> str | None:
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    def renew(self) -> bool:
        return False


@dataclasses.dataclass(frozen=True)
class Bearer:
    """A token that somebody else got."""

    token: str = dataclasses.field(repr=False)
    advice: str = "check that the token is still good and has the scopes"

    def authorization(self) -> str | None:
        return f"Bearer {self.token}"

    def renew(self) -> bool:
        return False
