# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a signed JSON web token (RFC 7515, RFC 7519), read and not believed. Pure."""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t

from .._http.json_text import read_json
from .._problem import Problem

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


@dataclasses.dataclass(frozen=True)
class Jwt:
    """``signed`` is what the signature is of."""

    header: dict[str, t.Any]
    claims: dict[str, t.Any]
    signed: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """What the header says, empty where it says none."""
        return _text(self.header.get("alg"))

    @property
    def key_id(self) -> str:
        """The key that the header names, empty where it names none."""
        return _text(self.header.get("kid"))

    def moment(self, claim: str) -> float | None:
        """A moment as Unix time in seconds, None where the claim holds none."""
        value = self.claims.get(claim)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(t.cast(float, value)) if is_number and abs(t.cast(float, value)) < 1e12 else None

    @property
    def audience(self) -> list[str]:
        """For whom it is; one may be given without a list (RFC 7519, 4.1.3)."""
        value = self.claims.get("aud")
        return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def read_jwt(token: str) -> Jwt | None:
    """The parts of a token, None for an opaque one. Raises Problem.

    API Manager takes whatever has two full stops for a JWT.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    header, claims, signature = (decode(part) for part in parts)
    members = [read_json(part or b"") for part in (header, claims)]
    if signature is None or not all(isinstance(part, dict) for part in members):
        raise Problem(
            "The token has the three parts of a JWT, which cannot be read", advice="look at the server's log"
        )
    return Jwt(members[0], members[1], ".".join(parts[:2]).encode(), signature)


def decode(text: str) -> bytes | None:
    """Bytes in base64url without padding (RFC 7515, 2), None for other text."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(value: t.Any) -> str:
    return value if isinstance(value, str) else ""
