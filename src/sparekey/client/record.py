"""Small files of the state folder, one JSON object each: so one that was cut, emptied or lengthened is seen."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from sparekey import host
from sparekey.json import UNREADABLE

logger: Final = logging.getLogger("sparekey")
LARGEST_RECORD: Final = 1_048_576
"""Bytes of a record at most (T6)."""

Record = TypeVar("Record", bound=msgspec.Struct)


class Damaged(ValueError):
    """A file that is not what was written; the text says in what way."""


def read(path: Path, kind: type[Record]) -> Record | None:
    """The record; None where there is none. Raise Damaged, or OSError where it cannot be read."""
    try:
        data = host.read_at_most(path, LARGEST_RECORD + 1)
    except FileNotFoundError:
        return None
    if len(data) > LARGEST_RECORD:
        raise Damaged(f"longer than {LARGEST_RECORD} bytes")
    try:
        return msgspec.json.decode(data, type=kind)
    except UNREADABLE as error:
        raise Damaged(str(error) if data else "empty") from None


def recover(path: Path, kind: type[Record]) -> Record | None:
    """The record; None where there is none or it is damaged. A damaged one is moved aside, with a warning."""
    try:
        return read(path, kind)
    except Damaged as damage:
        set_aside(path, damage)
        return None


def set_aside(path: Path, damage: ValueError) -> None:
    """Keep a damaged record under another name, with a warning; raise OSError."""
    aside = path.with_name(f"{path.name}.damaged")
    logger.warning("%s is damaged (%s): it is made anew, the old one is kept as %s", path, damage, aside.name)
    path.replace(aside)


def encode(content: msgspec.Struct | Mapping[str, object]) -> bytes:
    """The content of a record, a line of JSON."""
    return msgspec.json.encode(content) + b"\n"


def write(path: Path, content: msgspec.Struct, *, mode: int = 0o644) -> None:
    """Put the record in the place of the file, synced; raise OSError."""
    host.write_atomically(path, encode(content), mode=mode)
