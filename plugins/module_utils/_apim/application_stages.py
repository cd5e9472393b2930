# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the stages of a proof that make something, and the one that takes it all back.
No Ansible import.
"""

from __future__ import annotations

import time

from .._http.errors import HttpError
from .._http.text import told
from .._is7.oauth import get_token
from .._problem import Problem
from .asked import GRANTS
from .devportal import APPROVED, Application
from .leftovers import PREFIX, describe, left_behind, new_name, remove_all
from .stages import OK, WAITS, Context, Finding, Stage

# Between two attempts. In seconds.
_PAUSE = 2
_UNLIMITED = "Unlimited"
# What a key manager that has just been stored answers with as long as it has not reached the runtime, and
# what may pass of any server.
_PASSING = (429, 500, 502, 503, 504)
# Where an administrator finds what waits.
_TASKS = "waits in the Admin portal, Tasks > {}"
_SWITCH_OFF = "switch that workflow off while it is proved"


def make_application(context: Context) -> Finding:
    """An application with a tier that the server has."""
    context.tier = context.tier or _choose_tier(context)
    made = _create(context)
    if made.status != APPROVED:
        return _waits(made)
    context.application = made
    return Finding(OK, f"'{made.name}' with the tier {told(context.tier)}")


def _waits(made: Application) -> Finding:
    where = _TASKS.format("Application Creation")
    return Finding(WAITS, f"application '{made.name}' {where} (status {told(made.status)})", _SWITCH_OFF)


def _choose_tier(context: Context) -> str:
    """``Unlimited`` where there is one, else the first. Raises Problem where there is none."""
    tiers = context.portal.application_tiers()
    if not tiers:
        raise Problem(
            f"{context.apim.server.url} has no tier that an application may have",
            advice="make an application throttling policy",
        )
    return _UNLIMITED if _UNLIMITED in tiers else tiers[0]


def _create(context: Context) -> Application:
    """Its name is known before it is made: whatever comes of that, it can be found again."""
    with context.interrupts.held():
        name = new_name()
        context.names.append(name)
        context.made = name
        made = context.portal.create_application(name, context.tier, describe())
        context.applications[name] = made
        context.owner = made.owner
    return made


def generate_keys(context: Context) -> Finding:
    """A client at the key manager.

    A new key manager reaches the part of API Manager that uses it only after a while, and a key generation
    that fails leaves a row behind, so each attempt has an application of its own.
    """
    deadline = time.monotonic() + context.asked.ready_timeout
    while True:
        context.attempts += 1
        try:
            return _generate(context)
        except HttpError as exc:
            if exc.status not in _PASSING or time.monotonic() + _PAUSE >= deadline:
                raise
        _remove_own(context)
        time.sleep(_PAUSE)
        made = _create(context)
        if made.status != APPROVED:
            return _waits(made)
        context.application = made


def _generate(context: Context) -> Finding:
    application = context.application
    if application is None:
        raise AssertionError("no application is made")
    with context.interrupts.held():
        keys = context.portal.generate_keys(
            application.identifier, application.name, str(context.key_manager["id"]), _grants(context)
        )
    if keys.state != APPROVED:
        where = _TASKS.format("Application Registration")
        seen = f"the key generation of application '{application.name}' {where} (state {told(keys.state)})"
        return Finding(WAITS, seen, _SWITCH_OFF)
    context.keys = keys
    context.apim.hide([keys.client_secret])
    again = f" at the attempt {context.attempts}" if context.attempts > 1 else ""
    return Finding(OK, f"client {told(keys.client_id)}{again}")


def _grants(context: Context) -> list[str]:
    """What the client must be able to do: a user's token needs a grant of its own."""
    wanted = list(context.asked.grant_types)
    if (context.asked.user or "refresh_token" in wanted) and "password" not in wanted:
        wanted.append("password")
    return wanted


def get_tokens(context: Context) -> Finding:
    """A token by each grant."""
    url = str(context.key_manager["tokenEndpoint"])
    keys = context.made_keys()
    client = context.is7(url)
    client.hide([keys.client_secret])
    for grant in sorted(_grants(context), key=GRANTS.index):
        form = {"grant_type": grant, **_form(context, grant)}
        answer = get_token(client, url, keys.client_id, keys.client_secret, form)
        client.hide([str(answer["access_token"])])
        context.answers[grant] = answer
    return Finding(OK, f"by {', '.join(context.answers)}")


def _form(context: Context, grant: str) -> dict[str, str]:
    """What a grant is asked with. Raises Problem."""
    if grant == "password":
        return {"username": context.asked.user or "", "password": context.asked.user_password or ""}
    if grant == "refresh_token":
        refresh = context.answers["password"].get("refresh_token")
        if not isinstance(refresh, str) or not refresh:
            raise Problem(
                "The answer to the password grant holds no refresh token",
                advice="add refresh_token to the key manager's grant types",
            )
        return {"refresh_token": refresh}
    return {}


def remove(context: Context) -> Finding:
    """Everything that was made, and what killed proofs have left behind; the list shows that it is gone."""
    try:
        waiting = _remove_own(context)
        left = left_behind(context.portal.applications(PREFIX), context.owner)
        waiting += remove_all(context.portal, left)
    except HttpError as exc:
        names = ", ".join(context.names)
        raise exc.with_clause(f"run again, or delete what is left of application {names} by hand") from exc
    if waiting:
        seen = f"the deletion of application {', '.join(waiting)} {_TASKS.format('Application Deletion')}"
        context.warnings.append(f"{seen[0].upper()}{seen[1:]}.")
        return Finding(WAITS, seen, "approve it there")
    of_killed = f"; {len(left)} of killed proofs removed too" if left else ""
    return Finding(OK, f"nothing is left{of_killed}")


def _remove_own(context: Context) -> list[str]:
    """Delete what this run has made; the names of those whose deletion waits. Raises HttpError.

    What was asked for and never answered may be there all the same, under a name that is known.
    """
    waiting = []
    context.application = None
    known = list(context.applications.values())
    if len(known) < len(context.names):
        known = [item for item in context.portal.applications(PREFIX) if item.name in context.names]
    for application in known:
        if context.portal.delete_application(application.identifier, application.name):
            waiting.append(application.name)
        context.names.remove(application.name)
        context.applications.pop(application.name, None)
    return waiting


APPLICATION = Stage("application", make_application)
KEYS = Stage("keys", generate_keys, needs="application", without="there is no application")
TOKENS = Stage("tokens", get_tokens, needs="keys", without="there are no keys")
REMOVAL = Stage("removal", remove)
