"""How many takes, renewals and releases a second, and how fast each: beside what nobody can go below.

Compared, in turn: the license server; uvicorn with an application that gives the same bytes, signed and not; a bare
protocol, which shows what the load generator can do at most; and SQLite's own synced commits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.floors.commits import GROUPS, Commits, commits
from benchmarks.floors.recording import record, save
from benchmarks.load.generator import Generator, generator
from benchmarks.load.orders import Order, Speed
from benchmarks.measure import Measure, Pace
from benchmarks.places import WORK
from benchmarks.program import start
from benchmarks.report.figures import MILLISECONDS, OURS, RATE, Figure, Quantity, Round, Target, measured, ratio
from plant import Server, plant, terms

BARE, SIGNED, CEILING = "bare floor", "signed floor", "generator's ceiling"
COMMITS = "SQLite"
ALLOWED = "commit and round trip"
SERIAL = "5-1042"
CROWDS = {1: 500, 32: 3_000, 256: 6_000}
"""Holders by the number of connections that they share."""
SECONDS = 1.0
COMMIT_SECONDS = 0.4
BUSY = "a core"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is compared, by name, and where it answers; `key` is the license server's."""

    places: Mapping[str, str]
    key: dict[str, str]
    commits: Commits
    generator: Generator


def rounds(pace: Pace) -> Iterator[Round]:
    with _scene() as scene:
        for number in range(pace.rounds):
            yield _round(scene, number, pace)


def figures(rounds: Sequence[Round]) -> tuple[Figure, ...]:
    rounds = [_with_allowed(one) for one in rounds]
    return (*_ratios(rounds), *measured(rounds))


def at(connections: int) -> str:
    return f"{connections} connection{'s' * (connections > 1)}"


def _ratios(rounds: Sequence[Round]) -> Iterator[Figure]:
    one, many = min(CROWDS), max(CROWDS)
    for connections in CROWDS:
        of_ours, of_signed = (Quantity("renewals", who, at(connections)) for who in (OURS, SIGNED))
        yield ratio(rounds, "renewals of the signed floor", of_ours, of_signed, Target(0.85))
    for connections in CROWDS:
        of_ours, of_signed = (Quantity("takes", who, at(connections)) for who in (OURS, SIGNED))
        target = Target(0.65) if connections == many else None
        yield ratio(rounds, "takes of the signed floor", of_ours, of_signed, target)
    alone, allowed = Quantity("takes", at=at(one)), Quantity("takes", ALLOWED, at(one))
    yield ratio(rounds, "takes of a commit and a round trip", alone, allowed, Target(0.7))
    for connections in CROWDS:
        of_ours, of_bare = (Quantity("releases", who, at(connections)) for who in (OURS, BARE))
        yield ratio(rounds, "releases of the bare floor", of_ours, of_bare)


def _with_allowed(one: Round) -> Round:
    """With what one synced commit after one round trip allows a single connection."""
    single = at(min(CROWDS))
    commit, trip = one[Quantity("commits", COMMITS, "groups of 1")], one[Quantity("takes", BARE, single)]
    return {**one, Quantity("takes", ALLOWED, single): 1 / (1 / commit + 1 / trip)}


def _round(scene: Scene, number: int, pace: Pace) -> Round:
    found: dict[Quantity, float] = {}
    names = list(scene.places)
    turn = number % len(names)
    for connections, holders in CROWDS.items():
        for name in (*names[turn:], *names[:turn]):
            found |= _calls(scene, name, connections, pace.either(holders, max(connections, holders // 10)), pace)
    for group in GROUPS:
        rate = scene.commits.rate(group, pace.either(COMMIT_SECONDS, 0.1))
        found[Quantity("commits", COMMITS, f"groups of {group}")] = rate
    return found


def _calls(scene: Scene, name: str, connections: int, holders: int, pace: Pace) -> Round:
    key = scene.key if name == OURS else None
    order = Order(scene.places[name], SERIAL, connections, holders, pace.either(SECONDS, 0.2), key)
    tale = scene.generator.carry_out(order)
    found: dict[Quantity, float] = {}
    for what, speed in (("takes", tale.takes), ("renewals", tale.renewals), ("releases", tale.releases)):
        found |= _speed(what, name, at(connections), speed)
    if name == OURS:
        found[Quantity("load generator", "its process", at(connections), BUSY)] = tale.busy
    return found


def _speed(what: str, of: str, at: str, speed: Speed) -> Round:
    return {
        Quantity(what, of, at, RATE): speed.rate,
        Quantity(f"{what}, p50", of, at, MILLISECONDS): speed.p50,
        Quantity(f"{what}, p99", of, at, MILLISECONDS): speed.p99,
    }


@contextmanager
def _scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=WORK)))
        (server,) = stack.enter_context(plant(folder, "server", ttl=60.0))
        _open(server)
        recording = str(save(folder / "recording", record(server.location, SERIAL)))
        places = {
            OURS: server.location,
            SIGNED: _answers(stack, "benchmarks.floors.bare", recording, "--signed"),
            BARE: _answers(stack, "benchmarks.floors.bare", recording),
            CEILING: _answers(stack, "benchmarks.floors.raw", recording),
        }
        key = server.container.key.public.to_jwk()
        yield Scene(places, key, stack.enter_context(commits(folder)), stack.enter_context(generator()))


def _open(server: Server) -> None:
    server.install(terms(SERIAL, seats=1_000_000))
    server.start()


def _answers(stack: ExitStack, module: str, *arguments: str) -> str:
    """Start a floor; return where it listens."""
    process = stack.enter_context(start(module, *arguments))
    assert process.stdout
    return process.stdout.readline().strip()


CALLS = Measure("calls", "Takes, renewals, releases", rounds, figures)
