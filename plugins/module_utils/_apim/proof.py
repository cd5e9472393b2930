# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the proof that a key manager works, by using it once. No Ansible import."""

from __future__ import annotations

import dataclasses
import typing as t

from .._http.client import HttpClient
from .._http.text import told as shown
from .._http.url import origin
from .._problem import Problem, as_clause, option
from .admin import AdminApi
from .application_stages import APPLICATION, KEYS, REMOVAL, TOKENS
from .devportal import DevPortalApi
from .endpoint_stages import GATEWAYS, REVOCATION
from .endpoint_stages import STAGES as ENDPOINT_STAGES
from .leftovers import PREFIX, left_behind, remove_all
from .options import KeyManager
from .stages import (
    BROKEN,
    WAITS,
    Context,
    Finding,
    Stage,
    Told,
    carry_out,
    carry_out_one,
    first_broken,
)
from .token_stages import STAGES as TOKEN_STAGES

_JWKS = "JWKS"


@dataclasses.dataclass(frozen=True)
class Proof:
    """What was seen: no token and no client secret.

    ``proved`` is false where something waits for approval, which is nothing wrong.
    """

    proved: bool
    summary: str
    stages: tuple[Told, ...]
    application: str | None
    client_id: str | None
    attempts: int
    issuer: str | None
    token_type: str | None
    expires_in: int | None
    active: bool | None
    warnings: tuple[str, ...]

    def as_data(self) -> dict[str, t.Any]:
        data = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del data["warnings"]
        return {**data, **told_stages(self.stages)}


def told_stages(stages: t.Iterable[Told]) -> dict[str, t.Any]:
    """The stages as data, and as lines for a terminal."""
    stages = list(stages)
    return {
        "stages": [stage.as_data() for stage in stages],
        "report": [stage.as_line() for stage in stages],
    }


def find_usable(apim: HttpClient, name: str) -> KeyManager:
    """The key manager of this name, as far as it can work at all. Raises Problem.

    What would be refused for good is told before anything is made for it.
    """
    key_manager = AdminApi(apim).find(name)
    if key_manager is None:
        raise Problem(
            f"There is no key manager '{name}' in {apim.server.url}",
            advice="register it with apim_key_manager",
        )
    why, advice = _refusal(key_manager)
    if why:
        raise Problem(f"Key manager '{name}' cannot work, and nothing was made for it", why, advice)
    return key_manager


def _refusal(key_manager: KeyManager) -> tuple[str, str]:
    """Why API Manager would refuse to make keys as long as the key manager is as it is, and what to do."""
    missing = [field for field in ("tokenEndpoint", "introspectionEndpoint") if not key_manager.get(field)]
    if missing:
        return f"it has no {' and '.join(missing)}", "correct it"
    if not key_manager.get("enabled"):
        return "it is disabled", "set enabled"
    if key_manager.get("enableOAuthAppCreation") is False:
        return "API Manager may not make clients in it", "set enable_oauth_app_creation"
    if key_manager.get("tokenType") == "EXCHANGED":
        return "its tokens are only exchanged for others, and no client is made in it", "set token_type"
    return "", ""


def own_origins(
    key_manager: KeyManager, is7_url: str | None, trusted: t.Iterable[str]
) -> tuple[str, frozenset[str]]:
    """The key manager's own server, and all that may be sent secrets.

    Its own is that of ``is7_url``, or without one that of its issuer; ``trusted`` are URLs of further ones.
    """
    own = origin(is7_url or str(key_manager.get("issuer") or ""))
    return own, frozenset({own, *map(origin, trusted)} - {""})


def refuse_strangers(key_manager: KeyManager, is7_url: str | None, trusted: t.Iterable[str]) -> None:
    """Refuse endpoints of another server than the key manager's own. Raises Problem.

    A password is sent to them, or they say whose tokens are good.
    """
    own, origins = own_origins(key_manager, is7_url, trusted)
    for field, url in _endpoints(key_manager).items():
        if origin(url) in origins:
            continue
        at, there = shown(origin(url) or url), own or "a server that its issuer names"
        doing = f"Key manager '{key_manager['name']}' has its {field} at {at}, not at {there}, so"
        problem = Problem(
            f"{doing} {_CONSEQUENCES[field]}",
            advice=f"correct the key manager, or name that server in {option('trusted_origins')}",
        )
        stage = Told(_STAGE_OF[field], Finding(BROKEN, as_clause(problem.clause), problem.advice))
        problem.facts = told_stages([stage])
        raise problem


