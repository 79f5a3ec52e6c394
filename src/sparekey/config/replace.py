"""Replacing a file at once, so that a reader sees the old one or the new one (R5)."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sparekey.host import sync_folder

PATIENCE = 10.0
"""Seconds that one edit waits for another."""

IMMOVABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
"""A folder or an owner that is not ours, or a mount point, as a container's License.ini often is."""


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Keep other edits of a file away; raise TimeoutError where one does not end.

    What is locked is its folder, since the file may be replaced by another; then the file, since it may have a name in
    another folder too, by a hard link or a mount. So no lock file is left behind.
    """
    with ExitStack() as descriptors:
        for path in (target.parent, target):
            if path.exists():
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                descriptors.callback(os.close, descriptor)
                _lock(descriptor)
        yield


def replace(target: Path, data: bytes) -> None:
    """Write a file whole, synced; mode, owner and links stay. Raise OSError, and then it is as it was.

    Under its lock only. Where another file cannot take its place, it is written in place.
    """
    before = target.stat() if target.exists() else None
    if before is not None and before.st_nlink > 1:
        _overwrite(target, data)
        return
    try:
        _swap(target, data, before)
    except OSError as error:
        if before is None or error.errno not in IMMOVABLE:
            raise
        _overwrite(target, data)


def _lock(descriptor: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another edit has not ended") from None
            time.sleep(0.02)
        else:
            return


def _swap(target: Path, data: bytes, before: os.stat_result | None) -> None:
    """Write beside the target and rename; the owner is set before the mode, which that would change."""
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)  # left by a crash: the lock says that nobody is at it
    try:
        mode = 0o666 if before is None else 0o600
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            file.write(data)
            file.flush()
            if before is not None:
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
                shutil.copystat(target, beside)
                os.utime(beside)
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _overwrite(target: Path, data: bytes) -> None:
    """Write in place; what was there is put back where the disk takes no more."""
    with target.open("r+b", buffering=0) as file:
        old = file.read()
        try:
            _fill(file.fileno(), data)
        except OSError:
            _fill(file.fileno(), old)
            raise


def _fill(descriptor: int, data: bytes) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, data[written:], written)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)
