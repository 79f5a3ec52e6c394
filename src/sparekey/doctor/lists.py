"""Whether License.ini can be read as it is meant (R5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sparekey.config.file import Overview
from sparekey.doctor.diagnosis import Diagnosis


def judge(path: Path, found: Overview) -> Iterator[Diagnosis]:
    for fault in found.faults:
        mended = "mend it, then: sparekey config list" if fault.place.line else "sparekey config add"
        yield Diagnosis.fault(fault.place, fault.text, f"{mended} --config {path}")
    if not found.faults and not found.lists:
        yield Diagnosis.fault(
            path, "no application is listed", f"sparekey config add --config {path} --app APP --serial SERIAL"
        )
    for app, entries in found.lists.items():
        backups = len(entries.backups)
        yield Diagnosis.well(path, f"[{app}] has an initial license and {backups} backup{'s' if backups != 1 else ''}")
