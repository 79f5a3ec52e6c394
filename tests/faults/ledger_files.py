"""What is done to the files of a ledger, and what is found in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PAGE = 4096
"""Bytes of a page of SQLite's."""


@contextmanager
def locked(ledger: Path) -> Iterator[None]:
    """Another process than the server has the ledger to itself, as some backup or a database tool might."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def verdict(ledger: Path) -> str:
    """What SQLite finds wrong with a ledger that no server has open; "ok" for nothing."""
    with closing(sqlite3.connect(ledger)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    return str(found)


def log_of(ledger: Path) -> Path:
    """Its write-ahead log, which is there while a server runs and after it was killed."""
    return ledger.with_name(f"{ledger.name}-wal")


def remove(ledger: Path) -> None:
    """All of its files."""
    for file in (ledger, log_of(ledger), ledger.with_name(f"{ledger.name}-shm")):
        file.unlink(missing_ok=True)
