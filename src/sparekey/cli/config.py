"""`sparekey config`: the License Manager on the command line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from sparekey.cli.output import Failure, print_json, print_table
from sparekey.client.check import Checked, Checker, fetch_licenses
from sparekey.client.connection import ServerSilent
from sparekey.client.running import read_status
from sparekey.client.session import cached_license, key_source
from sparekey.client.system import System
from sparekey.config import edits, file, sections
from sparekey.config.faults import ConfigError
from sparekey.core.entries import INITIAL, MAX_BACKUPS, Entry, EntryError, LicenseList, Location, check_serial
from sparekey.trust import PublicKey, TrustError, vendor_keys

LEARN_TIMEOUT = 1.0
"""Seconds that a server has to tell its license's terms after an `add`, its name's look-up included."""


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
_state = click.option(
    "--state", type=click.Path(path_type=Path), help="The state folder; else SPAREKEY_STATE, else the user's own."
)
_key = click.option(
    "--vendor-key",
    type=click.Path(path_type=Path),
    help="The vendor's key; else SPAREKEY_VENDOR_KEY, else vendor.pub.json beside License.ini.",
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
@_state
@_key
@_json
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
    document = file.edit(path, lambda before: edits.add(before, app, serial, location, at))
    entry = sections.entries(document, app)[-1 if at is None else at]
    known = _learn_terms(entry, path, state, vendor_key)
    if as_json:
        print_json({"config": path, "app": app, **_entry_facts(entry), "terms_known": known})
    else:
        click.echo(f"[{app}] has {entry.serial} at {entry.location} as {_role(entry)} in {path}")


@config.command()
@click.option("--app", help="Check this application only.")
@_file
@_state
@_key
@_json
def check(app: str | None, path: Path | None, state: Path | None, vendor_key: Path | None, as_json: bool) -> None:
    """Ask every entry whether it could be taken now. Exits 0 if at least MIN_BACKUPS could, besides the one in use.

    \b
    Example:
      sparekey config check --app Runtime
    """
    path = file.locate(path, os.environ)
    overview = _overview(path, app)
    if overview.faults:
        raise ConfigError(overview.faults)
    keys = vendor_keys(key_source(vendor_key, path, os.environ))
    system = System.open(state)
    results = {name: asyncio.run(_checked_list(system, name, found, keys)) for name, found in overview.lists.items()}
    if as_json:
        print_json({"config": path, "applications": [_check_facts(*pair, overview.lists) for pair in results.items()]})
    else:
        _print_checks(results)
    for name, rows in results.items():
        ready = sum(row.could_be_taken for row in rows)
        if ready < overview.lists[name].min_backups:
            raise Failure(f"[{name}] {ready} backups could be taken now, {overview.lists[name].min_backups} are wanted")


async def _checked_list(system: System, app: str, found: LicenseList, keys: tuple[PublicKey, ...]) -> list[Checked]:
    status = read_status(system, app)
    in_use = status.entry if status and status.is_current else INITIAL
    known = cached_license(system, found.initial.serial, keys)
    return await Checker(keys, system.id, app).check(found, known.terms if known else None, in_use)


def _learn_terms(entry: Entry, path: Path, state: Path | None, vendor_key: Path | None) -> bool:
    """Keep the license's terms, where its server answers within a second: R3 needs them while it is down."""
    system = System.open(state)
    if entry.takes_any:
        return False
    try:
        keys = vendor_keys(key_source(vendor_key, path, os.environ))
        licenses = asyncio.run(fetch_licenses(entry, keys, LEARN_TIMEOUT))
    except (TrustError, ServerSilent):
        return system.cached_license(entry.serial) is not None
    for license_ in licenses:
        system.cache_license(license_.terms.serial, license_.token)
    return bool(licenses)


def _overview(path: Path, app: str | None) -> file.Overview:
    try:
        if app is None:
            return file.read_all(path, os.environ)
        found = file.read(path, app, os.environ)
        return file.Overview({file.spelled(path, app, os.environ): found}, ())
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


def _check_facts(app: str, rows: list[Checked], lists: dict[str, LicenseList]) -> dict[str, object]:
    entries = [
        {
            **_entry_facts(row.entry),
            "state": str(row.finding.state),
            "reason": row.finding.reason,
            "in_use": row.in_use,
            "could_be_taken": row.could_be_taken,
        }
        for row in rows
    ]
    ready = sum(row.could_be_taken for row in rows)
    return {"app": app, "could_be_taken": ready, "min_backups": lists[app].min_backups, "entries": entries}


def _print_checks(results: dict[str, list[Checked]]) -> None:
    for app, rows in results.items():
        click.echo(f"[{app}]")
        cells = (
            (
                _role(r.entry),
                r.entry.serial,
                r.entry.location,
                "this one" if r.in_use else r.finding.state,
                r.finding.reason,
            )
            for r in rows
        )
        print_table(("Entry", "Serial number", "Location", "State", "Why"), cells)


def _terms(found: LicenseList) -> str:
    product = f"product {found.product}" if found.product else "product of the initial license"
    demo = "demo license allowed" if found.demo else "no demo license"
    return f"{product}, {demo}, alarm below {found.min_backups} of {len(found.backups)} backups"
