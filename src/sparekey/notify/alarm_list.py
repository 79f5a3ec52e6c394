"""The alarm list: alarms come and go by themselves, and people acknowledge and shelve them (ISA-18.2)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sparekey.core import alarms
from sparekey.core.alarms import Acknowledge, Alarm, NotPossible, Shelve, Unshelve
from sparekey.core.consequences import RaiseAlarm, ReturnToNormal
from sparekey.core.reactions import Ended, Reactions
from sparekey.host import boot_clock
from sparekey.notify.store import Event, Kind, Store
from sparekey.wire import rfc3339


@dataclass(frozen=True, slots=True)
class AlarmList:
    """The alarms of a store, each change of which is an event too."""

    store: Store

    def come(self, raised: RaiseAlarm) -> Alarm:
        """An alarm comes; within a transaction of the caller's."""
        alarm = alarms.come(raised, self.store.last_alarm(raised.matrix, raised.name))
        self._keep(alarm, Kind.ALARM, raised.text, raised.time, raised.change)
        return alarm

    def go(self, returned: ReturnToNormal) -> Alarm | None:
        """An alarm returns to normal; within a transaction of the caller's."""
        known = self.store.alarm(returned.key)
        if known is None:
            return None
        alarm = alarms.receive(known, alarms.Go(), returned.time)
        self._keep(alarm, Kind.RETURN, alarm.text, returned.time, returned.change)
        return alarm

    def acknowledge(self, key: int, by: str, comment: str = "") -> Alarm:
        """Somebody has seen it; raise NotPossible."""
        text = f"acknowledged by {by}{f': {comment}' if comment else ''}"
        return self._receive(key, Acknowledge(by, comment), Kind.ACKNOWLEDGED, text)

    def shelve(self, key: int, by: str, until: float) -> Alarm:
        """Silence it until a Unix time; raise NotPossible."""
        return self._receive(key, Shelve(by, until), Kind.SHELVED, f"shelved by {by} until {rfc3339(until)}")

    def unshelve(self, key: int, by: str) -> Alarm:
        return self._receive(key, Unshelve(), Kind.UNSHELVED, f"unshelved by {by}")

    def _receive(self, key: int, event: Acknowledge | Shelve | Unshelve, kind: Kind, text: str) -> Alarm:
        now = time.time()
        with self.store.transaction():
            known = self.store.alarm(key)
            if known is None:
                raise NotPossible(f"there is no alarm {key}")
            alarm = alarms.receive(known, event, now)
            self._keep(alarm, kind, f"{alarm.text}: {text}", now, None)
            if alarm.is_gone:
                self._forget(key)
        return alarm

    def _forget(self, key: int) -> None:
        """Nothing will return it to normal: the reactions need not remember it."""
        reactions = Reactions((), self.store.memory(), written=rfc3339)
        reactions.receive(Ended(key), boot_clock())
        self.store.set_memory(reactions.memory)

    def _keep(self, alarm: Alarm, kind: Kind, text: str, at: float, change: int | None) -> None:
        self.store.set_alarm(alarm)
        self.store.add_event(Event(at, kind, alarm.name, text, change, alarm.key, boot_clock()))
