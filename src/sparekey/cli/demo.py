"""`sparekey demo`: a whole plant on this machine, in under a minute; with `--plant`, one of many systems."""

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
from sparekey.demo.n_plus_one.outcome import PlantOutcome
from sparekey.demo.n_plus_one.plant import FEWEST, MOST, build_plant
from sparekey.demo.n_plus_one.scene import PlantScene
from sparekey.demo.n_plus_one.stage import PlantStage
from sparekey.demo.n_plus_one.story import PlantStory
from sparekey.demo.outcome import Outcome
from sparekey.demo.plain import PlainScreen
from sparekey.demo.plant import build
from sparekey.demo.processes import ENDING, Processes
from sparekey.demo.scene import NoScreen, Scene, Screen
from sparekey.demo.stage import Stage
from sparekey.demo.story import Story

READING = 2.5
"""Seconds that people have to read what the plant of many systems does."""
NEXT_STEPS = """\
Next:
  sparekey server init STATE --name NAME                 share licenses of your own
  sparekey config add --app APP --serial SERIAL          list an initial license, then its backups
  sparekey run --app APP -- COMMAND                      keep your application licensed"""


@click.command()
@click.option(
    "--plant",
    type=click.IntRange(FEWEST, MOST),
    metavar="N",
    help="N systems (2 to 9) that share their licenses, and one backup for all; some fail. It takes under two minutes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the measured times and what happened as JSON.")
def demo(plant: int | None, as_json: bool) -> None:
    """Show a whole plant on this machine: its license server is killed, and the application goes on.

    A vendor, two license servers and one application, all real processes on 127.0.0.1. Nothing of it is left behind.
    With --plant there are N applications and N + 1 license servers.

    \b
    Example:
      sparekey demo
      sparekey demo --json
      sparekey demo --plant 9
    """
    try:
        outcome = _play(as_json) if plant is None else _play_many(plant, as_json)
    except DemoFailure as failure:
        raise Failure(f"the demo did not come to its end: {failure}") from None
    if as_json:
        print_json(outcome.as_json())
    else:
        click.echo(outcome.summary())
    if outcome.faults:
        raise Failure("; ".join(outcome.faults))
    if not as_json:
        click.echo(NEXT_STEPS)


def _play(as_json: bool) -> Outcome:
    """The story of one application."""
    with ExitStack() as stack:
        folder, processes = stack.enter_context(_place())
        screen: Screen[Scene] = NoScreen() if as_json else _screen(stack)
        return Story(Stage(build(folder), processes, screen)).tell()


def _play_many(count: int, as_json: bool) -> PlantOutcome:
    """The story of so many applications."""
    with ExitStack() as stack:
        folder, processes = stack.enter_context(_place())
        screen: Screen[PlantScene] = NoScreen() if as_json else _table(stack)
        stage = PlantStage(build_plant(folder, count), processes, screen, 0.0 if as_json else READING)
        return PlantStory(stage).tell()


def _screen(stack: ExitStack) -> Screen[Scene]:
    """A timeline on a terminal, else plain lines."""
    if not sys.stdout.isatty():
        return PlainScreen(click.echo)
    from rich.console import Console

    from sparekey.demo.timeline import Timeline

    timeline = Timeline(Console(highlight=False))
    stack.enter_context(timeline.live)
    return timeline


def _table(stack: ExitStack) -> Screen[PlantScene]:
    """A table on a terminal, else plain lines."""
    if not sys.stdout.isatty():
        return PlainScreen(click.echo)
    from rich.console import Console

    from sparekey.demo.n_plus_one.table import PlantTable

    table = PlantTable(Console(highlight=False))
    stack.enter_context(table.live)
    return table


@contextmanager
def _place() -> Iterator[tuple[Path, Processes]]:
    """A folder, and processes in it. Neither outlives the demo; while they are cleared away, signals have to wait."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with _ended_by_signals():
        try:
            with (
                tempfile.TemporaryDirectory(prefix="sparekey-demo-") as folder,
                Processes(Path(folder)) as processes,
            ):
                try:
                    yield Path(folder), processes
                finally:
                    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
