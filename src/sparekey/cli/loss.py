"""What would happen if the license in use were lost now, in a sentence (R6, R8, R12)."""

from __future__ import annotations

import time

from sparekey.cli.times import local_time
from sparekey.client.calls import Container
from sparekey.client.check import Check
from sparekey.client.running import ApplicationStatus
from sparekey.core.entries import INITIAL, Entry, LicenseList, Location, role
from sparekey.core.findings import State
from sparekey.core.outlook import first_choice
from sparekey.core.states import State as Doing
from sparekey.host import boot_clock


def next_license(running: ApplicationStatus | None, check: Check) -> Entry | None:
    """What the application would run on if it lost its license now: its spare, else what it would find."""
    return (running.spare_license if running else None) or check.next()


def sentence(entries: LicenseList, running: ApplicationStatus | None, check: Check, demo_seconds: float) -> str:
    """What a loss would lead to; where nothing runs, what a start would, and a loss after it."""
    if running is None:
        return f"Nothing runs. {_start(entries, check, demo_seconds)}."
    if running.license:
        return f"If {running.license.serial} were lost now, {_loss(running.license, running, check, demo_seconds)}."
    found = check.next()
    hope = f"it takes {_named(found)}, as soon as that is granted" if found else "nothing else could be taken now"
    if running.state == Doing.DEMO:
        return f"It runs on the demo license, {demo_seconds:.0f} s at most; {hope}."
    return f"It has no license; {hope}."


def _start(entries: LicenseList, check: Check, demo_seconds: float) -> str:
    home = check.candidates[INITIAL]
    if home.finding.state is State.READY:
        then = _loss(entries.initial, None, check, demo_seconds)
        return f"A start would take {_named(entries.initial)}; if that were lost, {then}"
    found = first_choice({each.entry: each.finding for each in check.candidates})
    then = f"then take {_named(found)}" if found else f"and then {_nothing(None, demo_seconds)}"
    wait = f"wait {entries.initial_wait:g} s at most for {_named(entries.initial)} ({home.finding.reason})"
    return f"A start would {wait}, {then}"


def _loss(lost: Entry, running: ApplicationStatus | None, check: Check, demo_seconds: float) -> str:
    found = next_license(running, check)
    if found is None:
        return _nothing(running, demo_seconds)
    told = f"it would switch to {_named(found)}"
    server = _container(check, lost.location)
    if server is None or server != _container(check, found.location):
        return told
    other = check.next(without=server)
    then = f"it would switch to {_named(other)}" if other else _nothing(running, demo_seconds)
    return f"{told}, which is on the same license server: if that were lost, {then}"


def _nothing(running: ApplicationStatus | None, demo_seconds: float) -> str:
    if demo_seconds:
        return f"nothing could be taken: it would run on the demo license for {demo_seconds:.0f} s"
    until = running.valid_until_boottime if running else None
    when = f" at {local_time(time.time() + until - boot_clock())}" if until is not None else ""
    return (
        f"nothing could be taken: the application would {f'lose its license{when}' if running else 'have no license'}"
    )


def _container(check: Check, location: Location) -> Container | None:
    """Whose license server was met there."""
    return next((each.container for each in check.candidates if each.entry.location == location), None)


def _named(entry: Entry) -> str:
    article = "the " if entry.number == INITIAL else ""
    return f"{article}{role(entry.number)}, {entry.serial} at {entry.location}"
