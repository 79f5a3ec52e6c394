"""The time of the demo license: counted in running seconds, reserved ahead, filled up by a real license (R6)."""

from __future__ import annotations

from sparekey.core.decisions import ReserveDemo
from sparekey.core.terms import Terms

AHEAD = 10.0
"""Seconds that are written down before they are used, so that a crash wins none."""


class DemoClock:
    """`used` seconds of the demo license's time are spent or reserved, as last written down."""

    def __init__(self, terms: Terms | None, used: float) -> None:
        self.terms = terms
        self._total = float(terms.demo_seconds or 0) if terms else 0.0
        self._used = used
        self._running: tuple[float, float] | None = None
        self._asked: float | None = None
        """What was asked to be written down, while it is not yet."""

    @property
    def left(self) -> float:
        """Seconds that may still be reserved."""
        return max(0.0, self._total - self._used)

    @property
    def runs(self) -> bool:
        return self._running is not None

    @property
    def until(self) -> float:
        """To when what is reserved lasts, boot clock."""
        return self._running[0] + self._used - self._running[1] if self._running else float("-inf")

    def reserve(self, now: float) -> ReserveDemo | None:
        """The next reservation, where one is due; None while one is being written."""
        if self.left <= 0 or self._asked is not None or (self.runs and now < self.next_timer()):
            return None
        self._asked = min(self._used + AHEAD, self._total)
        return ReserveDemo(self._asked)

    def reserved(self, used: float, now: float) -> bool:
        """It is written down. A reservation begins the demo or prolongs it; what was given back does not: False."""
        if used != self._asked:
            return False
        self._asked = None
        self._running = self._running or (now, self._used)
        self._used = used
        return True

    def stop(self, now: float) -> ReserveDemo | None:
        """The demo is over, or not wanted any more: what was reserved and not used is given back."""
        if not self.runs and self._asked is None:
            return None
        if self.runs:
            self._used -= max(0.0, self.until - now)
        self._running = self._asked = None
        return ReserveDemo(self._used)

    def refill(self) -> ReserveDemo | None:
        """A real license is held: all the time is there again."""
        if self._used == 0 and self._asked is None:
            return None
        self._used, self._running, self._asked = 0.0, None, None
        return ReserveDemo(0.0)

    def next_timer(self) -> float:
        return self.until - AHEAD / 2 if self.runs and self._asked is None and self.left > 0 else float("inf")
