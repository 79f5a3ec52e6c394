"""The notifier's tables: how far it has read, what it knows, and what people are to see (SQLite)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from sparekey.core.alarms import Alarm
from sparekey.core.consequences import Notify, Run
from sparekey.core.reactions import Memory
from sparekey.core.variables import Change, Name
from sparekey.database import open_database, transaction
from sparekey.notify.outlet import Message

KEPT_DAYS: Final = 400
"""Alarms that are gone, and events, are kept for so long."""
MOST_EVENTS: Final = 100_000
MOST_GONE: Final = 10_000
MOST_MESSAGES: Final = 10_000
"""Of messages for one outlet; where there are more, the oldest give way, a tenth at once."""
MOST_DELIVERIES: Final = 1_000
"""So many deliveries are remembered; and of what is owed, so many of the latest messages are looked through."""
PROGRAMS: Final = ""
"""Under this name, which no outlet can have, wait the programs that are to be run."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS position (journal TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS memory (only INTEGER PRIMARY KEY CHECK (only = 1), content BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS latest (
    owner TEXT NOT NULL, variable TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (owner, variable)) STRICT;
CREATE TABLE IF NOT EXISTS alarms (
    key INTEGER PRIMARY KEY, matrix TEXT NOT NULL, owner TEXT NOT NULL, variable TEXT NOT NULL,
    gone INTEGER NOT NULL, came REAL NOT NULL, content BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS alarms_there ON alarms (gone, key);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, owner TEXT NOT NULL, content BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, outlet TEXT NOT NULL, content BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS messages_of ON messages (outlet, number);
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, outlet TEXT NOT NULL, change INTEGER NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS faults (outlet TEXT PRIMARY KEY, fault TEXT NOT NULL) STRICT;
"""


class Kind(StrEnum):
    """What an event of the event list is about."""

    CHANGE = "change"
    EVENT = "event"
    ALARM = "alarm"
    RETURN = "return to normal"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    OUTLET = "outlet"


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the event list. `time` is Unix time; `alarm` the key of the alarm that it is about, if it is.

    `noted`: when it was written down, boot clock; of what is about an alarm.
    """

    time: float
    kind: Kind
    name: Name
    text: str
    change: int | None = None
    alarm: int | None = None
    noted: float | None = None


class Store:
    """The tables, open. All that is written within one `transaction()` is there, or nothing."""

    def __init__(self, folder: Path, *, synced: bool = True) -> None:
        """`synced`: what is written outlives a crash. Raise sqlite3.Error, OSError or host.Locked."""
        self._connection = open_database(folder / "notify.sqlite", _SCHEMA, synced=synced)

    def transaction(self) -> AbstractContextManager[None]:
        return transaction(self._connection)

    def close(self) -> None:
        self._connection.close()

    # how far the journal is read, and what is known from it

    def position(self, journal: str) -> int | None:
        """The number of the last change of this journal that was handled; None where none ever was."""
        row = self._connection.execute("SELECT number FROM position WHERE journal = ?", (journal,)).fetchone()
        return int(row[0]) if row else None

    def set_position(self, journal: str, number: int) -> None:
        self._connection.execute("DELETE FROM position WHERE journal <> ?", (journal,))
        self._connection.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (journal, number))

    def memory(self) -> Memory:
        """What the reactions core goes on from."""
        row = self._connection.execute("SELECT content FROM memory").fetchone()
        return msgspec.json.decode(row[0], type=Memory) if row else Memory()

    def set_memory(self, memory: Memory) -> None:
        self._connection.execute("INSERT OR REPLACE INTO memory VALUES (1, ?)", (msgspec.json.encode(memory),))

    def latest(self) -> dict[Name, Change]:
        """The last change of each variable that was handled."""
        rows = self._connection.execute("SELECT content FROM latest")
        return {change.name: change for change in (msgspec.json.decode(row[0], type=Change) for row in rows)}

    def set_latest(self, change: Change) -> None:
        row = (change.name.owner, change.name.variable, msgspec.json.encode(change))
        self._connection.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", row)

    # alarms

    def alarms(self, *, gone: bool = False) -> list[Alarm]:
        """The alarms that are there, the first that came first; those that are gone too, where asked for."""
        rows = self._connection.execute("SELECT content FROM alarms WHERE gone <= ? ORDER BY key", (int(gone),))
        return [msgspec.json.decode(row[0], type=Alarm) for row in rows]

    def alarm(self, key: int) -> Alarm | None:
        row = self._connection.execute("SELECT content FROM alarms WHERE key = ?", (key,)).fetchone()
        return msgspec.json.decode(row[0], type=Alarm) if row else None

    def last_alarm(self, matrix: str, name: Name) -> Alarm | None:
        """The last alarm of this matrix and variable."""
        row = self._connection.execute(
            "SELECT content FROM alarms WHERE matrix = ? AND owner = ? AND variable = ? ORDER BY key DESC LIMIT 1",
            (matrix, name.owner, name.variable),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Alarm) if row else None

    def set_alarm(self, alarm: Alarm) -> None:
        row = (alarm.key, alarm.matrix, alarm.name.owner, alarm.name.variable, alarm.is_gone, alarm.came)
        self._connection.execute(
            "INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, msgspec.json.encode(alarm))
        )

    # events

    def add_event(self, event: Event) -> None:
        self._connection.execute(
            "INSERT INTO events (time, owner, content) VALUES (?, ?, ?)",
            (event.time, event.name.owner, msgspec.json.encode(event)),
        )

    def events(self, since: float = 0.0, owner: str | None = None) -> Iterator[Event]:
        """The events from a Unix time on, in the order in which they were handled."""
        rows = self._connection.execute(
            "SELECT content FROM events WHERE time >= ? AND (? IS NULL OR owner = ?) ORDER BY number",
            (since, owner, owner),
        )
        return (msgspec.json.decode(row[0], type=Event) for row in rows)

    # what waits to be told

    def add_message(self, outlet: str, what: Notify | Run) -> None:
        self._connection.execute(
            "INSERT INTO messages (outlet, content) VALUES (?, ?)", (outlet, msgspec.json.encode(what))
        )

    def next_message(self, outlet: str, after: int = 0) -> Message | None:
        """The oldest message that waits for this outlet, of those with a higher number."""
        row = self._next(outlet, after)
        return Message(row[0], msgspec.json.decode(row[1], type=Notify)) if row else None

    def next_program(self) -> tuple[int, Run] | None:
        row = self._next(PROGRAMS, 0)
        return (row[0], msgspec.json.decode(row[1], type=Run)) if row else None

    def remove_messages(self, outlet: str, last: int) -> None:
        """Those of this outlet up to the one with this number."""
        self._connection.execute("DELETE FROM messages WHERE outlet = ? AND number <= ?", (outlet, last))

    def note_delivery(self, outlet: str, last: int, at: float) -> None:
        """Remove them, and remember that they were delivered at this time of the boot clock."""
        sent = self._connection.execute(
            "SELECT number, content FROM messages WHERE outlet = ? AND number <= ?", (outlet, last)
        ).fetchall()
        for number, content in sent:
            row = (number, outlet, msgspec.json.decode(content, type=Notify).change, at)
            self._connection.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?)", row)
        self.remove_messages(outlet, last)

    def deliveries(self, change: int) -> dict[str, float]:
        """To which outlets what this change has set off was delivered, and when, boot clock: the last of several."""
        rows = self._connection.execute("SELECT outlet, at FROM deliveries WHERE change = ? ORDER BY number", (change,))
        return dict(rows.fetchall())

    def owing(self, change: int) -> frozenset[str]:
        """The outlets that have yet to deliver what this change has set off; of a change of late."""
        rows = self._connection.execute(
            "SELECT outlet, content FROM messages WHERE outlet <> ? ORDER BY number DESC LIMIT ?",
            (PROGRAMS, MOST_DELIVERIES),
        )
        return frozenset(outlet for outlet, what in rows if msgspec.json.decode(what, type=Notify).change == change)

    def any_waits(self, outlets: Iterable[str]) -> bool:
        """Whether one of these outlets, or a program, has yet to be told."""
        return any(self._next(outlet, 0) for outlet in (PROGRAMS, *outlets))

    def _next(self, outlet: str, after: int) -> tuple[int, bytes] | None:
        row: tuple[int, bytes] | None = self._connection.execute(
            "SELECT number, content FROM messages WHERE outlet = ? AND number > ? ORDER BY number LIMIT 1",
            (outlet, after),
        ).fetchone()
        return row

    # outlets that do not work

    def fault(self, outlet: str) -> str:
        """What was last told to be wrong with it; empty where it worked."""
        row = self._connection.execute("SELECT fault FROM faults WHERE outlet = ?", (outlet,)).fetchone()
        return str(row[0]) if row else ""

    def set_fault(self, outlet: str, fault: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO faults VALUES (?, ?)", (outlet, fault))

    # what is too old and too much

    def shorten(self) -> None:
        """Drop it; that messages are dropped, which wait for an outlet that is dead for long, is an event."""
        oldest = time.time() - KEPT_DAYS * 86_400
        run = self._connection.execute
        run(
            "DELETE FROM events WHERE time < ? OR number <= (SELECT max(number) FROM events) - ?", (oldest, MOST_EVENTS)
        )
        run("DELETE FROM alarms WHERE gone = 1 AND came < ?", (oldest,))
        run(
            "DELETE FROM alarms WHERE gone = 1 AND key NOT IN"
            " (SELECT key FROM alarms WHERE gone = 1 ORDER BY key DESC LIMIT ?)",
            (MOST_GONE,),
        )
        run("DELETE FROM deliveries WHERE number <= (SELECT max(number) FROM deliveries) - ?", (MOST_DELIVERIES,))
        self._drop_messages()

    def _drop_messages(self) -> None:
        counts = self._connection.execute("SELECT outlet, count(*) FROM messages GROUP BY outlet")
        for outlet, count in [(outlet, count) for outlet, count in counts if count > MOST_MESSAGES]:
            dropped = count - MOST_MESSAGES + MOST_MESSAGES // 10
            self._connection.execute(
                "DELETE FROM messages WHERE number IN (SELECT number FROM messages WHERE outlet = ? ORDER BY number"
                " LIMIT ?)",
                (outlet, dropped),
            )
            whose = f"outlet {outlet}" if outlet != PROGRAMS else "programs"
            text = f"{whose}: too much waits, so the {dropped} oldest messages are dropped"
            self.add_event(Event(time.time(), Kind.OUTLET, Name("", outlet), text))
