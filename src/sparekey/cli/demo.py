"""`sparekey demo`: a whole plant on this machine, in under a minute."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click

from sparekey.cli.output import Failure, print_json
from sparekey.demo.failure import DemoFailure
from sparekey.demo.outcome import Outcome
from sparekey.demo.plain import PlainScreen
from sparekey.demo.plant import build
from sparekey.demo.processes import Processes
from sparekey.demo.scene import NoScreen, Scene, Screen
from sparekey.demo.stage import Stage
from sparekey.demo.story import Story

NEXT_STEPS = """\
Next:
  sparekey server init STATE --name NAME                 share licenses of your own
  sparekey config add --app APP --serial SERIAL          list an initial license, then its backups
  sparekey run --app APP -- COMMAND                      keep your application licensed"""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the measured times and what happened as JSON.")
def demo(as_json: bool) -> None:
    """Show a whole plant on this machine: its license server is killed, and the application goes on.

    A vendor, two license servers and one application, all real processes on 127.0.0.1. Nothing of it is left behind.

    \b
    Example:
      sparekey demo
      sparekey demo --json
    """
    try:
        outcome = _play(as_json)
    except DemoFailure as failure:
        raise Failure(f"the demo did not come to its end: {failure}") from None
    if as_json:
        print_json(outcome.as_json())
    else:
        click.echo(_summary(outcome))
    if outcome.faults:
        raise Failure("; ".join(outcome.faults))
    if not as_json:
        click.echo(NEXT_STEPS)


def _play(as_json: bool) -> Outcome:
    """The whole story. Neither a process nor the folder outlives it."""
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sparekey-demo-")))
        processes = stack.enter_context(Processes(folder))
        screen: Screen[Scene] = NoScreen() if as_json else _screen(stack)
        return Story(Stage(build(folder), processes, screen)).tell()


def _screen(stack: ExitStack) -> Screen[Scene]:
    """A timeline on a terminal, else plain lines."""
    if not sys.stdout.isatty():
        return PlainScreen(click.echo)
    from rich.console import Console

    from sparekey.demo.timeline import Timeline

    timeline = Timeline(Console(highlight=False))
    stack.enter_context(timeline.live)
    return timeline


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the demo as Ctrl-C does: everything is cleared away."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(outcome: Outcome) -> str:
    return f"""
From the moment at which the license server was killed:
  {outcome.spare_seconds:.2f} s until the spare was in hand
  {outcome.switch_seconds:.2f} s until the application had switched to it
  {outcome.unlicensed_seconds:.2f} s without a license (looked at every {outcome.longest_gap * 1000:.0f} ms at least)
"""
