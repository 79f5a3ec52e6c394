"""What holders ask of the seat core, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sparekey.core.history import Shown
from sparekey.core.leases import Closed, Grant, Holder, Write
from sparekey.core.problems import Problem


class Take(NamedTuple):
    """A holder asks for a seat under a lease id and an order of its own making (S6)."""

    id: str
    holder: Holder
    system_name: str
    order: int
    spare: bool = False
    shown: Shown | None = None


class Renew(NamedTuple):
    """A holder asks to go on. `spare` None leaves it as it was.

    `stays`: why it cannot leave a server that is being emptied, in words.
    """

    id: str
    secret: str
    spare: bool | None = None
    shown: Shown | None = None
    stays: str = ""


class Granted(NamedTuple):
    """The seat is held for `grant.ttl` seconds from when the request came in.

    `repeat`: it was held under this id before.
    """

    grant: Grant
    repeat: bool


class Renewed(NamedTuple):
    """The lease goes on for `grant.ttl` seconds from when the request came in."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Released:
    """The seat is free, or was, or will not be taken."""


@dataclass(frozen=True, slots=True)
class Occupant:
    """A holder as others are told of it; `since` is Unix time.

    `told`: it has heard that the server is being emptied. `stays`: why it cannot leave, in its own words.
    """

    system: str
    system_name: str
    application: str
    since: float
    spare: bool
    told: bool = False
    stays: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """No. `occupants` are the holders who stand in the way; `retry_after` is in seconds, where waiting helps."""

    problem: Problem
    serial: str
    lease: str
    occupants: tuple[Occupant, ...] = ()
    retry_after: float = 0.0


Answer: TypeAlias = Granted | Renewed | Released | Refused


class Outcome(NamedTuple):
    """What a request leads to: `answer` may be given only when `writes`, in one transaction, are synced (S2)."""

    answer: Answer
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """What the ledger holds at a start. `blocks` are its blocks of fencing numbers with the last one given in each.

    `lost`: it is behind what was done with it, as far as is known.
    """

    grants: tuple[Grant, ...] = ()
    closed: tuple[Closed, ...] = ()
    blocks: Mapping[int, int] = field(default_factory=dict)
    lost: bool = False
