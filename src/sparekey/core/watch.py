"""Redundancy that is gone is seen before it is needed (R13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sparekey.core import timing
from sparekey.core.decisions import Ask
from sparekey.core.entries import Entry
from sparekey.core.findings import Finding

PATIENCE = 3
"""So many rounds in a row must find too few backups before it is an alarm."""


class Watch:
    """Asks the backups every `check` seconds, +-20 %, and counts how many could be taken.

    A license that several entries name, or name together with `*`, is one backup; the one in use is none.
    """

    def __init__(self, check: float, min_backups: int, draw: Callable[[], float]) -> None:
        self._check = check
        self._min_backups = min_backups
        self._draw = draw
        self._pending: set[Entry] = set()
        self._in_use = ""
        self._ready: set[str] = set()
        self._short = 0
        self.next_timer = float("inf")
        self.available: int | None = None
        """How many backups could be taken at the last round."""

    @property
    def missing(self) -> int:
        """How many backups have been too few for so many rounds that it is an alarm; 0 where it is none."""
        return max(0, self._min_backups - (self.available or 0)) if self._short >= PATIENCE else 0

    def begin(self, now: float) -> None:
        """Make the next round soon: the license in use has just changed."""
        self._schedule(now, min(self._check, 5.0))

    def follow(self, check: float, min_backups: int) -> None:
        """The list has changed (R5)."""
        self._check, self._min_backups = check, min_backups

    def ask(self, entries: Iterable[Entry], now: float, in_use: str = "") -> list[Ask]:
        """Begin a round: ask these, while the license `in_use` is. Where there are none, the caller concludes."""
        self._schedule(now, self._check)
        asks = [Ask(entry, timing.ASK_TIMEOUT) for entry in entries]
        self._pending = {ask.entry for ask in asks}
        self._in_use, self._ready = in_use, set()
        return asks

    def found(self, entry: Entry, finding: Finding) -> str | None:
        """An entry's finding; the alarm's text where this round makes it one."""
        if entry not in self._pending:
            return None
        self._pending.remove(entry)
        self._ready |= finding.takeable - {self._in_use}
        return None if self._pending else self.conclude()

    def conclude(self) -> str | None:
        """The round is over; the alarm's text where it makes it one."""
        self.available = len(self._ready)
        self._short = self._short + 1 if self.available < self._min_backups else 0
        if self._short != PATIENCE:
            return None
        return f"redundancy is gone: {self.available} backups could be taken, {self._min_backups} are wanted"

    def _schedule(self, now: float, period: float) -> None:
        self.next_timer = now + period * (0.8 + 0.4 * self._draw())
