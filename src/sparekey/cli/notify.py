"""`sparekey notify`: the notifier as a service."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import print_note
from sparekey.client.system import System
from sparekey.host import boot_clock, is_locked
from sparekey.notify.kinds import make_outlet
from sparekey.notify.matrix_file import ReactionFile
from sparekey.notify.notifier import Notifier, only_one
from sparekey.notify.places import lock_path
from sparekey.notify.settings import reactions_of

IDLE = 10.0
"""Seconds that a notifier which is run while needed waits for another application."""
LINGER = 3600.0
"""Seconds that it goes on for those that are still to be told; what they are to be told is kept for the next one."""
FULL = 1.0
"""Seconds until a disk that is full is tried again."""


@click.group()
def notify() -> None:
    """Tell people and plant systems what happens to the licenses of this system.

    \b
    Example:
      sparekey notify run --reactions reactions.toml
    """


@notify.command()
@options.state_folder
@click.option(
    "--reactions",
    type=options.PATH,
    help="What sets off an alarm, and whom it tells; else reactions.toml beside License.ini, else the shipped one.",
)
@click.option("--while-needed", is_flag=True, hidden=True, help="End when no application runs any more.")
def run(state: Path | None, reactions: Path | None, while_needed: bool) -> None:
    """Run the notifier of a state folder until it is ended by a signal. Where one runs, wait to take over from it.

    \b
    Example:
      sparekey notify run --reactions reactions.toml
    """
    system = System.open(state)
    file = reactions_of(system, reactions)
    asyncio.run(_serve(system, file, while_needed=while_needed))


async def _serve(system: System, file: ReactionFile, *, while_needed: bool) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    if is_locked(lock_path(system)):
        print_note(f"a notifier of {system.folder} runs: this one waits to take over from it")
    waiting = asyncio.create_task(only_one(system))
    await _first(waiting, ended)
    if not waiting.done():
        return
    lock = waiting.result()
    opening = asyncio.create_task(_opened(system, file))
    await _first(opening, ended)
    if not opening.done():
        return
    print_note(f"the notifier of {system.folder} runs, with {len(file.outlets)} outlets")
    with closing(opening.result()) as notifier:
        serving = asyncio.create_task(notifier.run())
        watching = asyncio.create_task(_end_when_idle(notifier, ended)) if while_needed else None
        await _first(serving, ended)
        for task in filter(None, (serving, watching)):
            task.cancel()
        await asyncio.gather(serving, return_exceptions=not serving.done())
    lock.release()


async def _opened(system: System, file: ReactionFile) -> Notifier:
    """The notifier, as soon as the disk lets it be; raise OSError where the folder cannot be used at all."""
    outlets = [make_outlet(settings, system.folder) for settings in file.outlets.values()]
    said = ""
    while True:
        try:
            return Notifier(system, file.matrices, outlets, file.servers)
        except sqlite3.Error as error:
            if str(error) != said:
                print_note(f"the notifier of {system.folder} waits for its disk: {error}")
            said = str(error)
            await asyncio.sleep(FULL)


async def _end_when_idle(notifier: Notifier, ended: asyncio.Event) -> None:
    needed = told = boot_clock()
    while boot_clock() - told < IDLE and boot_clock() - needed < LINGER:
        await asyncio.sleep(1.0)
        if notifier.any_runs:
            needed = told = boot_clock()
        elif notifier.any_waits:
            told = boot_clock()
    ended.set()


async def _first(task: asyncio.Task[object], ended: asyncio.Event) -> None:
    end = asyncio.create_task(ended.wait())
    await asyncio.wait({task, end}, return_when=asyncio.FIRST_COMPLETED)
    end.cancel()
