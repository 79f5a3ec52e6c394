"""Outlets at work: each served in a task of its own, so that one that is dead or hangs holds up no other."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
import traceback
from typing import Final

from sparekey.core.variables import Name
from sparekey.host import boot_clock
from sparekey.notify.feed import Feed
from sparekey.notify.outlet import Message, Outlet, OutletFault
from sparekey.notify.store import Event, Kind, Store

LEAST_PAUSE: Final = 1.0
MOST_PAUSE: Final = 60.0
"""Seconds between two attempts of an outlet that fails; after as many seconds of work the pauses begin anew."""
MOST_FAULTS: Final = 5
"""Different faults that are told until it works again."""
RETRY: Final = 1.0
"""Seconds until a disk that cannot be read is tried again."""

log = logging.getLogger("sparekey")


class StoredOutbox:
    """The messages of one outlet, as the store keeps them."""

    def __init__(self, store: Store, outlet: str) -> None:
        self._store = store
        self._outlet = outlet
        self._some = asyncio.Event()
        self._delivered = 0

    async def next(self) -> Message:
        while True:
            self._some.clear()
            try:
                message = self._store.next_message(self._outlet, self._delivered)
            except sqlite3.Error:
                await asyncio.sleep(RETRY)
                continue
            if message:
                return message
            await self._some.wait()

    def delivered(self, message: Message) -> None:
        """Where the disk is full, it is removed with a later one; until then it is remembered, and not sent again."""
        self._delivered = message.number
        try:
            with self._store.transaction():
                self._store.note_delivery(self._outlet, message.number, boot_clock())
        except sqlite3.Error as error:
            log.warning("outlet %s: what was delivered cannot be noted now: %s", self._outlet, error)

    def wake(self) -> None:
        """There may be a message now."""
        self._some.set()


class Keeper:
    """Keeps one outlet at work. That it fails is one event, and that it works again is another.

    Another fault than the one that was told is told too, once.
    """

    def __init__(self, outlet: Outlet, store: Store, pause: float = LEAST_PAUSE) -> None:
        """`pause`: seconds after its first failure; each is about double the one before. Raise sqlite3.Error."""
        self._outlet = outlet
        self._store = store
        self.outbox = StoredOutbox(store, outlet.name)
        self._faults = {fault} if (fault := store.fault(outlet.name)) else set()
        self._works_since: float | None = None
        self._least_pause = self._pause = pause

    async def keep(self, feed: Feed) -> None:
        """Serve until cancelled."""
        while True:
            try:
                await self._outlet.run(feed, self.outbox, self._well)
            except OutletFault as fault:
                self._failed(str(fault))
            except Exception as error:  # noqa: BLE001 - whatever a library raises, it must end neither this nor another
                self._failed(f"it broke, which is a fault of the program ({type(error).__name__})")
                where = "".join(traceback.format_tb(error.__traceback__))  # its text may have a password in it (T4)
                log.error("outlet %s: %s at\n%s", self._outlet.name, type(error).__name__, where)
            await asyncio.sleep(self._next_pause())

    def settle(self) -> None:
        """Tell that it works again, where a full disk has not taken it yet."""
        if self._works_since is not None and self._faults and self._tell("", "it works again"):
            self._faults.clear()

    def _well(self) -> None:
        if self._works_since is None:
            self._works_since = time.monotonic()
        self.settle()

    def _failed(self, fault: str) -> None:
        worked, self._works_since = self._works_since, None
        if worked is not None and time.monotonic() - worked > MOST_PAUSE:
            self._pause = self._least_pause
        if fault not in self._faults and len(self._faults) < MOST_FAULTS and self._tell(fault, fault):
            self._faults.add(fault)

    def _next_pause(self) -> float:
        pause, self._pause = self._pause, min(2 * self._pause, MOST_PAUSE)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - so that they do not come at once

    def _tell(self, fault: str, text: str) -> bool:
        """Write an event; False where the disk does not take it now."""
        name = self._outlet.name
        try:
            with self._store.transaction():
                self._store.set_fault(name, fault)
                self._store.add_event(Event(time.time(), Kind.OUTLET, Name("", name), f"outlet {name}: {text}"))
        except sqlite3.Error:
            return False
        return True
