"""Whether an application that loses its license now would find another one (R3, R13)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from shlex import quote

from sparekey.client.check import Check, Checked
from sparekey.core.entries import INITIAL, Entry, LicenseList
from sparekey.core.findings import State
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import machine

_CURES = {
    State.FULL: "is somebody not home? There: sparekey status; restart that application, or order another seat",
    State.DRAINING: "wait until the work there is done; sparekey server status {location}",
    State.WORSE: "order a license that is equal or better; sparekey config check {here} shows all of them",
    State.INVALID: "order a new one, then {machine}: sparekey server install STATE FILE.lic",
    State.MISSING: "sparekey server status {location}; install it there, or mend the serial number in License.ini",
    State.REFUSED: "sparekey server status {location}",
    State.SILENT: "sparekey server status {location}",
}


def judge(
    app: str, entries: LicenseList, check: Check, unmet: Collection[str], options: str = ""
) -> Iterator[Diagnosis]:
    """One line an entry, and one for all; of what is at `unmet` locations it was said already why it is silent.

    `options` are those that a next command needs to look at the same system.
    """
    here = f"--app {quote(app)}{options}"
    for each in check.candidates:
        if each.finding.state is not State.SILENT or str(each.entry.location) not in unmet:
            yield _entry(app, each, here)
    yield _together(app, entries, check, here)


def _entry(app: str, checked: Checked, here: str) -> Diagnosis:
    entry, finding = checked.entry, checked.finding
    where = f"[{app}] {_name(entry)}, {entry.serial} at {entry.location}"
    if finding.state is State.READY:
        return Diagnosis.well(where, checked.reason)
    cure = _CURES[finding.state].format(location=entry.location, machine=machine(entry.location), here=here)
    if entry.number == INITIAL and finding.state not in (State.FULL, State.DRAINING):
        return Diagnosis.fault(where, f"{finding.state}: {finding.reason}", cure)
    return Diagnosis.warning(where, f"{finding.state}: {finding.reason}", cure)


def _together(app: str, entries: LicenseList, check: Check, here: str) -> Diagnosis:
    where, wanted = f"[{app}]", entries.min_backups
    ready = len(check.available)
    if ready >= wanted:
        return Diagnosis.well(where, f"{_count(ready)} could be taken now")
    if not entries.backups:
        return Diagnosis.fault(
            where,
            f"no backup is listed, {wanted} wanted: when its license server dies, the application ends",
            f"sparekey config add {here} --serial SERIAL --server HOST:PORT",
        )
    others = [each for each in check.candidates if not each.could_be_taken and _is_spare(each)]
    reasons = "; ".join(f"{_name(each.entry)}: {each.reason}" for each in others)
    return Diagnosis.fault(
        where,
        f"no spare: {_count(ready)} could be taken now, {wanted} wanted ({reasons})",
        f"mend what is named here, then: sparekey config check {here}",
    )


def _is_spare(checked: Checked) -> bool:
    return not checked.in_use and checked.entry.number != INITIAL


def _name(entry: Entry) -> str:
    return "initial license" if entry.number == INITIAL else f"backup {entry.number}"


def _count(number: int) -> str:
    return "1 backup" if number == 1 else f"{number or 'no'} backups"
