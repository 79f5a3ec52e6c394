"""An outlet kept at work as the notifier does, on a feed and an outbox that a test fills."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from notify.opcua_plant import Technicians
from sparekey.core.consequences import Notify, Occasion
from sparekey.core.variables import SERIAL_NUMBER, Name
from sparekey.notify.feed import Home
from sparekey.notify.outlet import Outlet
from sparekey.notify.outlets import LEAST_PAUSE, Keeper
from sparekey.notify.store import Kind, Store
from systems import PATIENCE


class Desk(Technicians):
    """What a notifier has: the feed, and a store with the outboxes and the event list."""

    def __init__(self, folder: Path, system: str = "4f5a9c0b", name: str = "line-3") -> None:
        super().__init__()
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.feed.home = Home(system, name)
        self.store = Store(folder)

    @asynccontextmanager
    async def keep(self, outlet: Outlet, pause: float = LEAST_PAUSE) -> AsyncIterator[Keeper]:
        """The outlet at work; after a failure it pauses so many seconds."""
        keeper = Keeper(outlet, self.store, pause)
        task = asyncio.create_task(keeper.keep(self.feed))
        try:
            yield keeper
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled(), task

    def notify(self, text: str, keeper: Keeper, change: int = 1, outlet: str = "mqtt") -> None:
        """A message for the outlet."""
        name = Name("Runtime", SERIAL_NUMBER)
        what = Notify((), Occasion.ALARM, "serial-number", name, text, 7, 700, change, time.time())
        with self.store.transaction():
            self.store.add_message(outlet, what)
        keeper.outbox.wake()

    def has_sent_all(self, outlet: str = "mqtt") -> bool:
        """Whether no message waits for the outlet."""
        return self.store.next_message(outlet) is None

    def events(self) -> list[str]:
        """What the event list says of outlets."""
        return [event.text for event in self.store.events() if event.kind is Kind.OUTLET]

    async def until(self, fits: Callable[[], object]) -> None:
        """Wait for what the store says."""
        async with asyncio.timeout(PATIENCE):
            while not fits():  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0.02)
