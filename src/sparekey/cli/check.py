"""`sparekey config check`: which licenses could be taken now, and what a loss would lead to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.checked import CheckedApplication
from sparekey.cli.lists import fault_facts, overview
from sparekey.cli.output import Failure, print_json, print_note, print_table
from sparekey.client.check import Checker
from sparekey.client.demo_license import demo_terms, misfit
from sparekey.client.learn import keep
from sparekey.client.running import read_status
from sparekey.client.session import cached_license, key_source
from sparekey.client.system import System
from sparekey.config import file
from sparekey.core.entries import LicenseList
from sparekey.core.outlook import demo_seconds
from sparekey.core.terms import Terms
from sparekey.trust import PublicKey, vendor_keys


@click.command()
@click.option("--app", help="Check this application only.")
@options.config_file
@options.state_folder
@options.vendor_key
@options.as_json
def check(app: str | None, path: Path | None, state: Path | None, vendor_key: Path | None, as_json: bool) -> None:
    """Ask every entry whether it could be taken now, and say what a loss of the license in use would lead to.

    Exits 0 if of every application MIN_BACKUPS licenses could be taken now, besides the one in use. Where nothing runs
    it judges as for a start on the initial license.

    \b
    Example:
      sparekey config check --app Runtime
    """
    path = file.locate(path, os.environ)
    found = overview(path, app)
    applications: list[CheckedApplication] = []
    if found.lists:
        keys = vendor_keys(key_source(vendor_key, path, os.environ))
        applications = asyncio.run(_check_all(System.open(state), found.lists, keys, demo_terms(None, path, keys)))
    if as_json:
        faults = [fault_facts(fault) for fault in found.faults]
        print_json({"config": path, "applications": [each.facts() for each in applications], "faults": faults})
    else:
        _print(applications)
    if wrong := [*map(str, found.faults), *(each.shortage for each in applications if each.shortage)]:
        raise Failure("\n".join(wrong))
    if not applications:
        print_note(f"no application is listed in {path}: `sparekey config add` lists a license for one")


async def _check_all(
    system: System, lists: dict[str, LicenseList], keys: Sequence[PublicKey], demo: Terms | None
) -> list[CheckedApplication]:
    return await asyncio.gather(*(_check_one(system, app, entries, keys, demo) for app, entries in lists.items()))


async def _check_one(
    system: System, app: str, entries: LicenseList, keys: Sequence[PublicKey], demo: Terms | None
) -> CheckedApplication:
    status = read_status(system, app)
    running = status if status and status.is_current else None
    known = cached_license(system, entries.initial.serial, keys)
    found = await Checker(keys, system.id, app).check(entries, known.terms if known else None, running)
    if found.home:
        keep(system, found.home, keys)
    total = float(demo.demo_seconds or 0) if demo else 0.0
    left = total if status is None or status.demo_seconds_left is None else status.demo_seconds_left
    reference = found.measure.reference
    return CheckedApplication(
        app,
        entries,
        running,
        found,
        demo_seconds(entries, reference, demo, total - left),
        misfit(demo, entries, reference),
    )


def _print(applications: Sequence[CheckedApplication]) -> None:
    for each in applications:
        click.echo(f"[{each.app}]")
        print_table(each.COLUMNS, each.rows())
        for sentence in (each.outlook, *each.warnings()):
            click.echo(sentence)
