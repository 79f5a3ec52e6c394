"""The notifier that `sparekey run` starts where none runs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sparekey import host
from sparekey.client.system import System
from sparekey.notify.places import lock_path

LOOK: Final = 1.0
"""Seconds between two looks whether there is one."""
MOST_PAUSE: Final = 60.0
"""Seconds at most until another is started after one that ended before it was the notifier."""


async def keep_one(system: System, reactions: Path) -> None:
    """See to it that a notifier runs, until cancelled. It goes on for a while when all applications have ended, so that
    their end is told; and it does not end with the one that started it, whose death is to be told, too."""
    command = (sys.executable, "-m", "sparekey", "notify", "run", "--while-needed")
    options = ("--state", str(system.folder), "--reactions", str(reactions))
    child: subprocess.Popen[bytes] | None = None
    pauses = restart_pauses()
    while True:
        if host.is_locked(lock_path(system)):
            pauses = restart_pauses()
        elif child is None or child.poll() is not None:
            child = _start((*command, *options))
            await asyncio.sleep(next(pauses))
        await asyncio.sleep(LOOK)


def restart_pauses() -> Iterator[float]:
    """Seconds, each double the one before: where reactions.toml is bad, each notifier ends as it has said so."""
    pause = LOOK
    while True:
        yield pause
        pause = min(2 * pause, MOST_PAUSE)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Not a child of the loop's, which would kill it at its own end."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
