"""Whichever comes first: ask all, take one (R12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from sparekey.core import timing
from sparekey.core.debts import Debts
from sparekey.core.decisions import Ask, Decision, Take
from sparekey.core.entries import Entry
from sparekey.core.findings import Finding, State


@dataclass(slots=True)
class _Candidate:
    entry: Entry
    ask_at: float | None
    finding: Finding | None = None
    since: float = 0.0
    unanswered: int = 0
    """How many takes of it were not answered."""

    @property
    def unasked(self) -> bool:
        return self.finding is None and self.ask_at is not None

    @property
    def ready(self) -> bool:
        return self.finding is not None and self.finding.state is State.READY


@dataclass(frozen=True, slots=True)
class _Taking:
    number: int
    candidate: _Candidate
    since: float


class Search:
    """Every candidate is asked at once, without a seat being taken; then a seat is taken in list order.

    One take is under way at a time. `draw` gives the next random number in [0, 1), `numbers` the next take's.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        *,
        begin: float,
        spare: bool,
        numbers: Iterator[int],
        debts: Debts,
        draw: Callable[[], float],
    ) -> None:
        self._candidates = [_Candidate(entry, begin) for entry in entries]
        self._taking: _Taking | None = None
        self._spare = spare
        self._numbers = numbers
        self._debts = debts
        self._draw = draw

    @property
    def exhausted(self) -> bool:
        """Whether every candidate has said no, for now, or is silent."""
        return self._taking is None and all(c.finding is not None and not c.ready for c in self._candidates)

    def findings(self) -> Iterator[tuple[Entry, Finding]]:
        return ((c.entry, c.finding) for c in self._candidates if c.finding)

    def found(self, entry: Entry, finding: Finding, now: float) -> None:
        """An entry was asked: this is what became of it. What others asked before this search did says nothing here:
        an entry whose answer is late would seem ready before those that answered in time."""
        for candidate in self._candidates:
            if candidate.entry == entry and not candidate.unasked:
                self._note(candidate, finding, now)

    def judge_anew(self) -> None:
        """What licenses are measured by has changed: ask those again that were not good enough (R3)."""
        for candidate in self._candidates:
            if candidate.finding and candidate.finding.state is State.WORSE:
                candidate.finding, candidate.ask_at = None, float("-inf")

    def take_granted(self, number: int) -> None:
        """Take `number` has brought a lease, which is no longer the search's."""
        if self._taking and self._taking.number == number:
            self._taking = None

    def take_ended(self, number: int, state: State, reason: str, now: float) -> None:
        """Take `number` was refused or came to nothing. Whoever left it unanswered may only have been slow: it is asked
        at once whether it is there."""
        if self._taking and self._taking.number == number:
            taking, self._taking = self._taking, None
            candidate = taking.candidate
            self._note(candidate, Finding(state, candidate.entry.serial, reason), now)
            if state is State.SILENT and now >= taking.since + timing.ABANDON_AFTER:
                candidate.ask_at = now
                candidate.unanswered += 1

    def taken_entry(self, number: int) -> Entry | None:
        """The entry for which take `number` is under way."""
        return self._taking.candidate.entry if self._taking and self._taking.number == number else None

    @property
    def taking(self) -> int | None:
        """The number of the take under way."""
        return self._taking.number if self._taking else None

    def abandon(self, now: float) -> None:
        """Leave the take under way: whatever comes of it is given back."""
        if self._taking:
            self._debts.owe(self._taking.number, now)
            self.take_ended(self._taking.number, State.SILENT, "the take was not answered", now)

    def step(self, now: float) -> Iterator[Decision]:
        """Ask who is to be asked, and take the seat whose turn it is."""
        for candidate in self._candidates:
            if candidate.ask_at is not None and candidate.ask_at <= now:
                candidate.ask_at = None
                yield Ask(candidate.entry, timing.ASK_TIMEOUT)
        if self._abandon_time() <= now:
            self.abandon(now)
        if self._taking is None and (choice := self._choice(now)) and choice.finding:
            number = next(self._numbers)
            self._taking = _Taking(number, choice, now)
            entry = replace(choice.entry, serial=choice.finding.serial)
            yield Take(number, entry, self._spare, timing.TAKE_TIMEOUT)

    def next_timer(self) -> float:
        times = [c.ask_at for c in self._candidates if c.ask_at is not None]
        if self._taking is None and (ready := [c.since for c in self._candidates if c.ready]):
            times.append(min(ready) + timing.RETRY)
        return min([*times, self._abandon_time()], default=float("inf"))

    def _choice(self, now: float) -> _Candidate | None:
        """The first entry that is ready, once those before it have answered or have had their quarter of a second; one
        that left a take unanswered comes after those that did not."""
        ready = [candidate for candidate in self._candidates if candidate.ready]
        if not ready:
            return None
        choice = min(ready, key=lambda candidate: candidate.unanswered)
        before = self._candidates[: self._candidates.index(choice)]
        patience_ends = min(candidate.since for candidate in ready) + timing.RETRY
        return choice if patience_ends <= now or all(candidate.finding for candidate in before) else None

    def _abandon_time(self) -> float:
        """When the take under way has had its time, if another entry is ready that left no more takes unanswered: among
        servers that are all slow, one is waited for."""
        if self._taking is None:
            return float("inf")
        taken = self._taking.candidate
        others = (c for c in self._candidates if c.ready and c is not taken and c.unanswered <= taken.unanswered)
        return self._taking.since + timing.ABANDON_AFTER if any(True for _ in others) else float("inf")

    def _note(self, candidate: _Candidate, finding: Finding, now: float) -> None:
        if not (candidate.ready and finding.state is State.READY):
            candidate.since = now
        candidate.finding = finding
        if finding.state is State.READY:
            candidate.ask_at = None
            return
        soon = finding.state in (State.FULL, State.SILENT, State.DRAINING)
        pause = timing.ASK_AGAIN_MIN + timing.ASK_AGAIN_SPREAD * self._draw()
        candidate.ask_at = now + (pause if soon else pause * timing.ASK_LATER_FACTOR)
