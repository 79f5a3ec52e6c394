"""The redundancy core as a table: in each state, what may happen, where that leads, and what is done on the way.

START    waits for the initial license for INITIAL_WAIT; may hold, as its spare, what an earlier run left behind (R9).
SEEK     holds nothing, asks every entry again and again, and takes what comes first (R12).
HOLD     has a license whose server answers. It stays there, whatever becomes free elsewhere (R8).
SUSPECT  has a license whose server is silent or has refused; looks for a spare (R7).
SECURED  is suspect, and holds a spare; goes over to it when it is time, gives it back when the server answers (R7).
LEAVING  has a license whose server answers, but is being emptied, or a fire drill is on; looks for another, and stays
         until it has one (R7).
REGAIN   slept through its lease; asks for its own serial once before it calls it lost (S1).
DEMO     runs on the demo license and goes on asking for a real one (R6).
STOP     gives back what it had; final.

A signal that a state has no row for changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sparekey.core import actions
from sparekey.core.actions import Cause
from sparekey.core.situation import Situation
from sparekey.core.states import Signal, State


@dataclass(frozen=True, slots=True)
class Row:
    """Where a signal leads, and what is done on the way."""

    next: State
    action: Callable[[Situation, Cause], None]


TABLE: Mapping[State, Mapping[Signal, Row]] = {
    State.START: {
        Signal.HOME_GRANTED: Row(State.HOLD, actions.go_home),
        Signal.GRANTED: Row(State.START, actions.keep_leftover),
        Signal.SPARE_GONE: Row(State.START, actions.forget_spare),
        Signal.WAIT_OVER_SECURED: Row(State.HOLD, actions.start_on_spare),
        Signal.WAIT_OVER: Row(State.SEEK, actions.seek),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.SEEK: {
        Signal.GRANTED: Row(State.HOLD, actions.acquire),
        Signal.EXHAUSTED: Row(State.SEEK, actions.try_demo),
        Signal.DEMO_READY: Row(State.DEMO, actions.run_demo),
        Signal.TIME_OVER: Row(State.STOP, actions.give_up),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.HOLD: {
        Signal.FAILING: Row(State.SUSPECT, actions.look_for_spare),
        Signal.REFUSED: Row(State.SUSPECT, actions.leave_refused),
        Signal.TAKEN_OVER: Row(State.SEEK, actions.lose),
        Signal.DEADLINE: Row(State.REGAIN, actions.ask_own),
        Signal.DRAINING: Row(State.LEAVING, actions.leave),
        Signal.DRILL: Row(State.LEAVING, actions.begin_drill),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.SUSPECT: {
        Signal.RENEWED: Row(State.HOLD, actions.recover),
        Signal.GRANTED: Row(State.SECURED, actions.secure),
        Signal.REFUSED: Row(State.SUSPECT, actions.note_refusal),
        Signal.TAKEN_OVER: Row(State.SEEK, actions.lose),
        Signal.DECIDE: Row(State.SUSPECT, actions.demo_or_end),
        Signal.DEMO_READY: Row(State.DEMO, actions.run_demo),
        Signal.DEADLINE: Row(State.SEEK, actions.lose),
        Signal.OVERSLEPT: Row(State.REGAIN, actions.ask_own),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.SECURED: {
        Signal.RENEWED: Row(State.HOLD, actions.recover),
        Signal.SWITCH_DUE: Row(State.HOLD, actions.switch),
        Signal.REFUSED: Row(State.SECURED, actions.note_refusal),
        Signal.DRAINING: Row(State.HOLD, actions.leave_for_spare),
        Signal.TAKEN_OVER: Row(State.HOLD, actions.switch_at_once),
        Signal.SPARE_FAILING: Row(State.SECURED, actions.look_for_another),
        Signal.GRANTED: Row(State.SECURED, actions.secure),
        Signal.SPARE_GONE: Row(State.SUSPECT, actions.replace_spare),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.LEAVING: {
        Signal.GRANTED: Row(State.HOLD, actions.move),
        Signal.DRAIN_OVER: Row(State.HOLD, actions.stay),
        Signal.DRILL_OVER: Row(State.HOLD, actions.end_drill),
        Signal.EXHAUSTED: Row(State.LEAVING, actions.tell_stuck),
        Signal.FAILING: Row(State.SUSPECT, actions.look_for_spare),
        Signal.REFUSED: Row(State.SUSPECT, actions.leave_refused),
        Signal.TAKEN_OVER: Row(State.SEEK, actions.lose),
        Signal.DEADLINE: Row(State.REGAIN, actions.ask_own),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.REGAIN: {
        Signal.RENEWED: Row(State.HOLD, actions.recover),
        Signal.FAILING: Row(State.SEEK, actions.lose),
        Signal.REFUSED: Row(State.SEEK, actions.lose),
        Signal.TAKEN_OVER: Row(State.SEEK, actions.lose),
        Signal.DEADLINE: Row(State.SEEK, actions.lose),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.DEMO: {
        Signal.GRANTED: Row(State.HOLD, actions.switch),
        Signal.DEMO_READY: Row(State.DEMO, actions.extend_demo),
        Signal.DEMO_OVER: Row(State.SEEK, actions.lose),
        Signal.STOPPING: Row(State.STOP, actions.stop),
    },
    State.STOP: {},
}
