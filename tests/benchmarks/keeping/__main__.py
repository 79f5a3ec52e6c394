"""The keeper as a process: an order a line on stdin, what came of it a line on stdout.

The connections stay open until the next order.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import time
from collections.abc import Sequence
from time import perf_counter

import msgspec
import uvloop

from benchmarks.keeping.orders import Fill, Keep, Kept, Order
from benchmarks.load.__main__ import SAMPLE, speed
from benchmarks.load.connection import Connection, Ended, connect
from benchmarks.load.orders import Fault
from benchmarks.load.seekers import Script, Seeker, Unexpected, taking
from sparekey.trust import PublicKey


class Keeper:
    """All the holders, and their connections."""

    def __init__(self) -> None:
        self._seekers: list[Seeker] = []
        self._connections: list[Connection] = []

    async def carry_out(self, order: Order) -> Kept:
        """Raise Unexpected, Ended or OSError."""
        await self._connect(order.location, order.connections)
        began, used = perf_counter(), time.process_time()
        lost = await (self._fill(order) if isinstance(order, Fill) else self._keep(order))
        took = perf_counter() - began
        calls = speed([latency for one in self._connections for latency in one.latencies], took)
        return Kept(calls, lost, (time.process_time() - used) / took)

    async def _fill(self, order: Fill) -> int:
        self._seekers = [Seeker(order.serial, order.location) for _ in range(order.holders)]
        await asyncio.gather(*(one.carry_out(taking(share)) for one, share in self._shares()))
        return 0

    async def _keep(self, order: Keep) -> int:
        lost: list[Seeker] = []
        shares = self._shares()
        pause = order.seconds / max(len(share) for _, share in shares)
        await asyncio.gather(*(_renew_all(one, share, pause, lost) for one, share in shares))
        container = PublicKey.from_jwk(order.key)
        for seeker in self._seekers[:: max(1, len(self._seekers) // SAMPLE)]:
            if seeker not in lost:
                seeker.check(container)
        return len(lost)

    async def _connect(self, location: str, count: int) -> None:
        for connection in self._connections:
            connection.close()
        self._connections = await asyncio.gather(*(connect(location) for _ in range(count)))

    def _shares(self) -> list[tuple[Connection, list[Seeker]]]:
        """The holders of each connection."""
        step = len(self._connections)
        return [(one, self._seekers[number::step]) for number, one in enumerate(self._connections)]


async def _renew_all(connection: Connection, share: Sequence[Seeker], pause: float, lost: list[Seeker]) -> None:
    """The first comes at any time within the pause, as connections know nothing of each other."""
    await asyncio.sleep(random.random() * pause)
    await connection.carry_out(_renewing_once(share, lost), pause)


def _renewing_once(seekers: Sequence[Seeker], lost: list[Seeker]) -> Script:
    for seeker in seekers:
        answer = yield seeker.renew()
        if answer[9:12] == b"200":
            seeker.note(answer)
        else:
            lost.append(seeker)


async def main() -> None:
    gc.disable()  # no pause of its own in what it measures; it collects between the orders
    keeper = Keeper()
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            told: Kept | Fault = await keeper.carry_out(msgspec.json.decode(line, type=Order))
        except (Unexpected, Ended, OSError) as error:
            told = Fault(f"{type(error).__name__}: {error}")
        print(msgspec.json.encode(told).decode(), flush=True)
        gc.collect()


if __name__ == "__main__":
    uvloop.run(main())
