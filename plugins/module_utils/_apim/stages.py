# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a stage of a proof is, what it finds, and how that is told. No Ansible
import.

A stage is a function of a context: it asks, compares, and gives a finding. It can stand in any list.
"""

from __future__ import annotations

import dataclasses
import functools
import time
import typing as t

from .._http.client import HttpClient
from .._http.errors import HttpError
from .._http.url import origin
from .._is7.jwt import Jwt, read_jwt
from .._problem import Problem, as_clause, with_names
from .asked import Asked
from .devportal import Application, DevPortalApi, Keys
from .interrupt import Interrupts
from .options import KeyManager

# What a stage may come to. What waits for approval proves nothing and is nothing wrong.
OK, BROKEN, WAITS, UNVERIFIED, SKIPPED = "ok", "broken", "waits for approval", "not verified", "skipped"
_WIDEST = max(map(len, (OK, BROKEN, WAITS, UNVERIFIED, SKIPPED)))

# A client of the server of this URL.
Connect = t.Callable[[str], HttpClient]


@dataclasses.dataclass
class Context:
    """What the stages ask, and what those before have made or seen."""

    apim: HttpClient
    is7: Connect
    gateway: Connect
    key_manager: KeyManager
    asked: Asked
    interrupts: Interrupts
    attempts: int = 0
    # The last application's name; the names of all that may be there, and what is known of them.
    made: str | None = None
    names: list[str] = dataclasses.field(default_factory=list)
    applications: dict[str, Application] = dataclasses.field(default_factory=dict)
    owner: str = ""
    tier: str = ""
    application: Application | None = None
    keys: Keys | None = None
    # By grant type: what the token endpoint answered.
    answers: dict[str, dict[str, t.Any]] = dataclasses.field(default_factory=dict)
    active: bool | None = None
    removal: Told | None = None
    warnings: list[str] = dataclasses.field(default_factory=list)

    @property
    def portal(self) -> DevPortalApi:
        return DevPortalApi(self.apim)

    def made_keys(self) -> Keys:
        """Those that the stage before has made; without them no later stage is run."""
        if self.keys is None:
            raise AssertionError("no keys are made")
        return self.keys

    @functools.cached_property
    def jwts(self) -> dict[str, Jwt]:
        """The tokens that are JWTs, by their grant types. Raises Problem for one that cannot be read."""
        found = {grant: read_jwt(str(answer["access_token"])) for grant, answer in self.answers.items()}
        return {grant: jwt for grant, jwt in found.items() if jwt is not None}

    def token(self, *grants: str) -> str:
        """The token of the first of these grants that has one, by default of any."""
        chosen = next(grant for grant in (grants or self.answers) if grant in self.answers)
        return str(self.answers[chosen]["access_token"])

    def may_be_sent(self, url: str) -> bool:
        """Whether what is secret may be sent to this server."""
        return origin(url) in self.asked.origins


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a stage came to, what it saw, and what to do; both are parts of a sentence."""

    status: str
    seen: str
    remedy: str = ""
    facts: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    # Whether the server asked did not answer at all.
    unanswered: bool = False


@dataclasses.dataclass(frozen=True)
class Stage:
    """``needs`` names what of the context must be there, and ``without`` says what is missing."""

    name: str
    look: t.Callable[[Context], Finding]
    needs: str = ""
    without: str = ""


# What a stage needs that looks at a token.
NEEDS_TOKEN: dict[str, t.Any] = {"needs": "answers", "without": "there is no token"}


@dataclasses.dataclass(frozen=True)
class Told:
    """A stage that was carried out, or skipped."""

    name: str
    finding: Finding
    seconds: float = 0.0

    def as_data(self) -> dict[str, t.Any]:
        return {
            "name": self.name,
            "status": self.finding.status,
            "seconds": round(self.seconds, 3),
            "seen": with_names(self.finding.seen, {}),
            "remedy": with_names(self.finding.remedy, {}),
        }

    def as_line(self) -> str:
        """For a terminal."""
        remedy = f"; {self.finding.remedy}" if self.finding.remedy else ""
        begin = f"{self.finding.status:<{_WIDEST}} {self.seconds:7.3f} s"
        return with_names(f"{begin}  {self.name}: {self.finding.seen}{remedy}", {})


def carry_out(stages: t.Iterable[Stage], context: Context) -> list[Told]:
    """Each stage after the other, but those that need what is not there, or a server that is gone."""
    told: list[Told] = []
    for stage in stages:
        if any(earlier.finding.unanswered for earlier in told):
            told.append(Told(stage.name, Finding(SKIPPED, "the server did not answer before")))
        elif stage.needs and not getattr(context, stage.needs):
            told.append(Told(stage.name, Finding(SKIPPED, stage.without)))
        else:
            told.append(carry_out_one(stage, context))
    return told


def carry_out_one(stage: Stage, context: Context) -> Told:
    """One stage; a problem that it meets is what it found."""
    begun = time.monotonic()
    try:
        finding = stage.look(context)
    except Problem as problem:
        finding = broken(problem)
    return Told(stage.name, finding, time.monotonic() - begun)


def broken(problem: Problem) -> Finding:
    """A problem as a finding."""
    unanswered = isinstance(problem, HttpError) and problem.status is None and not problem.unsent
    return Finding(BROKEN, as_clause(problem.clause), problem.advice, problem.facts, unanswered)


def first_broken(told: t.Iterable[Told]) -> Told | None:
    """The first stage that failed."""
    return next((stage for stage in told if stage.finding.status == BROKEN), None)
