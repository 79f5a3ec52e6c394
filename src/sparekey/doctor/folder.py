"""Whether a state folder can be written, whose it is, and how much room its disk has."""

from __future__ import annotations

import errno
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sparekey.doctor.diagnosis import Diagnosis

MEBIBYTE = 1024 * 1024
NEARLY_FULL, LOW = 16 * MEBIBYTE, 256 * MEBIBYTE
"""Bytes that are free: a fault below the first, a warning below the second."""
_MOST_FILES = 10_000
_TRIAL = bytes(4096)


@dataclass(frozen=True, slots=True)
class Folder:
    """A state folder, as it was found.

    `missing`: there is none yet. `obstacle` is the errno of a trial to write, 0 where that worked. `strangers` are
    files in it that do not belong to the folder's `owner`; `damaged` were moved aside when they could not be read.
    `free` is in bytes.
    """

    path: Path
    user: str
    owner: str
    free: int
    obstacle: int = 0
    missing: bool = False
    strangers: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


def look(path: Path) -> Folder:
    """Look at a folder, or at where it would be made; leaves nothing behind."""
    place = path
    user = _name(os.geteuid())
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        owner, free, files = place.stat().st_uid, _free(place), _files(place) if place == path else []
    except OSError as error:
        return Folder(path, user, "somebody else", LOW, error.errno or errno.EIO)
    return Folder(
        path=path,
        user=user,
        owner=_name(owner),
        free=free,
        obstacle=_obstacle(place),
        missing=place != path,
        strangers=tuple(str(file) for file in files if _owner(file) not in (owner, None)),
        damaged=tuple(str(file) for file in files if file.name.endswith(".damaged")),
    )


def judge(folder: Folder) -> Iterator[Diagnosis]:
    """Whoever runs the command should be who runs the application or the server: rights are judged for that user."""
    if folder.obstacle:
        yield Diagnosis.fault(folder.path, *_unwritable(folder))
    elif folder.strangers:
        names = ", ".join(folder.strangers[:3]) + (" and others" if len(folder.strangers) > 3 else "")
        yield Diagnosis.fault(
            folder.path,
            f"the folder belongs to {folder.owner}, but not {names}",
            f"chown -R {folder.owner}: {folder.path}",
        )
    elif folder.owner != folder.user and not folder.missing:
        yield Diagnosis.warning(
            folder.path,
            f"the folder belongs to {folder.owner}, and this is {folder.user}",
            f"sudo -u {folder.owner} sparekey doctor ...: only that shows whether {folder.owner} can use it",
        )
    else:
        yield Diagnosis.well(folder.path, "is made at the first start" if folder.missing else "can be written")
    if folder.obstacle != errno.ENOSPC:
        yield from _room(folder)
    if folder.damaged:
        yield Diagnosis.warning(
            folder.path,
            f"damaged files were put aside: {', '.join(folder.damaged[:3])}",
            "look after the disk (dmesg, smartctl); then remove them",
        )


def _unwritable(folder: Folder) -> tuple[str, str]:
    """What is wrong, and the next command."""
    reason = os.strerror(folder.obstacle)
    match folder.obstacle:
        case errno.EROFS:
            return (
                f"cannot be written: {reason}",
                f"findmnt --target {folder.path}; mount it for writing, or name another folder",
            )
        case errno.ENOSPC | errno.EDQUOT:
            return f"cannot be written: {reason}", f"df -h {folder.path}; make room on this disk"
        case errno.EACCES | errno.EPERM:
            what = f"cannot be written by {folder.user}: {reason}; it belongs to {folder.owner}"
            if folder.owner == folder.user:
                return what, f"chmod -R u+rwX {folder.path}"
            return what, f"chown -R {folder.user}: {folder.path}, or run it as {folder.owner}"
    return f"cannot be written: {reason}", f"ls -ld {folder.path}; name a folder on a local disk"


def _room(folder: Folder) -> Iterator[Diagnosis]:
    room = f"{folder.free / MEBIBYTE:.0f} MB are free"
    cure = f"df -h {folder.path}; make room on this disk"
    if folder.free < NEARLY_FULL:
        yield Diagnosis.fault(folder.path, f"the disk is nearly full: {room}", cure)
    elif folder.free < LOW:
        yield Diagnosis.warning(folder.path, f"the disk is filling up: {room}", cure)


def _obstacle(place: Path) -> int:
    """Write a file without a name, which vanishes."""
    try:
        with tempfile.TemporaryFile(dir=place) as trial:
            trial.write(_TRIAL)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _free(place: Path) -> int:
    found = os.statvfs(place)
    return 0 if found.f_files and not found.f_favail else found.f_bavail * found.f_frsize


def _files(place: Path) -> list[Path]:
    return list(islice(place.rglob("*"), _MOST_FILES)) if place.is_dir() else []


def _owner(file: Path) -> int | None:
    with suppress(OSError):
        return file.lstat().st_uid
    return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
