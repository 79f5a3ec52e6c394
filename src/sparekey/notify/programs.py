"""The programs that a reaction starts: one after the other, each with its time, without a shell."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import suppress
from typing import Final

from sparekey.core.consequences import Run
from sparekey.core.variables import Name
from sparekey.notify.store import PROGRAMS, Event, Kind, Store

PATIENCE: Final = 30.0
"""Seconds that a program may run; then it is killed, and what it has started with it."""
RETRY: Final = 1.0
"""Seconds until a disk that is full is tried again."""


async def run_programs(store: Store, some: asyncio.Event, patience: float = PATIENCE) -> None:
    """Run what waits, for ever; `some` is set when there may be one. Each is run at least once, and what goes wrong
    is an event."""
    while True:
        some.clear()
        try:
            waiting = store.next_program()
        except sqlite3.Error:
            await asyncio.sleep(RETRY)
            continue
        if waiting is None:
            await some.wait()
            continue
        number, program = waiting
        fault = await _run(program.argv, patience)
        while not _noted(store, number, program, fault):  # noqa: ASYNC110 - no event tells that there is room
            await asyncio.sleep(RETRY)


def _noted(store: Store, number: int, program: Run, fault: str) -> bool:
    """Write that it was run; False where the disk does not take it now."""
    try:
        with store.transaction():
            store.remove_messages(PROGRAMS, number)
            if fault:
                name = Name("", program.argv[0])
                store.add_event(Event(time.time(), Kind.OUTLET, name, f"{program.argv[0]}: {fault}", program.change))
    except sqlite3.Error:
        return False
    return True


async def _run(argv: tuple[str, ...], patience: float) -> str:
    """What went wrong; empty where nothing did."""
    try:
        process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:
        return str(error)
    try:
        async with asyncio.timeout(patience):
            code = await process.wait()
    except TimeoutError:
        return f"it was killed after {patience:g} s"
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return f"it ended with {code}" if code else ""
