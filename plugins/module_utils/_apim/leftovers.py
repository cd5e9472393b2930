# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the applications of proofs: how they are called and marked, and which of them
were left behind by one that was killed. No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import secrets
import time
import typing as t

from .._carbon.process import PROC, is_alive, look_at
from .devportal import Application, DevPortalApi

PREFIX = "carbonops-check-"
_NAME = re.compile(re.escape(PREFIX) + r"[0-9a-f]{8}\Z")
_MARK = re.compile(r"\[carbonops-proof/([0-9a-f]{12})/(\d{1,10}:\d{1,20})/(\d{1,12})\]\Z")
_TEXT = "Made by carbonops.wso2 to check a key manager; may be deleted."
# No proof lasts so long; one on another host can be told in no other way. In seconds.
_LONGEST_PROOF = 900
# API Manager may still be at work for a proof that was killed just now. In seconds.
_SETTLED = 1.0
_PENDING = "DELETE_PENDING"


@dataclasses.dataclass(frozen=True)
class Mark:
    """Which process made an application: its host, itself, and when, as Unix time in seconds."""

    host: str
    process: str
    made: int

    def __str__(self) -> str:
        return f"[carbonops-proof/{self.host}/{self.process}/{self.made}]"

    @property
    def age(self) -> float:
        """In seconds, by this host's clock."""
        return time.time() - self.made

    def is_alive(self) -> bool:
        """Whether the process runs. One of another host is taken for alive as long as a proof may last."""
        if self.host != _this_host():
            return abs(self.age) < _LONGEST_PROOF
        found = look_at(int(self.process.partition(":")[0]))
        return found is not None and found.identity == self.process and is_alive(found)


def new_name() -> str:
    """A name that no other application has."""
    return f"{PREFIX}{secrets.token_hex(4)}"


def describe() -> str:
    """The description of an application of this process: for people, and with the mark."""
    process = look_at(os.getpid())
    identity = process.identity if process else f"{os.getpid()}:0"
    return f"{_TEXT} {Mark(_this_host(), identity, int(time.time()))}"


def mark_of(application: Application) -> Mark | None:
    """The mark, None where name or description are not ours."""
    found = _MARK.search(application.description)
    if not found or not _NAME.match(application.name):
        return None
    host, process, made = found.groups()
    return Mark(host, process, int(made))


def left_behind(
    applications: t.Iterable[Application], owner: str, elsewhere: bool = False
) -> list[tuple[Application, Mark]]:
    """Those with our name, our mark and our owner whose process is gone.

    ``elsewhere`` takes those of other hosts too, however new they are. One whose deletion waits for approval
    is gone as far as we are concerned.
    """
    ours = [(application, mark_of(application)) for application in applications]
    return [
        (application, mark)
        for application, mark in ours
        if mark is not None
        and _account(application.owner) == _account(owner)
        and application.status != _PENDING
        and (not mark.is_alive() or (elsewhere and mark.host != _this_host()))
    ]


def remove_all(portal: DevPortalApi, found: t.Iterable[tuple[Application, Mark]]) -> list[str]:
    """Delete them and return the names of those whose deletion waits for approval. Raises HttpError."""
    waiting = []
    for application, mark in found:
        if 0 <= mark.age < _SETTLED:
            time.sleep(_SETTLED - mark.age)
        if portal.delete_application(application.identifier, application.name):
            waiting.append(application.name)
    return waiting


def _account(user: str) -> str:
    """A user as an application's owner: without the domain of the super tenant."""
    domain = "@carbon.super"
    return user[: -len(domain)] if user.endswith(domain) else user


def _this_host() -> str:
    """Twelve digits for this boot of this host and its space of process ids; they tell nobody its name."""
    parts = []
    with contextlib.suppress(OSError):
        parts.append((PROC / "sys/kernel/random/boot_id").read_text())
    with contextlib.suppress(OSError):
        parts.append(os.readlink(PROC / "self/ns/pid"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
