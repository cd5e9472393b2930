# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the stages of a proof that ask the key manager's endpoints as its connector
does, and the gateways as a client does. No Ansible import.
"""

from __future__ import annotations

import functools
import time
import typing as t

from .._http.client import Answer
from .._http.errors import read_error_body
from .._http.json_text import read_json
from .._http.sign_in import Bearer
from .._http.text import told
from .._http.url import origin
from .._is7.oauth import introspect, revoke
from .._is7.profile import TYPE, USER_INFO_PATH
from .._problem import Problem, option
from .stages import NEEDS_TOKEN, OK, SKIPPED, UNVERIFIED, Context, Finding, Stage

_ANY_STATUS = range(200, 600)
_PASSWORD_GRANTS = ("password", "refresh_token")
# A gateway hears of a new application only after a while. In seconds.
_GATEWAY_WAIT, _GATEWAY_PAUSE = 15.0, 1.0
# API Manager's code for a token that is good and an API that its application has not subscribed to.
_NOT_SUBSCRIBED = 900908
_ENTRY = "put the access control entry for /scim2/Me before those that match it, and restart Identity Server"


def introspection(context: Context) -> Finding:
    """The server's own word on the token."""
    if not context.asked.signs_in:
        return _no_credentials()
    url = str(context.key_manager["introspectionEndpoint"])
    state = introspect(context.is7(url), url, context.token())
    client_id = state.get("client_id", context.made_keys().client_id)
    context.active = state.get("active") is True
    if not context.active or client_id != context.made_keys().client_id:
        raise Problem(
            "The introspection endpoint does not know the token that was just issued",
            advice="check that both endpoints are of the same server",
        )
    return Finding(OK, f"active=True{_as_whom(context)}")


def _as_whom(context: Context) -> str:
    """Where the one who asks is not the one of the connector, that is told."""
    connector = (context.key_manager.get("additionalProperties") or {}).get("Username")
    if not connector or connector == context.asked.username:
        return ""
    return f", asked as {told(context.asked.username)}, while the connector signs in as {told(connector)}"


def read_endpoint(context: Context, name: str, limit: str) -> Finding:
    """An endpoint of the connector, read as its user."""
    properties = context.key_manager.get("additionalProperties") or {}
    url = _endpoint(context, properties, name, by_password=True)
    if isinstance(url, Finding):
        return url
    answer = context.is7(url).json(f"Reading {url}", "GET", url, params={limit: "1"})
    total = answer.get("totalResults")
    return Finding(OK, f"{total} there" if isinstance(total, int) else "it answers")


def user_information(context: Context) -> Finding:
    """What API Manager asks with a user's token; a client's own shows only whether it is let through."""
    url = _endpoint(context, context.key_manager, "userInfoEndpoint")
    if isinstance(url, Finding):
        return url
    if context.key_manager.get("type") == TYPE and not url.lower().endswith("scim2/me"):
        return Finding(
            UNVERIFIED,
            f"newer connectors ask {told(url)} for what Identity Server 7 has only at {USER_INFO_PATH}",
            f"set user_info_endpoint to the URL that ends in {USER_INFO_PATH}",
        )
    of_user = any(grant in context.answers for grant in _PASSWORD_GRANTS)
    token = context.token(*_PASSWORD_GRANTS) if of_user else context.token()
    answer = _get(context.is7(url), url, token)
    return _of_user(answer, url) if of_user else _of_client(answer, url)


def _of_user(answer: Answer, url: str) -> Finding:
    if answer.status != 200:
        raise Problem(
            f"GET {url} answered a user's token with HTTP status {answer.status}",
            advice=_ENTRY if answer.status in (401, 403) else "look at Identity Server's log",
        )
    body = read_json(answer.body)
    name = body.get("userName") if isinstance(body, dict) else None
    return Finding(OK, f"it knows {told(name, longest=100)}" if name else "it answers a user's token")


