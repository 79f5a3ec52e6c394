"""Watches the application of the demo from outside: its report, and its status file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sparekey.client import record
from sparekey.client.report import Report
from sparekey.client.running import ApplicationStatus
from sparekey.host import boot_clock


class ReportReader:
    """Reads a report file as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def news(self) -> list[Report]:
        """The lines that came since the last call; half a line waits for its other half."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        return [msgspec.json.decode(line, type=Report) for line in whole.splitlines()]


def current_status(path: Path) -> ApplicationStatus | None:
    """What the running application says of itself; None where none runs."""
    status = record.read(path, ApplicationStatus)
    return status if status and status.is_current else None


def lease_left(status: ApplicationStatus | None) -> float:
    """For how many seconds the license in use may be believed in without another renewal."""
    until = status.valid_until_boottime if status else None
    return max(0.0, until - boot_clock()) if until is not None else 0.0
