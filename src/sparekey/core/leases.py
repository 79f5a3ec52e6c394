"""A seat granted for a time: what the ledger keeps of it, and what only memory knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Holder(NamedTuple):
    """Who may hold one seat of one license: an application of a system, known by its secret (R1).

    `secret` is the hash of what the holder sends (T2).
    """

    serial: str
    system: str
    application: str
    secret: str


class Grant(NamedTuple):
    """A seat as it was granted; the ledger keeps this, and a renewal never changes it (S2).

    `order` grows with each take of the holder (S6), `fence` with each grant of the container (S3). `ttl` is in seconds
    and stays for the life of the lease; `since` is Unix time, for people.
    """

    id: str
    holder: Holder
    system_name: str
    order: int
    fence: int
    block: int
    ttl: float
    since: float
    spare: bool


@dataclass(slots=True)
class Lease:
    """A grant in force. The seat is free no earlier than at `deadline`, boot clock (S1)."""

    grant: Grant
    deadline: float
    spare: bool
    synced: bool
    """Whether the ledger is known to hold it: what is not synced is written again before it is answered (S2)."""
    confirmed: bool
    """Whether its holder has been heard since the server started."""
    given_at_sight: bool
    """Whether it was granted since the server started, to a holder that showed no token (S4)."""
    told: bool = False
    """Whether its holder has heard that the server is being emptied."""
    stays: str = ""
    """Why its holder cannot leave, in its own words."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A lease that is over and must stay so, however late a request for it comes (S6).

    `holder` is None where the release came before its take.
    """

    id: str
    secret: str
    holder: Holder | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Put:
    """Write down a grant, and that its block has given this fencing number."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a grant out of the ledger."""

    id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Remember that a lease is over."""

    closed: Closed


@dataclass(frozen=True, slots=True)
class Forget:
    """A closed lease is so old that no request for it can be under way."""

    id: str


@dataclass(frozen=True, slots=True)
class Open:
    """Open a block of fencing numbers (S3)."""

    block: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Remember whether the ledger is behind what was done with it: a start in that time goes on recovering (S4)."""

    behind: bool


Write: TypeAlias = Put | Remove | Close | Forget | Open | Doubt
"""One change of the ledger."""
