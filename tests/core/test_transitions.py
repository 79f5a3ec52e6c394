"""The table of states: what it promises as a whole, and that each of its rows is gone through."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest

from scripted import World, entry, listed, met, terms
from sparekey.core.events import Drill
from sparekey.core.past import Manners, Past
from sparekey.core.problems import Problem
from sparekey.core.states import Signal, State
from sparekey.core.transitions import TABLE

SERIALS = ("A", "B", "C")
LIVES = 500


def test_every_state_stands_in_the_table() -> None:
    assert set(TABLE) == set(State)


def test_every_state_but_the_last_can_be_stopped() -> None:
    assert all(TABLE[state][Signal.STOPPING].next is State.STOP for state in State if state is not State.STOP)


def test_nothing_leads_out_of_stop() -> None:
    assert TABLE[State.STOP] == {}


def test_every_state_can_be_reached() -> None:
    reached = {row.next for rows in TABLE.values() for row in rows.values()}
    assert reached | {State.START} == set(State)


def test_every_action_says_in_a_line_what_it_does() -> None:
    assert all(row.action.__doc__ for rows in TABLE.values() for row in rows.values())


def mishaps(world: World, random: Random) -> list[Callable[[], object]]:
    """What may happen to a plant."""
    serial = random.choice([*SERIALS, world.in_use or "A", world.spare or "B"])
    server = world.servers[serial]

    def refuse() -> None:
        server.refuses = random.choice(
            [None, Problem.LICENSE_WITHDRAWN, Problem.TAKEN_OVER, Problem.NO_SUCH_LICENSE, Problem.NO_FREE_SEAT]
        )

    def roll_back() -> None:
        server.revive()
        server.refuses = Problem.TAKEN_OVER

    def withdraw() -> None:
        server.revive()
        server.refuses = Problem.LICENSE_WITHDRAWN

    def drain() -> None:
        server.draining = not server.draining

    def dawdle() -> None:
        server.delay = random.choice([0.01, 0.01, 0.2, 2.0])

    return [
        server.kill,
        server.kill,
        server.hang,
        server.revive,
        server.revive,
        server.revive,
        refuse,
        drain,
        withdraw,
        roll_back,
        dawdle,
        server.seats.clear,
        lambda: server.occupy(serial, spare=random.random() < 0.5),
        lambda: server.vacate(serial),
        lambda: world.receive(Drill()),
        lambda: world.sleep(random.choice([1, 20, 60])),
        lambda: world.relist(listed(*random.choice(["ABC", "ACB", "A", "AC", "BC"]), demo=random.random() < 0.5)),
    ]


def live(seed: int) -> World:
    """One system's life among mishaps, and its end with all servers well."""
    random = Random(seed)
    leftovers = tuple(entry(number, serial) for number, serial in enumerate(SERIALS) if random.random() < 0.4)
    world = World(
        *SERIALS,
        demo=random.random() < 0.5,
        wait=random.choice([0.0, 5.0, 60.0]),
        past=Past(random.choice([None, "A", "B"]), random.choice([None, terms("A")]), leftovers),
        manners=Manners(wait=random.choice([0, 30])),
        draw=random.random,
    )
    world.servers["A"].dead = random.random() < 0.4
    for _ in range(random.randrange(25)):
        for _ in range(random.choice([0, 1, 1, 2])):
            random.choice(mishaps(world, random))()
        world.run(world.now + random.choice([0.005, 0.3, 1.0, 2.0, 10.0, 30.0]))
    for server in world.servers.values():
        server.revive()
        server.refuses, server.delay, server.draining = None, 0.01, False
    world.stop()
    world.run(world.now + 20)
    return world


@pytest.fixture(scope="module")
def lives() -> list[World]:
    met.clear()
    return [live(seed) for seed in range(LIVES)]


def test_every_row_of_the_table_is_gone_through(lives: list[World]) -> None:
    assert len(lives) == LIVES
    assert met == {(state, signal) for state, rows in TABLE.items() for signal in rows}


def test_after_any_life_every_seat_is_given_back(lives: list[World]) -> None:
    for seed, world in enumerate(lives):
        assert (seed, world.state, world.seats(), world.core.is_settled) == (seed, State.STOP, {}, True)


def test_r10_the_serial_numbers_of_any_life_are_one_chain_of_changes(lives: list[World]) -> None:
    for world in lives:
        changes = [change.split("->") for change in world.changes()]
        assert all(old != new for old, new in changes)
        assert all(before[1] == after[0] for before, after in pairwise(changes))
