"""What disks, power cuts and people do to a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

NOISE: Final = bytes(range(128, 256)) * 4
DAMAGE: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "empty": lambda good: b"",
    "cut": lambda good: good[: len(good) // 2],
    "zeros": lambda good: bytes(len(good)),
    "noise": lambda good: NOISE,
    "tail": lambda good: good + b"}x",
    "deep": lambda good: b'{"x":' + b"[" * 5000,
    "huge": lambda good: good + b" " * 2_000_000,
}
"""What becomes of a small JSON file that was good."""


@contextmanager
def no_longer_root() -> Iterator[None]:
    """Root may read and write everywhere: be somebody else meanwhile."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
