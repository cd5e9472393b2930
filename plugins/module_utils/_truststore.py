# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: trusted certificates in a Java truststore: pure plans, and the one way to carry them out."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import shutil
import typing as t
from pathlib import Path

from ._carbon_home import Store
from ._certificate import Certificate
from ._keytool import Keytool, KeytoolError, StoreEntry

_COPY_PREFIX = ".carbonops-"


class TrustRefused(Exception):
    """The store must not be changed as asked; the text is one sentence."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A certificate under an alias; without a certificate (removal only) whatever the alias holds is meant."""

    alias: str
    certificate: Certificate | None


@dataclasses.dataclass(frozen=True)
class Step:
    """What happens to one alias: ``action`` is added, replaced, removed, unchanged or kept; ``alias`` is where the certificate is."""

    action: str
    alias: str
    certificate: Certificate | None
    before: Certificate | None

    @property
    def changes(self) -> bool:
        return self.action in ("added", "replaced", "removed")


def plan_present(existing: t.Sequence[StoreEntry], wanted: t.Sequence[Wanted], on_conflict: str) -> list[Step]:
    """Trust each certificate under its alias. One that is trusted under another alias already stays there alone."""
    by_alias = {entry.alias.lower(): entry for entry in existing}
    planned = _one_certificate_each(wanted)
    by_fingerprint = {
        entry.certificate.sha256: entry.alias
        for entry in existing
        if entry.kind == "trusted_certificate" and entry.certificate and planned.get(entry.alias.lower(), entry.certificate) == entry.certificate
    }
    steps = []
    for item in wanted:
        certificate = t.cast(Certificate, item.certificate)
        entry = by_alias.get(item.alias.lower())
        if entry is None:
            held_as = by_fingerprint.get(certificate.sha256)
            if held_as is not None:
                steps.append(Step("unchanged", held_as, certificate, certificate))
                continue
            steps.append(Step("added", item.alias, certificate, None))
        else:
            current = _trusted(entry)
            if current.sha256 == certificate.sha256:
                steps.append(Step("unchanged", entry.alias, certificate, current))
                continue
            if on_conflict == "fail":
                raise TrustRefused(f"Alias '{entry.alias}' holds another certificate (SHA-256 {current.sha256}); use another alias, or on_conflict: replace.")
            steps.append(Step("replaced", entry.alias, certificate, current))
        by_alias[item.alias.lower()] = StoreEntry(item.alias, "trusted_certificate", certificate)
        by_fingerprint[certificate.sha256] = item.alias
    return steps


def plan_absent(existing: t.Sequence[StoreEntry], wanted: t.Sequence[Wanted]) -> list[Step]:
    """Remove each alias; where a certificate is given too, only if the alias holds just that one."""
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


def _one_certificate_each(wanted: t.Sequence[Wanted]) -> dict[str, Certificate | None]:
    """Lower-case alias -> its certificate; refused where two are wanted under one alias."""
    planned: dict[str, Certificate | None] = {}
    for item in wanted:
        if planned.setdefault(item.alias.lower(), item.certificate) != item.certificate:
            raise TrustRefused(f"Two different certificates are given for alias '{item.alias}'; give each an alias of its own.")
    return planned


def _trusted(entry: StoreEntry) -> Certificate:
    if entry.kind != "trusted_certificate" or entry.certificate is None:
        raise TrustRefused(f"Alias '{entry.alias}' holds a {entry.kind.replace('_', ' ')}, which is never replaced or removed; use another alias.")
    return entry.certificate


def change_store(keytool: Keytool, store: Store, plan: t.Callable[[], list[Step]], put_in_place: t.Callable[[Path], None]) -> list[Step]:
    """Carry out the plan on a copy beside the store, read the copy back, and put it in place.

    One run at a time for each folder; a copy left by a run that was cut off is cleared away.
    """
    folder = store.path.resolve().parent
    copy = folder / f"{_COPY_PREFIX}{store.path.name}"
    with _only_run_in(folder):
        steps = plan()
        changing = [step for step in steps if step.changes]
        if not changing:
            return steps
        try:
            shutil.copy2(store.path, copy)
            trusted = {step.alias: step.certificate for step in changing if step.certificate}
            if trusted:
                keytool.trust(copy, store.password, trusted)
            for step in changing:
                if step.action == "removed":
                    keytool.delete(copy, store.password, step.alias)
            _check_copy(keytool.entries(copy, store.password), changing, store.path)
            put_in_place(copy)
        except KeytoolError as exc:
            raise KeytoolError(str(exc).replace(str(copy), str(store.path))) from exc
        except OSError as exc:
            raise KeytoolError(f"Writing the store {store.path} failed: {exc.strerror or exc}; nothing was changed.") from exc
        finally:
            with contextlib.suppress(FileNotFoundError):
                copy.unlink()
    return steps


@contextlib.contextmanager
def _only_run_in(folder: Path) -> t.Iterator[None]:
    """Hold a lock on the folder itself, which leaves no file behind."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as exc:
        raise KeytoolError(f"Opening the folder {folder} failed: {exc.strerror}; check the path and its permissions.") from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _check_copy(entries: t.Sequence[StoreEntry], steps: t.Sequence[Step], path: Path) -> None:
    held = {entry.alias.lower(): entry for entry in entries}
    for step in steps:
        entry = held.get(step.alias.lower())
        is_there = entry is not None and entry.certificate is not None and step.certificate is not None and entry.certificate.sha256 == step.certificate.sha256
        if (step.certificate is None and entry is not None) or (step.certificate is not None and not is_there):
            raise KeytoolError(f"Writing the store {path} failed: alias '{step.alias}' did not come out as planned; the store was left as it was.")
