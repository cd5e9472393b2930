# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what is to happen to the certificates of a Java truststore. Pure plans."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._problem import Problem
from .certificate import Certificate
from .keytool import StoreEntry

# What keytool takes for an option of its own, or does not list as it is (measured on JDK 17).
_UNUSABLE_ALIAS = re.compile(r"\A-|\A\Z|[\x00-\x1f\x7f\ud800-\udfff]")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A certificate under an alias; without one (removal only) whatever the alias holds is meant."""

    alias: str
    certificate: Certificate | None


@dataclasses.dataclass(frozen=True)
class Step:
    """What happens to one alias, which is where the certificate is.

    ``action`` is added, replaced, removed, unchanged or kept.
    """

    action: str
    alias: str
    certificate: Certificate | None
    before: Certificate | None

    @property
    def changes(self) -> bool:
        return self.action in ("added", "replaced", "removed")


def plan_present(
    existing: t.Sequence[StoreEntry], wanted: t.Sequence[Wanted], on_conflict: str
) -> list[Step]:
    """Trust each certificate under its alias; one that another alias holds stays there. Raises Problem."""
    _refuse_unusable_aliases(wanted)
    held = _Held(existing, _one_certificate_each(wanted))
    return [held.trust(item, on_conflict) for item in wanted]


def plan_absent(existing: t.Sequence[StoreEntry], wanted: t.Sequence[Wanted]) -> list[Step]:
    """Remove each alias; where a certificate is given too, only if it holds that one. Raises Problem."""
    _refuse_unusable_aliases(wanted)
    by_alias = {entry.alias.lower(): entry for entry in existing}
    steps = []
    for item in wanted:
        entry = by_alias.pop(item.alias.lower(), None)
        if entry is None:
            steps.append(Step("unchanged", item.alias, None, None))
            continue
        current = _trusted(entry)
        if item.certificate is not None and item.certificate.sha256 != current.sha256:
            steps.append(Step("kept", entry.alias, current, current))
        else:
            steps.append(Step("removed", entry.alias, None, current))
    return steps


class _Held:
    """What the aliases of a store hold while one wanted certificate after the other is planned."""

    def __init__(self, existing: t.Sequence[StoreEntry], planned: t.Mapping[str, Certificate | None]) -> None:
        self._by_alias = {entry.alias.lower(): entry for entry in existing}
        self._trusted_as = {
            entry.certificate.sha256: entry.alias
            for entry in existing
            if entry.kind == "trusted_certificate"
            and entry.certificate
            # One whose alias is given another certificate by the same run does not stay.
            and planned.get(entry.alias.lower(), entry.certificate) == entry.certificate
        }

    def trust(self, item: Wanted, on_conflict: str) -> Step:
        """What the certificate takes to be trusted; it is then. Raises Problem."""
        step = self._step(item.alias, t.cast(Certificate, item.certificate), on_conflict)
        if step.changes and step.certificate:
            self._by_alias[item.alias.lower()] = StoreEntry(
                item.alias, "trusted_certificate", step.certificate
            )
            self._trusted_as[step.certificate.sha256] = item.alias
        return step

    def _step(self, alias: str, certificate: Certificate, on_conflict: str) -> Step:
        entry = self._by_alias.get(alias.lower())
        if entry is None:
            trusted_as = self._trusted_as.get(certificate.sha256)
            if trusted_as is None:
                return Step("added", alias, certificate, None)
            return Step("unchanged", trusted_as, certificate, certificate)
        current = _trusted(entry)
        if current.sha256 == certificate.sha256:
            return Step("unchanged", entry.alias, certificate, current)
        if on_conflict == "fail":
            raise Problem(
                f"Alias '{entry.alias}' holds another certificate (SHA-256 {current.sha256})",
                advice="use another alias, or on_conflict: replace",
            )
        return Step("replaced", entry.alias, certificate, current)


def _refuse_unusable_aliases(wanted: t.Sequence[Wanted]) -> None:
    for item in wanted:
        if _UNUSABLE_ALIAS.search(item.alias):
            raise Problem(
                f"The alias {item.alias!r} is empty, begins with a hyphen or holds a control character,"
                " which keytool cannot take",
                advice="give another",
            )


def _one_certificate_each(wanted: t.Sequence[Wanted]) -> dict[str, Certificate | None]:
    """Lower-case alias -> its certificate; refused where two are wanted under one alias."""
    planned: dict[str, Certificate | None] = {}
    for item in wanted:
        if planned.setdefault(item.alias.lower(), item.certificate) != item.certificate:
            raise Problem(
                f"Two different certificates are given for alias '{item.alias}'",
                advice="give each an alias of its own",
            )
    return planned


def _trusted(entry: StoreEntry) -> Certificate:
    if entry.kind != "trusted_certificate" or entry.certificate is None:
        raise Problem(
            f"Alias '{entry.alias}' holds a {entry.kind.replace('_', ' ')}, which is never replaced or"
            " removed",
            advice="use another alias",
        )
    return entry.certificate


def expected_contents(
    existing: t.Sequence[StoreEntry], steps: t.Sequence[Step]
) -> dict[str, tuple[str, str | None]]:
    """What the store is to hold afterwards: kind and SHA-256 by the alias in lower case."""
    held = {
        entry.alias.lower(): (entry.kind, entry.certificate.sha256 if entry.certificate else None)
        for entry in existing
    }
    for step in steps:
        if step.action == "removed":
            del held[step.alias.lower()]
        elif step.changes:
            held[step.alias.lower()] = (
                "trusted_certificate",
                step.certificate.sha256 if step.certificate else None,
            )
    return held
