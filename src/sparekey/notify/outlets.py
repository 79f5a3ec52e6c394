"""Outlets at work: each served in a task of its own, so that one that is dead or hangs holds up no other."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final

from sparekey.core.variables import Name
from sparekey.notify.feed import Feed
from sparekey.notify.outlet import Message, Outlet, OutletFault
from sparekey.notify.store import Event, Kind, Store

LEAST_PAUSE: Final = 1.0
MOST_PAUSE: Final = 60.0
"""Seconds between two attempts of an outlet that fails."""


class StoredOutbox:
    """The messages of one outlet, as the store keeps them."""

    def __init__(self, store: Store, outlet: str) -> None:
        self._store = store
        self._outlet = outlet
        self._some = asyncio.Event()

    async def next(self) -> Message:
        while (message := self._store.next_message(self._outlet)) is None:
            self._some.clear()
            await self._some.wait()
        return message

    def delivered(self, message: Message) -> None:
        with self._store.transaction():
            self._store.remove_message(message.number)

    def wake(self) -> None:
        """There may be a message now."""
        self._some.set()


class Keeper:
    """Keeps one outlet at work. That it fails is one event, and that it works again is another."""

    def __init__(self, outlet: Outlet, store: Store) -> None:
        self._outlet = outlet
        self._store = store
        self.outbox = StoredOutbox(store, outlet.name)
        self._fault = ""
        self._pause = LEAST_PAUSE

    async def keep(self, feed: Feed) -> None:
        """Serve until cancelled."""
        while True:
            try:
                await self._outlet.run(feed, self.outbox, self._well)
            except OutletFault as fault:
                self._note(str(fault))
            await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))  # noqa: S311 - so that they do not come at once
            self._pause = min(2 * self._pause, MOST_PAUSE)

    def _well(self) -> None:
        self._pause = LEAST_PAUSE
        if self._fault:
            self._fault = ""
            self._tell("it works again")

    def _note(self, fault: str) -> None:
        if fault != self._fault:
            self._fault = fault
            self._tell(fault)

    def _tell(self, what: str) -> None:
        name = self._outlet.name
        with self._store.transaction():
            self._store.add_event(Event(time.time(), Kind.OUTLET, Name("", name), f"outlet {name}: {what}"))
