# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a file replaced whole or not at all. No Ansible import.

The folder may belong to somebody who is not trusted: what is written there is made anew, never through a
symlink, and named relative to the folder as it was when the path was followed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
import typing as t

from .lock import LOCK_FILE
from .place import Place
from .read import ADVICE

# Access control list and SELinux context; the attributes beginning with "user." are kept too.
_KEPT_ATTRIBUTES = ("system.posix_acl_access", "security.selinux")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

# Why a file could not be replaced that may still be written: it is a mount, or its folder is closed.
_NOT_REPLACED = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS)
# What came back, and what to do.
_KNOWN_ERRORS = {
    errno.EBUSY: (
        "it is a separate mount point, which cannot be replaced at once",
        "mount its folder instead, or have it written in place (unsafe_writes)",
    ),
    errno.EINVAL: ("it is not a regular file", "give one"),
    errno.ENOENT: ("it does not exist", "correct the path"),
}


def has_leftover(path: str | os.PathLike[str]) -> bool:
    """Whether a killed run left something beside the file, or another one is at work. Raises OSError."""
    with Place(path) as place:
        return _exists(place, _scratch(place)) or _exists(place, LOCK_FILE)


def clear_leftover(path: str | os.PathLike[str]) -> None:
    """Remove what a killed run left beside the file, with the lock held. Raises OSError."""
    with Place(path) as place:
        _unlink(place, _scratch(place))


def replace(
    path: str | os.PathLike[str], content: bytes, backup: bool, expected: bytes, in_place: bool = False
) -> str | None:
    """Replace the content of a regular file; return the name of the copy of the old one, if wanted.

    ``expected`` is what was read of it: where it holds something else now, or is another file by the time the
    new one is written, that stays. Mode, owner, access control list, SELinux context and ``user.`` attributes
    stay, and so does a symlink to the file. With ``in_place`` a file that cannot be replaced is written where
    it is, and may then be read half written.
    Raises OSError; the file is then the old one, with nothing beside it.
    """
    try:
        return _replace(path, content, backup, expected)
    except OSError as exc:
        if not in_place or exc.errno not in _NOT_REPLACED:
            raise
    return _overwrite(path, content, backup, expected)


def _replace(path: str | os.PathLike[str], content: bytes, backup: bool, expected: bytes) -> str | None:
    with Place(path) as place, _opened(place) as old:
        place.check_links(os.fstat(old).st_uid)
        _demand_content(old, expected)
        copy = None
        try:
            if backup:
                copy = _keep_copy(place, old, expected)
            _write_scratch(place, content, old)
            _demand_same(place, old)
            _rename(place, place.name)
        except BaseException:
            _unlink(place, _scratch(place))
            if copy is not None:
                _unlink(place, copy)
            raise
        _flush_folder(place)
        return copy and os.path.join(os.path.dirname(place.path), copy)


def _overwrite(path: str | os.PathLike[str], content: bytes, backup: bool, expected: bytes) -> str | None:
    with Place(path) as place, _opened(place) as old:
        place.check_links(os.fstat(old).st_uid)
        _demand_content(old, expected)
        copy = _keep_copy(place, old, expected) if backup else None
        handle = place.open(os.O_WRONLY)
        try:
            if not os.path.samestat(os.fstat(handle), os.fstat(old)):
                raise _changed()
            _fill_or_restore(handle, content, expected)
        finally:
            os.close(handle)
        return copy and os.path.join(os.path.dirname(place.path), copy)


def _fill_or_restore(handle: int, content: bytes, before: bytes) -> None:
    try:
        _fill(handle, content)
    except OSError:
        with contextlib.suppress(OSError):
            _fill(handle, before)
        raise


def _fill(handle: int, content: bytes) -> None:
    """Give a file this content, and no other."""
    written = 0
    while written < len(content):
        written += os.pwrite(handle, content[written:], written)
    os.ftruncate(handle, len(content))
    os.fsync(handle)


