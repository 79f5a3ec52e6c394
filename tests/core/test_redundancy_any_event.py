"""Whatever comes, in whatever order: late, doubled, of numbers that nobody knows, after any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scripted import DEMO_TERMS, entry, listed, terms
from sparekey.core import timing
from sparekey.core.decisions import Decision, ReserveDemo, Take, UseLease
from sparekey.core.events import (
    Answered,
    Broken,
    ClockJumped,
    DemoReserved,
    Event,
    Failed,
    Granted,
    Listed,
    Refused,
    Released,
    Renewed,
    Stopping,
    Tick,
    Unanswered,
)
from sparekey.core.findings import Offer
from sparekey.core.past import Manners, Past
from sparekey.core.problems import Problem
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import State
from sparekey.core.terms import Validity

ENTRIES = [entry(0, "A"), entry(1, "B"), entry(2, "C"), entry(3, "*", "d")]
LISTS = [replace(listed("A"), entries=tuple(ENTRIES), demo=True), listed("A", "C"), listed("C", "B", demo=True)]
LICENSES = [terms("A"), terms("B"), terms("C"), terms("D"), terms("worse", tags=1)]

Coming = Callable[["Case"], Event]
"""An event that depends on what the case has seen so far."""

ages = st.sampled_from([0.0, 0.01, 0.5, 3.0, 20.0])
lives = st.sampled_from([5.0, 30.0, 3600.0])
drains = st.sampled_from([False, False, True])
offers = st.builds(
    lambda license_, free, mine, drain: Offer(license_.serial, license_, Validity.VALID, free, mine, draining=drain),
    st.sampled_from(LICENSES),
    st.integers(0, 1),
    st.booleans(),
    drains,
)
numbers = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 30])
"""Of the takes that were decided, the one so far back; more than there are is a number that nobody knows."""

coming = st.one_of(
    st.builds(
        lambda back, age, ttl, license_, drain: lambda c: Granted(c.number(back), c.now - age, ttl, license_, drain),
        numbers, ages, lives, st.sampled_from(LICENSES), drains,
    ),
    st.builds(
        lambda back, age, ttl, drain: lambda c: Renewed(c.number(back), c.now - age, ttl, drain),
        numbers, ages, lives, drains,
    ),
    st.builds(
        lambda back, problem, spare: lambda c: Refused(c.number(back), problem, str(problem), spare),
        numbers, st.sampled_from([problem for problem in Problem if problem.signed]), st.booleans(),
    ),
    st.builds(lambda back, sent: lambda c: Failed(c.number(back), "silent", sent), numbers, st.booleans()),
    st.builds(lambda back: lambda c: Broken(c.number(back), "gone"), numbers),
    st.builds(lambda back: lambda c: Released(c.number(back)), numbers),
    st.builds(lambda e, o: lambda _: Answered(e, tuple(o)), st.sampled_from(ENTRIES), st.lists(offers, max_size=3)),
    st.builds(lambda e: lambda _: Unanswered(e, "silent"), st.sampled_from(ENTRIES)),
    st.builds(lambda entries: lambda _: Listed(entries), st.sampled_from(LISTS)),
    st.builds(lambda back: lambda c: DemoReserved(c.reservation(back)), numbers),
    st.sampled_from([lambda _: Tick(), lambda _: Tick(), lambda _: ClockJumped()]),
)  # fmt: skip
pauses = st.sampled_from([0.0, 0.0, 0.01, 0.25, 1.0, 7.5, 18.0, 60.0, 4000.0])


class Case:
    """A core among random events, and what must hold after each."""

    def __init__(self, past: Past, demo: bool) -> None:
        self.now = 100.0
        self.core = Redundancy(
            replace(LISTS[0], demo=demo), now=self.now, draw=lambda: 0.5, past=past, manners=Manners(), demo=DEMO_TERMS
        )
        self._takes: list[int] = []
        self._reservations: list[float] = []
        self._granted: dict[int, float] = {}
        """What was granted and must be given back or held, and when."""
        self._promised: dict[int, float] = {}

    def number(self, back: int) -> int:
        return self._takes[-1 - back] if back < len(self._takes) else 1000 + back

    def reservation(self, back: int) -> float:
        return self._reservations[-1 - back] if back < len(self._reservations) else 5.0

    def receive(self, event: Event) -> None:
        self._note_event(event)
        for decision in self.core.receive(event, self.now):
            self._note_decision(decision)
        self._check_belief()
        self._check_seats()

    def let_timers_run(self) -> None:
        for _ in range(5):
            if self.core.next_timer() > self.now:
                return
            self.receive(Tick())
        raise AssertionError(f"busy: {self.core.state} at {self.now}, next {self.core.next_timer()}")

    def _note_event(self, event: Event) -> None:
        if isinstance(event, Granted | Renewed):
            promise = event.sent + timing.belief(event.ttl)
            self._promised[event.number] = max(promise, self._promised.get(event.number, promise))
        if isinstance(event, Granted):
            self._granted.setdefault(event.number, self.now)
        if isinstance(event, Released):
            self._granted.pop(event.number, None)

    def _note_decision(self, decision: Decision) -> None:
        if isinstance(decision, Take):
            self._takes.append(decision.number)
        if isinstance(decision, ReserveDemo):
            self._reservations.append(decision.used)
        if isinstance(decision, UseLease):
            assert decision.number in self._promised

    def _check_belief(self) -> None:
        own = self.core.at.in_use
        if own:
            assert self.core.valid_until <= self._promised[own.number]
        elif self.core.state is not State.DEMO:
            assert self.core.valid_until == float("-inf")

    def _check_seats(self) -> None:
        held = {holding.number for holding in self.core.at.holdings()}
        assert not any(number in self.core.at.debts for number in held)
        for number, since in self._granted.items():
            forgotten = self.now > since + timing.RELEASE_FOR
            assert number in held or number in self.core.at.debts or forgotten


@settings(max_examples=300, deadline=None)
@given(
    demo=st.booleans(),
    past=st.sampled_from([Past(), Past("B", terms("A")), Past("A", terms("A"), (entry(1, "B"), entry(2, "C")))]),
    steps=st.lists(st.tuples(pauses, coming), max_size=60),
)
def test_any_event_at_any_time(demo: bool, past: Past, steps: list[tuple[float, Coming]]) -> None:
    case = Case(past, demo)
    case.receive(Tick())
    for pause, event in steps:
        case.now += pause
        case.receive(event(case))
        case.let_timers_run()
    case.receive(Stopping())
    assert case.core.state is State.STOP
    assert case.core.at.holdings() == []
