# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: trusted certificates in a Java truststore: pure plans, and the one way to carry
them out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import typing as t
from pathlib import Path

from .._files.lock import only_run_in
from .._files.replace import flush, os_error_advice, replace, scratch
from .._problem import Problem
from .certificate import Certificate
from .keytool import Keytool, StoreEntry, import_source
from .store import Store, check_store

_LOCK_TIMEOUT = 300  # seconds
# What keytool takes for an option of its own, or does not list as it is (measured on JDK 17).
_UNUSABLE_ALIAS = re.compile(r"\A-|\A\Z|[\x00-\x1f\x7f\ud800-\udfff]")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A certificate under an alias; without a certificate (removal only) whatever the alias holds
    is meant."""

    alias: str
    certificate: Certificate | None


@dataclasses.dataclass(frozen=True)
class Step:
    """What happens to one alias:

    ``action`` is added, replaced, removed, unchanged or kept; ``alias`` is where the certificate is.
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
    """Trust each certificate under its alias.

    One that is trusted under another alias already stays there alone.
    """
    _refuse_unusable_aliases(wanted)
    by_alias = {entry.alias.lower(): entry for entry in existing}
    planned = _one_certificate_each(wanted)
    by_fingerprint = {
        entry.certificate.sha256: entry.alias
        for entry in existing
        if entry.kind == "trusted_certificate"
        and entry.certificate
        and planned.get(entry.alias.lower(), entry.certificate) == entry.certificate
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
                raise Problem(
                    f"Alias '{entry.alias}' holds another certificate (SHA-256 {current.sha256})",
                    advice="use another alias, or on_conflict: replace",
                )
            steps.append(Step("replaced", entry.alias, certificate, current))
        by_alias[item.alias.lower()] = StoreEntry(item.alias, "trusted_certificate", certificate)
        by_fingerprint[certificate.sha256] = item.alias
    return steps


def plan_absent(existing: t.Sequence[StoreEntry], wanted: t.Sequence[Wanted]) -> list[Step]:
    """Remove each alias; where a certificate is given too, only if the alias holds just that one."""
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


def change_store(
    keytool: Keytool,
    store: Store,
    create: bool,
    plan: t.Callable[[list[StoreEntry]], list[Step]],
    backup: bool = False,
) -> tuple[list[Step], str | None]:
    """Carry out the plan: one run at a time for each folder, whole or not at all. Its steps, and the old
    store's copy, if wanted.

    What a run that was cut off left there is cleared away.
    """
    old = None
    doing = f"Writing the store {store.path} failed, nothing was changed"
    check_store(store.path, store.password, create)  # before anything beside it is touched
    target = Path(os.path.realpath(store.path))
    copy = Path(scratch(str(target)))
    with _only_run_beside(target) as lock:
        # A keytool that outlives its run, because that was killed, still holds the lock.
        keytool.inherited = (lock,)
        _clear(copy)
        existing = keytool.entries(store.path, store.password, create)
        steps = plan(existing)
        if any(step.changes for step in steps):
            try:
                _write_copy(keytool, target, copy, store.password, steps)
                _check_copy(keytool, copy, store.password, expected_contents(existing, steps))
                if os.path.exists(target):
                    old = replace(str(target), copy.read_bytes(), backup)
                else:
                    flush(str(copy))
                    os.rename(copy, target)
            except Problem as exc:
                raise Problem(doing, exc.came_back or exc.doing, exc.advice) from exc
            except OSError as exc:
                raise Problem(doing, *os_error_advice(exc)) from exc
            finally:
                _clear(copy)
    return steps, old


def _write_copy(keytool: Keytool, target: Path, copy: Path, password: str, steps: t.Sequence[Step]) -> None:
    if os.path.exists(target):
        copy.touch(mode=0o600, exist_ok=False)
        shutil.copyfile(target, copy)
    trusted = {step.alias: step.certificate for step in steps if step.changes and step.certificate}
    if trusted:
        keytool.trust(copy, password, trusted)
    for step in steps:
        if step.action == "removed":
            keytool.delete(copy, password, step.alias)


def _check_copy(
    keytool: Keytool, copy: Path, password: str, expected: dict[str, tuple[str, str | None]]
) -> None:
    try:
        entries = keytool.entries(copy, password)
    except Problem as exc:
        raise Problem("what keytool wrote cannot be read", advice="check the disk and the JDK") from exc
    if expected_contents(entries, []) != expected:
        raise Problem("keytool's work did not come out as planned", advice="report it with keytool's version")


def _clear(copy: Path) -> None:
    """By exact names. Where that fails, a run without changes does without, and any other one says so when it
    makes its copy.
    """
    for file in (copy, import_source(copy)):
        with contextlib.suppress(OSError):
            file.unlink()


@contextlib.contextmanager
def _only_run_beside(target: Path) -> t.Iterator[int]:
    with contextlib.ExitStack() as held:
        try:
            lock = held.enter_context(only_run_in(target.parent, _LOCK_TIMEOUT))
        except TimeoutError as exc:
            raise Problem(
                f"Another run has been at the stores in {target.parent} for {_LOCK_TIMEOUT} s",
                advice="end it and its keytool, then run again",
            ) from exc
        except OSError as exc:
            raise Problem(
                f"Opening the folder {target.parent} failed",
                f"{exc.strerror}",
                "check the path and its permissions",
            ) from exc
        yield lock
