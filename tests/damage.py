"""What disks, power cuts and people do to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

NOISE: Final = bytes(range(255, -1, -1))
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
