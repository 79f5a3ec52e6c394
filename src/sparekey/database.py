"""Small SQLite files of a state folder, each whole after a crash; one that is damaged is kept aside and made anew."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from sparekey import host

BUSY: Final = 5.0
"""Seconds that one process waits for another's transaction."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

log = logging.getLogger("sparekey")


class Damaged(sqlite3.DatabaseError):
    """The file's pages do not fit together."""


def open_database(path: Path, schema: str, *, synced: bool = True) -> sqlite3.Connection:
    """Open the file, made where missing, for any thread, one at a time; what is committed is synced.

    `synced=False` is for copies that need not outlive a crash. Transactions are begun by hand. Raise sqlite3.Error,
    OSError or host.Locked.
    """
    with host.held(host.Lock(path.with_suffix(".lock")), BUSY):
        try:
            return _open(path, schema, synced=synced)
        except sqlite3.DatabaseError as error:
            if not isinstance(error, Damaged) and error.sqlite_errorcode not in _DAMAGED:
                raise
            log.warning("%s is damaged (%s): it is kept as %s.damaged, and a new one made", path, error, path.name)
            _move_aside(path)
            return _open(path, schema, synced=synced)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written within, or nothing; nobody else writes meanwhile. Raise sqlite3.Error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _open(path: Path, schema: str, *, synced: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        with closing(connection.execute("PRAGMA journal_mode = WAL")):
            connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'OFF'}")
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise Damaged(found)
        connection.executescript(schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _move_aside(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.replace(path.with_name(f"{path.name}.damaged"))
