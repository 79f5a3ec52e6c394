"""The programs that a reaction starts: one after the other, each with its time, without a shell."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final

from sparekey.core.variables import Name
from sparekey.notify.store import Event, Kind, Store

PATIENCE: Final = 30.0
"""Seconds that a program may run; then it is killed."""


async def run_programs(store: Store, some: asyncio.Event) -> None:
    """Run what waits, for ever; `some` is set when there may be one. Each is run at least once, and what goes wrong
    is an event."""
    while True:
        some.clear()
        waiting = store.next_program()
        if waiting is None:
            await some.wait()
            continue
        number, program = waiting
        fault = await _run(program.argv)
        with store.transaction():
            store.remove_message(number)
            if fault:
                name = Name("", program.argv[0])
                store.add_event(Event(time.time(), Kind.OUTLET, name, f"{program.argv[0]}: {fault}", program.change))


async def _run(argv: tuple[str, ...]) -> str:
    """What went wrong; empty where nothing did."""
    try:
        process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.DEVNULL)
    except (OSError, ValueError) as error:
        return str(error)
    try:
        async with asyncio.timeout(PATIENCE):
            code = await process.wait()
    except TimeoutError:
        return f"it was killed after {PATIENCE:.0f} s"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return f"it ended with {code}" if code else ""
