"""What the keeper is told to do, and what it tells: a line of JSON each."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from benchmarks.load.orders import Speed


class Fill(msgspec.Struct, frozen=True, tag=True):
    """So many holders take a seat each, as fast as they are answered, over so many connections."""

    location: str
    serial: str
    connections: int
    holders: int


class Keep(msgspec.Struct, frozen=True, tag=True):
    """All holders connect anew and renew once, evenly over so many seconds.

    `key` is the container's public key (JWK), by which a sample of the answers is checked.
    """

    location: str
    connections: int
    seconds: float
    key: dict[str, str]


Order: TypeAlias = Fill | Keep


class Kept(msgspec.Struct, frozen=True):
    """What came of an order. `lost`: who were refused. `busy` is the keeper's own share of a core."""

    calls: Speed
    lost: int
    busy: float
