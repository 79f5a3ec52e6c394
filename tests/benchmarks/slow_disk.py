"""A disk whose sync takes 20 ms: renewals wait for none (S2), whatever takes go on beside them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.load.generator import Generator, generator
from benchmarks.load.orders import Order
from benchmarks.measure import Measure, Pace
from benchmarks.places import WORK
from benchmarks.report.figures import MILLISECONDS, Figure, Quantity, Round, Target, measured, ratio
from faults.disk import SlowDisk
from plant import Server, plant, terms

SERIAL = "5-1042"
SYNC = 0.02
CONDITIONS = {"fast disk": 0.0, "sync of 20 ms": SYNC}
RENEWING, EACH = 32, 0.1
"""Connections that renew, and how often each does, seconds: far from what the processor can do."""
TAKING, TAKES_EACH = 16, 0.1
"""Connections that take and release beside them, and how often."""
FAST, SLOW = (Quantity("renewals, p99", at=at, unit=MILLISECONDS) for at in CONDITIONS)


def rounds(pace: Pace) -> Iterator[Round]:
    with (
        tempfile.TemporaryDirectory(dir=WORK) as folder,
        plant(Path(folder), "server", ttl=60.0) as (server,),
        generator() as renewing,
        generator() as taking,
    ):
        disk = SlowDisk(Path(folder))
        server.env = disk.env
        server.install(terms(SERIAL, seats=100_000))
        server.start()
        for _ in range(pace.rounds):
            found: dict[Quantity, float] = {}
            for at, seconds in CONDITIONS.items():
                found |= _both(server, renewing, taking, disk, at, seconds, pace)
            yield found


def figures(rounds: Sequence[Round]) -> tuple[Figure, ...]:
    """A tenth is the noise of a p99; a wait for the disk would be tenfold."""
    moved = ratio(
        rounds, "renewals' p99 on the slow disk, of that on the fast one", SLOW, FAST, Target(1.1, at_least=False)
    )
    return (moved, *measured(rounds))


def obstacle() -> str:
    return "" if shutil.which("cc") or shutil.which("gcc") else "a C compiler is not installed (package gcc)"


def _both(
    server: Server, renewing: Generator, taking: Generator, disk: SlowDisk, at: str, sync: float, pace: Pace
) -> Round:
    """Renewals in one process, takes and releases in another one for at least as long."""
    seconds = pace.either(3.0, 0.5)
    takes = int(TAKING * (seconds + 1.0) / TAKES_EACH)
    key = server.container.key.public.to_jwk()
    disk.takes(sync)
    taking.begin(Order(server.location, SERIAL, TAKING, takes, 0.0, key, TAKES_EACH))
    renewed = renewing.carry_out(Order(server.location, SERIAL, RENEWING, RENEWING, seconds, key, EACH))
    taken = taking.end()
    disk.takes(0.0)
    return {
        Quantity("renewals, p50", at=at, unit=MILLISECONDS): renewed.renewals.p50,
        Quantity("renewals, p99", at=at, unit=MILLISECONDS): renewed.renewals.p99,
        Quantity("takes beside them, p50", at=at, unit=MILLISECONDS): taken.takes.p50,
        Quantity("takes beside them", at=at): taken.takes.rate,
    }


SLOW_DISK = Measure("slow-disk", "Renewals on a slow disk", rounds, figures, obstacle)
