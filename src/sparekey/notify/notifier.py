"""The notifier: turns what the applications of a system wrote into alarms, events and messages, and serves outlets.

One loop: what applications and license servers say of themselves, what is new in the journal, what follows from it,
news for the outlets. There is one a state folder; another that is started waits until this one ends, in whatever way,
and goes on from where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from sparekey import host
from sparekey.client.system import System
from sparekey.core.alarms import Alarm
from sparekey.core.matrices import Matrix
from sparekey.core.variables import UNACKNOWLEDGED, Name, Quality, Reading
from sparekey.journal import Journal
from sparekey.notify.alarm_list import AlarmList
from sparekey.notify.evaluation import Evaluation
from sparekey.notify.feed import Feed, Home, News
from sparekey.notify.outlet import Outlet
from sparekey.notify.outlets import Keeper
from sparekey.notify.places import lock_path
from sparekey.notify.programs import run_programs
from sparekey.notify.server_settings import Server
from sparekey.notify.server_watch import ServerWatches
from sparekey.notify.store import Store
from sparekey.notify.watcher import Watcher

PERIOD: Final = 0.1
"""Seconds between two looks into the journal."""
STATUS_PERIOD: Final = 1.0
"""Seconds between two looks at the status files."""
STANDBY_PERIOD: Final = 0.5
"""Seconds between two attempts to become the one notifier."""

log = logging.getLogger("sparekey")


class Notifier:
    """Reads, evaluates and tells, until it is cancelled."""

    def __init__(
        self, system: System, matrices: Iterable[Matrix], outlets: Iterable[Outlet], servers: Iterable[Server] = ()
    ) -> None:
        """`servers` are to be watched. Raise sqlite3.Error or OSError where the state folder cannot be used."""
        outlets = tuple(outlets)
        self._journal = Journal(system.folder)
        self._store = Store(system.folder)
        taking = [outlet.name for outlet in outlets if outlet.takes_messages]
        self._new_evaluation = partial(Evaluation, self._journal, self._store, tuple(matrices), taking)
        self._evaluation = self._new_evaluation()
        self._watcher = Watcher(system)
        self._servers = ServerWatches(servers)
        self._alarms = AlarmList(self._store)
        self.feed = Feed(Home(system.id, system.name), self._acknowledge)
        self._keepers = [Keeper(outlet, self._store) for outlet in outlets]
        self._taking = taking
        self._program_waits = asyncio.Event()
        self._status_due = float("-inf")
        self._trouble: str | None = None

    async def run(self) -> None:
        """Serve until cancelled. A disk that is full or slow is waited for."""
        tasks = [asyncio.create_task(keeper.keep(self.feed)) for keeper in self._keepers]
        tasks.append(asyncio.create_task(run_programs(self._store, self._program_waits)))
        tasks += self._servers.start()
        try:
            while True:
                works = self._attempt()
                await asyncio.sleep(PERIOD if works else STATUS_PERIOD)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def step(self) -> None:
        """Handle all that is new; raise sqlite3.Error or OSError."""
        if self._evaluation.step() | self._look():
            self._wake()
        for keeper in self._keepers:
            keeper.settle()
        self.feed.publish(self._news())

    @property
    def any_runs(self) -> bool:
        """Whether any application does."""
        return self._watcher.any_runs

    @property
    def any_waits(self) -> bool:
        """Whether anybody has yet to be told; so it is taken to be where the disk does not say."""
        try:
            return self._store.any_waits(self._taking)
        except sqlite3.Error:
            return True

    def _attempt(self) -> bool:
        """A step; after one that failed, what is in memory is read again, since it may be ahead of what was written."""
        try:
            if self._trouble is not None:
                self._evaluation = self._new_evaluation()
                self._wake()
            self.step()
        except (sqlite3.Error, OSError) as error:
            if str(error) != self._trouble:
                log.warning("the notifier waits for its disk: %s", error)
            self._trouble = str(error)
            return False
        self._trouble = None
        return True

    def _wake(self) -> None:
        self._program_waits.set()
        for keeper in self._keepers:
            keeper.outbox.wake()

    def close(self) -> None:
        self._journal.close()
        self._store.close()

    def _look(self) -> bool:
        """What nobody wrote: into the journal with it, so that it is handled as all else is."""
        if host.boot_clock() < self._status_due:
            return False
        self._status_due = host.boot_clock() + STATUS_PERIOD
        self._watcher.look()
        latest = self._evaluation.latest
        observations = [*self._watcher.observations(latest), *self._servers.observations(latest)]
        if not observations:
            return False
        self._journal.append(observations)
        return self._evaluation.step()

    def _acknowledge(self, key: int, by: str, comment: str) -> None:
        self._alarms.acknowledge(key, by, comment)

    # news

    def _news(self) -> News:
        known = self.feed.alarms
        alarms = {alarm.key: alarm for alarm in self._store.alarms()}
        gone = {key: alarm for key in known.keys() - alarms.keys() if (alarm := self._store.alarm(key))}
        changed = {key: alarm for key, alarm in alarms.items() if known.get(key) != alarm}
        return News(self._changed_readings(alarms.values()), changed | gone)

    def _changed_readings(self, alarms: Iterable[Alarm]) -> Mapping[Name, Reading]:
        journaled = {name: change.new for name, change in self._evaluation.latest.items()}
        readings = {**journaled, **self._watcher.running_values(), **_unacknowledged(alarms, journaled)}
        known = self.feed.readings
        return {name: reading for name, reading in readings.items() if not _same(reading, known.get(name))}


def _unacknowledged(alarms: Iterable[Alarm], journaled: Iterable[Name]) -> Mapping[Name, Reading]:
    """Of each owner of variables, how many alarms nobody has acknowledged."""
    counts = Counter(alarm.name.owner for alarm in alarms if alarm.waits)
    now = time.time()
    owners = {name.owner for name in journaled}
    return {Name(owner, UNACKNOWLEDGED): Reading(counts[owner], Quality.GOOD, now) for owner in owners}


def _same(reading: Reading, known: Reading | None) -> bool:
    return known is not None and (reading.value, reading.quality) == (known.value, known.quality)


async def only_one(system: System) -> host.Lock:
    """Wait until this is the one notifier of the state folder; it is as long as the lock is held."""
    lock = host.Lock(lock_path(system))
    while True:
        try:
            lock.acquire()
        except host.Locked:
            await asyncio.sleep(STANDBY_PERIOD)
        else:
            return lock
