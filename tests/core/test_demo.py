"""The count of the demo license's time (R6)."""

from __future__ import annotations

from scripted import DEMO_TERMS
from sparekey.core.decisions import ReserveDemo
from sparekey.core.demo import DemoClock


def running(used: float = 0.0, now: float = 100.0) -> DemoClock:
    """A demo that began at `now`, its first ten seconds written down."""
    clock = DemoClock(DEMO_TERMS, used)
    assert clock.reserve(now) == ReserveDemo(used + 10)
    assert clock.reserved(used + 10, now)
    return clock


def test_r6_nothing_is_used_before_it_is_written_down() -> None:
    clock = DemoClock(DEMO_TERMS, 0.0)
    clock.reserve(100.0)
    assert not clock.runs
    assert clock.reserve(100.0) is None


def test_r6_time_counts_from_when_it_was_written_down() -> None:
    assert running(now=100.0).until == 110.0


def test_r6_the_next_seconds_are_reserved_when_half_of_them_are_left() -> None:
    clock = running(now=100.0)
    assert clock.next_timer() == 105.0
    assert clock.reserve(104.9) is None
    assert clock.reserve(105.0) == ReserveDemo(20.0)


def test_r6_a_reservation_is_due_at_the_very_time_that_was_told() -> None:
    for number in range(1000):
        clock = running(now=number / 7)
        assert clock.reserve(clock.next_timer()) is not None


def test_r6_no_more_is_reserved_than_there_is() -> None:
    clock = DemoClock(DEMO_TERMS, 55.0)
    assert clock.reserve(0.0) == ReserveDemo(60.0)
    assert clock.reserved(60.0, 0.0)
    assert clock.until == 5.0
    assert clock.next_timer() == float("inf")


def test_r6_what_was_written_for_an_earlier_time_reserves_nothing() -> None:
    clock = running(used=20.0)
    clock.stop(101.0)
    clock.reserve(101.0)
    assert clock.reserved(21.0, 101.0) is False
    assert not clock.runs


def test_r6_a_stop_gives_back_what_was_not_used() -> None:
    clock = running(used=20.0, now=100.0)
    assert clock.stop(103.0) == ReserveDemo(23.0)
    assert clock.left == 37.0
    assert clock.stop(103.0) is None


def test_r6_a_reservation_that_is_not_wanted_any_more_is_given_back() -> None:
    clock = DemoClock(DEMO_TERMS, 20.0)
    clock.reserve(100.0)
    assert clock.stop(100.0) == ReserveDemo(20.0)


def test_r6_a_real_license_fills_the_time_up() -> None:
    clock = running(used=20.0)
    assert clock.refill() == ReserveDemo(0.0)
    assert clock.left == 60.0
    assert clock.refill() is None


def test_r6_time_that_was_used_is_filled_up_also_while_there_is_no_demo_license() -> None:
    assert DemoClock(None, 20.0).refill() == ReserveDemo(0.0)


def test_r6_without_a_demo_license_there_is_no_time() -> None:
    assert DemoClock(None, 0.0).left == 0.0
