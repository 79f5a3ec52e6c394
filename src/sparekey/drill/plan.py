"""Whether a fire drill may begin, and what it would lead to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sparekey import host
from sparekey.client.check import Check, Checked, Checker
from sparekey.client.drill import current_start
from sparekey.client.running import ApplicationStatus, read_status
from sparekey.client.session import cached_license, key_source
from sparekey.client.system import System, default_folder
from sparekey.config import file
from sparekey.core.entries import Entry, role
from sparekey.core.states import State
from sparekey.drill.report import named
from sparekey.notify.kinds import make_outlet
from sparekey.notify.places import lock_path
from sparekey.notify.settings import reactions_of
from sparekey.trust import vendor_keys


class DrillRefused(ValueError):
    """The drill does not begin, and nothing has changed; the text says why, of each candidate where it is for these."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller names; None is found where it usually is."""

    config: Path | None = None
    vendor_key: Path | None = None
    reactions: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A drill that may begin, of the run with this number.

    `license` is in use, `next` is what would be taken now. `outlets`: whether each is sent messages, by name; None
    where no notifier runs.
    """

    system: System
    app: str
    start: int
    license: Entry
    next: Entry
    outlets: Mapping[str, bool] | None

    @property
    def warning(self) -> str:
        """What the person is to know beforehand (R8)."""
        return (
            f"{self.app} goes over from {named(self.license)}, to {named(self.next)}, while its license is renewed. "
            f"It stays there until it is restarted, and {self.next.serial} is not free for others meanwhile."
        )


def find_application(state: Path | None, wanted: str) -> tuple[System, str]:
    """The application of this name, in whatever case, as it spells itself, and its system.

    Raise DrillRefused where it has never run with this state folder, or StateError.
    """
    folder = state or default_folder()
    known: list[str] = []
    if folder.is_dir():
        system = System.open(folder)
        known = system.applications()
        for app in known:
            if app.casefold() == wanted.casefold():
                return system, app
    there = f"; {', '.join(known)} did" if known else ""
    raise DrillRefused(f"no application {wanted} has run with the state folder {folder}{there}")


def prepare(system: System, app: str, wishes: Wishes) -> Plan:
    """Look whether a drill may begin; raise DrillRefused, and ConfigError, TrustError, ReactionsError or OSError."""
    start = current_start(system, app)
    status = read_status(system, app)
    if status is None or not status.is_current:
        raise DrillRefused(f"{app} does not run with the state folder {system.folder}: start it first")
    if objection := objection_to(status):
        raise DrillRefused(f"{app} {objection}")
    check = asyncio.run(_check(system, app, status, wishes))
    own, following = status.license, check.next()
    if own is None or following is None:
        raise DrillRefused(
            "\n".join((f"{app} has no backup that could be taken now, so nothing is begun", *_why(check)))
        )
    return Plan(system, app, start, own, following, _outlets(system, wishes.reactions))


def objection_to(status: ApplicationStatus) -> str:
    """Why an application that is in this state cannot practise; empty where it can."""
    if status.state == State.HOLD and status.license:
        return ""
    if status.state == State.DEMO:
        return "runs on the demo license, and looks for a real one: that is no drill"
    trouble = f" ({status.trouble})" if status.trouble else ""
    if status.serial:
        return f"is in trouble, or in a drill, already: its state is {status.state}{trouble}"
    return f"holds no license: its state is {status.state}{trouble}"


async def _check(system: System, app: str, status: ApplicationStatus, wishes: Wishes) -> Check:
    path = file.locate(wishes.config or (Path(status.config) if status.config else None), os.environ)
    entries = file.read(path, app, os.environ)
    keys = vendor_keys(key_source(wishes.vendor_key, path, os.environ))
    known = cached_license(system, entries.initial.serial, keys)
    return await Checker(keys, system.id, app).check(entries, known.terms if known else None, status)


def _why(check: Check) -> Iterable[str]:
    """Each candidate, and why it cannot be taken."""
    others = [each for each in check.candidates if not each.in_use]
    if not others:
        yield "  no other license is listed: `sparekey config add` lists a backup"
    for each in others:
        yield f"  {role(each.entry.number)}, {each.entry.serial} at {each.entry.location}: {_reason(each)}"


def _reason(each: Checked) -> str:
    finding = each.besides
    return finding.reason if str(finding.state) in finding.reason else f"{finding.state}: {finding.reason}"


def _outlets(system: System, reactions: Path | None) -> Mapping[str, bool] | None:
    if not host.is_locked(lock_path(system)):
        return None
    settings = reactions_of(system, reactions).outlets
    return {name: make_outlet(each, system.folder).takes_messages for name, each in settings.items()}
