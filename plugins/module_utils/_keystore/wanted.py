# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the certificates that a module's options mean, and what is doubtful about them.

No Ansible import.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from .._files.read import read_file
from .._problem import Problem, option, printable
from .certificate import SIZE_LIMIT, Certificate, read_certificates
from .result import utc_text
from .trust import Step, Wanted

_LEAF = "keytool -ext bc=ca:false, openssl req -addext basicConstraints=CA:FALSE"


@dataclasses.dataclass(frozen=True)
class Doubt:
    """Why a certificate should perhaps not be trusted; ``advice`` is for where it is refused."""

    told: str
    meaning: str
    advice: str

    @property
    def warning(self) -> str:
        return printable(f"{self.told}. {self.meaning}.")

    @property
    def problem(self) -> Problem:
        return Problem(self.told, advice=self.advice)


def wanted_certificates(options: t.Mapping[str, t.Any]) -> list[Wanted]:
    """The certificates of the options, chains laid out, each under its alias. Raises Problem."""
    if options["certificates"] == []:
        return []
    items = options["certificates"] or [options]
    return [wanted for item in items for wanted in _chain_of(item, options["state"])]


def doubts_of_validity(wanted: t.Iterable[Wanted], now: dt.datetime) -> list[Doubt]:
    """About those that are not valid at this time, which has a time zone."""
    found = []
    for item in wanted:
        certificate = t.cast(Certificate, item.certificate)
        if now > certificate.not_after:
            found.append(_doubt_of_validity(item.alias, "expired on", certificate.not_after))
        elif now < certificate.not_before:
            found.append(_doubt_of_validity(item.alias, "is not valid before", certificate.not_before))
    return found


def doubts_of_authority(steps: t.Iterable[Step]) -> list[Doubt]:
    """About those that become trusted by these steps and may sign others; not about those trusted before."""
    return [
        Doubt(
            f"The certificate for alias '{step.alias}' is one of a CA (CA:TRUE), so each certificate that its"
            " key signs, for whatever host, is accepted too",
            "The stock certificates of WSO2 and openssl's self-signed ones are such; to trust one server"
            f" alone, give it a certificate that can be no CA ({_LEAF})",
            f"make one that can be no CA ({_LEAF}), or set {option('on_ca')}: warn to trust it all the same",
        )
        for step in steps
        if step.changes and step.certificate and step.certificate.is_ca
    ]


def _doubt_of_validity(alias: str, what: str, date: dt.datetime) -> Doubt:
    return Doubt(
        f"The certificate for alias '{alias}' {what} {utc_text(date)}",
        "Java accepts it once it is trusted, other clients may not",
        f"renew it, or set {option('on_expired')}: warn to trust it all the same",
    )


def _chain_of(item: t.Mapping[str, t.Any], state: str) -> list[Wanted]:
    """One certificate of the options with those that follow it in its file. Raises Problem."""
    alias = item["alias"]
    if item["content"] and item["src"]:
        raise Problem(f"Both content and src are given for alias '{alias}'", advice="give one of them")
    if item["content"]:
        content = item["content"].encode("utf-8", "surrogateescape")
    elif item["src"]:
        content = read_file(item["src"], "the certificate", SIZE_LIMIT)
    elif state == "present":
        raise Problem(f"No certificate is given for alias '{alias}'", advice="give content or src")
    else:
        return [Wanted(alias, None)]
    try:
        chain = read_certificates(content)
    except Problem as exc:
        raise Problem(
            f"The certificate for alias '{alias}' cannot be used", exc.clause, "give an X.509 certificate"
        ) from exc
    names = [alias if number == 0 else f"{alias}-{number}" for number in range(len(chain))]
    return [Wanted(name, certificate) for name, certificate in zip(names, chain)]
