# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what may come of a request instead of the answer. Pure."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import email.utils
import time
import typing as t

from .._problem import Problem
from .text import told

# What may pass by itself; the request may have had its effect, but after 429.
_PASSING = (429, 502, 503, 504)


class HttpError(Problem):
    """A request did not give what it should.

    ``status`` is the HTTP status and ``code`` the product's own error code, each None where there was none.
    ``unreachable`` tells that no connection was made at all, ``refused`` that the server refused one, which
    may pass, ``unsent`` that nothing was sent for another reason, like the server's certificate.
    ``retry_after`` is the number of seconds that the server asked to wait.
    """

    def __init__(
        self,
        doing: str,
        came_back: str = "",
        advice: str = "",
        *,
        status: int | None = None,
        code: int | None = None,
        description: str | None = None,
        unreachable: bool = False,
        refused: bool = False,
        unsent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(doing, came_back, advice)
        self.status = status
        self.code = code
        self.description = description
        self.unreachable = unreachable
        self.refused = refused
        self.unsent = unsent
        self.retry_after = retry_after
        self.facts = {"failure": self._as_failure()}

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.refused or self.status in _PASSING

    @property
    def uncertain(self) -> bool:
        """Whether the request may have had its effect nevertheless."""
        if self.unreachable or self.unsent:
            return False
        return self.status is None or not 400 <= self.status < 500

    def with_clause(self, clause: str) -> HttpError:
        """The same error, its sentence going on with a clause."""
        longer = copy.copy(self)
        longer.advice = f"{self.advice}; {clause}" if self.advice else clause
        longer.facts = {"failure": longer._as_failure()}
        return longer

    def _as_failure(self) -> dict[str, t.Any]:
        """The error as data."""
        return {
            "status": self.status,
            "code": self.code,
            "message": str(self),
            "description": self.description,
            "unreachable": self.unreachable,
        }


@dataclasses.dataclass(frozen=True)
class ErrorBody:
    """What the body of an error says: the product's own code, and a description, None where it has none."""

    code: int | None = None
    description: str | None = None


def read_error_body(body: t.Any, secrets: t.Iterable[str] = ()) -> ErrorBody:
    """The code and description of API Manager's errors and of OAuth2's (RFC 6749, 5.2).

    ``body`` is the JSON of the answer, of any shape. The secrets are masked where the server repeats them.
    """
    if not isinstance(body, dict):
        return ErrorBody()
    code = body.get("code")
    parts = [_first_text(body, "description", "error_description", "message", "error"), *_details(body)]
    description = ": ".join(part for part in parts if part)
    return ErrorBody(
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        description=told(description, secrets) if description else None,
    )


def _first_text(body: dict[str, t.Any], *members: str) -> str | None:
    """The first of the members that holds something to say."""
    values = (body.get(member) for member in members)
    return next((str(value) for value in values if isinstance(value, (str, int, float)) and value), None)


def _details(body: dict[str, t.Any]) -> list[str]:
    """The messages in API Manager's list of details."""
    details = body.get("error")
    if not isinstance(details, list):
        return []
    return [str(item["message"]) for item in details if isinstance(item, dict) and item.get("message")]


def advice_on(status: int, has_code: bool, advice_on_401: str) -> str:
    """What to do about a status. A 404 with a code of the product's own is not the URL's fault."""
    if status == 401:
        return advice_on_401
    if status == 403:
        return "check that the user has the rights"
    if status == 404 and not has_code:
        return "check the URL"
    if status == 429:
        return "wait, and run again"
    if status == 500:
        return "look at the server's log"
    if status in _PASSING:
        return "check that the server behind it runs, and run again"
    return "correct what it names, or look at the server's log"


def seconds_to_wait(retry_after: str | None) -> float | None:
    """The seconds of a header Retry-After, which holds seconds or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    ahead = seconds_ahead(text)
    return None if ahead is None else max(0.0, ahead)


def seconds_ahead(date: str | None) -> float | None:
    """How far a date of HTTP (RFC 9110, 5.6.7) lies ahead of this host's clock, None for other text."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return email.utils.parsedate_to_datetime(date or "").timestamp() - time.time()
    return None
