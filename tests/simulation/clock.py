"""The clocks of a computer: one that goes on and drifts, one on the wall that is set."""

from __future__ import annotations

from sparekey.core.moment import Moment

MOST_DRIFT = 1e-3
"""1000 ppm: what a clock may be wrong by (S1)."""
EPOCH = 1_780_300_000.0
"""Unix time when true time is 0: 2026-06-01."""


class Clock:
    """The boot clock goes at `rate` seconds a second, from anything; the wall clock is `ahead` of true time."""

    def __init__(self, boot: float, rate: float, ahead: float) -> None:
        self.rate = self._usual = rate
        self.ahead = ahead
        self._boot = boot
        self._since = 0.0

    def boot(self, now: float) -> float:
        return self._boot + (now - self._since) * self.rate

    def wall(self, now: float) -> float:
        return EPOCH + now + self.ahead

    def moment(self, now: float) -> Moment:
        return Moment(self._boot + (now - self._since) * self.rate, EPOCH + now + self.ahead)

    def when(self, boot: float) -> float:
        """The true time at which the boot clock shows `boot`, if its rate stays."""
        return self._since + (boot - self._boot) / self.rate if self.rate else float("inf")

    def drift(self, now: float, rate: float) -> None:
        """Go at another rate from now on; 0 stands still."""
        self._boot, self._since, self.rate = self.boot(now), now, rate

    def stand_still(self, now: float) -> None:
        self._usual = self.rate
        self.drift(now, 0.0)

    def go_on(self, now: float) -> None:
        self.drift(now, self._usual)

    def reboot(self, now: float, boot: float) -> None:
        self._boot, self._since = boot, now
