"""The history of a story as it is seen from outside: status files, what programs say, and ledgers.

It is taken down while the story goes on, and put in the order of its time at the end: what a status file says is as old
as the file says.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from faults.ledgers import Holder, Ledgers
from history.records import Belief, Cease, Changed, Grant, License, Record, Release, Shown
from sparekey.core.actions import DEMO_SERIAL
from sparekey.host import boot_clock
from stories.stage import Stage
from systems import Event, Program, System

PERIOD = 0.05
"""Seconds between two looks at the status files."""
PAUSE = 4.0
"""A pause after a look is so many times as long: a thousand systems take a while to look at."""
_NOTHING = "no license"
_CHANGE = re.compile(rf"({_NOTHING}|\S+) -> ({_NOTHING}|\S+): ")
_CAUSES_FIRST = (License, Grant, Changed, Shown, Cease, Belief, Release)
"""Of the records of one moment."""


class _Faith(NamedTuple):
    """What one run of an application believes in, by its status file. `since` tells two leases in a row apart."""

    name: str
    pid: int
    since: str
    seat: Holder


class Chronicle:
    """Follows the servers and systems of a stage until `close`; `told` is what a story takes down itself."""

    def __init__(self, stage: Stage) -> None:
        self.told: list[Record] = []
        self._stage = stage
        self._ledgers = Ledgers()
        self._written: dict[str, float] = {}
        self._now: dict[str, tuple[_Faith, float]] = {}
        self._leases: dict[_Faith, str] = {}
        self._heard: list[tuple[float, _Faith, float | None]] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> list[Record]:
        """The history, in the order of its time."""
        self._closing.set()
        self._thread.join()
        self._look()
        self._ledgers.read(self._stage.servers)
        # Who takes down grants itself knows more of them than a ledger does.
        granted = [] if any(isinstance(record, Grant) for record in self.told) else self._ledgers.grants
        records = [*self._licenses(), *granted, *self.told, *self.beliefs(), *self._changes()]
        return sorted(records, key=lambda record: (record.t, _CAUSES_FIRST.index(type(record))))

    def _follow(self) -> None:
        took = 0.0
        while not self._closing.wait(max(PERIOD, PAUSE * took)):
            began = boot_clock()
            self._look()
            took = boot_clock() - began

    def _look(self) -> None:
        for system in tuple(self._stage.systems):
            for name, status in _statuses(system):
                if self._written.get(name) != status["written_boottime"]:
                    self._written[name] = status["written_boottime"]
                    self._hear(name, status)
        if any(faith not in self._leases for faith, _ in self._now.values()):
            self._find_leases()

    def _hear(self, name: str, status: dict[str, Any]) -> None:
        t, until, serial = status["written_boottime"], status["valid_until_boottime"], status["serial"]
        seat = Holder(serial, status["system"], status["application"])
        faith = _Faith(name, status["pid"], status["since"], seat)
        before, _ = self._now.get(name, (faith, 0.0))
        believes = until is not None and serial not in ("", DEMO_SERIAL)
        if name in self._now and (not believes or before != faith):
            self._heard.append((t, before, None))
            del self._now[name]
        if believes and self._now.get(name) != (faith, until):
            self._heard.append((t, faith, until))
            self._now[name] = faith, until

    def _find_leases(self) -> None:
        self._ledgers.read(self._stage.servers)
        for faith, _ in self._now.values():
            if faith not in self._leases and (lease := self._ledgers.lease(faith.seat)):
                self._leases[faith] = lease

    def _licenses(self) -> Iterator[License]:
        for server in self._stage.servers:
            for serial, seats in server.shares.items():
                yield License(0.0, serial, server.container.id, seats)

    def beliefs(self) -> Iterator[Belief | Cease]:
        """What was believed so far; each renewal that was answered is a belief of its own."""
        for t, faith, until in self._heard:
            lease = self._leases.get(faith, "none that a ledger knows")
            yield (
                Cease(t, faith.name, lease) if until is None else Belief(t, faith.name, faith.seat.serial, lease, until)
            )

    def _changes(self) -> Iterator[Changed | Shown]:
        """What programs told of their serial numbers, and what their status files said in the end.

        A status file that is older than what was told last says nothing of that: it is written behind the application.
        """
        for system in self._stage.systems:
            last = dict[str, float]()
            for program in system.programs:
                name = f"{system.folder.name}/{program.app}"
                for record in (found for event in tuple(program.events) for found in _changes_of(name, program, event)):
                    last[name] = record.t
                    yield record
            for name, status in _statuses(system):
                if (t := status["written_boottime"]) > last.get(name, 0.0):
                    yield Shown(t, name, status["serial"])


def _statuses(system: System) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each of its applications, and what its status file says."""
    for file in system.state.glob("applications/*/status.json"):
        with suppress(OSError):  # its story has put the folder elsewhere
            status: dict[str, Any] = json.loads(file.read_text())
            yield f"{system.folder.name}/{status['application']}", status


def _changes_of(name: str, program: Program, event: Event) -> Iterator[Changed | Shown]:
    match event:
        case {"event": "change", "t": t, "old": old, "new": new}:
            yield Changed(t, name, old, new)
            yield Shown(t, name, new)
        case {"event": "acquired", "t": t, "serial": serial, "tags": _}:  # an SDK's start tells of no change
            yield Shown(t, name, serial, recalled=True)
        case {"event": "alarm", "t": t, "reason": str(reason)} if change := _CHANGE.match(reason):
            old, new = ("" if serial == _NOTHING else serial for serial in change.groups())
            yield Changed(t, name, old, new)
            yield Shown(t, name, new)
