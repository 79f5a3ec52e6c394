"""Whether License.ini can be read as it is meant (R5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from sparekey.config.file import Overview
from sparekey.doctor.diagnosis import Diagnosis


def judge(path: Path, found: Overview) -> Iterator[Diagnosis]:
    look = f"sparekey config list --config {quote(str(path))}"
    begin = f"sparekey config add --config {quote(str(path))} --app APP --serial SERIAL --server HOST:PORT"
    for fault in found.faults:
        yield Diagnosis.fault(fault.place, fault.text, f"mend it, then: {look}" if fault.place.line else begin)
    if not found.faults and not found.lists:
        yield Diagnosis.fault(path, "no application is listed", begin)
    for app, entries in found.lists.items():
        backups = len(entries.backups)
        yield Diagnosis.well(path, f"[{app}] has an initial license and {backups} backup{'s' if backups != 1 else ''}")
