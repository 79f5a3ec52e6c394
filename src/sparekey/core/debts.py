"""Seats that must be given back: each release is sent again and again until it is answered (R12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sparekey.core import timing
from sparekey.core.decisions import Release


@dataclass(slots=True)
class _Debt:
    next_attempt: float
    pause: float
    until: float


class Debts:
    """What was taken, or may have been, and is not wanted any more."""

    def __init__(self) -> None:
        self._debts: dict[int, _Debt] = {}

    def __bool__(self) -> bool:
        return bool(self._debts)

    def __iter__(self) -> Iterator[int]:
        return iter(self._debts)

    def __contains__(self, number: int) -> bool:
        return number in self._debts

    def owe(self, number: int, now: float) -> None:
        """Take `number` is to be released, from now on for an hour at most."""
        self._debts[number] = _Debt(now, timing.RELEASE_FIRST, now + timing.RELEASE_FOR)

    def paid(self, number: int) -> None:
        """Its release was answered."""
        self._debts.pop(number, None)

    def due(self, now: float) -> Iterator[Release]:
        """The releases to send now."""
        self._debts = {number: debt for number, debt in self._debts.items() if debt.until > now}
        for number, debt in self._debts.items():
            if debt.next_attempt <= now:
                debt.next_attempt, debt.pause = now + debt.pause, min(2 * debt.pause, timing.RELEASE_MOST)
                yield Release(number)

    def next_timer(self) -> float:
        return min((debt.next_attempt for debt in self._debts.values()), default=float("inf"))
