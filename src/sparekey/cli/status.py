"""`sparekey status`: what this system holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from sparekey.cli import options
from sparekey.cli.output import print_json, print_table
from sparekey.cli.times import local_time
from sparekey.client.running import ApplicationStatus, read_status
from sparekey.client.system import System, default_folder


@click.command()
@options.state_folder
@options.as_json
def status(state: Path | None, as_json: bool) -> None:
    """Show each application of this system: the serial number in use, since when, its spare, and what is wrong.

    \b
    Example:
      sparekey status
    """
    folder = state or default_folder()
    found = _statuses(folder)
    if as_json:
        print_json({"state": str(folder), "applications": [_facts(one) for one in found]})
        return
    if not found:
        click.echo(f"no application has run with the state folder {folder}")
        return
    columns = ("application", "state", "serial number", "entry", "server", "since", "spare", "backups free")
    print_table(columns, (_row(one) for one in found))
    for line in _advice(found):
        click.echo(line)


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
