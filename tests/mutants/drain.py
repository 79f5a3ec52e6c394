"""Mutants of a license server that is being emptied, of those that are to leave it, and of a fire drill (R7)."""

from __future__ import annotations

from .mutant import CORE, Mutant

_ACTIONS = CORE + "actions.py"
_HOLDING = CORE + "holding.py"
_SEATS = CORE + "seats.py"
_TABLE = CORE + "transitions.py"

DRAIN = (
    Mutant(
        "a server that is emptied grants what is free",
        "R7",
        _SEATS,
        "        if self.draining:",
        "        if self.draining and not pool.free:",
    ),
    Mutant(
        "who is to leave leaves without another license",
        "R7",
        _TABLE,
        "Signal.DRAINING: Row(State.LEAVING, actions.leave),",
        "Signal.DRAINING: Row(State.SEEK, actions.lose),",
    ),
    Mutant(
        "a drain is taken for a refusal",
        "R7",
        _HOLDING,
        "self.in_flight, self.draining = False, drain",
        "self.in_flight, self.draining, self.refused = False, drain, drain",
    ),
    Mutant(
        "who is to leave renews no more",
        "R7",
        _HOLDING,
        'float("inf") if self.in_flight or self.refused else',
        'float("inf") if self.in_flight or self.refused or self.draining else',
    ),
    Mutant(
        "who is to leave looks for nothing",
        "R7",
        _ACTIONS,
        "_doubt_for_drain(at, cause)\n    at.search_from(cause.now, cause.now)",
        "_doubt_for_drain(at, cause)",
    ),
    Mutant(
        "a drill leaves without another license",
        "R7",
        _TABLE,
        "Signal.DRILL: Row(State.LEAVING, actions.begin_drill),",
        "Signal.DRILL: Row(State.SEEK, actions.lose),",
    ),
    Mutant(
        "a drill never ends",
        "R7",
        _ACTIONS,
        "at.drill_until = cause.now + timing.DRILL_PATIENCE",
        "at.drill_until = cause.now + 10 * timing.DRILL_PATIENCE",
    ),
    Mutant(
        "a drill looks for nothing",
        "R7",
        _ACTIONS,
        "    look_for_spare(at, cause)\n    at.drill_until",
        "    at.drill_until",
    ),
)