def _of_client(answer: Answer, url: str) -> Finding:
    """403 comes from access control alone; what is let through has no user and may get any other answer."""
    if answer.status == 403:
        raise Problem(
            f"GET {url} answered a token without rights with HTTP status 403, so that users' are refused too",
            advice=_ENTRY,
        )
    if answer.status == 401 or answer.status >= 500:
        return Finding(
            UNVERIFIED,
            f"HTTP status {answer.status} for a token that is no user's",
            f"give {option('user_username')} and {option('user_password')}",
        )
    return Finding(OK, f"let through (HTTP status {answer.status})")


def gateways(context: Context) -> Finding:
    """A call with the token at each gateway."""
    seen = [_call(context, url) for url in context.asked.gateway_urls]
    unverified = next((finding for finding in seen if finding.status != OK), None)
    told_of_all = ", ".join(finding.seen for finding in seen)
    return Finding(
        unverified.status if unverified else OK, told_of_all, unverified.remedy if unverified else ""
    )


def _call(context: Context, url: str) -> Finding:
    """Raises Problem where the gateway refuses the token."""
    deadline = time.monotonic() + min(_GATEWAY_WAIT, context.asked.ready_timeout)
    while True:
        answer = _get(context.gateway(url), url, context.token())
        code = read_error_body(read_json(answer.body)).code
        if answer.status != 401 or time.monotonic() + _GATEWAY_PAUSE > deadline:
            break
        time.sleep(_GATEWAY_PAUSE)
    at = origin(url)
    if 200 <= answer.status < 400:
        return Finding(OK, f"{at} let the call through ({answer.status})")
    if answer.status == 403 and code == _NOT_SUBSCRIBED:
        return Finding(OK, f"{at} took the token ({answer.status}: no subscription to the API)")
    if answer.status in (401, 403):
        raise Problem(
            f"The gateway at {at} answered the token with HTTP status {answer.status}"
            + (f" and code {code}" if code else ""),
            advice="see that it trusts Identity Server's certificate, knows the key manager and has been told"
            " of it",
        )
    return Finding(
        UNVERIFIED, f"{at} answered {answer.status}", "give the URL of an API that is deployed there"
    )


def revocation(context: Context) -> Finding:
    """The client gives its token back."""
    url = _endpoint(context, context.key_manager, "revokeEndpoint")
    if isinstance(url, Finding):
        return url
    keys = context.made_keys()
    revoke(context.is7(url), url, keys.client_id, keys.client_secret, context.token())
    return Finding(OK, "the token was taken back")


def _endpoint(
    context: Context, fields: t.Mapping[str, t.Any], name: str, by_password: bool = False
) -> str | Finding:
    """The URL that a field gives, or why nothing is asked there."""
    url = fields.get(name)
    if not isinstance(url, str) or not url:
        return Finding(SKIPPED, f"the key manager has no {name}")
    if by_password and not context.asked.signs_in:
        return _no_credentials()
    return url if context.may_be_sent(url) else _not_sent(url)


def _get(client: t.Any, url: str, token: str) -> Answer:
    client.hide([token])
    answer: Answer = client.request(f"Asking {url}", "GET", url, _ANY_STATUS, authenticator=Bearer(token))
    return answer


def _no_credentials() -> Finding:
    return Finding(SKIPPED, "there is no password of the connector's user", f"give {option('is7_password')}")


def _not_sent(url: str) -> Finding:
    """What is secret is not sent to a stranger."""
    return Finding(
        UNVERIFIED,
        f"it is at {told(origin(url) or url)}, no server of the key manager's own, so nothing was sent",
        f"correct the key manager, or name that server in {option('trusted_origins')}",
    )


CONNECTOR_STAGES = (
    Stage(
        "api-resources",
        functools.partial(read_endpoint, name="api_resource_management_endpoint", limit="limit"),
    ),
    Stage("roles", functools.partial(read_endpoint, name="is7_roles_endpoint", limit="count")),
)
STAGES = (
    Stage("introspection", introspection, **NEEDS_TOKEN),
    *CONNECTOR_STAGES,
    Stage("user information", user_information, **NEEDS_TOKEN),
)
GATEWAYS = Stage("gateways", gateways, **NEEDS_TOKEN)
REVOCATION = Stage("revocation", revocation, **NEEDS_TOKEN)
