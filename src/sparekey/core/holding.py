"""A lease as its holder sees it: how long it may be believed, and when to renew it (R7, S1)."""

from __future__ import annotations

from dataclasses import dataclass

from sparekey.core import timing
from sparekey.core.entries import UNLISTED, Entry
from sparekey.core.terms import Terms


@dataclass(slots=True)
class Holding:
    """A lease in hand. `sent` is when its last answered request left; all times on the boot clock.

    `entry` carries the license's own serial number. At most one attempt to renew is under way.
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
    refused: str = ""
    """Why it can not be renewed any more, signed by its server; what remains of it may be used (R7)."""
    retake: int | None = None
    """The take that asks anew for the same serial, after the server no longer knew the lease."""

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

    def is_attempt_due(self, now: float) -> bool:
        return not self.in_flight and not self.refused and self.next_attempt <= now

    def renewed(self, sent: float, ttl: float, draw: float) -> None:
        """A request sent at `sent` was answered; one that was overtaken by a later one changes nothing."""
        self.in_flight = False
        if sent < self.sent:
            return
        self.sent, self.ttl, self.failing_since = sent, ttl, None
        self.next_attempt = sent + timing.renewal(ttl, draw)

    def failed(self, now: float) -> None:
        self.in_flight = False
        self.next_attempt = now + timing.RETRY
        if self.failing_since is None:
            self.failing_since = now

    def switch_time(self, grace: float) -> float:
        """When to leave it for a spare: at once when refused, else no later than `grace` before its deadline (R7)."""
        if self.refused or self.failing_since is None:
            return self.sent
        return min(timing.switch(self.sent, self.failing_since, self.ttl), self.deadline - grace)
