"""What came of the demo: measured times, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparekey.demo.scene import Happening


@dataclass(frozen=True, slots=True)
class Outcome:
    """Times in seconds; those to the spare and to the switch count from the kill."""

    unlicensed_seconds: float
    longest_gap: float
    spare_seconds: float
    switch_seconds: float
    happenings: Sequence[Happening]
    faults: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "unlicensed_seconds": round(self.unlicensed_seconds, 3),
            "spare_seconds": round(self.spare_seconds, 3),
            "switch_seconds": round(self.switch_seconds, 3),
            "events": [{"at": round(each.at, 3), "what": each.what, "serial": each.serial} for each in self.happenings],
        }

    def summary(self) -> str:
        return f"""
From the moment at which the license server was killed:
  {self.spare_seconds:.2f} s until the spare was in hand
  {self.switch_seconds:.2f} s until the application had switched to it
  {self.unlicensed_seconds:.2f} s without a license (looked at every {self.longest_gap * 1000:.0f} ms at least)
"""
