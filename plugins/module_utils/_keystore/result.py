# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: entries and steps as a module tells them. Pure.

Aliases come out of stores that others made, so they are told as a terminal can show them.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from .._problem import printable
from .certificate import Certificate
from .keytool import StoreEntry
from .trust import Step


def entry_result(entry: StoreEntry) -> dict[str, t.Any]:
    """One entry of a store with what its certificate says; null where it has none."""
    certificate = entry.certificate
    return {
        "alias": printable(entry.alias),
        "kind": entry.kind,
        "sha256": certificate.sha256 if certificate else None,
        "not_before": utc_text(certificate.not_before) if certificate else None,
        "not_after": utc_text(certificate.not_after) if certificate else None,
        "common_name": certificate.common_name if certificate else None,
        "names": certificate.names if certificate else None,
        "is_ca": certificate.is_ca if certificate else None,
        "pem": certificate.pem if certificate else None,
    }


def step_result(step: Step) -> dict[str, t.Any]:
    """What happens to one alias, with the certificate that it then holds, or held."""
    certificate = step.certificate or step.before
    return {
        "alias": printable(step.alias),
        "sha256": certificate.sha256 if certificate else None,
        "not_after": utc_text(certificate.not_after) if certificate else None,
        "is_ca": certificate.is_ca if certificate else None,
        "action": step.action,
    }


def difference(path: str, steps: t.Sequence[Step]) -> dict[str, str]:
    """The steps for Ansible's diff."""
    return {
        "before_header": path,
        "after_header": path,
        "before": "".join(_line(step.alias, step.before) for step in steps),
        "after": "".join(_line(step.alias, step.certificate) for step in steps),
    }


def utc_text(moment: dt.datetime) -> str:
    """ISO 8601 with a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(alias: str, certificate: Certificate | None) -> str:
    if certificate is None:
        return ""
    return f"{printable(alias)}: SHA-256 {certificate.sha256}, until {utc_text(certificate.not_after)}\n"
