"""What a vendor has issued: `issued.jsonl` in the vendor's folder, a line each, so that no number is given twice."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import msgspec

from sparekey.host import sync_folder
from sparekey.json import UNREADABLE


class IssuedError(ValueError):
    """The ledger cannot be read; the text says where."""


class Issued(msgspec.Struct, frozen=True):
    """One license as it was issued, at this Unix time, for the container with this thumbprint (None for a demo)."""

    serial: str
    issued: int
    product: str
    container: str | None


_RECORD = msgspec.json.Decoder(Issued)
_OWN_NUMBER = re.compile(r"1-([0-9]{4,9})")


def read_issued(path: Path) -> tuple[Issued, ...]:
    """All that was issued, oldest first; raise IssuedError for a line that is no record."""
    return tuple(_record(path, number, line) for number, line in enumerate(_complete(path).splitlines(), start=1))


def append_issued(path: Path, records: Iterable[Issued]) -> None:
    """Add records, synced."""
    kept = _complete(path)
    line_end = b"\n" if kept and not kept.endswith(b"\n") else b""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
        file.truncate(len(kept))
        file.seek(len(kept))
        file.write(line_end + b"".join(msgspec.json.encode(record) + b"\n" for record in records))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def free_serials(used: Iterable[str]) -> Iterator[str]:
    """The numbers 1-0001, 1-0002 ... above the highest of this form that is used."""
    own = [int(match[1]) for serial in used if (match := _OWN_NUMBER.fullmatch(serial))]
    return (f"1-{number:04}" for number in count(max(own, default=0) + 1))


def _complete(path: Path) -> bytes:
    """The lines that were written whole. What follows is of a run that died before it gave anything away; unless it is
    a record: an editor left out the last line end."""
    data = path.read_bytes() if path.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    with suppress(*UNREADABLE):
        _RECORD.decode(data[len(whole) :])
        return data
    return whole


def _record(path: Path, number: int, line: bytes) -> Issued:
    try:
        return _RECORD.decode(line)
    except UNREADABLE as error:
        raise IssuedError(
            f"{path}, line {number}: this is no record of an issued license: {error}; restore the file from a backup"
        ) from None
