"""The load generator as a process: an order a line on stdin, its tale a line on stdout."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from time import perf_counter

import msgspec
import uvloop

from benchmarks.load.connection import Connection, Ended, connect
from benchmarks.load.orders import Fault, Order, Speed, Tale
from benchmarks.load.seekers import Script, Seeker, Unexpected, releasing, renewing, taking
from sparekey.trust import PublicKey

SAMPLE = 50
"""Of the answers of a phase, so many are checked when it is over."""


async def carry_out(order: Order) -> Tale:
    """Take, renew, release; raise Unexpected, Ended or OSError."""
    seekers = [Seeker(order.serial, order.location) for _ in range(order.holders)]
    shares = [seekers[number :: order.connections] for number in range(order.connections)]
    connections = await asyncio.gather(*(connect(order.location) for _ in shares))
    try:
        takes = await _phase(connections, [taking(share) for share in shares], order.pause)
        _check(seekers, order.key)
        began, used = perf_counter(), time.process_time()
        scripts = [renewing(share, began + order.seconds) for share in shares]
        renewals = await _phase(connections, scripts, order.pause)
        busy = (time.process_time() - used) / (perf_counter() - began)
        _check(seekers, order.key)
        releases = await _phase(connections, [releasing(share) for share in shares], order.pause)
    finally:
        for connection in connections:
            connection.close()
    return Tale(takes, renewals, releases, busy)


async def _phase(connections: Sequence[Connection], scripts: Sequence[Script], pause: float) -> Speed:
    began = perf_counter()
    await asyncio.gather(*(one.carry_out(script, pause) for one, script in zip(connections, scripts, strict=True)))
    took = perf_counter() - began
    return speed([latency for one in connections for latency in one.latencies], took)


def speed(latencies: Sequence[float], took: float) -> Speed:
    """Of all the calls of a phase that took so many seconds; there may be none."""
    if not latencies:
        return Speed(0.0, 0.0, 0.0, 0)
    ordered = sorted(latencies)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    return Speed(len(ordered) / took, p50, p99, len(ordered))


def _check(seekers: Sequence[Seeker], key: dict[str, str] | None) -> None:
    if key:
        container = PublicKey.from_jwk(key)
        for seeker in seekers[:: max(1, len(seekers) // SAMPLE)]:
            seeker.check(container)


def main() -> None:
    gc.disable()  # no pause of its own in what it measures; it collects between the orders
    for line in sys.stdin:
        try:
            told: Tale | Fault = uvloop.run(carry_out(msgspec.json.decode(line, type=Order)))
        except (Unexpected, Ended, OSError) as error:
            told = Fault(f"{type(error).__name__}: {error}")
        print(msgspec.json.encode(told).decode(), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
