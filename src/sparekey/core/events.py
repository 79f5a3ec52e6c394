"""What happens to a system: the events that the redundancy core is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sparekey.core.entries import Entry, LicenseList
from sparekey.core.findings import Offer
from sparekey.core.problems import Problem
from sparekey.core.terms import Terms


@dataclass(frozen=True, slots=True)
class Granted:
    """Take `number` was answered with a lease: `ttl` seconds from `sent`, when its request left, boot clock.

    `drain`: the server is being emptied.
    """

    number: int
    sent: float
    ttl: float
    terms: Terms
    drain: bool = False


@dataclass(frozen=True, slots=True)
class Renewed:
    """Lease `number` goes on for `ttl` seconds from `sent`. `drain`: the server is being emptied."""

    number: int
    sent: float
    ttl: float
    drain: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A take or a renewal was refused, signed: final (R7).

    `spare_among_holders`: one who stands in the way holds the seat as a spare, and may soon give it back (R12).
    """

    number: int
    problem: Problem
    reason: str
    spare_among_holders: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A take or a renewal came to nothing: silence, or an answer that nobody signed. Never final (R7).

    `sent`: the request may have reached the server.
    """

    number: int
    reason: str
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Broken:
    """The connection over which lease `number` is renewed ended and could not be made again at once."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Released:
    """The release of `number` was answered."""

    number: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An entry's server says what it has for it."""

    entry: Entry
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An entry's server was asked and is silent."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """License.ini has changed (R5)."""

    entries: LicenseList


@dataclass(frozen=True, slots=True)
class DemoReserved:
    """It is written down that `used` seconds of demo time are spent, or will be (R6)."""

    used: float


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """Wall time ran ahead of the boot clock: the machine may have been paused or restored (S1)."""


@dataclass(frozen=True, slots=True)
class Drill:
    """Somebody wants to see the switch: it is made as if the server in use were gone, while its lease is renewed."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """The application ends."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event: TypeAlias = (
    Granted
    | Renewed
    | Refused
    | Failed
    | Broken
    | Released
    | Answered
    | Unanswered
    | Listed
    | DemoReserved
    | ClockJumped
    | Drill
    | Stopping
    | Tick
)
