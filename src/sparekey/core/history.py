"""What a container knows of its own past: fencing numbers, and whether its ledger was lost or rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparekey.core.moment import Moment

FENCES_A_SECOND = 2**20
LARGEST_BLOCK = 2**32
"""No run gives more numbers than this."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a lease token of this container says, its signature proven; a holder shows it to get its seat back (S4)."""

    lease: str
    serial: str
    system: str
    application: str
    fence: int
    block: int
    ttl: float


class History:
    """The blocks of fencing numbers that this ledger has seen opened, each with the last number given in it (S3).

    A start opens a new block, above all that the ledger knows and above the wall clock. Numbers are given more slowly
    than that clock goes, so it is above all that was ever given, also where the whole state folder was put back from a
    copy; only where it was set back, to before `last_block`, all that may have been given in that block is left out. So
    numbers grow even over a ledger that was lost and a clock that was set back, and no block is opened twice. A token
    from elsewhere proves that the ledger is older than what was done with it (S4).
    """

    def __init__(self, blocks: Mapping[int, int], highest: int, at: Moment, *, last_block: int = 0) -> None:
        clock = int(at.wall * FENCES_A_SECOND)
        known = max([highest, *blocks, *blocks.values(), last_block + LARGEST_BLOCK if last_block >= clock else 0])
        self.block = max(known, clock) + 1
        self._last = {**blocks, self.block: self.block}

    def next_fence(self) -> int:
        self._last[self.block] += 1
        return self._last[self.block]

    def knows(self, shown: Shown) -> bool:
        """Whether this ledger saw the token's number given."""
        return shown.fence <= self._last.get(shown.block, -1)


class Recovery:
    """The time after a start in which holders that the ledger does not know may still believe in their seats (S4).

    Every token from before the start is dead one longest ttl after it, so the time counts from the start, and an old
    token that is shown for ever cannot prolong it. `longest` is in seconds.
    """

    def __init__(self, started: float, longest: float, *, ledger_lost: bool) -> None:
        self._started = started
        self._longest = longest
        self._lost = ledger_lost
        self.rolled_back = False
        """Whether a holder has shown that the ledger is older than what was done with it."""

    def ledger_is_behind(self, shown: Shown) -> None:
        """A token turned up that this ledger never gave."""
        self._longest = max(self._longest, shown.ttl)
        self.rolled_back = not self._lost

    @property
    def behind(self) -> bool:
        """Whether the ledger is behind what was done with it, as far as is known."""
        return self._lost or self.rolled_back

    def remaining(self, now: float) -> float:
        """For how many seconds more nothing new is granted; 0 in ordinary life."""
        return max(0.0, self._started + self._longest - now) if self.behind else 0.0
