"""`sparekey status`: what this system holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from sparekey.cli import options
from sparekey.cli.output import print_json, print_table
from sparekey.cli.times import local_time
from sparekey.client.running import ApplicationStatus, read_status
from sparekey.client.system import System, default_folder
from sparekey.core.alarms import Alarm


@click.command()
@options.state_folder
@options.as_json
def status(state: Path | None, as_json: bool) -> None:
    """Show each application of this system: the serial number in use, since when, its spare, alarms, and what is wrong.

    \b
    Example:
      sparekey status
    """
    folder = state or default_folder()
    found = _statuses(folder)
    alarms = _alarms(folder) if found else Alarms()
    if as_json:
        applications = [{**_facts(one), "alarms": alarms.facts(one.application)} for one in found]
        print_json({"state": str(folder), "applications": applications, "alarms": alarms.facts()})
        return
    if not found:
        click.echo(f"no application has run with the state folder {folder}")
        return
    columns = ("application", "state", "serial number", "entry", "server", "since", "spare", "backups free")
    print_table(columns, (_row(one) for one in found))
    for line in (*_advice(found), *alarms.lines()):
        click.echo(line)


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alarms that are there; `trouble` is why they cannot be seen."""

    there: tuple[Alarm, ...] = ()
    trouble: str = ""

    def facts(self, application: str | None = None) -> dict[str, int] | None:
        """How many there are, of one application or of all; None where that cannot be seen."""
        own = [alarm for alarm in self.there if application in (None, alarm.name.owner)]
        return None if self.trouble else {"total": len(own), "unacknowledged": _waiting(own)}

    def lines(self) -> Iterator[str]:
        if self.trouble:
            yield self.trouble
        for owner, total in Counter(alarm.name.owner for alarm in self.there).items():
            waiting = _waiting(alarm for alarm in self.there if alarm.name.owner == owner)
            seen = f", {waiting} not acknowledged" if waiting else ""
            yield f"{owner}: {total} {'alarm' if total == 1 else 'alarms'}{seen}: 'sparekey alarms list' says which"


def _waiting(alarms: Iterable[Alarm]) -> int:
    return sum(alarm.waits for alarm in alarms)


def _alarms(folder: Path) -> Alarms:
    # Imported here, so that the command starts without it where no application has run.
    from sparekey.notify.glance import NotToBeSeen, alarms_at_a_glance

    try:
        return Alarms(tuple(alarms_at_a_glance(System.open(folder))))
    except NotToBeSeen as error:
        return Alarms(trouble=str(error))


def _statuses(folder: Path) -> list[ApplicationStatus]:
    if not folder.is_dir():
        return []
    system = System.open(folder)
    found = (read_status(system, application) for application in system.applications())
    return [one for one in found if one is not None]


def _facts(one: ApplicationStatus) -> dict[str, object]:
    facts: dict[str, object] = msgspec.to_builtins(one)
    return {**facts, "running": one.is_current, "quality": "good" if one.is_current else "bad"}


def _row(one: ApplicationStatus) -> tuple[object, ...]:
    spare = f"{one.spare.serial} at {one.spare.server}" if one.spare else ""
    backups = "not asked yet" if one.redundancy is None else one.redundancy
    since = local_time(one.since.timestamp())
    state = one.state if one.is_current else "not running"
    entry = {-1: "demo", -2: "none"}.get(one.entry, one.entry)
    return one.application, state, one.serial or "none", entry, one.server or "", since, spare, backups


def _advice(found: list[ApplicationStatus]) -> Iterator[str]:
    """What the technician should know and do."""
    for one in found:
        if not one.is_current:
            continue
        if one.trouble and one.state not in ("hold", "start"):
            yield f"{one.application}: {one.trouble}"
        if one.redundancy == 0:
            yield f"{one.application} has no backup that could be taken now: 'sparekey config check' says why"
        if not one.at_home and one.serial:
            yield (f"{one.application} is not home ({one.reason}): repair the initial license, then restart to go home")
