"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
READABLE = 0o644


def create_file(path: Path, data: bytes, mode: int) -> None:
    """Write a new file, synced, its mode right from the first moment (T4); raise FileExistsError where one stands."""
    with _written_beside(path, data, mode) as temporary:
        os.link(temporary, path)
    _sync_folder(path.parent)


def replace_file(path: Path, data: bytes, mode: int = READABLE) -> None:
    """Write a file, synced, in the place of the one that may stand there."""
    with _written_beside(path, data, mode) as temporary:
        temporary.replace(path)
    _sync_folder(path.parent)


def read_bounded(path: Path, largest: int) -> bytes:
    """Read at most `largest` + 1 bytes, so that the caller can see that there are too many (T6)."""
    with path.open("rb") as file:
        return file.read(largest + 1)


@contextmanager
def _written_beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
