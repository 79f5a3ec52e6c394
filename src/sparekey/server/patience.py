"""What has not ended in time is given up (T6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 10.0
"""How long a request may take to arrive whole, and a new connection to send its first; seconds."""


class Patience:
    """Calls `give_up` when what was begun has not ended in time.

    A timer is dear beside a request, so one serves all of a connection. It looks every PATIENCE, and so never has to be
    set to an earlier time.
    """

    __slots__ = ("_due", "_give_up", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, give_up: Callable[[], None]) -> None:
        self._loop = loop
        self._give_up = give_up
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, seconds: float = PATIENCE) -> None:
        """What begins now has so much time, at least PATIENCE."""
        self._due = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_later(PATIENCE, self._look)

    def end(self) -> None:
        """Leave nothing behind: a timer keeps what it calls."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time()
        if self._due <= now:
            self._give_up()
        else:
            self._timer = self._loop.call_at(min(self._due, now + PATIENCE), self._look)
