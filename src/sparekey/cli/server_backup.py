"""`sparekey server backup` and `restore`: a container in one file, against the day that its disk dies."""

from __future__ import annotations

from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import print_json
from sparekey.server.backup import Backup


@click.command()
@click.argument("state", type=options.PATH)
@click.option(
    "--to", "file", metavar="FILE", type=options.PATH, required=True, help="The tar file to write, or to replace."
)
@options.as_json
def backup(state: Path, file: Path, as_json: bool) -> None:
    """Copy the container of STATE into one file, also while its server runs.

    The file has the private key: keep it as secret as that. Who holds what is not in it; see `restore`.

    \b
    Example:
      sparekey server backup /var/lib/sparekey --to /media/stick/server-a.tar
    """
    saved = Backup.of(state)
    saved.save(file)
    if as_json:
        print_json({"file": str(file), "licenses": saved.licenses})
    else:
        click.echo(f"{file}: the container of {state} with {_licenses(saved)}; keep it secret, it has the private key")


@click.command()
@click.argument("file", type=options.PATH)
@click.argument("state", type=options.PATH)
@options.as_json
def restore(file: Path, state: Path, as_json: bool) -> None:
    """Make the folder STATE from a backup FILE.

    Its server then grants nothing new for one lease time, in which holders get their seats back. The original must
    never run again: both would grant the same seats.

    \b
    Example:
      sparekey server restore /media/stick/server-a.tar /var/lib/sparekey
    """
    loaded = Backup.load(file)
    container = loaded.restore(state)
    if as_json:
        print_json({"name": container.name, "container": container.id, "state": str(state)})
    else:
        click.echo(f"container {container.id} ({container.name}) with {_licenses(loaded)} in {state}")
        click.echo(f"next: see that the original never runs again, then sparekey server run {state}")


def _licenses(backup: Backup) -> str:
    return f"{backup.licenses} license file{'' if backup.licenses == 1 else 's'}"