def make(path: str | os.PathLike[str], content: bytes) -> None:
    """Make a file that is not there yet, with the mode that the umask leaves. Raises OSError."""
    with Place(path) as place:
        place.check_links(os.fstat(place.folder).st_uid)
        try:
            _write_scratch(place, content, None)
            if place.status() is not None:
                raise _changed()
            _rename(place, place.name)
        except BaseException:
            _unlink(place, _scratch(place))
            raise
        _flush_folder(place)


def os_error_advice(exc: OSError) -> tuple[str, str]:
    """Why a file could not be replaced, and what to do."""
    number = exc.errno or 0
    if number in _KNOWN_ERRORS:
        return _KNOWN_ERRORS[number]
    return str(exc.strerror or exc), ADVICE.get(number, "check its folder and the disk")


@contextlib.contextmanager
def _opened(place: Place) -> t.Iterator[int]:
    """A regular file, open for reading; its file descriptor."""
    found = place.status()
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    handle = place.open(os.O_RDONLY)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        yield handle
    finally:
        os.close(handle)


def _keep_copy(place: Place, old: int, content: bytes) -> str:
    """A copy of the old file beside it, with its time; its name."""
    _write_scratch(place, content, old, keep_time=True)
    copy = f"{place.name}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
    _rename(place, copy)
    return copy


def _write_scratch(place: Place, content: bytes, like: int | None, keep_time: bool = False) -> None:
    """Write the content under the scratch name, with all else that the file ``like`` has."""
    _unlink(place, _scratch(place))
    handle = os.open(_scratch(place), _NEW, 0o600, dir_fd=place.folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        if like is None:
            os.fchmod(handle, 0o666 & ~_umask())
        else:
            _take_after(handle, like, keep_time)
        os.fsync(handle)


def _take_after(handle: int, like: int, keep_time: bool) -> None:
    old, new = os.fstat(like), os.fstat(handle)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    _copy_attributes(like, handle)
    os.fchmod(handle, stat.S_IMODE(old.st_mode))
    if keep_time:
        os.utime(handle, ns=(old.st_atime_ns, old.st_mtime_ns))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _demand_content(handle: int, expected: bytes) -> None:
    with open(handle, "rb", closefd=False) as file:
        if file.read(len(expected) + 1) != expected:
            raise _changed()


def _demand_same(place: Place, handle: int) -> None:
    now, then = place.status(), os.fstat(handle)
    if now is None or _identity(now) != _identity(then):
        raise _changed()


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Which file it is, and which of its contents: a write sets the change time, which nobody can forge."""
    return status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns


def _changed() -> OSError:
    return OSError(errno.ESTALE, "another process changed it at the same time")


def _scratch(place: Place) -> str:
    """One name for each file, so that a killed run's leftover is known."""
    return f".carbonops-{place.name}"


def _exists(place: Place, name: str) -> bool:
    try:
        os.stat(name, dir_fd=place.folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _unlink(place: Place, name: str) -> None:
    """Where there is none, a folder that cannot be written to is no obstacle."""
    if _exists(place, name):
        os.unlink(name, dir_fd=place.folder)


def _rename(place: Place, name: str) -> None:
    os.rename(_scratch(place), name, src_dir_fd=place.folder, dst_dir_fd=place.folder)


def _flush_folder(place: Place) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=place.folder)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _copy_attributes(source: int, handle: int) -> None:
    new = _attributes(handle)
    for name, value in _attributes(source).items():
        if new.get(name) != value:
            os.setxattr(handle, name, value)


def _attributes(file: int) -> dict[str, bytes]:
    try:
        names = os.listxattr(file)
    except OSError as exc:
        if exc.errno == errno.EOPNOTSUPP:  # a file system without any
            return {}
        raise
    return {
        name: os.getxattr(file, name)
        for name in names
        if name in _KEPT_ATTRIBUTES or name.startswith("user.")
    }
