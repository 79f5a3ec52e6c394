"""What a start is told: of earlier runs, and of how its application wants to be treated."""

from __future__ import annotations

from dataclasses import dataclass

from sparekey.core.entries import Entry
from sparekey.core.terms import Terms


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs left on record.

    `serial`: the serial number last in use, None where there was none (R10). `reference`: the initial license's cached
    terms (R3). `leftovers`: what the last run held or had asked for (R9). `demo_used`: seconds of demo time (R6).
    """

    serial: str | None = None
    reference: Terms | None = None
    leftovers: tuple[Entry, ...] = ()
    demo_used: float = 0.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How an application wants to be treated, in seconds.

    `wait`: how long a start goes on asking where nothing is to be had. `grace`: how long before belief ends it must
    know; None for a sixth of the lease, 10 s at most.
    """

    wait: float = 0.0
    grace: float | None = None
