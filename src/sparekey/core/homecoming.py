"""A start goes home: the initial license is asked for until it is had, refused, or the wait is over (R9, R12)."""

from __future__ import annotations

from collections.abc import Iterator

from sparekey.core import timing
from sparekey.core.debts import Debts
from sparekey.core.decisions import Take
from sparekey.core.entries import Entry
from sparekey.core.problems import Problem


class Homecoming:
    """One take of entry 0, repeated; and one of each seat that the earlier run left behind."""

    def __init__(self, home: Entry, until: float, leftovers: tuple[Entry, ...], numbers: Iterator[int]) -> None:
        self.home = home
        self.until = until
        self._number = next(numbers)
        self._next_attempt = float("-inf")
        self._in_flight = False
        self._may_be_granted = False
        self._ended = False
        left = [entry for entry in leftovers if entry.serial != home.serial]
        self._unsent = {next(numbers): entry for entry in left}
        self._leftovers = dict(self._unsent)
        self.reason = "not asked yet"
        """Why there is no home yet, in words."""

    @property
    def outstanding(self) -> set[int]:
        """The takes of which something may still come."""
        return set() if self._ended else {self._number, *self._leftovers}

    def is_home(self, number: int) -> bool:
        return number == self._number

    def leftover(self, number: int) -> Entry | None:
        """The entry of a leftover's take that has been answered now."""
        return self._leftovers.pop(number, None)

    def failed(self, reason: str, now: float, *, sent: bool = True) -> None:
        """The take of entry 0 came to nothing; it is tried again (R12)."""
        self.reason = reason
        self._in_flight = False
        self._may_be_granted = self._may_be_granted or sent
        self._next_attempt = now + timing.RETRY

    def refused(self, problem: Problem, reason: str, now: float, *, spare_among_holders: bool) -> None:
        """A signed refusal ends the wait; "full" does not while somebody holds it as a spare (R12)."""
        self.failed(reason, now, sent=False)
        if problem is not Problem.NO_FREE_SEAT or not spare_among_holders:
            self.until = now

    def step(self, now: float) -> Iterator[Take]:
        for number, entry in self._unsent.items():
            yield Take(number, entry, spare=True, timeout=timing.TAKE_TIMEOUT)
        self._unsent = {}
        if not self._in_flight and self._next_attempt <= now:
            self._in_flight = True
            yield Take(self._number, self.home, spare=False, timeout=timing.ASK_TIMEOUT)

    def end(self, debts: Debts, now: float, *, got_home: bool = False) -> None:
        """What is still under way, or may have been granted, is given back."""
        for number in self._leftovers.keys() - self._unsent.keys():
            debts.owe(number, now)
        if not got_home and (self._in_flight or self._may_be_granted):
            debts.owe(self._number, now)
        self._leftovers, self._unsent = {}, {}
        self._in_flight = self._may_be_granted = False
        self._ended = True

    def next_timer(self) -> float:
        return float("-inf") if self._unsent else float("inf") if self._in_flight else self._next_attempt
