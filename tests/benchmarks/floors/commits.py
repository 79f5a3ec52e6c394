"""The floor of the disk: SQLite's synced commits of what a take writes, one by one and in groups."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter

from sparekey.server.ledger import Ledger

GROUPS = (1, 32, 256)
_PUT = "INSERT OR REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_RAISE = "INSERT INTO blocks VALUES (1, ?) ON CONFLICT (block) DO UPDATE SET last = max(last, excluded.last)"


class Commits:
    """A ledger's own tables and pragmas, written by the shortest way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fence = 0

    def rate(self, group: int, seconds: float) -> float:
        """Grants a second that are synced, `group` of them with each commit."""
        began, grants = perf_counter(), 0
        while perf_counter() - began < seconds:
            self._commit(group)
            grants += group
        return grants / (perf_counter() - began)

    def _commit(self, group: int) -> None:
        rows = [self._row() for _ in range(group)]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_PUT, rows)
        self._connection.execute(_RAISE, (self._fence,))
        self._connection.execute("COMMIT")

    def _row(self) -> tuple[str | int | float, ...]:
        self._fence += 1
        id, system, secret = (secrets.token_urlsafe(16) for _ in range(3))  # noqa: A001 - the field's own name
        return id, "5-1042", system, "Runtime", secret * 3, "pc-1042", 1_000_001, self._fence, 1, 60.0, 1.8e9, 0


@contextmanager
def commits(folder: Path) -> Iterator[Commits]:
    """In the file system of `folder`, in a file that the ledger's own code makes."""
    path = folder / "commits.db"
    Ledger(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        yield Commits(connection)
