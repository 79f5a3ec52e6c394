"""The journal of a state folder: what its applications wrote about their variables, in order (R10).

Applications append, the notifier reads. It is an SQLite file, so that a row is there whole or not at all.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from sparekey import host
from sparekey.core.variables import Change, Name, Reading
from sparekey.database import open_database, transaction

NAME: Final = "journal.sqlite"
MOST_ROWS: Final = 100_000
"""Older rows than so many are dropped, whether they were read or not."""
MOST_WAITING: Final = 10_000
"""So many rows wait in memory for a disk that does not take them; then the oldest are dropped."""
RETRY: Final = 2.0
"""Seconds until a disk that does not take a row is tried again."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, variable TEXT NOT NULL,
    old TEXT NOT NULL, new TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL) STRICT;
"""

log = logging.getLogger("sparekey")


@dataclass(frozen=True, slots=True)
class Observation:
    """A change before it has its number; `at` is on the boot clock, seconds."""

    name: Name
    old: Reading | None
    new: Reading
    reason: str
    at: float


class Journal:
    """The file, open. `id` tells one journal from the one that came in its place when it was damaged or lost."""

    def __init__(self, folder: Path, *, synced: bool = True) -> None:
        """Open `folder`'s journal, made where missing; a damaged one is moved aside.

        `synced`: what is written outlives a crash. Raise sqlite3.Error, OSError or host.Locked.
        """
        self.path = folder / NAME
        self._connection = open_database(self.path, _SCHEMA, synced=synced)
        self._connection.execute("INSERT OR IGNORE INTO journal VALUES (1, ?)", (secrets.token_hex(8),))
        (self.id,) = self._connection.execute("SELECT id FROM journal").fetchone()

    def append(self, observations: Iterable[Observation]) -> None:
        """Write them, synced, all or none; raise sqlite3.Error."""
        rows = [(o.name.owner, o.name.variable, _encoded(o.old), _encoded(o.new), o.reason, o.at) for o in observations]
        insert = "INSERT INTO changes (owner, variable, old, new, reason, at) VALUES (?, ?, ?, ?, ?, ?)"
        with transaction(self._connection):
            self._connection.executemany(insert, rows)
            self._connection.execute(
                "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?", (MOST_ROWS,)
            )

    def after(self, number: int, most: int = 1000) -> list[Change]:
        """What was written after this change, in order; at most so many. Raise sqlite3.Error."""
        rows = self._connection.execute(
            "SELECT number, owner, variable, old, new, reason, at FROM changes"
            " WHERE number > ? ORDER BY number LIMIT ?",
            (number, most),
        )
        return [
            Change(
                number, Name(owner, variable), msgspec.json.decode(old, type=Reading | None), _reading(new), reason, at
            )
            for number, owner, variable, old, new, reason, at in rows
        ]

    @property
    def last(self) -> int:
        """The number of the last change; 0 where there is none. Raise sqlite3.Error."""
        (number,) = self._connection.execute("SELECT max(number) FROM changes").fetchone()
        return number or 0

    def close(self) -> None:
        self._connection.close()


class JournalWriter:
    """Appends to a folder's journal behind its callers: nothing between an event and the license waits for a disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._put: list[Observation] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sparekey-journal", daemon=True)
        self._thread.start()

    def put(self, observation: Observation) -> None:
        """Have it written soon; never waits for the disk."""
        with self._changed:
            self._put.append(observation)
            self._changed.notify_all()

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, `timeout` seconds at most, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout)

    def _run(self) -> None:
        waiting: list[Observation] = []
        warned = False
        while waiting := [*waiting, *self._next(RETRY if waiting else None)][-MOST_WAITING:]:
            try:
                with closing(Journal(self._folder)) as journal:
                    while waiting:
                        journal.append(waiting)
                        warned = False
                        waiting = self._next(None)
                return
            except (sqlite3.Error, OSError, host.Locked) as error:
                if not warned:
                    log.warning("the journal in %s cannot be written: %s; alarms wait for it", self._folder, error)
                warned = True
                if self._closed:
                    return

    def _next(self, timeout: float | None) -> list[Observation]:
        """What was put, when something was, or after so many seconds; nothing where it is closed and all is taken."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._put and timeout is None), timeout)
            put, self._put = self._put, []
            return put


def _encoded(reading: Reading | None) -> str:
    return msgspec.json.encode(reading).decode()


def _reading(text: str) -> Reading:
    return msgspec.json.decode(text, type=Reading)
