"""Alarms in the terms of ISA-18.2: what is to be seen, who has seen it, and what is over.

NORMAL          there is no alarm, or it is gone.
UNACKNOWLEDGED  it is so, and nobody has said that it was seen.
ACKNOWLEDGED    it is so, and somebody knows.
RETURNED        it is over, and nobody has said that it was seen ("returned to normal unacknowledged").

An alarm that needs no acknowledgement comes as acknowledged, and is gone when it returns. An alarm about something that
has happened, such as a change, has nothing to return to: it stands until it is acknowledged, and is gone with that, as
in the event-like alarms of control systems; one that needs no acknowledgement either is gone as it comes, and only the
event list knows of it.

Beside its state an alarm is announced, shelved (a person silenced it, for a time) or suppressed (its plant is out of
service by design). Neither changes the state: it comes, is acknowledged and goes as ever, but calls nobody.

    alarm = come(raised)                                 # a RaiseAlarm of the reactions core
    alarm = receive(alarm, Acknowledge("anna", "seen"), now)     # raises NotPossible, with the reason
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from sparekey.core.consequences import RaiseAlarm
from sparekey.core.matrices import Attributes
from sparekey.core.variables import Name


class State(StrEnum):
    """Where an alarm is on its way."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned unacknowledged"


class Signal(StrEnum):
    """What moves it on."""

    COME = "come"
    COME_SEEN = "come, with no need to acknowledge it"
    ACKNOWLEDGE = "acknowledge"
    GO = "go"


TABLE: Mapping[State, Mapping[Signal, State]] = {
    State.NORMAL: {Signal.COME: State.UNACKNOWLEDGED, Signal.COME_SEEN: State.ACKNOWLEDGED},
    State.UNACKNOWLEDGED: {Signal.ACKNOWLEDGE: State.ACKNOWLEDGED, Signal.GO: State.RETURNED},
    State.ACKNOWLEDGED: {Signal.GO: State.NORMAL},
    State.RETURNED: {Signal.ACKNOWLEDGE: State.NORMAL},
}
"""A signal that a state has no row for is refused."""


class Priority(StrEnum):
    """What of several alarms to look at first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


_LEAST_SEVERITY = {Priority.URGENT: 801, Priority.HIGH: 601, Priority.MEDIUM: 401, Priority.LOW: 1}


def priority(severity: int) -> Priority:
    """The priority of a severity: low to 400, medium to 600, high to 800, urgent to 1000."""
    return next(each for each, least in _LEAST_SEVERITY.items() if severity >= least)


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody has seen it."""

    by: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Go:
    """What it is about is over: it returned to normal."""


@dataclass(frozen=True, slots=True)
class Shelve:
    """Somebody silences it until a Unix time."""

    by: str
    until: float


@dataclass(frozen=True, slots=True)
class Unshelve:
    """It is announced again, before its time."""


@dataclass(frozen=True, slots=True)
class Suppress:
    """Its plant is out of service by design; False: in service again."""

    suppressed: bool


Event: TypeAlias = Acknowledge | Go | Shelve | Unshelve | Suppress


class NotPossible(ValueError):
    """An alarm is not in a state for this; the text says in which it is, and why."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen it, and when, Unix time."""

    by: str
    at: float
    comment: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, from its coming to its going; times are Unix time. `returns`: see RaiseAlarm."""

    key: int
    matrix: str
    name: Name
    attributes: Attributes
    text: str
    returns: bool
    state: State
    came: float
    went: float | None = None
    acknowledged: Acknowledgement | None = None
    shelved_by: str = ""
    shelved_until: float = 0.0
    suppressed: bool = False

    @property
    def priority(self) -> Priority:
        return priority(self.attributes.severity)

    @property
    def is_gone(self) -> bool:
        return self.state is State.NORMAL

    @property
    def waits(self) -> bool:
        """Whether somebody has yet to say that it was seen."""
        return self.state in (State.UNACKNOWLEDGED, State.RETURNED)

    def is_announced(self, now: float) -> bool:
        """Whether it calls people: it stands, and is neither shelved nor suppressed. `now` is Unix time."""
        return not (self.is_gone or self.suppressed or self.is_shelved(now))

    def is_shelved(self, now: float) -> bool:
        return now < self.shelved_until


def come(raised: RaiseAlarm, before: Alarm | None = None) -> Alarm:
    """The alarm that a violation raises. `before`: the last one of the same matrix and variable.

    What was shelved stays shelved when it comes again: the one that comes again and again is what people shelve.
    """
    signal = Signal.COME if raised.attributes.acknowledge else Signal.COME_SEEN
    alarm = Alarm(
        raised.key,
        raised.matrix,
        raised.name,
        raised.attributes,
        raised.text,
        raised.returns,
        TABLE[State.NORMAL][signal],
        raised.time,
    )
    if before:
        alarm = replace(
            alarm,
            shelved_by=before.shelved_by,
            shelved_until=before.shelved_until,
            suppressed=before.suppressed,
        )
    return _gone_if_over(alarm, raised.time)


def receive(alarm: Alarm, event: Event, now: float) -> Alarm:
    """The alarm after this event at `now`, Unix time; raise NotPossible."""
    match event:
        case Acknowledge(by, comment):
            state = _next(alarm, Signal.ACKNOWLEDGE)
            seen = replace(alarm, state=state, acknowledged=Acknowledgement(by, now, comment))
            return _gone_if_over(seen, now)
        case Go():
            return replace(alarm, state=_next(alarm, Signal.GO), went=now)
        case Shelve(by, until):
            return _shelve(alarm, by, until, now)
        case Unshelve():
            if not alarm.is_shelved(now):
                raise NotPossible(f"alarm {alarm.key} is not shelved")
            return replace(alarm, shelved_by="", shelved_until=0.0)
        case Suppress(suppressed):
            return replace(alarm, suppressed=suppressed)


def _shelve(alarm: Alarm, by: str, until: float, now: float) -> Alarm:
    if alarm.is_gone:
        raise NotPossible(f"alarm {alarm.key} is gone: {_how_it_went(alarm)}")
    if until <= now:
        raise NotPossible(f"alarm {alarm.key} cannot be shelved until a time that is over")
    return replace(alarm, shelved_by=by, shelved_until=until)


def _gone_if_over(alarm: Alarm, now: float) -> Alarm:
    """What has nothing to return to is over as soon as somebody has seen it, or nobody needs to."""
    if alarm.returns or alarm.state is not State.ACKNOWLEDGED:
        return alarm
    return replace(alarm, state=_next(alarm, Signal.GO), went=now)


def _next(alarm: Alarm, signal: Signal) -> State:
    following = TABLE[alarm.state].get(signal)
    if following is None:
        raise NotPossible(_refusal(alarm, signal))
    return following


def _refusal(alarm: Alarm, signal: Signal) -> str:
    if signal is Signal.GO:
        return f"alarm {alarm.key} has returned to normal already"
    if alarm.acknowledged:
        return f"alarm {alarm.key} was acknowledged already, {_by_whom(alarm.acknowledged)}"
    return f"alarm {alarm.key} needs no acknowledgement"


def _how_it_went(alarm: Alarm) -> str:
    return f"acknowledged {_by_whom(alarm.acknowledged)}" if alarm.acknowledged else "it returned to normal"


def _by_whom(seen: Acknowledgement) -> str:
    return f"by {seen.by}: {seen.comment}" if seen.comment else f"by {seen.by}"
