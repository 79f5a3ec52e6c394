"""Mutants of how long a holder stays with a license, and what it believes and tells (R7-R10, R13, S1)."""

from __future__ import annotations

from .mutant import CORE, Mutant

_ACTIONS = CORE + "actions.py"
_DUE = CORE + "due.py"
_HOLDING = CORE + "holding.py"
_HOMECOMING = CORE + "homecoming.py"
_REDUNDANCY = CORE + "redundancy.py"
_SITUATION = CORE + "situation.py"
_TABLE = CORE + "transitions.py"
_TIMING = CORE + "timing.py"

HOLDERS = (
    Mutant(
        "a renewal comes too late",
        "R7",
        _TIMING,
        "return min(ttl / 4, 60.0) * (1.0 - 0.1 * draw)",
        "return ttl * (1.0 - 0.1 * draw)",
    ),
    Mutant(
        "the first renewal comes too late",
        "R7",
        _TIMING,
        "return renewal(ttl, 0.0) * (1.0 - draw)",
        "return ttl * (1.0 - draw)",
    ),
    Mutant(
        "an attempt does not fail in time",
        "R7",
        _TIMING,
        "return min(ttl / 10, 3.0)",
        "return ttl",
    ),
    Mutant(
        "one's own server is not tried again",
        "R7",
        _HOLDING,
        "self._doubt(reason, now, now + timing.RETRY)",
        "self._doubt(reason, now, now + 1e9)",
    ),
    Mutant(
        "a broken connection is ignored",
        "R7",
        _REDUNDANCY,
        ("if holding and holding.sound:\n                    holding.broken"),
        ("if holding and not holding.sound:\n                    holding.broken"),
    ),
    Mutant(
        "the search for a spare begins late",
        "R7",
        _ACTIONS,
        "cause.now + timing.SEARCH_SPREAD * at.draw()",
        "cause.now + 20 * timing.SEARCH_SPREAD * at.draw()",
    ),
    Mutant(
        "a switch does not wait for ttl/10",
        "R7",
        _TIMING,
        "return max(sent + 0.6 * ttl, suspect + ttl / 10)",
        "return sent + 0.6 * ttl",
    ),
    Mutant(
        "a switch at 0.9 ttl",
        "R7",
        _TIMING,
        "return max(sent + 0.6 * ttl,",
        "return max(sent + 0.9 * ttl,",
    ),
    Mutant(
        "a switch at 0.4 ttl",
        "R7",
        _TIMING,
        "return max(sent + 0.6 * ttl,",
        "return max(sent + 0.4 * ttl,",
    ),
    Mutant(
        "a server that is back is left all the same",
        "R7",
        _TABLE,
        ("        Signal.RENEWED: Row(State.HOLD, actions.recover),\n        Signal.SWITCH_DUE"),
        ("        Signal.RENEWED: Row(State.HOLD, actions.switch),\n        Signal.SWITCH_DUE"),
    ),
    Mutant(
        "a spare is not given back",
        "R7",
        _ACTIONS,
        ("at.give_back(at.spare, cause.now)\n    at.spare = None"),
        "at.spare = None",
    ),
    Mutant(
        "a spare that is replaced is not given back",
        "R7",
        _ACTIONS,
        ("at.give_back(at.spare, cause.now)\n    at.spare, at.search"),
        "at.spare, at.search",
    ),
    Mutant(
        "a refusal is not final",
        "R7",
        _HOLDING,
        "self.in_flight, self.refused, self.trouble = False, True, reason",
        "self.in_flight, self.refused, self.trouble = False, False, reason",
    ),
    Mutant(
        "silence is final",
        "R7",
        _HOLDING,
        "self.failing_since = now",
        "self.failing_since, self.refused = now, True",
    ),
    Mutant(
        "taken-over is ignored",
        "R7",
        _REDUNDANCY,
        "elif problem is Problem.TAKEN_OVER:",
        "elif problem is Problem.WRONG_SECRET:",
    ),
    Mutant(
        "a switch back when the initial license is back",
        "R8",
        _REDUNDANCY,
        "self.at.note_finding(entry, assess(entry, others, self.at.measure), now)",
        (
            "self.at.note_finding(entry, assess(entry, others, self.at.measure), now)\n"
            "                if self.at.in_use and entry.number == 0 < self.at.in_use.entry.number:\n"
            "                    self.at.in_use.refuse('the initial license is back')"
        ),
    ),
    Mutant(
        "what was in use before is not given back",
        "R8",
        _ACTIONS,
        ("at.give_back(at.in_use, cause.now)\n    _use(at, cause.lease or at.spare"),
        "_use(at, cause.lease or at.spare",
    ),
    Mutant(
        "a start forgets what the earlier run left behind",
        "R9",
        _HOMECOMING,
        "if entry.serial != home.serial]",
        "if entry.serial == home.serial]",
    ),
    Mutant(
        "what the earlier run left behind is not given back at home",
        "R9",
        _ACTIONS,
        ("at.give_back(at.spare, cause.now)\n    _use(at, cause.lease, Kind.ACQUIRED, cause)"),
        "_use(at, cause.lease, Kind.ACQUIRED, cause)",
    ),
    Mutant(
        "a start begins on what it gets first",
        "R9",
        _TABLE,
        "Signal.GRANTED: Row(State.START, actions.keep_leftover)",
        "Signal.GRANTED: Row(State.HOLD, actions.acquire)",
    ),
    Mutant(
        "a change of serial number is not told",
        "R10",
        _SITUATION,
        "self.decide(SerialChanged(self.serial, serial, entry, reason))",
        "self.decide(None)",
    ),
    Mutant(
        "what is no change is told",
        "R10",
        _SITUATION,
        "if self.serial is not None and serial != self.serial:",
        "if self.serial is not None:",
    ),
    Mutant(
        "a change of serial number is told twice",
        "R10",
        _SITUATION,
        ("self.decide(SerialChanged(self.serial, serial, entry, reason))\n        self.serial = serial"),
        (
            "self.decide(SerialChanged(self.serial, serial, entry, reason))\n"
            "            self.decide(SerialChanged(self.serial, serial, entry, reason))\n"
            "        self.serial = serial"
        ),
    ),
    Mutant(
        "a start does not remember the serial number",
        "R10",
        _SITUATION,
        "self.serial = past.serial",
        "self.serial: str | None = None",
    ),
    Mutant(
        "the watch never alarms",
        "R13",
        CORE + "watch.py",
        "if self._short != PATIENCE:",
        "if self._short >= 0:",
    ),
    Mutant(
        "the ttl of a grant counts from the answer",
        "S1",
        _REDUNDANCY,
        "event.ttl, event.sent, next_attempt, spare,",
        "event.ttl, now, next_attempt, spare,",
    ),
    Mutant(
        "the ttl of a renewal counts from the answer",
        "S1",
        _REDUNDANCY,
        "holding.renewed(sent, ttl,",
        "holding.renewed(now, ttl,",
    ),
    Mutant(
        "no margin",
        "S1",
        _TIMING,
        "return 0.25 + 0.002 * ttl",
        "return 0.0 * ttl",
    ),
    Mutant(
        "a holder that was suspended goes on",
        "S1",
        _DUE,
        ("yield own.deadline, Signal.DEADLINE\n    if not own.sound"),
        "if not own.sound",
    ),
    Mutant(
        "belief that ended goes on while the server is silent",
        "S1",
        _DUE,
        ("yield own.deadline, Signal.DEADLINE\n    if not at.has_decided"),
        "if not at.has_decided",
    ),
    Mutant(
        "a lease that is lost is not given back",
        "R12",
        _ACTIONS,
        ("at.give_back(at.in_use, cause.now)\n    at.in_use = None\n    at.trouble"),
        ("at.in_use = None\n    at.trouble"),
    ),
)
