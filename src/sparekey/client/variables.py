"""The system variables of an application: what it holds now, row by row into the journal as it changes (R10)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import TypeAlias

from sparekey.core import variables as names
from sparekey.core.entries import DEMO, INITIAL, UNLISTED
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import State
from sparekey.core.terms import Terms
from sparekey.core.variables import Name, Quality, Reading, Value
from sparekey.host import boot_clock
from sparekey.journal import Observation

Put: TypeAlias = Callable[[Observation], None]


class Variables:
    """Hands each change of a value to the journal, once."""

    def __init__(self, app: str, put: Put) -> None:
        self._app = app
        self._put = put
        self._readings: dict[str, Reading] = {}

    def change(self, variable: str, value: Value, reason: str) -> None:
        """The variable has this value now, which may be the one that it had."""
        known = self._readings.get(variable)
        if known is None or known.value != value:
            self._write(variable, Reading(value, Quality.GOOD, time.time()), reason)

    def show(self, values: Mapping[str, Value], reason: str) -> None:
        """These are the values now; what is no longer among them has none."""
        for variable, value in values.items():
            self.change(variable, value, reason)

    def end(self, reason: str = names.STOPPED) -> None:
        """Nobody keeps the values current from now on: they stay, with a bad quality."""
        for variable, known in self._readings.items():
            self._write(variable, Reading(known.value, Quality.BAD, time.time()), reason)

    def _write(self, variable: str, reading: Reading, reason: str) -> None:
        known = self._readings.get(variable)
        self._readings[variable] = reading
        self._put(Observation(Name(self._app, variable), known, reading, reason, boot_clock()))


def values_of(core: Redundancy) -> Mapping[str, Value]:
    """What the core's situation says; nothing new after a stop, when values stay as they were (R10)."""
    if core.state is State.STOP:
        return {}
    at = core.at
    own, today = at.in_use, datetime.now(UTC).date()
    values: dict[str, Value] = {
        names.ENTRY: own.entry.number if own else DEMO if core.state is State.DEMO else UNLISTED,
        names.STATE: str(core.state),
        names.SERVER: str(own.entry.location) if own else "",
        names.SPARE: at.spare.serial if at.spare else "",
        names.DAYS_LEFT: _days_left(own.terms, today) if own else None,
        names.REDUNDANCY: at.watch.available,
    }
    if at.serial is not None:
        values[names.SERIAL_NUMBER] = at.serial
    for entry, finding in at.findings.items():
        if entry.number != INITIAL:
            values[names.BACKUP.format(number=entry.number)] = str(finding.state)
    return values


def _days_left(terms: Terms, today: date) -> int | None:
    return (terms.valid_until - today).days if terms.valid_until else None
