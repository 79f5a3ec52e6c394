"""What the generator is told to do, and what it tells: a line of JSON each."""

from __future__ import annotations

import msgspec


class Order(msgspec.Struct, frozen=True):
    """So many holders come over so many connections: they take, renew for `seconds`, and release.

    `key` is the container's public key (JWK), by which a sample of the answers is checked; None for what only answers
    fixed bytes. `pause` is the time between two requests of a connection, seconds; 0 for as fast as it is answered.
    """

    location: str
    serial: str
    connections: int
    holders: int
    seconds: float
    key: dict[str, str] | None = None
    pause: float = 0.0


class Speed(msgspec.Struct, frozen=True):
    """How fast one kind of call went: calls a second, and the latencies of the median and the slowest hundredth, ms."""

    rate: float
    p50: float
    p99: float
    count: int


class Tale(msgspec.Struct, frozen=True):
    """What came of an order. `busy` is the generator's own share of a core while it renewed."""

    takes: Speed
    renewals: Speed
    releases: Speed
    busy: float


class Fault(msgspec.Struct, frozen=True):
    """Why an order was given up."""

    reason: str
