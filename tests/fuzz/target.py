"""A parser under fire: what good input looks like, and what must hold for any."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

NESTED = (b"[" * 3000, b'{"a":' * 3000, b'{"x":' + b"[" * 3000)
JSON = (b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"true", b"-1", b"1e400", b"9" * 400, b"\\ud800", b"\\u0000")
BYTES = (b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\r", b"\r\n", b"\n\n", b"\xc3", b"\xed\xa0\x80", b" " * 70)
WORDS = (*BYTES, *JSON, *NESTED)
"""What has upset parsers before."""
ANY_SAMPLE, ANY_WORD = 200, 160
"""Bytes above which a recipe begins with nothing, and puts a byte rather than a word."""
REMOVED = (0, 1, 0, 1, 4, 20, 10_000)


@dataclass(frozen=True, slots=True)
class Target:
    """`check` returns where all is well and raises anything else; `samples` are good input, `words` parts of such."""

    name: str
    check: Callable[[bytes], None]
    samples: tuple[bytes, ...]
    words: tuple[bytes, ...] = WORDS

    @property
    def inputs(self) -> st.SearchStrategy[bytes]:
        """Good input with changes, words in any order, and any bytes."""
        return st.one_of(st.binary(max_size=41).map(self.cooked), st.binary(max_size=300))

    def cooked(self, recipe: bytes) -> bytes:
        """Make input by a recipe: its first byte chooses what to begin with, four bytes each what is put where instead
        of how much. So it is drawn at once, and a shorter recipe is a simpler input."""
        start = recipe[0] if recipe else 0
        data = b"" if start > ANY_SAMPLE else self.samples[start % len(self.samples)]
        words = (*self.words, *WORDS)
        for at in range(1, len(recipe) - 3, 4):
            place, removed, piece = int.from_bytes(recipe[at : at + 2]), recipe[at + 2], recipe[at + 3]
            begin = place % (len(data) + 1)
            put = words[piece % len(words)] if removed < ANY_WORD else bytes([piece])
            data = data[:begin] + put + data[begin + REMOVED[removed % len(REMOVED)] :]
        return data


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return tempfile.TemporaryDirectory(prefix="sparekey-fuzz-", dir=memory if os.access(memory, os.W_OK) else None)


def folder(name: str) -> Path:
    """A folder for what a target has on the disk, removed at the end."""
    path = Path(_scratch().name) / name
    path.mkdir(exist_ok=True)
    return path


def told(error: Exception) -> str:
    """What an error tells people; every one tells something."""
    text = str(error)
    assert text.strip()
    return text


def written(data: bytes) -> Path:
    """A file with this content."""
    path = Path(_scratch().name) / "input"
    path.write_bytes(data)
    return path
