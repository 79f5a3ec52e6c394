"""Time that passes in a demo: while it waits for something, it looks at everything."""

from __future__ import annotations

import time
from collections.abc import Callable

from sparekey.demo.failure import DemoFailure
from sparekey.demo.processes import Processes

FRAME = 0.05
"""Seconds between two looks."""
PATIENCE = 20.0
"""Seconds after which what did not come is a failure."""


class Watch:
    """Looks again and again at what happens, and at the processes, none of which may end unasked."""

    def __init__(self, processes: Processes, look: Callable[[], None], patience: float = PATIENCE) -> None:
        self._processes = processes
        self._look = look
        self._patience = patience

    def until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Watch until it is so; raise DemoFailure where it does not come to that."""
        end = time.monotonic() + self._patience
        while not is_so():
            if time.monotonic() > end:
                raise DemoFailure(f"{otherwise} after {self._patience:g} s")
            self._pass()

    def linger(self, seconds: float) -> None:
        """Let people see."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._pass()

    def _pass(self) -> None:
        time.sleep(FRAME)
        self._processes.check()
        self._look()
