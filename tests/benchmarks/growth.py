"""What a grant, an expiry and a page cost beside many leases, licenses or seats: the core, and a real server."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measure import Measure, Pace
from benchmarks.places import WORK
from benchmarks.report.figures import MILLISECONDS, Figure, Quantity, Round, Target, measured, ratio
from plant import Client, Server, plant, terms
from sparekey.core.leases import Holder
from sparekey.core.moment import Moment
from sparekey.core.requests import Granted, Memory, Take
from sparekey.core.seats import SWEEP, Lessor

MICROSECONDS = "us"
TTL = 60.0
START = Moment(1_000.0, 1_800_000_000.0)
TRIES = 1_000
"""Grants of which each figure is the mean."""
GROWN = 2.0
"""A cost that grows less than so much over all sizes is flat or logarithmic; a linear one would grow as they do."""
PAGES = (1, 100, 10_000)
PAGE_TRIES = 20
FILE = 1_000
"""Licenses in a file."""


@dataclass(frozen=True, slots=True)
class Size:
    """Leases that are held, of how many licenses, with how many seats each; a seat is free."""

    leases: int
    licenses: int
    seats: int


def counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count > 1)}"


SIZES = {
    "leases": {counted(count, "lease"): Size(count, 1, count + 1) for count in (1, 1_000, 100_000, 1_000_000)},
    "licenses": {counted(count, "license"): Size(count, count, 10) for count in (1, 100, 10_000)},
    "seats": {counted(count, "seat"): Size(count - 1, 1, count) for count in (1, 100, 10_000, 200_000)},
}


def rounds(pace: Pace) -> Iterator[Round]:
    most = pace.either(1_000_000, 1_000)
    crowds = [
        Crowd(name, at, size) for name, sizes in SIZES.items() for at, size in sizes.items() if size.leases <= most
    ]
    gc.collect()
    gc.freeze()  # what is held is the core's business, not the collector's
    with _servers([count for count in PAGES if count <= most]) as places:
        for _ in range(pace.rounds):
            found: dict[Quantity, float] = {}
            for crowd in crowds:
                found |= crowd.costs()
            for count, place in places.items():
                found |= _pages(count, place)
            yield found
    gc.unfreeze()


def figures(rounds: Sequence[Round]) -> tuple[Figure, ...]:
    return (*_ratios(rounds), *measured(rounds))


def _ratios(rounds: Sequence[Round]) -> Iterator[Figure]:
    for what in dict.fromkeys(each.what for each in rounds[0]):
        found = [each for each in rounds[0] if each.what == what]
        if len(found) > 1:
            name = f"{what}: {found[-1].at} of {found[0].at}"
            yield ratio(rounds, name, found[-1], found[0], Target(GROWN, at_least=False))


class Crowd:
    """So many leases, and what a grant and an expiry cost beside them."""

    def __init__(self, group: str, at: str, size: Size) -> None:
        self._group, self._at, self._size = group, at, size
        self._lessor = Lessor(Memory(), ttl=TTL, longest=TTL, at=START)
        self._takes = 0
        for number in range(size.licenses):
            self._lessor.install(terms(_serial(number), seats=size.seats))
        for _ in range(size.leases):
            self._lessor.take(self._next_take(), START)

    def costs(self) -> Round:
        """Microseconds of each."""
        costs = {Quantity(f"a grant by {self._group}", at=self._at, unit=MICROSECONDS): self._grant_time()}
        if self._size.leases >= SWEEP:
            costs[Quantity(f"an expiry by {self._group}", at=self._at, unit=MICROSECONDS)] = self._expiry_time()
        return costs

    def _grant_time(self) -> float:
        """Each seat is given back before the next is granted."""
        took = 0.0
        for _ in range(TRIES):
            take = self._next_take()
            began = perf_counter()
            outcome = self._lessor.take(take, START)
            took += perf_counter() - began
            assert isinstance(outcome.answer, Granted)
            self._lessor.release(take.id, take.holder.secret, START)
        return took / TRIES * 1e6

    def _expiry_time(self) -> float:
        """The time of all is over, but only so many expire at once; then as many are taken again."""
        before, began = self._lessor.held, perf_counter()
        while self._lessor.held > before - SWEEP:
            self._lessor.tick(Moment(START.boot + TTL + 1.0, START.wall))
        took, expired = perf_counter() - began, before - self._lessor.held
        for _ in range(expired):
            self._lessor.take(self._next_take(), START)
        return took / expired * 1e6

    def _next_take(self) -> Take:
        number = self._takes
        self._takes += 1
        holder = Holder(_serial(number % self._size.licenses), f"system {number}", "Runtime", f"{number:064}")
        return Take(f"{number:022}", holder, "pc-1042", 1_000_001)


@contextmanager
def _servers(counts: Sequence[int]) -> Iterator[Mapping[int, str]]:
    """License servers that share so many licenses, and where they answer."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=WORK)))
        servers = stack.enter_context(plant(folder, *(f"shares-{count}" for count in counts)))
        for count, server in zip(counts, servers, strict=True):
            _install(server, count)
            server.start()
        yield {count: server.location for count, server in zip(counts, servers, strict=True)}


def _install(server: Server, count: int) -> None:
    """As an administrator may who has very many: the vendor's files are put into the folder as they are."""
    for first in range(0, count, FILE):
        licenses = [terms(_serial(number), seats=10) for number in range(first, min(first + FILE, count))]
        server.vendor.issue(server.container, *licenses, out=server.container.folder.licenses / f"{first}.lic")
    server.container.pin(server.vendor.key.public)


def _pages(count: int, place: str) -> Round:
    """Milliseconds of the first page and of the last one, of one license each."""
    at = counted(count, "license")
    last = f"&after={_serial(count - 2)}" if count > 1 else ""
    with Client(place) as client:
        return {
            Quantity(f"the {which} page of licenses", at=at, unit=MILLISECONDS): _page_time(client, query)
            for which, query in (("first", ""), ("last", last))
        }


def _page_time(client: Client, query: str) -> float:
    times: list[float] = []
    for _ in range(PAGE_TRIES):
        began = perf_counter()
        assert client.get(f"/v1/licenses?limit=1{query}").status == 200
        times.append(perf_counter() - began)
    return median(times) * 1000


def _serial(number: int) -> str:
    return f"5-{number:05}"


GROWTH = Measure("growth", "Growth", rounds, figures)
