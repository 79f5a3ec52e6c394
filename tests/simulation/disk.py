"""Disks that lose what was not synced: a server's, with the real ledger on it, and a system's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sparekey.core.entries import Location
from sparekey.server.ledger import Ledger

from .messages import Signed

USUAL_SYNC = 0.002
"""Seconds that a disk takes to sync."""
IN_MEMORY = Path(":memory:")


class ServerDisk:
    """A server's state folder. Of the ledger there is what is written, and what of it is synced."""

    def __init__(self) -> None:
        self.written: bytes | None = None
        self.synced: bytes | None = None
        self.longest_ttl = 0.0
        self.last_block = 0
        self.licenses: dict[str, Signed] = {}
        self.full = False
        self.sync_time = USUAL_SYNC
        self.backup: bytes | None = None
        self.replaced = ""
        """What happened to the ledger since the last start: it was "lost" or "rolled back"."""

    @property
    def sound(self) -> bool:
        return not self.full and self.sync_time == USUAL_SYNC

    def lose_power(self, *, keeps_written: bool) -> None:
        """What was written and not synced may be there, and may not."""
        self.written = self.written if keeps_written else self.synced
        self.synced = self.written

    def lose_ledger(self) -> None:
        self.written = self.synced = None
        self.replaced = "lost"

    def restore(self) -> None:
        """Put a backup in the place of the ledger."""
        if self.backup is not None:
            self.written = self.synced = self.backup
            self.replaced = "rolled back"


class VirtualLedger(Ledger):
    """The real ledger, on a disk that can be full."""

    def __init__(self, disk: ServerDisk) -> None:
        self._disk = disk
        super().__init__(IN_MEMORY)

    def image(self) -> bytes:
        return self._connection.serialize()

    def has(self, lease: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM grants WHERE id = ?", (lease,)).fetchone()
        return found is not None

    def leases(self) -> set[str]:
        return {lease for (lease,) in self._connection.execute("SELECT id FROM grants")}

    def crowd(self) -> dict[str, int]:
        """How many leases there are of each license."""
        return dict(self._connection.execute("SELECT serial, count(*) FROM grants GROUP BY serial"))

    def _prepare(self, path: Path) -> None:
        if self._disk.written is not None:
            self._connection.deserialize(self._disk.written)
        super()._prepare(path)

    def _write(self, cursor: sqlite3.Cursor) -> None:
        if self._disk.full:
            raise sqlite3.OperationalError("database or disk is full")
        super()._write(cursor)


class SystemDisk:
    """What one application finds in its state folder at a start: only what was written out."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.start = 0
        self.serial: str | None = None
        self.held: tuple[tuple[str, Location], ...] = ()
        self.demo_used = 0.0
        self.licenses: dict[str, Signed] = {}

    def copy(self) -> SystemDisk:
        other = SystemDisk(self.secret)
        other.start, other.serial, other.held = self.start, self.serial, self.held
        other.demo_used, other.licenses = self.demo_used, dict(self.licenses)
        return other
