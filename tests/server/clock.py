"""A loop whose time a test moves."""

from __future__ import annotations

import asyncio


class Clock(asyncio.SelectorEventLoop):
    """Starts at 0; sockets are real."""

    at = 0.0

    def time(self) -> float:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += seconds
        self.settle()

    def settle(self) -> None:
        """Let happen what can happen now."""
        for _ in range(10):
            self.run_until_complete(asyncio.sleep(0))
