# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: carrying a plan for a key manager out, whatever happens on the way. No Ansible
import.

Several runs may do the same at the same time, and an answer may be lost. So after each write the key manager
is read back by its name, and what is there decides: nothing left to do, or another try.
"""

from __future__ import annotations

import time
import typing as t

from .._http.errors import HttpError
from .admin import AdminApi, is_gone, is_taken
from .options import KeyManager
from .plan import Plan

# Seconds before another try.
_PAUSES = (0.5, 1.0, 2.0)
_TRIES = len(_PAUSES) + 1

# The plan for what is there now; the second argument tells whether the secrets have arrived.
Replan = t.Callable[["KeyManager | None", bool], Plan]


class Done(t.NamedTuple):
    """What was done, which may be nothing where another run was faster; the key manager as it is now; fields
    that were not kept.
    """

    plan: Plan
    now: KeyManager
    not_kept: tuple[str, ...] = ()


def carry_out(
    api: AdminApi, name: str, plan: Plan, replan: Replan, sleep: t.Callable[[float], None] = time.sleep
) -> Done:
    """Create or update as planned. Raises HttpError, which then tells what is there."""
    todo, written = plan, False
    for pause in (*_PAUSES, None):
        error = _write(api, todo, written)
        found = _read_back(api, name, error)
        written = written or error is None or error.uncertain
        left = replan(found, error is None)
        if found is not None and left.action == "none":
            return Done(todo if written else left, found)
        if found is not None and error is None and left.action == todo.action == "updated":
            return Done(todo, found, tuple(sorted(left.sources)))
        if pause is None or (error is not None and error.uncertain and not error.passing):
            break
        todo = left
        sleep(pause)
    if error is not None:
        raise error.with_clause(f"read back, it is {_unlike(found, replan)}") from error
    raise HttpError(
        f"Writing key manager '{name}' failed",
        f"it was accepted {_TRIES} times, but is not there",
        "look at API Manager's log",
    )


def remove(api: AdminApi, name: str, plan: Plan, sleep: t.Callable[[float], None] = time.sleep) -> bool:
    """Delete as planned; tell whether it was there. Raises HttpError, which then tells that it still is."""
    identifier, asked = plan.before["id"], False
    for pause in (*_PAUSES, None):
        error: HttpError | None = None
        try:
            api.delete(identifier, name)
        except HttpError as exc:
            if is_gone(exc):
                return asked  # by the try before, whose answer was lost, else by somebody else
            if not exc.uncertain:
                raise exc.with_clause("nothing was changed") from exc
            error = exc
        asked = True
        found = _read_back(api, name, error)
        if found is None or found.get("id") != identifier:
            return True
        if error is not None and (pause is None or not error.passing):
            raise error.with_clause("read back, it is still there") from error
        if pause is not None:
            sleep(pause)
    raise HttpError(
        f"Deleting key manager '{name}' failed",
        f"it was accepted {_TRIES} times, but is still there",
        "look at API Manager's log",
    )


def _write(api: AdminApi, plan: Plan, written: bool) -> HttpError | None:
    """The error that leaves open what is there now, None for none.

    Raises any other one; ``written`` tells whether there was a write before.
    """
    body = t.cast(KeyManager, plan.body)
    try:
        if plan.action == "created":
            api.create(body)
        else:
            api.update(plan.before["id"], body)
    except HttpError as exc:
        if exc.uncertain or is_taken(exc) or is_gone(exc):
            return exc
        clause = "it was written before, so look at it" if written else "nothing was changed"
        raise exc.with_clause(clause) from exc
    return None


def _read_back(api: AdminApi, name: str, error: HttpError | None) -> KeyManager | None:
    try:
        return api.find(name)
    except HttpError as exc:
        if error is None:
            raise exc.with_clause(f"key manager '{name}' was written before") from exc
        raise error.with_clause("it could not be read back, so run again") from error


def _unlike(found: KeyManager | None, replan: Replan) -> str:
    """How what was read back differs from what was asked."""
    if found is None:
        return "not there"
    if replan(found, True).action == "none":
        return "as asked but for its secrets, which nobody can read"
    return "not as asked"
