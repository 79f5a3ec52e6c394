"""`sparekey doctor`: what is wrong with a system or a license server, and the next command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from shlex import quote

import click

from sparekey.cli import options
from sparekey.cli.lists import overview
from sparekey.cli.output import Failure, print_json, printable
from sparekey.client.session import key_source
from sparekey.client.system import default_folder
from sparekey.config import file
from sparekey.core.entries import EntryError, Location
from sparekey.doctor import server as server_doctor
from sparekey.doctor import system as system_doctor
from sparekey.doctor.diagnosis import Diagnosis, Level


def _location(_context: click.Context, _option: click.Parameter, text: str | None) -> Location | None:
    try:
        return None if text is None else Location.parse(text)
    except EntryError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option("--app", help="Look at this application only.")
@options.config_file
@options.vendor_key
@options.state_folder
@click.option("--accept", is_flag=True, help="The containers that are met now are expected from now on.")
@click.option(
    "--server",
    type=options.PATH,
    metavar="STATE",
    help="Look at the license server with this state folder; with options of a system, at both.",
)
@click.option(
    "--listen", metavar="HOST:PORT", callback=_location, help="Where that license server listens; default 127.0.0.1."
)
@options.as_json
def doctor(
    app: str | None,
    path: Path | None,
    vendor_key: Path | None,
    state: Path | None,
    accept: bool,
    server: Path | None,
    listen: Location | None,
    as_json: bool,
) -> None:
    """Look for what is usually wrong with this system, or with a license server, and say the next command.

    It takes no seat and changes nothing. Exits 0 where nothing is wrong, warnings aside.

    \b
    Example:
      sparekey doctor
      sparekey doctor --app Runtime --config License.ini
      sparekey doctor --server /var/lib/sparekey
    """
    if listen and not server:
        raise click.UsageError("--listen needs --server STATE")
    found: list[Diagnosis] = []
    if not server or any((app, path, vendor_key, state, accept)):
        found += asyncio.run(system_doctor.examine(_patient(app, path, vendor_key, state, accept=accept)))
    if server:
        found += asyncio.run(server_doctor.examine(server, listen or Location()))
    faults, warnings = (sum(each.level is level for each in found) for level in (Level.FAULT, Level.WARNING))
    if as_json:
        print_json({"checks": [asdict(each) for each in found], "faults": faults, "warnings": warnings})
    else:
        _print(found)
    if faults:
        raise Failure(f"{faults} {'fault' if faults == 1 else 'faults'} found")


def _patient(
    app: str | None, path: Path | None, vendor_key: Path | None, state: Path | None, *, accept: bool
) -> system_doctor.Patient:
    config = file.locate(path, os.environ)
    key = key_source(vendor_key, config, os.environ)
    assert isinstance(key, Path)  # noqa: S101 - a path in, a path out
    options = _as_typed({"--config": path, "--vendor-key": vendor_key, "--state": state})
    return system_doctor.Patient(config, overview(config, app), key, state or default_folder(), accept, options)


def _as_typed(options: Mapping[str, Path | None]) -> str:
    """Options, each with a blank before it, so that they can be pasted into a shell."""
    return "".join(f" {option} {quote(str(path))}" for option, path in options.items() if path)


def _print(found: Sequence[Diagnosis]) -> None:
    for line in _lines(found):
        click.echo(printable(line))


def _lines(found: Iterable[Diagnosis]) -> Iterable[str]:
    for each in found:
        yield f"{each.level:<8} {each.where}: {each.what}"
        if each.cure:
            yield f"{'':<8} next: {each.cure}"
