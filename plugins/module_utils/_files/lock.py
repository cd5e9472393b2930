# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one run at a time in one folder. No Ansible import."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
import typing as t

from .place import Place

LOCK_FILE = ".carbonops.lock"
# A network file system may not lock files.
_CANNOT_LOCK = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP)
_CANNOT_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS)
_POLL_SECONDS = 0.05


@contextlib.contextmanager
def only_run_in(folder: str | os.PathLike[str], seconds: float) -> t.Iterator[None]:
    """Hold a lock that whoever may write to the folder can take, and nobody else.

    flock(2) asks for no more than an open file, so whoever may read the folder, or a file in it, could lock
    that. The lock is on a file of its own, which only those can open who could change the folder as well, and
    which is gone afterwards. A killed run's stays without a lock on it, and goes with the next run.
    Where the folder cannot be written to, or its file system cannot lock, this does without.
    Raises OSError; ETIMEDOUT after these seconds of another run.
    """
    with Place(os.path.join(folder, LOCK_FILE), follow=False) as place:
        handle = _acquire(place, seconds)
        try:
            yield
        finally:
            if handle is not None:
                _release(place, handle)


def _acquire(place: Place, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            handle = _open(place)
        except OSError as exc:
            if exc.errno in _CANNOT_WRITE:
                return None
            raise
        if handle is not None:
            if _locked(handle) and _is_in_place(place, handle):
                return handle
            os.close(handle)
        if time.monotonic() > deadline:
            raise OSError(errno.ETIMEDOUT, f"another run has been there for {seconds:g} s")
        time.sleep(_POLL_SECONDS)


def _open(place: Place) -> int | None:
    """The lock file, made if there is none; None where it is another user's, or was just removed."""
    try:
        handle = place.open(os.O_RDWR | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        try:
            return place.open(os.O_RDWR)
        except (FileNotFoundError, PermissionError):
            return None
    _give_to_writers(handle, os.fstat(place.folder))
    return handle


def _give_to_writers(handle: int, folder: os.stat_result) -> None:
    """Let those open the file who may write to its folder: a run as root, and one as the folder's owner."""
    for user, group in ((folder.st_uid, -1), (-1, folder.st_gid)):
        with contextlib.suppress(PermissionError):
            os.fchown(handle, user, group)
    writers = folder.st_mode & (stat.S_IWUSR | stat.S_IWOTH)
    if os.fstat(handle).st_gid == folder.st_gid:
        writers |= folder.st_mode & stat.S_IWGRP
    os.fchmod(handle, 0o600 | writers | writers << 1)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as exc:
        if exc.errno not in _CANNOT_LOCK:
            raise
    return True


def _is_in_place(place: Place, handle: int) -> bool:
    """Whether it still is the file of that name, which the run that had the lock removed at its end."""
    found = place.status()
    return found is not None and os.path.samestat(found, os.fstat(handle))


def _release(place: Place, handle: int) -> None:
    with contextlib.suppress(OSError):
        if _is_in_place(place, handle):
            os.unlink(place.name, dir_fd=place.folder)
    os.close(handle)
