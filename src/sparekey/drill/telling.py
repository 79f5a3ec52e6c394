"""Who was told of a fire drill's switch: the alarm that it has raised, and each outlet's message."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Final

from sparekey.core.variables import Change
from sparekey.drill.plan import Plan
from sparekey.drill.report import Delivery, Raised
from sparekey.drill.switch import PERIOD
from sparekey.host import boot_clock
from sparekey.notify.store import Kind, Store

EARLIER: Final = 60.0
"""Seconds that the wall clock may have been set back meanwhile, until an event is not found."""


class Telling:
    """What the notifier has made of the change of the serial number. `began` is the drill's time, boot clock."""

    def __init__(self, plan: Plan, change: Change, began: float) -> None:
        self._plan = plan
        self._change = change
        self._began = began
        self._owing: frozenset[str] = frozenset()
        self._delivered: Mapping[str, float] = {}
        self._faults: Mapping[str, str] = {}
        self.alarm: Raised | None = None

    def follow(self, patience: float) -> None:
        """Look until all is told, so many seconds at most; raise sqlite3.Error, OSError or host.Locked."""
        until = boot_clock() + patience
        with closing(Store(self._plan.system.folder)) as store:
            self._look(store)
            while not self._is_told and boot_clock() < until:
                time.sleep(PERIOD)
                self._look(store)
            self._faults = {outlet: store.fault(outlet) for outlet in self._owing}

    def deliveries(self) -> Iterator[Delivery]:
        """Of each outlet, in the order of their names."""
        sends = self._plan.outlets or {}
        for outlet in sorted({*sends, *self._owing, *self._delivered}):
            at = self._delivered.get(outlet)
            delivery = Delivery(outlet, None if at is None else at - self._began)
            if outlet in self._owing:
                fault = self._faults.get(outlet) or "it has not said why"
                yield replace(delivery, at=None, note=fault, owes=True)
            elif at is not None:
                yield delivery
            elif sends[outlet]:
                yield replace(delivery, note="nothing is sent to it at this change")
            else:
                yield replace(delivery, note="it shows every alarm to whoever asks, so nothing is sent")

    @property
    def _is_told(self) -> bool:
        return self.alarm is not None and not self._owing

    def _look(self, store: Store) -> None:
        """What is owed is read before what was delivered, so that nothing is missed between the two."""
        number = self._change.number
        if self.alarm is None:
            self.alarm = self._raised(store)
        self._owing = store.owing(number)
        self._delivered = store.deliveries(number)

    def _raised(self, store: Store) -> Raised | None:
        for event in store.events(self._change.new.time - EARLIER, self._plan.app):
            if event.kind is Kind.ALARM and event.change == self._change.number and event.alarm and event.noted:
                return Raised(event.alarm, event.text, event.noted - self._began)
        return None
