"""The ledger: what a container must still know after a crash, in SQLite (S2)."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, groupby, islice
from pathlib import Path
from sys import intern
from typing import TypeAlias

from sparekey.core.leases import Close, Closed, Doubt, Forget, Grant, Holder, Open, Put, Remove, Write
from sparekey.core.requests import Memory

VERSION = 1
BUSY = 2.0
"""How long a commit waits for another process that reads the file, such as a backup; seconds."""
LARGEST_STATEMENT = 64
"""Rows; each of them has a dozen values, and SQLite takes 999 at least."""
STATEMENTS = 512
"""So many are kept ready: one for each number of rows of each kind."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, serial TEXT NOT NULL, system TEXT NOT NULL, application TEXT NOT NULL, secret TEXT NOT NULL,
    system_name TEXT NOT NULL, take_order INTEGER NOT NULL, fence INTEGER NOT NULL, block INTEGER NOT NULL,
    ttl REAL NOT NULL, since REAL NOT NULL, spare INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS closed (
    id TEXT PRIMARY KEY, secret TEXT NOT NULL,
    serial TEXT, system TEXT, application TEXT, take_order INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS blocks (block INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS behind (only INTEGER PRIMARY KEY CHECK (only = 1)) STRICT;
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""Errors that waiting does not mend: the last is of a table that has become another one."""

_Row: TypeAlias = tuple[str | int | float | None, ...]
_Statement: TypeAlias = tuple[str, _Row]
_Key: TypeAlias = tuple[str, str | int]

log = logging.getLogger(__name__)


class LedgerError(OSError):
    """The ledger cannot be opened or written now; what it holds is untouched."""


class DamagedError(LedgerError):
    """The file is no ledger any more."""


class Ledger:
    """The grants, ended leases and blocks of fencing numbers of one container.

    A write is never skipped: what could not be committed goes first in the next transaction. So what is on the disk is
    always what memory once was, never a later change without an earlier one.
    """

    def __init__(self, path: Path) -> None:
        self._owed: dict[_Key, _Statement] = {}
        self._read: Memory | None = None
        try:
            # The writer's thread takes the connection over from the one that opens it.
            self._connection = sqlite3.connect(
                path, timeout=BUSY, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS
            )
            try:
                self._prepare(path)
                self._read = self._all()  # what cannot be read whole is damaged, though every page is well formed
            except BaseException:
                self._connection.close()
                raise
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _translated(error, path) from error

    def load(self) -> Memory:
        """All of it. A ledger that never opened a block is a new one: whatever there was is lost (S4).

        It counts as lost until it is written that nobody can hold anything that it does not know.
        """
        read, self._read = self._read, None  # a start with many leases reads them once
        return read or self._all()

    def _all(self) -> Memory:
        blocks = dict(self._connection.execute("SELECT block, last FROM blocks"))
        return Memory(
            grants=tuple(self._grants()),
            closed=tuple(_closed(row) for row in self._connection.execute(_SELECT_CLOSED)),
            blocks=blocks,
            lost=not blocks or bool(self._connection.execute("SELECT only FROM behind").fetchall()),
        )

    def _grants(self) -> Iterator[Grant]:
        """What many of them have alike is there once in memory."""
        blocks, ttls = dict[int, int](), dict[float, float]()
        for row in self._connection.execute(_SELECT_GRANTS):
            id, serial, system, application, secret, system_name, order, fence, block, ttl, since, spare = row  # noqa: A001
            holder = Holder(intern(serial), system, intern(application), secret)
            block, ttl = blocks.setdefault(block, block), ttls.setdefault(ttl, ttl)
            yield Grant(id, holder, system_name, order, fence, block, ttl, since, bool(spare))

    def commit(self, batches: Iterable[tuple[Write, ...]]) -> None:
        """Write the batches in one transaction, synced; raise LedgerError where that fails, and owe them."""
        self._read = None
        for batch in batches:
            for write in batch:
                self._owed.update(_changes(write))
        try:
            with closing(self._connection.cursor()) as cursor:
                self._write(cursor)
        except sqlite3.Error as error:
            raise LedgerError(f"the ledger cannot be written: {error}") from error
        self._owed.clear()

    @property
    def owes(self) -> bool:
        """Whether writes that failed wait for the next transaction."""
        return bool(self._owed)

    def close(self) -> None:
        self._connection.close()

    def _write(self, cursor: sqlite3.Cursor) -> None:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in _grouped(self._owed.values()):
                cursor.execute(statement, rows)
            cursor.execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:  # a full disk has rolled back already
                cursor.execute("ROLLBACK")
            raise

    def _prepare(self, path: Path) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise LedgerError(f"{path} is of a newer version of Sparekey ({version}); this one reads {VERSION}")
        (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise DamagedError(f"{path} is damaged: {verdict}")
        self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")


def open_ledger(path: Path) -> Ledger:
    """Open the ledger, made where missing. A damaged one is kept under another name and counts as lost (S4)."""
    try:
        return Ledger(path)
    except DamagedError as damage:
        aside = _move_aside(path)
        log.error("%s; it is kept as %s, and the container recovers as from a lost ledger", damage, aside)
        return Ledger(path)


def _move_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _translated(error: Exception, path: Path) -> LedgerError:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)  # text that is none has no code
    if code & 0xFF in _DAMAGED:
        return DamagedError(f"{path} is damaged: {error}")
    return LedgerError(f"{path} cannot be opened: {error}")


def _changes(write: Write) -> dict[_Key, _Statement]:
    """What a write decides, and how; of two decisions about the same thing the later one counts."""
    match write:
        case Put(grant):
            return {
                ("grant", grant.id): (_PUT, _grant_row(grant)),
                ("fence", grant.fence): (_RAISE, (grant.block, grant.fence)),
            }
        case Remove(id):
            return {("grant", id): (_REMOVE, (id,))}
        case Close(closed):
            return {("closed", closed.id): (_CLOSE, _closed_row(closed))}
        case Forget(id):
            return {("closed", id): (_FORGET, (id,))}
        case Open(block):
            return {("fence", block): (_RAISE, (block, block))}
        case Doubt(behind):
            return {("behind", 1): (_DOUBT if behind else _TRUST, (1,))}


def _grouped(statements: Iterable[_Statement]) -> Iterator[_Statement]:
    """The same with many rows a statement.

    Each statement lets go of the interpreter's lock, and a busy loop is slow to give it back: a commit would wait for
    that once a row. All rows are of different things, so their order is of no account.
    """
    for statement, group in groupby(sorted(statements, key=_text), key=_text):
        while rows := [row for _, row in islice(group, LARGEST_STATEMENT)]:
            row = f"({', '.join('?' * len(rows[0]))})"
            yield statement.format(rows=", ".join([row] * len(rows))), tuple(chain.from_iterable(rows))


def _text(statement: _Statement) -> str:
    return statement[0]


_SELECT_GRANTS = """SELECT id, serial, system, application, secret, system_name, take_order, fence, block, ttl, since,
    spare FROM grants ORDER BY fence"""
_SELECT_CLOSED = "SELECT id, secret, serial, system, application, take_order FROM closed ORDER BY rowid"
_PUT = "INSERT OR REPLACE INTO grants VALUES {rows}"
_REMOVE = "DELETE FROM grants WHERE id IN (VALUES {rows})"
_CLOSE = "INSERT OR REPLACE INTO closed VALUES {rows}"
_FORGET = "DELETE FROM closed WHERE id IN (VALUES {rows})"
_RAISE = "INSERT INTO blocks VALUES {rows} ON CONFLICT (block) DO UPDATE SET last = max(last, excluded.last)"
_DOUBT = "INSERT OR REPLACE INTO behind VALUES {rows}"
_TRUST = "DELETE FROM behind WHERE only IN (VALUES {rows})"


def _grant_row(grant: Grant) -> _Row:
    holder = grant.holder
    return (
        *(grant.id, holder.serial, holder.system, holder.application, holder.secret, grant.system_name, grant.order),
        *(grant.fence, grant.block, grant.ttl, grant.since, grant.spare),
    )


def _closed_row(closed: Closed) -> _Row:
    holder = closed.holder
    who = (holder.serial, holder.system, holder.application) if holder else (None, None, None)
    return closed.id, closed.secret, *who, closed.order


def _closed(row: tuple[str, str, str | None, str | None, str | None, int]) -> Closed:
    id, secret, serial, system, application, order = row  # noqa: A001
    if serial is None or system is None or application is None:
        return Closed(id, secret)
    return Closed(id, secret, Holder(serial, system, application, secret), order)
