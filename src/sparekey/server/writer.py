"""The thread that writes the ledger: commits that wait together are written together (S2)."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from sparekey.core.leases import Write
from sparekey.server.ledger import Ledger, LedgerError

LARGEST_GROUP = 1_000
RETRY = 1.0
"""How soon what could not be written is tried again where nobody asks; seconds."""
STALLED = 5.0
"""A commit that waits longer than this shows a disk that hangs; seconds."""

Told: TypeAlias = Callable[[LedgerError | None], None]
"""Who is told that writes are synced, or why they could not be."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """Writes, and who waits for them; None where nobody does."""

    writes: tuple[Write, ...]
    told: Told | None


class Writer:
    """Owns the ledger from start to `close`, and writes it in the order in which it is asked."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._busy_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self.commits = 0
        """Transactions that were written since the start."""
        self.failing = False
        """Whether the last transaction could not be written."""

    def start(self) -> None:
        self._thread.start()

    def write(self, writes: tuple[Write, ...], told: Told) -> None:
        """Write; `told` is called by the loop when it is synced, or could not be written now."""
        self._queue.put(_Job(writes, told))

    def commit(self, writes: tuple[Write, ...]) -> asyncio.Future[None]:
        """The same as a future; it may end with LedgerError."""
        waiter = self._loop.create_future()
        self.write(writes, partial(_settle, waiter))
        return waiter

    def post(self, writes: tuple[Write, ...]) -> None:
        """Write in the same order, with nobody waiting."""
        if writes:
            self._queue.put(_Job(writes, None))

    @property
    def stalled(self) -> bool:
        """Whether the disk has not answered for long."""
        since = self._busy_since
        return since is not None and time.monotonic() - since > STALLED

    async def close(self) -> None:
        """Write what waits, and give the ledger up."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._ledger.close()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            jobs, goes_on = self._next_group()
            if jobs or self._ledger.owes:
                self._write(jobs)

    def _next_group(self) -> tuple[list[_Job], bool]:
        """What waits, and whether more may come; nothing when it is time to try again what is owed."""
        jobs: list[_Job] = []
        try:
            job = self._queue.get(timeout=RETRY if self._ledger.owes else None)
            while job is not None:
                jobs.append(job)
                if len(jobs) == LARGEST_GROUP:
                    return jobs, True
                job = self._queue.get_nowait()
        except queue.Empty:
            return jobs, True
        return jobs, False

    def _write(self, jobs: list[_Job]) -> None:
        self._busy_since = time.monotonic()
        failure: LedgerError | None = None
        try:
            self._ledger.commit(job.writes for job in jobs)
            self.commits += 1
        except LedgerError as error:
            failure = error
        self._busy_since = None
        self._report(failure)
        if told := [job.told for job in jobs if job.told]:
            self._loop.call_soon_threadsafe(self._tell, told, failure)

    def _tell(self, told: list[Told], failure: LedgerError | None) -> None:
        for each in told:
            self._loop.call_soon(each, failure)

    def _report(self, failure: LedgerError | None) -> None:
        if failure and not self.failing:
            log.error("%s; no license is granted until it can be written again", failure)
        elif self.failing and not failure:
            log.warning("the ledger can be written again")
        self.failing = failure is not None


def _settle(waiter: asyncio.Future[None], failure: LedgerError | None) -> None:
    if waiter.done():  # it was given up
        return
    if failure:
        waiter.set_exception(failure)
    else:
        waiter.set_result(None)
