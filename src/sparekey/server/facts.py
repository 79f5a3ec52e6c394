"""container.json: what must outlive the ledger, which may be lost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from sparekey.core.timing import LONGEST_TTL
from sparekey.json import UNREADABLE
from sparekey.trust.files import read_bounded

LARGEST_FACTS = 64 * 1024
"""Bytes of the file at most (T6)."""


class Facts(msgspec.Struct):
    """`longest_ttl` is in seconds (S4); `last_block` is the block of fencing numbers that was opened last (S3)."""

    name: str
    id: str
    longest_ttl: Annotated[float, Meta(ge=0, le=LONGEST_TTL)] = 0.0
    last_block: Annotated[int, Meta(ge=0)] = 0

    def __bytes__(self) -> bytes:
        return msgspec.json.encode(self) + b"\n"

    @classmethod
    def load(cls, path: Path) -> Facts:
        """Read the file; raise ValueError where it is not what was written, or OSError."""
        try:
            return _FACTS.decode(read_bounded(path, LARGEST_FACTS))
        except UNREADABLE as error:
            raise ValueError(f"{path} is not what `sparekey server init` wrote: {error}") from None


_FACTS = msgspec.json.Decoder(Facts)
