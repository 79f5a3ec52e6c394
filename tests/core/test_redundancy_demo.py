"""The demo license as the last resort (R6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scripted import World, terms
from sparekey.core.decisions import GiveUp, ReserveDemo, UseDemo
from sparekey.core.events import Renewed
from sparekey.core.past import Past
from sparekey.core.states import State


def lost(*serials: str, demo: bool = True, past: Past | None = None) -> World:
    """A start for which every server is dead."""
    world = World(*serials, demo=demo, wait=0, past=past)
    for server in world.servers.values():
        server.dead = True
    return world


def written(world: World) -> list[float]:
    """Each number of demo seconds that was written down."""
    return [round(decision.used, 1) for _, decision in world.all(ReserveDemo) if isinstance(decision, ReserveDemo)]


def test_r6_the_demo_license_runs_when_the_list_is_exhausted() -> None:
    world = lost("A", "B").run(1)
    assert world.told == ["0.02 demo DEMO"]
    assert world.state is State.DEMO
    assert world.is_valid


def test_r6_the_demo_license_does_not_run_while_a_backup_is_to_be_had() -> None:
    world = lost("A", "B")
    world.servers["B"].revive()
    world.run(1)
    assert world.in_use == "B"
    assert written(world) == []


def test_r6_the_demo_license_does_not_run_unless_it_is_allowed() -> None:
    world = lost("A", demo=False).run(10)
    assert len(world.all(GiveUp)) == 1
    assert world.all(UseDemo) == []


def test_r6_r3_of_the_demo_license_the_product_only_is_compared() -> None:
    world = lost("A", past=Past(reference=terms("A", tags=1_000_000))).run(1)
    assert world.state is State.DEMO


def test_r6_r3_a_demo_license_of_another_product_does_not_run() -> None:
    world = lost("A", past=Past(reference=replace(terms("A"), product="other"))).run(1)
    assert world.state is State.STOP


def test_r6_ten_seconds_are_written_down_before_they_are_used() -> None:
    world = lost("A").run(14)
    assert written(world) == [10.0, 20.0]
    assert world.times(ReserveDemo) == pytest.approx([0.01, 5.02])
    assert world.core.valid_until == pytest.approx(20.02)


def test_r6_the_time_is_used_up_and_then_the_license_is_lost() -> None:
    world = lost("A").run(100)
    assert world.told == ["0.02 demo DEMO", "60.02 lost DEMO"]
    assert world.state is State.SEEK
    assert not world.is_valid


def test_r6_the_time_is_counted_over_restarts() -> None:
    world = lost("A", past=Past(demo_used=50.0)).run(100)
    assert world.told == ["0.02 demo DEMO", "10.02 lost DEMO"]


def test_r6_a_demo_license_without_time_left_does_not_run() -> None:
    world = lost("A", past=Past(demo_used=60.0)).run(10)
    assert world.state is State.STOP


def test_r6_what_was_reserved_and_not_used_is_given_back_at_a_stop() -> None:
    world = lost("A").run(3.02)
    world.stop()
    assert written(world)[-1] == pytest.approx(3.0)


def test_r6_the_time_is_filled_up_again_when_a_real_license_is_held() -> None:
    world = World("A", past=Past(demo_used=60.0)).run(1)
    assert written(world) == [0.0]


def test_r6_the_system_takes_the_first_license_that_it_gets_and_reports_a_switch() -> None:
    world = lost("A", "B").run(10)
    world.servers["B"].revive()
    world.run(12)
    assert world.told[1].endswith("switched B")
    assert world.changes() == ["DEMO->B"]
    assert written(world)[-1] == 0.0


def test_r6_a_running_system_goes_over_to_demo_before_its_deadline() -> None:
    world = World("A", demo=True).run(10)
    world.servers["A"].kill()
    world.run(33)
    assert world.told == ["0.01 acquired A", "10.00 suspect A", "32.20 demo DEMO"]
    assert world.losing_at is None
    assert world.changes() == ["A->DEMO"]


def test_r6_demo_time_that_is_written_down_too_late_starts_nothing() -> None:
    world = World("A", demo=True).run(10)
    world.servers["A"].kill()
    world.run(32.195)
    world.servers["A"].revive()
    world.promised[1] = 32.19 + 30.0
    world.receive(Renewed(1, 32.19, 30.0))
    world.run(33)
    assert world.told[-1] == "32.20 recovered A"
    assert written(world) == [10.0, 0.0]


def test_r6_demo_time_that_was_reserved_in_vain_is_given_back() -> None:
    world = World("A", demo=True).run(10)
    world.servers["A"].kill()
    world.run(32.195)
    assert written(world) == [10.0]
    world.stop()
    assert written(world) == [10.0, 0.0]
