"""What nobody writes into the journal: that an application is gone, and values that run as time does (R10)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from sparekey.client.running import FRESH, ApplicationStatus, read_status
from sparekey.client.system import System
from sparekey.core import variables as names
from sparekey.core.variables import STOPPED, Change, Name, Quality, Reading, Value
from sparekey.host import boot_clock
from sparekey.journal import Observation
from sparekey.wire import rfc3339

GONE: Final = "no sign of life from it"
BACK: Final = "there are signs of life again"


class Watcher:
    """Looks at the status files of a system's applications."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._statuses: dict[str, ApplicationStatus | None] = {}

    def look(self) -> None:
        """Read what the applications say of themselves."""
        self._statuses = {app: read_status(self._system, app) for app in self._system.applications()}

    @property
    def any_runs(self) -> bool:
        """Whether any application does."""
        return any(status is not None and status.is_current for status in self._statuses.values())

    def observations(self, latest: Mapping[Name, Change]) -> Iterable[Observation]:
        """The quality of what was journaled, where it is another one now than the last that is known."""
        now = time.time()
        for name, change in latest.items():
            if name.owner not in self._statuses:
                continue
            quality = self._quality(change, now)
            if quality is not change.new.quality:
                reading = Reading(change.new.value, quality, now)
                yield Observation(name, change.new, reading, BACK if quality is Quality.GOOD else GONE, boot_clock())

    def running_values(self) -> Mapping[Name, Reading]:
        """Values that change all the time, and so are in no journal."""
        now = time.time()
        return {
            Name(app, variable): Reading(value, Quality.GOOD if status.is_current else Quality.BAD, now)
            for app, status in self._statuses.items()
            if status
            for variable, value in _running(status).items()
        }

    def _quality(self, change: Change, now: float) -> Quality:
        """Good as long as its application writes its status. One that ended in order said so itself, and what was
        written just now is not doubted yet."""
        status = self._statuses[change.name.owner]
        if status is not None and status.is_current and change.reason != STOPPED:
            return Quality.GOOD
        return change.new.quality if now - change.new.time < FRESH else Quality.BAD


def _running(status: ApplicationStatus) -> Mapping[str, Value]:
    until = status.valid_until_boottime
    left = None if until is None else max(0.0, until - boot_clock())
    return {
        names.VALID_UNTIL: None if left is None else rfc3339(datetime.now(UTC).timestamp() + left),
        names.LEASE_SECONDS_LEFT: None if left is None else round(left, 1),
        names.DEMO_SECONDS_LEFT: status.demo_seconds_left,
    }
