"""A wall clock of one's own for a process, by libfaketime; the clock since boot is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1")


@dataclass(frozen=True, slots=True)
class WallClock:
    """`env` makes a process live by it; `set` is heard at once. Its file says how far it is off."""

    file: Path
    library: Path

    @classmethod
    def right(cls, file: Path) -> WallClock:
        """A clock that shows the right time so far; the test is skipped where there is no libfaketime."""
        found = [path for place in _PLACES for path in Path("/").glob(place.lstrip("/"))]
        if not found:
            pytest.skip("libfaketime is not installed (package faketime)")
        clock = cls(file, found[0])
        clock.set("+0")
        return clock

    @property
    def env(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, offset: str) -> None:
        """Set it so far from the right time: `+10y`, `-3d`, `+90m`, or seconds."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{offset}\n")
        fresh.replace(self.file)
