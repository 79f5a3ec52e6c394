"""`sparekey server`: share licenses on the network."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.later import Later
from sparekey.cli.output import print_json
from sparekey.core.entries import EntryError, Location
from sparekey.core.terms import Validity, validity
from sparekey.core.timing import DEFAULT_TTL, LONGEST_TTL, SHORTEST_TTL
from sparekey.host import write_atomically
from sparekey.server.container import Container
from sparekey.trust import SignedLicense, vendor_keys


@click.group()
def server() -> None:
    """Share licenses on the network.

    \b
    Example:
      sparekey server init state --name "Line 1"
      sparekey server request state --out request.json
      sparekey server install state plant.lic --vendor-key vendor.pub.json
      sparekey server run state
    """


server.add_command(Later("backup", "Copy the container of STATE into one file.", "server_backup"))
server.add_command(Later("restore", "Make the folder STATE from a backup FILE.", "server_backup"))
server.add_command(Later("drain", "Empty the license server of STATE for planned work.", "server_drain"))
server.add_command(Later("status", "Show licenses, seats, and who holds them since when.", "server_status"))


@server.command()
@click.argument("state", type=options.PATH)
@click.option("--name", required=True, help="The license server's name, for people.")
@options.as_json
def init(state: Path, name: str, as_json: bool) -> None:
    """Make a container in the folder STATE: an identity that licenses are bound to.

    \b
    Example:
      sparekey server init /var/lib/sparekey --name "Line 1"
    """
    container = Container.init(state, name)
    if as_json:
        print_json({"name": container.name, "container": container.id, "state": str(state)})
    else:
        click.echo(f"container {container.id} ({container.name}) in {state}")
        click.echo(f"next: sparekey server request {state} --out request.json, and send that file to the vendor")


@server.command()
@click.argument("state", type=options.PATH)
@click.option("--out", metavar="REQUEST.json", type=options.PATH, required=True, help="The file to send to the vendor.")
@options.as_json
def request(state: Path, out: Path, as_json: bool) -> None:
    """Write an activation request for the vendor, signed by the container's key.

    \b
    Example:
      sparekey server request /var/lib/sparekey --out request.json
    """
    container = Container.open(state)
    write_atomically(out, container.request(int(time.time())).encode(), mode=0o644)
    if as_json:
        print_json({"container": container.id, "file": str(out)})
    else:
        click.echo(f"{out}: send it to the vendor, who issues licenses for it")


@server.command()
@click.argument("state", type=options.PATH)
@click.argument("file", metavar="FILE.lic", type=options.PATH)
@click.option("--vendor-key", metavar="FILE", help="The vendor's vendor.pub.json; it is kept for later installs.")
@options.as_json
def install(state: Path, file: Path, vendor_key: str | None, as_json: bool) -> None:
    """Install the licenses of FILE.lic, also while the server runs.

    A newer issue of a license replaces the older one under its holders; an older one is refused.

    \b
    Example:
      sparekey server install /var/lib/sparekey plant.lic --vendor-key vendor.pub.json
    """
    container = Container.open(state)
    keys = vendor_keys(vendor_key) if vendor_key else container.vendor_keys()
    if not keys:
        raise click.UsageError("the first install needs --vendor-key vendor.pub.json, which the vendor gives away")
    installed = container.install(file, keys, time.time())
    if as_json:
        print_json({"installed": [signed.terms.as_json() for signed in installed]})
    else:
        for signed in installed:
            click.echo(f"installed {_summary(signed)}{_when(signed)}")


@server.command()
@click.argument("state", type=options.PATH)
@click.argument("serial")
@options.as_json
def remove(state: Path, serial: str, as_json: bool) -> None:
    """Remove a license, also while the server runs: its holders are told at their next renewal.

    \b
    Example:
      sparekey server remove /var/lib/sparekey 5-1042
    """
    Container.open(state).remove(serial)
    if as_json:
        print_json({"removed": serial})
    else:
        click.echo(f"removed {serial}")


@server.command()
@click.argument("state", type=options.PATH)
@click.option(
    "--listen", "listen_at", metavar="HOST:PORT", help="Default: port 6350 on all addresses; port 0 is any free one."
)
@click.option(
    "--ttl",
    metavar="SECONDS",
    type=click.FloatRange(SHORTEST_TTL, LONGEST_TTL),
    default=DEFAULT_TTL,
    help=f"Of a new lease; default {DEFAULT_TTL:g}.",
)
@options.as_json
def run(state: Path, listen_at: str | None, ttl: float, as_json: bool) -> None:
    """Share the container's licenses until SIGTERM or Ctrl-C.

    \b
    Example:
      sparekey server run /var/lib/sparekey --listen 0.0.0.0:6350
    """
    from sparekey.server.process import run as serve  # the other commands start without a web server
    from sparekey.server.sockets import parse_listen

    def ready(container: Container, places: list[Location]) -> None:
        if as_json:
            facts = {"listening": [str(place) for place in places], "name": container.name, "container": container.id}
            click.echo(json.dumps(facts))
        else:
            where = ", ".join(str(place) for place in places)
            click.echo(f"listening on {where} as {container.name}, container {container.id}")

    try:
        at = parse_listen(listen_at) if listen_at is not None else None
    except EntryError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    serve(state, at, ttl, ready)


def _when(signed: SignedLicense) -> str:
    match validity(signed.terms, time.time()):
        case Validity.NOT_YET:
            return f"; it begins on {signed.terms.valid_from}, and what was in force before serves until then"
        case Validity.EXPIRED:
            return f"; it expired on {signed.terms.valid_until}, so it serves nobody, and ends nothing that is in force"
        case Validity.VALID:
            return ""


def _summary(signed: SignedLicense) -> str:
    terms = signed.terms
    seats = f"{terms.seats} seat{'s' if terms.seats > 1 else ''}"
    return f"{terms.serial}: {terms.product} {terms.version}, {seats}"
