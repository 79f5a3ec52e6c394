"""What the applications of a system say of themselves, read from their status files."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from msgspec import Struct

from sparekey.client import record
from sparekey.client.system import System
from sparekey.core.entries import Entry, Location

FRESH: Final = 5.0
"""Seconds: a running application writes each second, so an older status is of one that is gone, or stands still."""


class SpareStatus(Struct):
    """The spare that a suspect application holds."""

    serial: str
    entry: int
    server: str


class EntryStatus(Struct):
    """An entry, and what it was found to be good for when it was last asked."""

    entry: int
    serial: str
    server: str
    finding: str
    reason: str


class ApplicationStatus(Struct):
    """The status file of an application; see `status.status_of`."""

    application: str
    system: str
    system_name: str
    pid: int
    written: datetime
    since: datetime
    state: str
    serial: str
    entry: int
    server: str | None
    at_home: bool
    reason: str
    trouble: str
    valid_until_boottime: float | None = None
    spare: SpareStatus | None = None
    redundancy: int | None = None
    entries: list[EntryStatus] = []
    demo_seconds_left: float | None = None
    config: str | None = None
    reactions: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is of an application that runs now: what is older says nothing (R10)."""
        return self.state != "stop" and abs(time.time() - self.written.timestamp()) < FRESH

    @property
    def license(self) -> Entry | None:
        """The license in use, as an entry with its own serial number; None where it runs on none, or on demo."""
        return Entry(self.entry, self.serial, Location.parse(self.server)) if self.server else None

    @property
    def spare_license(self) -> Entry | None:
        """The spare that is held, in the same way."""
        spare = self.spare
        return Entry(spare.entry, spare.serial, Location.parse(spare.server)) if spare else None


def read_status(system: System, application: str) -> ApplicationStatus | None:
    """What the application wrote last; None where it wrote nothing that can be read."""
    try:
        return record.read(system.status_path(application), ApplicationStatus)
    except (record.Damaged, OSError):
        return None
