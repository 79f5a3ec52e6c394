"""`sparekey config`: the License Manager on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from sparekey.cli.output import print_json, print_table
from sparekey.config import edits, file, sections
from sparekey.config.faults import ConfigError
from sparekey.core.entries import INITIAL, MAX_BACKUPS, Entry, EntryError, LicenseList, Location, check_serial


@click.group()
def config() -> None:
    """Show and edit License.ini: which licenses an application may use, and in which order.

    \b
    Example:
      sparekey config add --app Runtime --serial 5-1042 --server server-a:6350
      sparekey config add --app Runtime --serial 5-1043 --server server-b
      sparekey config list
    """


def _checked(parse: Callable[[str], object]) -> Callable[[click.Context, click.Parameter, str | None], object]:
    """A callback that makes an option of a text; what its parser refuses is wrong usage."""

    def convert(_context: click.Context, _option: click.Parameter, text: str | None) -> object:
        try:
            return None if text is None else parse(text)
        except EntryError as error:
            raise click.BadParameter(str(error)) from error

    return convert


_file = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    help="License.ini; else SPAREKEY_CONFIG names it, else it is in the site's configuration folder.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@config.command("list")
@_file
@click.option("--app", help="Show this application only.")
@_json
def list_(path: Path | None, app: str | None, as_json: bool) -> None:
    """Show the licenses of every application. Exits 1 where it shows a fault.

    \b
    Example:
      sparekey config list --config License.ini
    """
    path = file.locate(path, os.environ)
    overview = _overview(path, app)
    if as_json:
        applications = [_facts(name, found) for name, found in overview.lists.items()]
        faults = [{"source": f.place.source, "line": f.place.line, "text": f.text} for f in overview.faults]
        print_json({"config": path, "applications": applications, "faults": faults})
    else:
        _print_tables(overview.lists)
    if overview.faults:
        raise ConfigError(overview.faults)


@config.command()
@click.option("--app", required=True, help="The application, a section of License.ini; made where it is missing.")
@click.option(
    "--serial", required=True, metavar="SERIAL", callback=_checked(check_serial), help="Serial number, or * for any."
)
@click.option("--server", "location", metavar="HOST:PORT", callback=_checked(Location.parse), help="Else here.")
@click.option(
    "--at",
    type=click.IntRange(INITIAL, MAX_BACKUPS),
    metavar="N",
    help="Make it entry N; later ones move up by one. Else it is the last backup.",
)
@_file
@_json
def add(app: str, serial: str, location: Location | None, at: int | None, path: Path | None, as_json: bool) -> None:
    """List a license for an application: the first is its initial license, up to 10 more are its backups.

    \b
    Example:
      sparekey config add --app Runtime --serial 5-1043 --server server-b:6350 --at 1
    """
    path = file.locate(path, os.environ)
    document = file.edit(path, lambda before: edits.add(before, app, serial, location, at))
    entry = sections.entries(document, app)[-1 if at is None else at]
    if as_json:
        print_json({"config": path, "app": app, **_entry_facts(entry)})
    else:
        click.echo(f"[{app}] has {entry.serial} at {entry.location} as {_role(entry)} in {path}")


def _overview(path: Path, app: str | None) -> file.Overview:
    try:
        if app is None:
            return file.read_all(path, os.environ)
        return file.Overview({app: file.read(path, app, os.environ)}, ())
    except ConfigError as error:
        return file.Overview({}, error.faults)


def _facts(app: str, found: LicenseList) -> dict[str, object]:
    entries = [_entry_facts(entry) for entry in found.entries]
    return {"app": app, **asdict(found), "entries": entries}


def _entry_facts(entry: Entry) -> dict[str, object]:
    return {"entry": entry.number, "serial": entry.serial, "location": str(entry.location)}


def _role(entry: Entry) -> str:
    return "initial license" if entry.number == INITIAL else f"backup {entry.number}"


def _print_tables(lists: dict[str, LicenseList]) -> None:
    for app, found in lists.items():
        click.echo(f"[{app}] {_terms(found)}")
        rows = [(_role(e), "any" if e.takes_any else e.serial, e.location) for e in found.entries]
        print_table(("Entry", "Serial number", "Location"), rows)


def _terms(found: LicenseList) -> str:
    product = f"product {found.product}" if found.product else "product of the initial license"
    demo = "demo license allowed" if found.demo else "no demo license"
    return f"{product}, {demo}, alarm below {found.min_backups} of {len(found.backups)} backups"
