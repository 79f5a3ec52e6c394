"""`sparekey run`: run a command while it holds a license."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterable
from contextlib import ExitStack
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import Failure, Unlicensed
from sparekey.client.acquire import open_session
from sparekey.client.license import AlreadyRunning, NoLicense
from sparekey.client.report import ReportFile
from sparekey.client.session import Session, Wishes
from sparekey.client.supervisor import LicenseLost, OnLoss, Supervisor
from sparekey.notify.child import keep_one
from sparekey.notify.places import SHIPPED, locate

CANNOT_START = 127
"""Exit code where the command is not to be found, as a shell has it."""


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--app", required=True, help="The application: its section of License.ini.")
@click.option(
    "--config", type=options.PATH, help="License.ini; else SPAREKEY_CONFIG, else the site's configuration folder."
)
@click.option(
    "--vendor-key", metavar="FILE", help="The vendor's key; else SPAREKEY_VENDOR_KEY, else beside License.ini."
)
@click.option(
    "--state", type=options.PATH, help="This system's state folder; else SPAREKEY_STATE, else the user's own."
)
@click.option("--system", help="This system's name, for people; else SPAREKEY_SYSTEM, else the host's.")
@click.option("--demo", type=options.PATH, help="The demo license; else demo.lic beside License.ini.")
@click.option(
    "--reactions",
    type=options.PATH,
    help="What sets off an alarm, and whom it tells; else reactions.toml beside License.ini. Its notifier is started.",
)
@click.option(
    "--report", type=options.PATH, help="Append what happens to this file, a JSON object a line; - is stdout."
)
@click.option(
    "--wait", type=click.FloatRange(0), default=0.0, metavar="S", help="Go on asking for S seconds at the start."
)
@click.option("--on-loss", type=click.Choice([str(o) for o in OnLoss]), default=str(OnLoss.STOP), show_default=True)
@click.option("--stop-grace", type=click.FloatRange(0), metavar="S", help="Stop the command S seconds before the end.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    app: str,
    config: Path | None,
    vendor_key: str | None,
    state: Path | None,
    system: str | None,
    demo: Path | None,
    reactions: Path | None,
    report: Path | None,
    wait: float,
    on_loss: str,
    stop_grace: float | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND while it holds a license.

    It is told SPAREKEY_SERIAL, SPAREKEY_LICENSE (the terms, JSON) and SPAREKEY_STATUS (a JSON file kept current).
    If the license is lost and no spare is to be had, it is ended in time: SIGTERM, then SIGKILL; exit code 3.

    \b
    Example:
      sparekey run --app Runtime --config License.ini -- ./runtime --line 1
    """
    key = Path(vendor_key) if vendor_key else None
    _check(reactions)
    try:
        wishes = Wishes(app, config, key, state, demo, system, wait, stop_grace, reactions)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with ExitStack() as stack:
        listener = stack.enter_context(ReportFile(report)) if report else None
        try:
            session = open_session(wishes)
        except AlreadyRunning as error:
            raise Failure(str(error)) from None
        supervisor = Supervisor(session, command, OnLoss(on_loss), listener)
        code = _supervised(_with_notifier(supervisor, session), command[0])
    sys.exit(code)


async def _with_notifier(supervisor: Supervisor, session: Session) -> int:
    """The command under a license, and a notifier beside it, where there is somebody to tell."""
    reactions = locate(session.reactions, session.config)
    notifier = asyncio.create_task(keep_one(session.state.system, reactions)) if reactions != SHIPPED else None
    try:
        return await supervisor.run()
    finally:
        if notifier:
            notifier.cancel()


def _check(reactions: Path | None) -> None:
    """A file that is named is wrong now rather than at the first alarm; raise ReactionsError or OSError."""
    if reactions is not None:
        from sparekey.notify.matrix_file import read  # most run without a notifier

        read(reactions)


def _supervised(supervision: Coroutine[None, None, int], program: str) -> int:
    try:
        return asyncio.run(supervision)
    except NoLicense as error:
        raise Unlicensed(f"no license is to be had:{_reasons(error.candidates)}") from None
    except LicenseLost as error:
        raise Unlicensed(f"the license is lost, and {program} was ended:{_reasons(error.candidates)}") from None
    except FileNotFoundError as error:
        if error.filename != program:
            raise
        click.echo(f"error: {program}: there is no such command", err=True)
        return CANNOT_START


def _reasons(candidates: Iterable[tuple[int, str]]) -> str:
    return "".join(f"\n  entry {number}: {reason}" for number, reason in candidates) or " no entry was asked"
