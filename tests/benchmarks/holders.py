"""Many holders: what 10,000 and 100,000 leases over 1,000 connections cost a server, and a restart with all of them.

In each round the server of each size is started with all its leases, which are renewed once at the pace of R7, while
others take and release; then it is killed. What a lease and a connection cost in memory is measured beside a server
that has as many connections and hardly any leases.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from benchmarks.dialogue import ask
from benchmarks.files import obstacle
from benchmarks.keeping.orders import Fill, Keep, Kept
from benchmarks.load.generator import Generator, generator
from benchmarks.load.orders import Order
from benchmarks.measure import Measure, Pace
from benchmarks.places import WORK
from benchmarks.program import start
from benchmarks.report.figures import MILLISECONDS, Figure, Quantity, Round, Target, measured
from benchmarks.usage import cpu, memory
from plant import Server, Vendor, terms
from sparekey.core.timing import renewal

SERIAL = "5-1042"
BYTES, SECONDS, SHARE, CORE = "bytes", "s", "share", "of a core"
TAKING, TAKES_EACH = 20, 0.2
"""Connections that take and release beside the renewals, and how often each does, seconds."""
AWAKE = 0.5
"""How long the few leases beside many connections are renewed, seconds."""


@dataclass(slots=True)
class Crowd:
    """So many leases of one server, and the process that keeps them."""

    leases: int
    connections: int
    server: Server
    keeper: subprocess.Popen[str]
    takes: Kept = field(init=False)
    granted_memory: int = field(init=False)
    """Of the server that granted them all, bytes."""

    @property
    def at(self) -> str:
        return f"{self.leases:,} leases, ttl {self.server.ttl:g} s"

    def fill(self) -> None:
        """Take all the seats, and have the server killed, as at the end of a round."""
        self.server.install(terms(SERIAL, seats=2 * self.leases))
        self.server.start()
        self.takes = ask(self.keeper, Fill(self.server.location, SERIAL, self.connections, self.leases), Kept)
        self.granted_memory = memory(self.pid)
        self.server.kill()

    def keep(self, connections: int, seconds: float) -> Kept:
        return ask(self.keeper, Keep(self.server.location, connections, seconds, self.key), Kept)

    @property
    def key(self) -> dict[str, str]:
        return self.server.container.key.public.to_jwk()

    @property
    def pid(self) -> int:
        assert self.server.process
        return self.server.process.pid


@dataclass(frozen=True, slots=True)
class Scene:
    """`few` has a lease for each of its connections; it is what the crowds are compared with."""

    few: Crowd
    crowds: tuple[Crowd, ...]
    others: Generator


def rounds(pace: Pace) -> Iterator[Round]:
    with _scene(pace) as scene:
        for crowd in (scene.few, *scene.crowds):
            crowd.fill()
        for _ in range(pace.rounds):
            yield _round(scene, pace)


def figures(rounds: Sequence[Round]) -> tuple[Figure, ...]:
    return measured(rounds, {each: target for each in rounds[0] if (target := _target(each))})


def _target(quantity: Quantity) -> Target | None:
    at_most = {"memory a lease": 1_000, "take meanwhile, p99": 50, "restart": 2, "processor": 0.9}
    if quantity.what == "kept over the restart":
        return Target(1.0)
    return Target(at_most[quantity.what], at_least=False) if quantity.what in at_most else None


def _round(scene: Scene, pace: Pace) -> Round:
    few = scene.few
    few.server.start()
    few.keep(1, AWAKE)
    alone = memory(few.pid)
    few.keep(few.connections, AWAKE)
    connected = memory(few.pid)
    few.server.kill()
    a_connection = (connected - alone) / (few.connections - 1)
    found: dict[Quantity, float] = {}
    for crowd in scene.crowds:
        found |= _kept(scene, crowd, connected, pace)
    return {**found, Quantity("memory a connection", at=f"{few.connections:,} connections", unit=BYTES): a_connection}


def _kept(scene: Scene, crowd: Crowd, few: int, pace: Pace) -> Round:
    """A restart, and all renewals once; `few` is the memory of a server with as many connections and few leases."""
    began = perf_counter()
    crowd.server.start()
    restart = perf_counter() - began
    seconds = pace.either(renewal(crowd.server.ttl, 0.5), 1.0)
    takes = int(TAKING * seconds / 2 / TAKES_EACH)
    began, used = perf_counter(), cpu(crowd.pid)
    scene.others.begin(Order(crowd.server.location, SERIAL, TAKING, takes, 0.0, crowd.key, TAKES_EACH))
    kept = crowd.keep(crowd.connections, seconds)
    share = (cpu(crowd.pid) - used) / (perf_counter() - began)
    meanwhile = scene.others.end().takes
    now = memory(crowd.pid)
    crowd.server.kill()
    more = crowd.leases - scene.few.leases
    what = {
        ("restart", SECONDS): restart,
        ("kept over the restart", SHARE): 1 - kept.lost / crowd.leases,
        ("renewals", "a second"): kept.calls.rate,
        ("renewals, p99", MILLISECONDS): kept.calls.p99,
        ("take meanwhile, p50", MILLISECONDS): meanwhile.p50,
        ("take meanwhile, p99", MILLISECONDS): meanwhile.p99,
        ("processor", CORE): share,
        ("memory", BYTES): now,
        ("memory a lease", BYTES): (now - few) / more,
        ("memory a lease, before a restart", BYTES): (crowd.granted_memory - few) / more,
        ("keeper's processor", CORE): kept.busy,
    }
    return {Quantity(name, at=crowd.at, unit=unit): value for (name, unit), value in what.items()}


@contextmanager
def _scene(pace: Pace) -> Iterator[Scene]:
    connections = pace.either(1_000, 50)
    sizes = {pace.either(10_000, 500): 30.0, pace.either(100_000, 1_000): 60.0}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=WORK)))
        vendor = Vendor(folder / "vendor")

        def crowd(leases: int, ttl: float) -> Crowd:
            server = Server(folder / f"server-{leases}", vendor, ttl=ttl)
            stack.callback(server.end)
            return Crowd(leases, connections, server, stack.enter_context(start("benchmarks.keeping")))

        others = stack.enter_context(generator())
        few = crowd(connections, 30.0)
        yield Scene(few, tuple(crowd(leases, ttl) for leases, ttl in sizes.items()), others)


HOLDERS = Measure("holders", "Many holders", rounds, figures, obstacle)
