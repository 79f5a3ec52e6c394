"""Who may acknowledge which condition: the rules of the method Acknowledge (OPC 10000-9, 5.7.3)."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from sparekey.core.alarms import Alarm, NotPossible, State
from sparekey.notify.feed import Feed

REMEMBERED: Final = 1000
"""Conditions that are gone, so that a second acknowledgement is told from one of something that never was."""
EVENTS: Final = 32
"""Events of one condition by which it can be acknowledged."""
LONGEST_COMMENT: Final = 1000


@dataclass(slots=True)
class _Condition:
    alarm: Alarm
    events: deque[bytes] = field(default_factory=lambda: deque(maxlen=EVENTS))


class Acknowledgements:
    """Knows the events of each condition, and passes acknowledgements on to the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._conditions: OrderedDict[ua.NodeId, _Condition] = OrderedDict()

    def tell(self, condition: ua.NodeId, alarm: Alarm, event: bytes) -> None:
        """The alarm is so now, and this event has said so."""
        known = self._conditions.setdefault(condition, _Condition(alarm))
        known.alarm = alarm
        known.events.append(event)
        self._forget()

    def acknowledge(self, condition: ua.NodeId, event: bytes, comment: str, by: str) -> int:
        """The status code of the answer. Any event of an alarm will do: it may return to normal under the hand."""
        known = self._conditions.get(condition)
        if known is None:
            return StatusCodes.BadNodeIdUnknown
        if event not in known.events:
            return StatusCodes.BadEventIdUnknown
        if len(comment) > LONGEST_COMMENT:
            return StatusCodes.BadOutOfRange
        if known.alarm.state in (State.ACKNOWLEDGED, State.NORMAL):
            return StatusCodes.BadConditionBranchAlreadyAcked
        try:
            self._feed.acknowledge(known.alarm.key, by, comment)
        except NotPossible:
            return StatusCodes.BadConditionBranchAlreadyAcked
        return StatusCodes.Good

    def _forget(self) -> None:
        gone = [node for node, condition in self._conditions.items() if condition.alarm.is_gone]
        for node in gone[:-REMEMBERED]:
            del self._conditions[node]
