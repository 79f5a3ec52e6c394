"""`sparekey events`: what happened, in order."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import print_json, print_table
from sparekey.cli.times import local_time
from sparekey.notify.catch_up import system_of, up_to_date
from sparekey.notify.store import Event, Kind
from sparekey.wire import rfc3339

_COLUMNS = ("time", "kind", "app", "variable", "text", "alarm")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> float:
    """Unix time of an ISO 8601 date or time, or of so long ago: 30m, 12h, 7d."""
    if text is None:
        return 0.0
    try:
        if text[-1:] in _UNITS and text[:-1].isdigit():
            return time.time() - timedelta(**{_UNITS[text[-1]]: int(text[:-1])}).total_seconds()
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text} is no time: it is written 2026-11-25, 2026-11-25T03:00, 30m, 12h or 7d"
        ) from None


@click.command()
@options.state_folder
@click.option(
    "--since", metavar="T", callback=_moment, help="From then on: 2026-11-25, 2026-11-25T03:00, 30m, 12h, 7d."
)
@click.option("--app", help="Of this application only.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Of this kind only.")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option(
    "--csv", "form", flag_value="csv", help="Print CSV; what a spreadsheet would take for a formula begins with '."
)
def events(state: Path | None, since: float, app: str | None, kind: str | None, form: str | None) -> None:
    """Show what happened: changes, alarms that came and went, who acknowledged them, outlets that failed.

    \b
    Example:
      sparekey events --since 12h
    """
    with up_to_date(system_of(state)) as store:
        found = [event for event in store.events(since, app) if kind is None or event.kind == kind]
    if form == "json":
        print_json([_facts(event) for event in found])
    elif form == "csv":
        _print_csv(found)
    else:
        columns = ("time", "kind", "application", "what")
        print_table(columns, ((local_time(e.time), e.kind, e.name.owner, e.text) for e in found))


def _facts(event: Event) -> dict[str, object]:
    name = event.name
    values = (rfc3339(event.time), str(event.kind), name.owner, name.variable, event.text, event.alarm)
    return dict(zip(_COLUMNS, values, strict=True))


def _print_csv(found: Iterable[Event]) -> None:
    writer = csv.DictWriter(sys.stdout, _COLUMNS)
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in _facts(event).items()} for event in found)


def _cell(value: object) -> object:
    """A text that stays a text in a spreadsheet: names and reasons come from elsewhere, too."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
