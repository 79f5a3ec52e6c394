"""`sparekey config`: the License Manager on the command line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.check import check
from sparekey.cli.lists import entry_facts, fault_facts, overview
from sparekey.cli.output import print_json, print_note, print_table
from sparekey.client.learn import learn
from sparekey.client.session import key_source
from sparekey.client.system import StateError, System
from sparekey.config import edits, file, sections
from sparekey.config.document import Document
from sparekey.config.faults import ConfigError
from sparekey.core.entries import INITIAL, MAX_BACKUPS, Entry, EntryError, LicenseList, Location, check_serial, role
from sparekey.trust import TrustError, vendor_keys


@click.group()
def config() -> None:
    """Show and edit License.ini: which licenses an application may use, and in which order.

    \b
    Example:
      sparekey config add --app Runtime --serial 5-1042 --server server-a:6350
      sparekey config add --app Runtime --serial 5-1043 --server server-b
      sparekey config list
      sparekey config check
    """


config.add_command(check)


def _checked(parse: Callable[[str], object]) -> Callable[[click.Context, click.Parameter, str | None], object]:
    """A callback that makes an option of a text; what its parser refuses is wrong usage."""

    def convert(_context: click.Context, _option: click.Parameter, text: str | None) -> object:
        try:
            return None if text is None else parse(text)
        except EntryError as error:
            raise click.BadParameter(str(error)) from error

    return convert


_number = click.IntRange(INITIAL, MAX_BACKUPS)
_app = click.option("--app", required=True, help="The application, a section of License.ini.")


@config.command("list")
@options.config_file
@click.option("--app", help="Show this application only.")
@options.as_json
def list_(path: Path | None, app: str | None, as_json: bool) -> None:
    """Show the licenses of every application. Exits 1 where it shows a fault.

    \b
    Example:
      sparekey config list --config License.ini
    """
    path = file.locate(path, os.environ)
    found = overview(path, app)
    if as_json:
        applications = [_list_facts(name, listed) for name, listed in found.lists.items()]
        faults = [fault_facts(fault) for fault in found.faults]
        print_json({"config": path, "applications": applications, "faults": faults})
    else:
        for name, listed in found.lists.items():
            click.echo(f"[{name}] {_terms(listed)}")
            _print_entries(listed.entries)
    if found.faults:
        raise ConfigError(found.faults)


@config.command()
@click.option("--app", required=True, help="The application, a section of License.ini; made where it is missing.")
@click.option(
    "--serial", required=True, metavar="SERIAL", callback=_checked(check_serial), help="Serial number, or * for any."
)
@click.option("--server", "location", metavar="HOST:PORT", callback=_checked(Location.parse), help="Else here.")
@click.option(
    "--at", type=_number, metavar="N", help="Make it entry N; later ones move up by one. Else it is the last backup."
)
@options.config_file
@options.state_folder
@options.vendor_key
@options.as_json
def add(
    app: str,
    serial: str,
    location: Location | None,
    at: int | None,
    path: Path | None,
    state: Path | None,
    vendor_key: Path | None,
    as_json: bool,
) -> None:
    """List a license for an application: the first is its initial license, up to 10 more are its backups.

    \b
    Example:
      sparekey config add --app Runtime --serial 5-1043 --server server-b:6350 --at 1
    """
    path = file.locate(path, os.environ)
    document = file.edit(path, lambda before: edits.add(before, app, serial, location, at), make=True)
    entry = sections.entries(document, app)[-1 if at is None else at]
    known = _learn_terms(entry, path, state, vendor_key)
    if as_json:
        print_json({"config": path, "app": app, **entry_facts(entry), "terms_known": known})
    else:
        click.echo(f"[{app}] has {entry.serial} at {entry.location} as {role(entry.number)} in {path}")


@config.command()
@_app
@click.option("--at", type=_number, metavar="N", required=True, help="The entry to take out; later ones move down.")
@options.config_file
@options.as_json
def remove(app: str, at: int, path: Path | None, as_json: bool) -> None:
    """Take an entry out of an application's list. Without its initial license, its first backup becomes that.

    \b
    Example:
      sparekey config remove --app Runtime --at 2
    """
    path = file.locate(path, os.environ)
    before, after = _edit(path, app, lambda document: edits.remove(document, app, at))
    gone = before[at]
    if as_json:
        print_json({"config": path, "app": app, "removed": entry_facts(gone), "entries": _entries_facts(after)})
        return
    click.echo(f"[{app}] no longer has {gone.serial} at {gone.location}, {role(at)}, in {path}")
    _print_change_of_initial(before, after)
    _print_entries(after)


@config.command()
@_app
@click.option("--at", type=_number, metavar="N", required=True, help="The entry to move.")
@click.option("--to", type=_number, metavar="M", required=True, help="What it becomes; those between move by one.")
@options.config_file
@options.as_json
def move(app: str, at: int, to: int, path: Path | None, as_json: bool) -> None:
    """Change the place of an entry in an application's list: a lower number is taken first, 0 is the initial license.

    \b
    Example:
      sparekey config move --app Runtime --at 2 --to 1
    """
    path = file.locate(path, os.environ)
    before, after = _edit(path, app, lambda document: edits.move(document, app, at, to))
    if as_json:
        print_json({"config": path, "app": app, "from": at, **entry_facts(after[to]), "entries": _entries_facts(after)})
        return
    click.echo(
        f"[{app}] has {after[to].serial} at {after[to].location} as {role(to)}, no longer as {role(at)}, in {path}"
    )
    _print_change_of_initial(before, after)
    _print_entries(after)


def _edit(path: Path, app: str, change: Callable[[Document], Document]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Change a file; the list before and after."""
    before: Sequence[Entry] = ()

    def noting(document: Document) -> Document:
        nonlocal before
        changed, before = change(document), sections.entries(document, app)
        return changed

    after = sections.entries(file.edit(path, noting), app)
    return before, after


def _learn_terms(entry: Entry, path: Path, state: Path | None, vendor_key: Path | None) -> bool:
    """Whether the license's terms are known on this system, now that its server was asked; the edit stands anyway."""
    source = key_source(vendor_key, path, os.environ)
    if source == key_source(None, path, {}) and isinstance(source, Path) and not source.exists():
        return False  # the key may come later, with the terms
    try:
        keys = vendor_keys(source)
        return asyncio.run(learn(System.open(state), entry, keys))
    except (TrustError, StateError) as error:
        print_note(f"the terms of {entry.serial} are not kept: {error}")
        return False


def _list_facts(app: str, found: LicenseList) -> Mapping[str, object]:
    return {"app": app, **asdict(found), "entries": _entries_facts(found.entries)}


def _entries_facts(entries: Sequence[Entry]) -> list[dict[str, object]]:
    return [entry_facts(entry) for entry in entries]


def _print_entries(entries: Sequence[Entry]) -> None:
    rows = [(role(e.number), "any" if e.takes_any else e.serial, e.location) for e in entries]
    print_table(("Entry", "Serial number", "Location"), rows)


def _print_change_of_initial(before: Sequence[Entry], after: Sequence[Entry]) -> None:
    if before[INITIAL] != after[INITIAL]:
        click.echo(f"{after[INITIAL].serial} is the initial license now: a start takes it, backups are measured by it")


def _terms(found: LicenseList) -> str:
    product = f"product {found.product}" if found.product else "product of the initial license"
    demo = "demo license allowed" if found.demo else "no demo license"
    return f"{product}, {demo}, alarm below {found.min_backups} of {len(found.backups)} backups"
