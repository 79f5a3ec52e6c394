"""From the journal to alarms, events and messages: each change is handled exactly once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sparekey.core.consequences import Consequence, Notify, RaiseAlarm, ReturnToNormal, Run, WriteEvent
from sparekey.core.matrices import Matrix
from sparekey.core.reactions import Begin, Reactions, Tick
from sparekey.core.templates import shown
from sparekey.core.variables import COUNTED, STATE, Change, Name
from sparekey.host import boot_clock
from sparekey.journal import Journal
from sparekey.notify.alarm_list import AlarmList
from sparekey.notify.store import PROGRAMS, Event, Kind, Store
from sparekey.wire import rfc3339

OLD: Final = 3600.0
"""Seconds: what a notifier that has no memory finds in the journal and is older, it takes note of and tells nobody."""
BATCH: Final = 200
"""Changes of one transaction at most."""
SHORTENED: Final = 1000
"""So many changes are handled until what is too much is dropped again."""


class Evaluation:
    """Reads the journal and writes what follows from it, with its position, in one transaction."""

    def __init__(self, journal: Journal, store: Store, matrices: Iterable[Matrix], outlets: Iterable[str]) -> None:
        self._journal = journal
        self._store = store
        self._alarms = AlarmList(store)
        self._outlets = tuple(outlets)
        self._reactions = Reactions(matrices, store.memory(), written=rfc3339)
        self._latest = store.latest()
        self._begun = False
        self._grown = 0

    @property
    def latest(self) -> Mapping[Name, Change]:
        """The last change of each variable that was handled."""
        return self._latest

    def next_timer(self) -> float:
        """When a delay is over, boot clock."""
        return self._reactions.next_timer()

    def step(self) -> bool:
        """Handle what is new in the journal, and the time; return whether there was anything."""
        if not self._begun:
            self._begin()
        handled = False
        while changes := self._journal.after(self._position, BATCH):
            with self._store.transaction():
                self._refresh()
                for change in changes:
                    self._handle(change)
                self._shorten(len(changes))
                self._save(changes[-1].number)
            handled = True
        return self._tick() or handled

    def _begin(self) -> None:
        """What a new reactions.toml sees in what is known; a store without memory begins near the journal's end."""
        self._position = self._store.position(self._journal.id) or 0
        self._fresh = self._store.position(self._journal.id) is None
        with self._store.transaction():
            self._store.shorten()
            self._carry_out(self._reactions.receive(Begin(time.time(), tuple(self._latest.values())), boot_clock()))
            self._save(self._position)
        self._begun = True

    def _shorten(self, handled: int) -> None:
        self._grown += handled
        if self._grown >= SHORTENED:
            self._store.shorten()
            self._grown = 0

    def _refresh(self) -> None:
        """Somebody may have acknowledged an alarm: what must be remembered of it has changed."""
        self._reactions.memory = self._store.memory()

    def _handle(self, change: Change) -> None:
        known = self._latest.get(change.name)
        change = replace(change, old=known.new if known else change.old)
        self._latest[change.name] = change
        self._store.set_latest(change)
        if self._fresh and change.new.time < time.time() - OLD:
            return
        if _is_news(change):
            text = f"{change.name.variable}: {_said(change)}"
            self._store.add_event(Event(change.new.time, Kind.CHANGE, change.name, text, change.number))
        self._carry_out(self._reactions.receive(change, boot_clock()))

    def _tick(self) -> bool:
        if self._reactions.next_timer() > boot_clock():
            return False
        with self._store.transaction():
            self._refresh()
            consequences = self._reactions.receive(Tick(), boot_clock())
            self._carry_out(consequences)
            self._save(self._position)
        return bool(consequences)

    def _save(self, number: int) -> None:
        self._position = number
        self._store.set_position(self._journal.id, number)
        self._store.set_memory(self._reactions.memory)

    def _carry_out(self, consequences: Iterable[Consequence]) -> None:
        for consequence in consequences:
            match consequence:
                case RaiseAlarm():
                    self._alarms.come(consequence)
                case ReturnToNormal():
                    self._alarms.go(consequence)
                case WriteEvent(_, name, text, change, at):
                    self._store.add_event(Event(at, Kind.EVENT, name, text, change))
                case Notify():
                    for outlet in self._told(consequence):
                        self._store.add_message(outlet, consequence)
                case Run():
                    self._store.add_message(PROGRAMS, consequence)

    def _told(self, message: Notify) -> Iterable[str]:
        return (name for name in self._outlets if name in message.outlets)


def _is_news(change: Change) -> bool:
    """Whether it belongs into the event list: another value, or an application that comes or goes (R10)."""
    if change.old is None:
        return change.name.variable == STATE
    if change.name.variable.endswith(COUNTED):
        return False
    same = change.old.value == change.new.value
    return not same or (change.name.variable == STATE and change.old.quality is not change.new.quality)


def _said(change: Change) -> str:
    old = shown(change.old.value) if change.old else ""
    text = f"{old or 'none'} -> {shown(change.new.value) or 'none'}"
    return f"{text}, quality {change.new.quality} ({change.reason})" if change.reason else text
