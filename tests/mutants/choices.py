"""Mutants of how a holder chooses a license, and gives back what it does not want (R3, R6, R12)."""

from __future__ import annotations

from .mutant import CORE, Mutant

_ACTIONS = CORE + "actions.py"
_DUE = CORE + "due.py"
_FINDINGS = CORE + "findings.py"
_HOMECOMING = CORE + "homecoming.py"
_REDUNDANCY = CORE + "redundancy.py"
_SEARCH = CORE + "search.py"
_SITUATION = CORE + "situation.py"
_TABLE = CORE + "transitions.py"
_TERMS = CORE + "terms.py"

CHOICES = (
    Mutant(
        "a limit that is equal counts as less",
        "R3",
        _TERMS,
        "other == UNLIMITED or limit < other",
        "other == UNLIMITED or limit <= other",
    ),
    Mutant(
        "a version that is equal counts as lower",
        "R3",
        _TERMS,
        "if difference < 0 else ()",
        "if difference <= 0 else ()",
    ),
    Mutant(
        "a lower version is good enough",
        "R3",
        _TERMS,
        "if difference < 0 else ()",
        "if difference < -1e9 else ()",
    ),
    Mutant(
        "a missing limit is good enough",
        "R3",
        _TERMS,
        "backup.limits.get(name, 0)",
        "backup.limits.get(name, limit)",
    ),
    Mutant(
        "any number is as good as unlimited",
        "R3",
        _TERMS,
        "(other == UNLIMITED or limit < other)",
        "limit < other",
    ),
    Mutant(
        "a missing module is good enough",
        "R3",
        _TERMS,
        "sorted(initial.modules - backup.modules)",
        "sorted(initial.modules & frozenset())",
    ),
    Mutant(
        "a backup is not measured",
        "R3",
        _FINDINGS,
        "return shortfalls(terms, self.reference)",
        "return ()",
    ),
    Mutant(
        "what is not known is good enough",
        "R3",
        _FINDINGS,
        "return (_UNKNOWN.format(serial=self.initial),)",
        "return ()",
    ),
    Mutant(
        "demo time begins anew at each start",
        "R6",
        _SITUATION,
        "DemoClock(demo, past.demo_used)",
        "DemoClock(demo, 0.0)",
    ),
    Mutant(
        "more demo time than there is",
        "R6",
        CORE + "demo.py",
        "min(self._used + AHEAD, self._total)",
        "self._used + AHEAD",
    ),
    Mutant(
        "all demo time is given back at the end",
        "R6",
        CORE + "demo.py",
        "self._used -= max(0.0, self.until - now)",
        "self._used = 0.0",
    ),
    Mutant(
        "demo runs on beyond its time",
        "R6",
        _DUE,
        "yield at.demo.until, Signal.DEMO_OVER",
        "yield at.demo.until + 60, Signal.DEMO_OVER",
    ),
    Mutant(
        "demo is not asked for leave",
        "R6",
        _SITUATION,
        "return self.list.demo and terms is not None",
        "return terms is not None",
    ),
    Mutant(
        "demo takes no license that comes",
        "R6",
        _TABLE,
        ("        Signal.GRANTED: Row(State.HOLD, actions.switch),\n        Signal.DEMO_READY: Row(State.DEMO"),
        "        Signal.DEMO_READY: Row(State.DEMO",
    ),
    Mutant(
        "the order of entries is ignored",
        "R12",
        _SEARCH,
        "return choice if patience_ends",
        "return ready[-1] if patience_ends",
    ),
    Mutant(
        "a search takes two at once",
        "R12",
        _SEARCH,
        "if self._taking is None and (choice := self._choice(now))",
        "if (choice := self._choice(now))",
    ),
    Mutant(
        "an abandoned take is not released",
        "R12",
        _SEARCH,
        ("self._debts.owe(self._taking.number, now)\n            self.take_ended"),
        "self.take_ended",
    ),
    Mutant(
        "a take that failed is not released",
        "R12",
        _REDUNDANCY,
        ("if event.sent:\n                at.debts.owe"),
        ("if not event.sent:\n                at.debts.owe"),
    ),
    Mutant(
        "a release is sent once",
        "R12",
        CORE + "debts.py",
        "now + debt.pause, min(",
        "now + 1e9, min(",
    ),
    Mutant(
        "an entry that was full is not asked again",
        "R12",
        _SEARCH,
        "soon = finding.state in (State.FULL, State.SILENT, State.DRAINING)",
        "soon = finding.state in (State.SILENT, State.DRAINING)",
    ),
    Mutant(
        "an entry that was silent is not asked again",
        "R12",
        _SEARCH,
        "soon = finding.state in (State.FULL, State.SILENT, State.DRAINING)",
        "soon = finding.state in (State.FULL, State.DRAINING)",
    ),
    Mutant(
        "the wait for the initial license is left out",
        "R12",
        _SITUATION,
        "now + entries.initial_wait, past.leftovers",
        "now, past.leftovers",
    ),
    Mutant(
        "full is final though one holds a spare",
        "R12",
        _HOMECOMING,
        "if problem is not Problem.NO_FREE_SEAT or not spare_among_holders:",
        "if problem or spare_among_holders:",
    ),
    Mutant(
        "a stop gives nothing back",
        "R12",
        _ACTIONS,
        ("for holding in at.holdings():\n        at.give_back(holding, cause.now)\n    at.in_use"),
        "at.in_use",
    ),
)
