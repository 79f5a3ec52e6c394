"""The switch of a fire drill, followed in the application's journal and status."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from sparekey.client.drill import FRESH, DrillRequest, ask, withdraw
from sparekey.client.running import read_status
from sparekey.core.drills import Mark, Step
from sparekey.core.entries import Entry
from sparekey.core.timing import DRILL_PATIENCE
from sparekey.core.variables import DRILL, SERIAL_NUMBER, Change, Name, Quality
from sparekey.drill.plan import Plan
from sparekey.host import boot_clock
from sparekey.journal import Journal

PERIOD: Final = 0.05
"""Seconds between two looks."""
LATE: Final = 3.0
"""Seconds that the application's disk may take to write what it was told, and what it did."""


class Switch:
    """One drill, from its request to the license that it led to. Times are on the boot clock."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self._plan = plan
        self._journal = journal
        self._read = journal.last
        self.request: DrillRequest | None = None
        self.steps: dict[Step, Change] = {}
        """What the application has told of each step."""
        self.change: Change | None = None
        """The change of the serial number."""
        self.after: Entry | None = None
        """The license that is in use after it."""
        self.lease_left = float("inf")
        """Seconds that the application could go on without a server, the least that was seen."""
        self._gone = False

    def follow(self) -> str:
        """Ask, and look until it is over; return why there was no switch, empty where there was one.

        A request that nobody has taken is withdrawn, whatever happens. Raise sqlite3.Error or StateError.
        """
        self.request = ask(self._plan.system, self._plan.app, self._plan.start)
        try:
            return next(filter(None, self._looks(self.request)), "")
        finally:
            withdraw(self._plan.system, self._plan.app)

    def look(self) -> None:
        """Read what is new."""
        for change in self._journal.after(self._read):
            self._read = change.number
            self._note(change)
        status = read_status(self._plan.system, self._plan.app)
        self._gone = status is None or not status.is_current
        until = status.valid_until_boottime if status else None
        self.lease_left = min(self.lease_left, max(0.0, until - boot_clock()) if until else 0.0)
        if status and self.change and status.serial == self.change.new.value:
            self.after = status.license

    def _looks(self, request: DrillRequest) -> Iterator[str]:
        """Why it is over, look by look; nothing as long as it is not. It ends with the switch."""
        while self.after is None:
            time.sleep(PERIOD)
            self.look()
            yield self._end(boot_clock() - request.asked)

    def _end(self, elapsed: float) -> str:
        """Why there will be no switch, after so many seconds; empty where there may be one."""
        app = self._plan.app
        for step in (Step.FAILED, Step.REFUSED):
            if step in self.steps:
                return self.steps[step].reason
        if self._gone:
            return f"{app} has ended, or stands still"
        if Step.BEGUN not in self.steps and elapsed > FRESH + LATE and withdraw(self._plan.system, app):
            return f"{app} has not taken the request within {elapsed:.0f} s; is it of an older version?"
        if elapsed > FRESH + DRILL_PATIENCE + 2 * LATE:
            return f"{app} has not told in {elapsed:.0f} s what became of it: can its journal be written?"
        return ""

    def _note(self, change: Change) -> None:
        plan = self._plan
        if change.name.owner != plan.app or change.new.quality is Quality.BAD:
            return
        if change.name.variable == DRILL:
            mark = Mark.parse(change.new.value)
            if mark and self.request and mark.request == self.request.id:
                self.steps[mark.step] = change
        elif change.name == Name(plan.app, SERIAL_NUMBER) and Step.SWITCHED in self.steps and self.change is None:
            self.change = change
