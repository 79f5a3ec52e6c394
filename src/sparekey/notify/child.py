"""The notifier that `sparekey run` starts where none runs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sparekey import host
from sparekey.client.system import System
from sparekey.notify.notifier import lock_path

LOOK: Final = 1.0
"""Seconds between two looks whether there is one."""


async def keep_one(system: System, reactions: Path) -> None:
    """See to it that a notifier runs, until cancelled. It goes on for a while when all applications have ended, so that
    their end is told; and it does not end with the one that started it, whose death is to be told, too."""
    command = (sys.executable, "-m", "sparekey", "notify", "run", "--while-needed")
    options = ("--state", str(system.folder), "--reactions", str(reactions))
    child: subprocess.Popen[bytes] | None = None
    while True:
        if (child is None or child.poll() is not None) and not host.is_locked(lock_path(system)):
            child = _start((*command, *options))
        await asyncio.sleep(LOOK)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Not a child of the loop's, which would kill it at its own end."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
