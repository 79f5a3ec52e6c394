"""What a system is to do: the decisions that the redundancy core returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sparekey.core.entries import Entry


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the entry's server what it has, without taking a seat (R12). Comes back as Answered or Unanswered."""

    entry: Entry
    timeout: float


@dataclass(frozen=True, slots=True)
class Take:
    """Take a seat. Comes back as Granted, Refused or Failed; the same `number` again is a repeat (S6).

    `token_of`: the lease whose last token is shown, where the server has forgotten it (S4).
    """

    number: int
    entry: Entry
    spare: bool
    timeout: float
    token_of: int | None = None


@dataclass(frozen=True, slots=True)
class Renew:
    """Renew a lease. Comes back as Renewed, Refused or Failed.

    `stays`: why its holder cannot leave a server that is being emptied, in words.
    """

    number: int
    spare: bool
    timeout: float
    stays: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Give back what take `number` got or may get. Comes back as Released, or not at all."""

    number: int


@dataclass(frozen=True, slots=True)
class UseLease:
    """From now on the application runs on this lease."""

    number: int


@dataclass(frozen=True, slots=True)
class UseDemo:
    """From now on the application runs on the demo license, until `until`, boot clock (R6)."""

    until: float


@dataclass(frozen=True, slots=True)
class UseNothing:
    """The application has no license."""


@dataclass(frozen=True, slots=True)
class ReserveDemo:
    """Write down, synced, that `used` seconds of demo time are spent. Comes back as DemoReserved."""

    used: float


@dataclass(frozen=True, slots=True)
class Losing:
    """There is neither spare nor demo: belief ends at `deadline`, boot clock. Who must end in order begins now (S1)."""

    deadline: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No license is to be had at this start: each entry asked, and why not."""

    candidates: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class SerialChanged:
    """The serial number in use is another one: one event, one evaluation of the reaction matrix (R10)."""

    old: str
    new: str
    entry: int
    reason: str


class Kind(StrEnum):
    """What is reported to people."""

    ACQUIRED = "acquired"
    SUSPECT = "suspect"
    SECURED = "secured"
    RECOVERED = "recovered"
    SWITCHED = "switched"
    LOST = "lost"
    DEMO = "demo"
    RELEASED = "released"
    REFUSED = "refused"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Tell:
    """Report what happened."""

    kind: Kind
    serial: str
    entry: int
    reason: str


Decision: TypeAlias = (
    Ask
    | Take
    | Renew
    | Release
    | UseLease
    | UseDemo
    | UseNothing
    | ReserveDemo
    | Losing
    | GiveUp
    | SerialChanged
    | Tell
)
