"""`sparekey alarms`: what is wrong, and who has seen it."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import print_json, print_table, printable
from sparekey.cli.times import local_time
from sparekey.core.alarms import Alarm
from sparekey.notify.alarm_facts import alarm_facts
from sparekey.notify.alarm_list import AlarmList
from sparekey.notify.catch_up import system_of, up_to_date

COLUMNS = ("id", "priority", "state", "since", "application", "alarm", "what")
"""An alarm has the name of its matrix, as its section in docs/technician.md has."""

_by = click.option("--by", metavar="WHO", help="Who says so; else the name of the user.")
_id = click.argument("key", metavar="ID", type=click.IntRange(1, 2**63 - 1))


class _Minutes(click.FloatRange):
    """So many that they end on a day that can be written."""

    def __init__(self) -> None:
        super().__init__(0, 60 * 24 * 3650, min_open=True)

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        minutes = float(super().convert(value, param, ctx))
        return minutes if minutes == minutes else self.fail("nan is not in the range of numbers", param, ctx)


@click.group()
def alarms() -> None:
    """List the alarms of this system, acknowledge them, and silence one for a time.

    \b
    Example:
      sparekey alarms list
      sparekey alarms ack 3 --by anna --comment "cable of server-a"
    """


@alarms.command("list")
@click.option("--all", "gone", is_flag=True, help="Those that are gone, too.")
@options.state_folder
@options.as_json
def list_(gone: bool, state: Path | None, as_json: bool) -> None:
    """Show the alarms that are there, the worst first.

    \b
    Example:
      sparekey alarms list
    """
    with up_to_date(system_of(state)) as store:
        found = sorted(store.alarms(gone=gone), key=lambda alarm: (-alarm.attributes.severity, alarm.key))
    if as_json:
        print_json([alarm_facts(alarm) for alarm in found])
    elif found:
        print_table(COLUMNS, (_row(alarm) for alarm in found))
        click.echo("what each alarm means, and what to do: docs/technician.md")
    else:
        click.echo("no alarms")


@alarms.command()
@_id
@_by
@click.option("--comment", default="", metavar="TEXT", help="What was found, or done.")
@options.state_folder
@options.as_json
def ack(key: int, by: str | None, comment: str, state: Path | None, as_json: bool) -> None:
    """Acknowledge alarm ID: say that it was seen.

    \b
    Example:
      sparekey alarms ack 3 --by anna --comment "cable of server-a"
    """
    with up_to_date(system_of(state)) as store:
        _say(AlarmList(store).acknowledge(key, by or getpass.getuser(), comment), as_json=as_json)


@alarms.command()
@_id
@click.option("--minutes", type=_Minutes(), default=60.0, show_default=True)
@_by
@options.state_folder
@options.as_json
def shelve(key: int, minutes: float, by: str | None, state: Path | None, as_json: bool) -> None:
    """Silence alarm ID for a time. It stays in the list, and comes back by itself.

    \b
    Example:
      sparekey alarms shelve 3 --minutes 480
    """
    with up_to_date(system_of(state)) as store:
        until = time.time() + 60 * minutes
        _say(AlarmList(store).shelve(key, by or getpass.getuser(), until), as_json=as_json)


@alarms.command()
@_id
@_by
@options.state_folder
@options.as_json
def unshelve(key: int, by: str | None, state: Path | None, as_json: bool) -> None:
    """Let alarm ID call people again, before its time.

    \b
    Example:
      sparekey alarms unshelve 3
    """
    with up_to_date(system_of(state)) as store:
        _say(AlarmList(store).unshelve(key, by or getpass.getuser()), as_json=as_json)


def _say(alarm: Alarm, *, as_json: bool) -> None:
    if as_json:
        print_json(alarm_facts(alarm))
    else:
        click.echo(printable(f"alarm {alarm.key} is {_state_of(alarm)}: {alarm.text}"))


def _row(alarm: Alarm) -> tuple[object, ...]:
    since = local_time(alarm.came)
    return alarm.key, alarm.priority, _state_of(alarm), since, alarm.name.owner, alarm.matrix, alarm.text


def _state_of(alarm: Alarm) -> str:
    seen = f" by {alarm.acknowledged.by}" if alarm.acknowledged else ""
    return f"{alarm.state}{seen}{', shelved' if alarm.is_shelved(time.time()) else ''}"
