"""`sparekey server drain`: empty a license server for planned work, and tell who is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import click

from sparekey.cli import options
from sparekey.cli.emptying import Emptying
from sparekey.cli.output import Failure, print_json, print_note
from sparekey.server.container import Container
from sparekey.server.notices import mark_draining

Say: TypeAlias = Callable[[str], None]


@click.command()
@click.argument("state", type=options.PATH)
@click.option("--off", is_flag=True, help="Put the server into service again.")
@click.option("--stop", is_flag=True, help="End the server once it is empty.")
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="Wait no longer; default: for ever.")
@options.as_json
def drain(state: Path, *, off: bool, stop: bool, timeout: float | None, as_json: bool) -> None:
    """Empty the license server of STATE for planned work: nobody loses a license.

    Each holder goes on renewing, and moves as soon as it holds another license of its list. Nothing new is granted.
    Says who leaves and who cannot, and ends when nobody is left. Ctrl-C ends the waiting only: the server goes on
    being emptied, over restarts too, until --off.

    \b
    Example:
      sparekey server drain /var/lib/sparekey --stop
      sparekey server drain /var/lib/sparekey --off
    """
    container = Container.open(state)
    if off:
        if stop or timeout is not None:
            raise click.UsageError("--off takes effect at once: neither --stop nor --timeout goes with it")
        _put_into_service(container, as_json=as_json)
        return
    mark_draining(container.folder, on=True)
    emptying = Emptying(container, print_note if as_json else click.echo)
    try:
        _wait(emptying, timeout)
        if stop:
            emptying.stop()
    finally:
        if as_json:
            print_json(emptying.facts)
    emptying.say(f"when the work is done: sparekey server drain {state} --off")


def _wait(emptying: Emptying, timeout: float | None) -> None:
    try:
        emptying.wait(timeout)
    except KeyboardInterrupt:
        raise Failure(
            f"not empty yet: {emptying.left}\nit goes on being emptied; the same command waits again"
        ) from None


def _put_into_service(container: Container, *, as_json: bool) -> None:
    changed = mark_draining(container.folder, on=False)
    if as_json:
        print_json({"draining": False, "changed": changed})
    else:
        click.echo(f"{container.name} is in service" + ("" if changed else ", and was before"))
