"""Calls of what may hang, each in a thread of its own: none holds up the loop, or the end of the process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from sparekey.host import boot_clock

Work = Callable[[], str]
"""What is to be done; it returns what went wrong, empty where nothing did."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """To deliver the message of this number, begun at this time of the boot clock."""

    number: int
    began: float = field(default_factory=boot_clock)
    outcome: Future[str] = field(default_factory=Future)

    def start(self, work: Work) -> None:
        threading.Thread(target=self._run, args=(work,), name="sparekey-message", daemon=True).start()

    @property
    def hangs(self) -> bool:
        return not self.outcome.done()

    @property
    def succeeded(self) -> bool:
        return not self.hangs and not self.outcome.result()

    def _run(self, work: Work) -> None:
        self.outcome.set_running_or_notify_cancel()
        try:
            fault = work()
        except Exception as error:  # noqa: BLE001 - whatever a library raises, it is this attempt that failed
            fault = f"{type(error).__name__} in the library"
        self.outcome.set_result(fault)


class Attempts:
    """One at a time. One that hangs is waited for anew until its time is over, and another is begun then.

    Each that still hangs doubles that time, so that they are few for ever.
    """

    def __init__(self, patience: float) -> None:
        """`patience`: seconds that one may take, and that a call of `make` waits."""
        self._patience = patience
        self._made: list[_Attempt] = []

    async def make(self, number: int, work: Work) -> str:
        """Deliver the message of this number; return what went wrong. Raise TimeoutError where it hangs."""
        delivered = any(attempt.number == number and attempt.succeeded for attempt in self._made)
        self._made = [attempt for attempt in self._made if attempt.hangs]
        if delivered:  # late, but it was
            return ""
        if self._waits():
            await self._outcome(self._made[-1])
            return await self.make(number, work)
        attempt = _Attempt(number)
        self._made.append(attempt)
        attempt.start(work)
        return await self._outcome(attempt)

    def _waits(self) -> bool:
        """Whether one hangs that still has time."""
        return bool(self._made) and boot_clock() < self._made[-1].began + self._patience * 2 ** len(self._made)

    async def _outcome(self, attempt: _Attempt) -> str:
        async with asyncio.timeout(self._patience):
            return await asyncio.wrap_future(attempt.outcome)
