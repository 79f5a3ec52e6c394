"""The system variables of an application: what it holds now, row by row into the journal as it changes (R10)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TypeAlias

from sparekey.core import variables as names
from sparekey.core.entries import DEMO, INITIAL, UNLISTED
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import State
from sparekey.core.variables import Name, Quality, Reading, Value
from sparekey.host import boot_clock
from sparekey.journal import Observation

Put: TypeAlias = Callable[[Observation], None]
Fact: TypeAlias = tuple[str, Value, str]
"""A variable, its value, and why it has it."""


class Variables:
    """Hands each change of a value to the journal, once."""

    def __init__(self, app: str, put: Put) -> None:
        self._app = app
        self._put = put
        self._readings: dict[str, Reading] = {}
        self._shown: set[str] = set()

    def change(self, variable: str, value: Value, reason: str) -> None:
        """The variable has this value now, which may be the one that it had."""
        known = self._readings.get(variable)
        if known is None or known.value != value:
            self._write(variable, Reading(value, Quality.GOOD, time.time()), reason)

    def show(self, facts: Iterable[Fact]) -> None:
        """These are the values now; what is no longer among them has none, such as a backup that is not listed."""
        shown = set()
        for variable, value, reason in facts:
            self.change(variable, value, reason)
            shown.add(variable)
        for variable in self._shown - shown if shown else ():
            self.change(variable, None, "not listed any more")
        self._shown |= shown

    def end(self, reason: str = names.STOPPED) -> None:
        """Nobody keeps the values current from now on: they stay, with a bad quality."""
        for variable, known in self._readings.items():
            self._write(variable, Reading(known.value, Quality.BAD, time.time()), reason)

    def _write(self, variable: str, reading: Reading, reason: str) -> None:
        known = self._readings.get(variable)
        self._readings[variable] = reading
        self._put(Observation(Name(self._app, variable), known, reading, reason, boot_clock()))


def facts_of(core: Redundancy, reason: str) -> Iterator[Fact]:
    """What the core's situation says, and why; nothing new after a stop, when values stay as they were (R10).

    Each change of the serial number is told besides, so that none is missed.
    """
    at, own = core.at, core.at.in_use
    if core.state is State.STOP:
        return
    today = datetime.now(UTC).date()
    yield names.ENTRY, own.entry.number if own else DEMO if core.state is State.DEMO else UNLISTED, reason
    yield names.STATE, str(core.state), reason
    yield names.SERVER, str(own.entry.location) if own else "", reason
    yield names.SPARE, at.spare.serial if at.spare else "", reason
    yield names.DAYS_LEFT, _days_left(own.terms.valid_until, today) if own else None, reason
    if at.serial is not None:
        yield names.SERIAL_NUMBER, at.serial, reason
    asked = "the backups were asked"
    yield names.REDUNDANCY, at.watch.available, asked
    yield names.MISSING, at.watch.missing, asked
    for entry, finding in at.findings.items():
        if entry.number != INITIAL:
            yield names.BACKUP.format(number=entry.number), str(finding.state), finding.reason
            days = _days_left(finding.until, today)
            yield names.BACKUP_DAYS_LEFT.format(number=entry.number), days, finding.reason


def _days_left(until: date | None, today: date) -> int | None:
    return (until - today).days if until else None
