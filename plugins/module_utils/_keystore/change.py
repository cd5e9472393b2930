# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a plan for a truststore carried out whole, or not at all. No Ansible import."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import typing as t
from pathlib import Path

from .._files.lock import only_run_in
from .._files.replace import clear_leftover, has_leftover, make, os_error_advice, replace
from .._problem import Problem
from .keytool import Keytool, StoreEntry
from .store import Store, read_store
from .trust import Step, expected_contents

_LOCK_TIMEOUT = 300  # seconds

Plan = t.Callable[[t.List[StoreEntry]], t.List[Step]]


@dataclasses.dataclass(frozen=True)
class _Seen:
    """A store's content, None where it is to be made, and what is to happen to it."""

    content: bytes | None
    entries: list[StoreEntry]
    steps: list[Step]

    @property
    def changes(self) -> bool:
        return any(step.changes for step in self.steps)


def change_store(
    keytool: Keytool,
    store: Store,
    create: bool,
    plan: Plan,
    *,
    backup: bool = False,
    in_place: bool = False,
) -> tuple[list[Step], str | None]:
    """Carry out the plan, one run at a time in each folder; its steps, and the old store's copy, if wanted.

    With ``in_place`` a store that cannot be replaced is written where it is.
    The store is looked at without the lock, and again with it only if another run changed it in between.
    Raises Problem; the store is then the old one.
    """
    seen = _look(keytool, store, create, plan)
    if not seen.changes:
        _tidy(store.path)
        return seen.steps, None
    with _only_run_beside(store.path):
        if read_store(store.path, store.password, create) != seen.content:
            seen = _look(keytool, store, create, plan)
        if not seen.changes:
            return seen.steps, None
        try:
            written = _written(keytool, store, seen)
        except Problem as exc:
            raise exc.during(_failure(store.path)) from exc
        return seen.steps, _put_in_place(store.path, seen.content, written, backup, in_place)


def replace_store(store: Store, before: bytes, make_new: t.Callable[[], bytes]) -> str | None:
    """Put a new content in the place of this one, and keep a copy of it, whose name is returned.

    Raises Problem; the store is then the old one.
    """
    with _only_run_beside(store.path):
        if read_store(store.path, store.password) != before:
            raise Problem(_failure(store.path), "another run has changed it meanwhile", "run again")
        try:
            written = make_new()
        except Problem as exc:
            raise exc.during(_failure(store.path)) from exc
        return _put_in_place(store.path, before, written, backup=True, in_place=False)


def _look(keytool: Keytool, store: Store, create: bool, plan: Plan) -> _Seen:
    content = read_store(store.path, store.password, create)
    entries = [] if content is None else keytool.listed(store.path, content, store.password)
    return _Seen(content, entries, plan(entries))


def _written(keytool: Keytool, store: Store, seen: _Seen) -> bytes:
    """What keytool makes of the store, read back and compared with the plan."""
    trusted = {step.alias: step.certificate for step in seen.steps if step.changes and step.certificate}
    removed = [step.alias for step in seen.steps if step.action == "removed"]
    written = keytool.changed(seen.content, store.password, trusted, removed)
    _check(keytool, store, written, seen)
    return written


def _check(keytool: Keytool, store: Store, written: bytes, seen: _Seen) -> None:
    try:
        entries = keytool.listed(store.path, written, store.password)
    except Problem as exc:
        raise Problem("what keytool wrote cannot be read", advice="check the disk and the JDK") from exc
    if expected_contents(entries, []) != expected_contents(seen.entries, seen.steps):
        raise Problem("keytool's work did not come out as planned", advice="report it with keytool's version")


def _put_in_place(
    path: Path, before: bytes | None, written: bytes, backup: bool, in_place: bool
) -> str | None:
    """The name of the old store's copy, if wanted."""
    try:
        if before is not None:
            return replace(path, written, backup, before, in_place)
        make(path, written)
    except OSError as exc:
        raise Problem(_failure(path), *os_error_advice(exc)) from exc
    return None


def _failure(path: Path) -> str:
    return f"Writing the store {path} failed, nothing was changed"


def _tidy(path: Path) -> None:
    """Clear away what a killed run left; a run without changes does without where that fails."""
    with contextlib.suppress(OSError):
        if has_leftover(path):
            with only_run_in(_folder(path), _LOCK_TIMEOUT):
                clear_leftover(path)


def _folder(path: Path) -> str:
    return os.path.dirname(os.path.realpath(path))


@contextlib.contextmanager
def _only_run_beside(path: Path) -> t.Iterator[None]:
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(only_run_in(_folder(path), _LOCK_TIMEOUT))
        except TimeoutError as exc:
            raise Problem(
                f"Another run has been at the stores in {_folder(path)} for {_LOCK_TIMEOUT} s",
                advice="end it and its keytool, then run again",
            ) from exc
        except OSError as exc:
            raise Problem(_failure(path), *os_error_advice(exc)) from exc
        yield
