"""What the time brings about: in each state, when which signal is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sparekey.core import timing
from sparekey.core.holding import Holding
from sparekey.core.past import Manners
from sparekey.core.situation import Situation
from sparekey.core.states import Signal, State

AT_ONCE = float("-inf")

Timer: TypeAlias = tuple[float, Signal]


def timers(state: State, at: Situation, manners: Manners) -> Iterator[Timer]:
    """The signals to come, each with its time on the boot clock; of several that are due, the first counts."""
    match state:
        case State.START:
            yield from _start(at)
        case State.SEEK:
            yield from _seek(at, manners)
        case State.HOLD if at.in_use:
            yield from _hold(at.in_use)
        case State.SUSPECT if at.in_use:
            yield from _suspect(at, at.in_use, manners)
        case State.SECURED if at.in_use and at.spare:
            yield from _secured(at, at.in_use, at.spare, manners)
        case State.LEAVING if at.in_use:
            yield from _leaving(at, at.in_use)
        case State.REGAIN:
            yield at.regain_until, Signal.DEADLINE
        case State.DEMO:
            yield at.demo.until, Signal.DEMO_OVER


def _start(at: Situation) -> Iterator[Timer]:
    if at.spare:
        yield AT_ONCE if at.spare.refused else at.spare.deadline, Signal.SPARE_GONE
    yield at.homecoming.until, Signal.WAIT_OVER_SECURED if at.spare else Signal.WAIT_OVER


def _seek(at: Situation, manners: Manners) -> Iterator[Timer]:
    if at.exhausted_since is None:
        if at.search and at.search.exhausted:
            yield AT_ONCE, Signal.EXHAUSTED
    elif not at.has_run and not at.may_demo:
        yield at.exhausted_since + manners.wait, Signal.TIME_OVER


def _hold(own: Holding) -> Iterator[Timer]:
    yield own.deadline, Signal.DEADLINE
    if not own.sound:
        yield AT_ONCE, Signal.REFUSED if own.refused else Signal.FAILING
    elif own.draining:
        yield AT_ONCE, Signal.DRAINING


def _leaving(at: Situation, own: Holding) -> Iterator[Timer]:
    yield own.deadline, Signal.DEADLINE
    if at.drill_until is not None:
        yield at.drill_until, Signal.DRILL_OVER
    elif not own.draining:
        yield AT_ONCE, Signal.DRAIN_OVER
    elif at.exhausted_since is None and at.search and at.search.exhausted:
        yield AT_ONCE, Signal.EXHAUSTED


def _suspect(at: Situation, own: Holding, manners: Manners) -> Iterator[Timer]:
    yield own.deadline + timing.OVERSLEPT, Signal.OVERSLEPT
    yield own.deadline, Signal.DEADLINE
    if not at.has_decided:
        yield own.deadline - timing.grace(own.ttl, manners.grace), Signal.DECIDE


def _secured(at: Situation, own: Holding, spare: Holding, manners: Manners) -> Iterator[Timer]:
    """A spare that is suspect or emptied itself serves only when there is no more time to replace it (R7)."""
    good = spare.is_good_spare
    latest = own.deadline - timing.grace(own.ttl, manners.grace)
    yield spare.deadline, Signal.SPARE_GONE
    yield min(own.switch_time, latest) if good else latest, Signal.SWITCH_DUE
    if not good and at.search is None:
        yield AT_ONCE, Signal.SPARE_FAILING
