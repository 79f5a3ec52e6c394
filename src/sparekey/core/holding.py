"""A lease as its holder sees it: how long it may be believed, and when to renew it (R7, S1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparekey.core import timing
from sparekey.core.entries import UNLISTED, Entry
from sparekey.core.terms import Terms


@dataclass(slots=True)
class Holding:
    """A lease in hand. `sent` is when its last answered request left; all times on the boot clock.

    `entry` carries the license's own serial number.
    """

    number: int
    entry: Entry
    terms: Terms
    ttl: float
    sent: float
    next_attempt: float
    spare: bool
    in_flight: bool = False
    failing_since: float | None = None
    trouble: str = ""
    """Why its server is doubted, or what it refused, in words."""
    refused: bool = False
    """Whether its server signed that it is not renewed any more; what remains of it may be used (R7)."""
    draining: bool = False
    """Whether its server said, with the last answer, that it is being emptied."""
    retake: int | None = None
    """The take that asks anew for the same serial, after the server no longer knew the lease."""
    _said_spare: bool = field(init=False)

    def __post_init__(self) -> None:
        self._said_spare = self.spare

    @property
    def serial(self) -> str:
        return self.entry.serial

    @property
    def deadline(self) -> float:
        """When belief in it ends (S1)."""
        return self.sent + timing.belief(self.ttl)

    @property
    def sound(self) -> bool:
        """Whether its server answers and renews it."""
        return self.failing_since is None and not self.refused

    @property
    def is_listed(self) -> bool:
        return self.entry.number != UNLISTED

    @property
    def is_good_spare(self) -> bool:
        """Whether it need not be replaced before the application goes over to it (R7)."""
        return self.sound and self.is_listed and not self.draining

    @property
    def switch_time(self) -> float:
        """When to leave it for a spare: at once where it was refused (R7)."""
        if self.refused or self.failing_since is None:
            return self.sent
        return timing.switch(self.sent, self.failing_since, self.ttl)

    def next_timer(self) -> float:
        """When the next attempt to renew is due."""
        return float("inf") if self.in_flight or self.refused else self.next_attempt

    def attempt(self) -> None:
        """An attempt to renew begins."""
        self.in_flight = True
        self._said_spare = self.spare

    def renewed(self, sent: float, ttl: float, draw: float, *, drain: bool = False) -> bool:
        """A renewal sent at `sent` was answered; False where that is no news, or the lease was refused before."""
        if self.refused or sent <= self.sent:
            return False
        self._go_on(sent, ttl, draw, drain=drain)
        return True

    def retaken(self, number: int, terms: Terms, sent: float, ttl: float, draw: float, *, drain: bool = False) -> None:
        """The same license was taken anew; it goes on under this number."""
        self.number, self.terms = number, terms
        self.retake, self.refused = None, False
        self._go_on(sent, ttl, draw, drain=drain)

    def failed(self, reason: str, now: float) -> None:
        """An attempt to renew came to nothing."""
        self.in_flight = False
        self._doubt(reason, now, now + timing.RETRY)

    def broken(self, reason: str, now: float, draw: float) -> None:
        """Its connection ended, as that of all holders at the same moment; an attempt under way may still succeed."""
        self._doubt(reason, now, now + timing.RETRY * (1.0 - draw))

    def refuse(self, reason: str) -> None:
        """Its server signed that it is not renewed any more."""
        self.in_flight, self.refused, self.trouble = False, True, reason

    def serve(self, now: float) -> None:
        """It is in use from now on: its server is told at once that it is no spare any more."""
        self.spare = False
        if self._said_spare:
            self.next_attempt = now

    def renew_now(self, now: float) -> None:
        """Renew at once, whatever is under way."""
        self.in_flight, self.next_attempt = False, now

    def _doubt(self, reason: str, now: float, next_attempt: float) -> None:
        self.trouble, self.next_attempt = reason, next_attempt
        if self.failing_since is None:
            self.failing_since = now

    def _go_on(self, sent: float, ttl: float, draw: float, *, drain: bool) -> None:
        pause = timing.renewal(ttl, draw) if self.failing_since is None else timing.first_renewal(ttl, draw)
        self.in_flight, self.draining = False, drain
        self.sent, self.ttl, self.failing_since, self.trouble = sent, ttl, None, ""
        self.next_attempt = sent + pause if self._said_spare == self.spare else sent