_NOTHING_SENT = "nothing is sent there"
_CONSEQUENCES = {
    "tokenEndpoint": _NOTHING_SENT,
    "introspectionEndpoint": _NOTHING_SENT,
    _JWKS: "that server would say whose signature is good, and nothing is sent there",
}
_STAGE_OF = {"tokenEndpoint": "tokens", "introspectionEndpoint": "introspection", _JWKS: "signature"}


def _endpoints(key_manager: KeyManager) -> dict[str, str]:
    """What must not be a stranger's."""
    endpoints = {name: str(key_manager[name]) for name in ("tokenEndpoint", "introspectionEndpoint")}
    certificates = key_manager.get("certificates") or {}
    if certificates.get("type") == _JWKS and certificates.get("value"):
        endpoints[_JWKS] = str(certificates["value"])
    return endpoints


def prove(context: Context) -> Proof:
    """Make an application and its keys, get tokens from the key manager, look at them from all sides, and
    remove everything again, whatever happens. Raises Problem, whose facts hold the stages, or Interrupted.
    """
    told: list[Told] = []
    try:
        with context.interrupts.open():
            told = carry_out(_stages(context), context)
    finally:
        context.removal = carry_out_one(REMOVAL, context)
    context.interrupts.raise_waiting()
    told.append(context.removal)
    failed = first_broken(told)
    if failed:
        raise Problem(
            f"Proving key manager '{context.key_manager['name']}' failed at the stage {failed.name}",
            failed.finding.seen,
            failed.finding.remedy,
            {**failed.finding.facts, **told_stages(told)},
        )
    return _proof(context, told)


def _stages(context: Context) -> list[Stage]:
    """Everything but the removal, in its order."""
    optional = [GATEWAYS] if context.asked.gateway_urls else []
    return [
        APPLICATION,
        KEYS,
        TOKENS,
        *TOKEN_STAGES,
        *ENDPOINT_STAGES,
        *optional,
        REVOCATION,
    ]


def _proof(context: Context, told: t.Sequence[Told]) -> Proof:
    waits = next((stage for stage in told[:-1] if stage.finding.status == WAITS), None)
    answer = next(iter(context.answers.values()), {})
    token_type, expires_in = answer.get("token_type"), answer.get("expires_in")
    issuers = [jwt.claims.get("iss") for jwt in context.jwts.values()]
    proof = Proof(
        proved=waits is None,
        summary="",
        stages=tuple(told),
        application=context.made,
        client_id=context.keys.client_id if context.keys else None,
        attempts=context.attempts,
        issuer=str(issuers[0]) if issuers else None,
        token_type=shown(token_type) if isinstance(token_type, str) else None,
        expires_in=expires_in if isinstance(expires_in, int) else None,
        active=context.active,
        warnings=tuple(context.warnings),
    )
    return dataclasses.replace(proof, summary=_summary(proof, waits, context))


def _summary(proof: Proof, waits: Told | None, context: Context) -> str:
    name, at = context.key_manager["name"], context.apim.server.url
    if waits:
        return (
            f"Not proved, and nothing is wrong with key manager '{name}': in API Manager at {at},"
            f" {waits.finding.seen}; {waits.finding.remedy}."
        )
    source = proof.issuer or context.key_manager["tokenEndpoint"]
    introspected = (
        "it was not introspected" if proof.active is None else f"introspection says active={proof.active}"
    )
    return (
        f"{source} issued a {proof.token_type} token for client {proof.client_id} of the application"
        f" {proof.application}, made in API Manager at {at}; {introspected}."
    )


def interrupted(context: Context, signal: str) -> Problem:
    """The problem of a proof that a signal has ended."""
    removal = context.removal
    is_removed = removal is not None and removal.finding.status != BROKEN
    return Problem(
        f"The proof of key manager '{context.key_manager['name']}' was ended by {signal}",
        "what it had made is removed" if is_removed else "not all that it had made could be removed",
        "run it again",
        told_stages([removal] if removal else []),
    )


def clear(portal: DevPortalApi, owner: str, check_mode: bool) -> tuple[list[str], list[str]]:
    """Remove what killed proofs have left behind, on whatever host they ran. Raises HttpError.

    The names of the applications, and of those among them whose deletion waits for approval.
    """
    found = left_behind(portal.applications(PREFIX), owner, elsewhere=True)
    waiting = [] if check_mode else remove_all(portal, found)
    return [application.name for application, _mark in found], waiting
