"""The writer of a server's ledger: commits that wait together are written together (S2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.core.leases import Write
from sparekey.server.ledger import LedgerError

from .disk import VirtualLedger

if TYPE_CHECKING:
    from .server import Server

HAND_OVER = 0.0002
RETRY = 1.0


@dataclass(slots=True)
class _Job:
    writes: tuple[Write, ...]
    done: Callable[[bool], None] | None


class Writer:
    """Of one run of a server, which may die at each step."""

    def __init__(self, server: Server, ledger: VirtualLedger) -> None:
        self._server = server
        self._ledger = ledger
        self._jobs: list[_Job] = []
        self._writing = False

    def commit(self, writes: tuple[Write, ...], done: Callable[[bool], None] | None = None) -> None:
        if writes or done:
            self._jobs.append(_Job(writes, done))
            if not self._writing:
                self._writing = True
                self._server.post(HAND_OVER, self._write)

    def _write(self) -> None:
        server, disk = self._server, self._server.disk
        jobs, self._jobs = self._jobs, []
        if server.breaks("before a commit"):
            return
        written = True
        try:
            self._ledger.commit(job.writes for job in jobs)
            disk.written = self._ledger.image()
        except LedgerError:
            written = False
        if not server.breaks("between written and synced"):
            server.post(disk.sync_time, self._written, jobs, written)

    def _written(self, jobs: list[_Job], written: bool) -> None:
        server = self._server
        life = server.life
        if written:
            server.disk.synced = server.disk.written
        if not server.breaks("between synced and answered"):
            for job in jobs:
                if job.done and life == server.life:
                    job.done(written)
        if life != server.life:
            return
        self._writing = bool(self._jobs) or self._ledger.owes
        if self._jobs:
            self._write()
        elif self._ledger.owes:
            server.post(RETRY, self._write)
