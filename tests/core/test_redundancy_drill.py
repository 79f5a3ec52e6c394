"""A fire drill: the switch as if the server in use were gone, while its lease is renewed."""

from __future__ import annotations

from scripted import World
from sparekey.core.decisions import Renew
from sparekey.core.events import Drill
from sparekey.core.states import State


def drilled(*serials: str) -> World:
    """A system that has run for ten seconds when its drill begins."""
    world = World(*serials).run(10)
    world.receive(Drill())
    return world


def test_a_drill_takes_a_spare_and_switches() -> None:
    world = drilled("A", "B").run(60)
    assert world.told == ["0.01 acquired A", "10.00 suspect A", "10.02 secured B", "10.02 switched B"]
    assert world.reasons[-1] == "fire drill"
    assert world.changes() == ["A->B"]
    assert world.seats() == {"B": False}, "the old license is given back"


def test_r8_after_a_drill_the_application_stays_on_the_backup() -> None:
    world = drilled("A", "B").run(1000)
    assert (world.in_use, world.state) == ("B", State.HOLD)


def test_a_drill_without_a_free_backup_changes_nothing_and_has_failed_after_ten_seconds() -> None:
    world = World("A", "B").run(10)
    world.servers["B"].occupy("B")
    world.receive(Drill())
    world.run(60)
    assert world.told == ["0.01 acquired A", "10.00 suspect A", "20.00 recovered A"]
    assert world.reasons[-1].endswith("entry 1: no free seat")
    assert (world.in_use, world.changes()) == ("A", [])


def test_the_lease_is_renewed_all_the_while() -> None:
    world = World("A", "B").run(10)
    world.servers["B"].hang()
    world.receive(Drill())
    world.run(30)
    assert world.times(Renew)[:4] == [7.5, 15.0, 22.5, 30.0]


def test_a_server_that_dies_during_a_drill_is_no_drill_any_more() -> None:
    world = World("A", "B").run(10)
    world.servers["B"].occupy("B")
    world.receive(Drill())
    world.run(12)
    world.servers["A"].kill()
    world.servers["B"].vacate("B")
    world.run(60)
    assert world.told[-2:] == ["12.53 secured B", "25.50 switched B"]
    assert world.changes() == ["A->B"]


def test_a_drill_is_for_those_that_hold_a_license_whose_server_answers() -> None:
    world = World("A", "B").run(10)
    world.servers["A"].kill()
    world.receive(Drill())
    world.run(60)
    assert world.reasons[-1] == "a is gone"
