"""An alarm as programs read it: in JSON of the command line, and on a message broker."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sparekey.core.alarms import Alarm
from sparekey.wire import rfc3339


def alarm_facts(alarm: Alarm) -> Mapping[str, object]:
    seen = alarm.acknowledged
    return {
        "id": alarm.key,
        "app": alarm.name.owner,
        "variable": alarm.name.variable,
        "matrix": alarm.matrix,
        "group": alarm.attributes.group,
        "class": alarm.attributes.alarm_class,
        "severity": alarm.attributes.severity,
        "priority": str(alarm.priority),
        "state": str(alarm.state),
        "acknowledged": seen is not None,
        "shelved_until": rfc3339(alarm.shelved_until) if alarm.is_shelved(time.time()) else None,
        "text": alarm.text,
        "came": rfc3339(alarm.came),
        "went": None if alarm.went is None else rfc3339(alarm.went),
        "by": seen.by if seen else None,
        "comment": seen.comment if seen else None,
        "acknowledged_at": rfc3339(seen.at) if seen else None,
    }
