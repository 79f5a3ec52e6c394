"""Real answers of a license server, for floors to give again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from plant import Answer, Client, Seeker

_OWN: Final = frozenset({"date", "server"})
"""What every server says by itself."""


class Recorded(msgspec.Struct, frozen=True):
    """An answer as it was given: status, headers and body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Recording(msgspec.Struct, frozen=True):
    """One answer of each of the three calls."""

    take: Recorded
    renewal: Recorded
    release: Recorded


def record(location: str, serial: str) -> Recording:
    """Take, renew and release one seat."""
    seeker = Seeker(serial)
    with Client(location) as client:
        return Recording(
            _recorded(seeker.take(client)), _recorded(seeker.renew(client)), _recorded(seeker.release(client))
        )


def save(path: Path, recording: Recording) -> Path:
    path.write_bytes(msgspec.msgpack.encode(recording))
    return path


def load(path: Path) -> Recording:
    return msgspec.msgpack.decode(path.read_bytes(), type=Recording)


def _recorded(answer: Answer) -> Recorded:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items() if name not in _OWN]
    return Recorded(answer.status, headers, answer.content)
