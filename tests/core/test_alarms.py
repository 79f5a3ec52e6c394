"""Alarms go the way of ISA-18.2: come, be acknowledged once, go."""

from __future__ import annotations

import pytest

from sparekey.core.alarms import (
    Acknowledge,
    Alarm,
    Event,
    Go,
    NotPossible,
    Priority,
    Shelve,
    State,
    Suppress,
    Unshelve,
    come,
    priority,
    receive,
)
from sparekey.core.consequences import RaiseAlarm
from sparekey.core.matrices import Attributes
from sparekey.core.variables import ENTRY, Name

ACK = Acknowledge("anna", "on my way")


def raised(*, key: int = 1, acknowledge: bool = True, returns: bool = True) -> RaiseAlarm:
    attributes = Attributes("license", "warning", 700, acknowledge)
    return RaiseAlarm(key, "not-at-home", Name("Runtime", ENTRY), attributes, "not at home", returns, 1, 100.0)


def after(alarm: Alarm, *events: Event, now: float = 200.0) -> Alarm:
    for event in events:
        alarm = receive(alarm, event, now)
    return alarm


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), State.UNACKNOWLEDGED),
        ((ACK,), State.ACKNOWLEDGED),
        ((Go(),), State.RETURNED),
        ((ACK, Go()), State.NORMAL),
        ((Go(), ACK), State.NORMAL),
    ],
    ids=str,
)
def test_an_alarm_is_gone_when_it_returned_and_was_acknowledged(events: tuple[Event, ...], state: State) -> None:
    assert after(come(raised()), *events).state is state


def test_an_alarm_that_needs_no_acknowledgement_is_gone_when_it_returns() -> None:
    alarm = come(raised(acknowledge=False))
    assert alarm.state is State.ACKNOWLEDGED
    assert after(alarm, Go()).is_gone


def test_an_alarm_about_something_that_has_happened_is_gone_when_it_is_acknowledged() -> None:
    alarm = come(raised(returns=False))
    assert alarm.state is State.UNACKNOWLEDGED
    gone = after(alarm, ACK)
    assert gone.is_gone
    assert gone.went == 200.0


def test_an_alarm_with_nothing_to_return_to_and_nobody_to_see_it_is_gone_as_it_comes() -> None:
    alarm = come(raised(acknowledge=False, returns=False))
    assert (alarm.is_gone, alarm.came, alarm.went) == (True, 100.0, 100.0)


def test_it_is_known_who_acknowledged_and_when_and_what_was_said() -> None:
    seen = after(come(raised()), ACK).acknowledged
    assert seen
    assert (seen.by, seen.at, seen.comment) == ("anna", 200.0, "on my way")


@pytest.mark.parametrize(
    ("before", "event", "reason"),
    [
        ((ACK,), ACK, "alarm 1 was acknowledged already, by anna: on my way"),
        ((Go(), ACK), Acknowledge("bert"), "alarm 1 was acknowledged already, by anna: on my way"),
        ((Go(),), Go(), "alarm 1 has returned to normal already"),
        ((), Unshelve(), "alarm 1 is not shelved"),
        ((), Shelve("anna", 150.0), "alarm 1 cannot be shelved until a time that is over"),
        ((ACK, Go()), Shelve("anna", 300.0), "alarm 1 is gone: acknowledged by anna: on my way"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(before: tuple[Event, ...], event: Event, reason: str) -> None:
    alarm = after(come(raised()), *before)
    with pytest.raises(NotPossible) as refused:
        receive(alarm, event, 200.0)
    assert str(refused.value) == reason


def test_what_needs_no_acknowledgement_takes_none() -> None:
    with pytest.raises(NotPossible, match="alarm 1 needs no acknowledgement"):
        after(come(raised(acknowledge=False)), ACK)


def test_a_shelved_alarm_is_silent_until_its_time_and_goes_its_way_meanwhile() -> None:
    alarm = after(come(raised()), Shelve("anna", 300.0))
    assert not alarm.is_announced(299.0)
    assert alarm.is_announced(300.0)
    assert after(alarm, Unshelve()).is_announced(201.0)
    assert after(alarm, ACK, Go()).is_gone


def test_what_is_shelved_stays_so_when_it_comes_again() -> None:
    before = after(come(raised()), Shelve("anna", 300.0), Go())
    again = come(raised(key=2), before)
    assert again.state is State.UNACKNOWLEDGED
    assert not again.is_announced(299.0)


def test_a_suppressed_alarm_calls_nobody() -> None:
    alarm = after(come(raised()), Suppress(True))
    assert not alarm.is_announced(200.0)
    assert after(alarm, Suppress(False)).is_announced(200.0)


def test_an_alarm_that_is_gone_calls_nobody() -> None:
    assert not after(come(raised()), ACK, Go()).is_announced(200.0)


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(1, "low"), (400, "low"), (401, "medium"), (600, "medium"), (601, "high"), (800, "high"), (801, "urgent")],
)
def test_severity_decides_the_priority(severity: int, expected: str) -> None:
    assert priority(severity) is Priority(expected)
