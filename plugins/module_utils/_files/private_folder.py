# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a folder for programs that work by path. No Ansible import."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import shutil
import tempfile
import typing as t

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PREFIX = "carbonops-work-"


@dataclasses.dataclass(frozen=True)
class PrivateFolder:
    """``lock`` is a file descriptor; who inherits it keeps the folder from being cleared away."""

    path: str
    lock: int

    def file(self, name: str) -> str:
        """The path of a file in it."""
        return os.path.join(self.path, name)

    def write(self, name: str, content: bytes) -> None:
        """Make a file in it that nobody else may read. Raises OSError."""
        handle = os.open(self.file(name), _NEW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)


@contextlib.contextmanager
def private_folder() -> t.Iterator[PrivateFolder]:
    """A folder below the one for temporary files which only whoever runs this may enter; gone afterwards.

    A killed run's stays until the next run of the same user, or longer if a program that it started still
    works there. Raises OSError.
    """
    _clear_abandoned()
    folder = _make()
    try:
        yield folder
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)
        os.close(folder.lock)


def _make() -> PrivateFolder:
    while True:
        path = tempfile.mkdtemp(prefix=_PREFIX)  # 0700
        lock = _lock(path)
        if lock is not None:
            return PrivateFolder(path, lock)


def _clear_abandoned() -> None:
    """By their beginning, their owner, and that nobody has their lock."""
    for entry in os.scandir(tempfile.gettempdir()):
        if not entry.name.startswith(_PREFIX):
            continue
        with contextlib.suppress(OSError):
            lock = _lock(entry.path)
            if lock is not None:
                shutil.rmtree(entry.path, ignore_errors=True)
                os.close(lock)


def _lock(path: str) -> int | None:
    """The lock of one's own folder; None where another run has it, or just cleared the folder away."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(handle)
        if status.st_nlink and status.st_uid == os.geteuid():
            return handle
    except BlockingIOError:
        pass
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None
