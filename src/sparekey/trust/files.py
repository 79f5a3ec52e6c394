"""Files from outside, read within bounds (T6)."""

from __future__ import annotations

from pathlib import Path

from sparekey.trust.error import TrustError


def read_bounded(path: Path, largest: int) -> bytes:
    """Read a file of at most `largest` bytes; raise TrustError, or OSError where it cannot be read."""
    with path.open("rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise TrustError(f"it is larger than {largest // 1024} KiB, which none of its kind is")
    return data
