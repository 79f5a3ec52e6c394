"""What the operating system decides: the clock that counts suspend, locks, durable files, children. Linux first."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import os
import secrets
import signal
import stat
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

boot_clock: Final[Callable[[], float]] = functools.partial(
    time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
)
"""Seconds of the clock that goes on during suspend and is never set (S1). A partial is the cheapest call of it."""

_PR_SET_PDEATHSIG = 1


def tied_to_parent() -> Callable[[], None]:
    """Return a `preexec_fn` that has the child killed when this process dies; see prctl(2), PR_SET_PDEATHSIG.

    The kernel counts the death of the *thread* that starts the child, so start it in one that lasts.
    """
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def tie() -> None:
        if prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the child cannot be tied to its parent (prctl)")
        if os.getppid() != parent:  # it died before the tie: nobody would be told
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


class Locked(Exception):
    """Another lock of this file is held, by this process or another."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is locked by a running process")
        self.path = path


class Lock:
    """An exclusive lock of a file, held until it is released or the process ends, in whatever way (S5).

    It is a flock(2), which a forked child shares: so a child closes its copy, and neither keeps the lock alive nor
    releases it for its parent. The file stays for ever, since a deleted one could be locked twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        this = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: lock._close() if (lock := this()) else None)

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def acquire(self) -> None:
        """Lock the file, made where missing, without waiting; raise Locked or OSError."""
        if self.held:
            raise Locked(self.path)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._close()
            if isinstance(error, BlockingIOError):
                raise Locked(self.path) from None
            raise

    def release(self) -> None:
        """Unlock the file; no fault where it is not held."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    __del__ = _close


def is_locked(path: Path) -> bool:
    """Whether a running process has this file locked. Only looks, and so beside others that look; raise OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held(lock: Lock, patience: float) -> Iterator[None]:
    """Hold a lock that others hold for a moment only; raise Locked where it is not to be had in `patience` seconds."""
    until = boot_clock() + patience
    while not lock.held:
        try:
            lock.acquire()
        except Locked:
            if boot_clock() > until:
                raise
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.release()


def read_at_most(path: Path, size: int) -> bytes:
    """The first `size` bytes of a file. Raise OSError that names it and says what to do, also for a folder, a pipe or a
    device: no reader must wait for a writer that never comes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _check_regular(os.fstat(descriptor).st_mode)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(size)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, _READ_CURES.get(error.errno or 0, error.strerror), str(path)) from None


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "")
    if not stat.S_ISREG(mode):
        raise OSError(errno.ENXIO, "")


_READ_CURES: Final = {
    errno.EACCES: "permission denied; let this user read it, and enter the folders above it",
    errno.EISDIR: "it is a folder; name the file in it",
    errno.ENXIO: "it is a pipe or a device; save what it has in a file, and name that",
}


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600, sync: bool = True) -> None:
    """Put `data` in the place of the file: a reader sees the old or the new one, also after a power cut if `sync`.

    A link stays and its target is replaced; a folder, a pipe or a device is not. Nothing is left behind when this fails
    with OSError, which names the file.
    """
    target = Path(os.path.realpath(path))
    with _written_beside(target, data, mode, sync=sync) as written:
        written.replace(target)
    if sync:
        sync_folder(target.parent)


def create_exclusively(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Make the file, whole and synced, unless there is one: then raise FileExistsError."""
    with _written_beside(path, data, mode, sync=True) as written:
        path.hardlink_to(written)
    sync_folder(path.parent)


@contextmanager
def _written_beside(path: Path, data: bytes, mode: int, *, sync: bool) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.exists():
            _check_regular(path.stat().st_mode)  # root could put a file in the place of /dev/null
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        yield temporary
    except OSError as error:
        raise OSError(error.errno, _WRITE_CURES.get(error.errno or 0, error.strerror), str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)


_WRITE_CURES: Final = {
    errno.EISDIR: "it is a folder; name a file in it",
    errno.ENOENT: "its folder is not there; make it, or name another file to write",
    errno.ENXIO: "it is a pipe or a device, and stays one; name a file to write",
}


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that were killed left half-written; only where no other process writes."""
    for temporary in folder.glob(".*.tmp"):
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make durable which files the folder has."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
