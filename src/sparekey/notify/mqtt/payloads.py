"""What is published, as JSON."""

from __future__ import annotations

import msgspec

from sparekey.core.alarms import Alarm, priority
from sparekey.core.variables import Name, Reading
from sparekey.notify.alarm_facts import alarm_facts
from sparekey.notify.feed import Home
from sparekey.notify.outlet import Message
from sparekey.wire import rfc3339


class SystemClaim(msgspec.Struct):
    """Which system the topics below a place belong to: its id, and the name by which people know it."""

    id: str
    name: str


def of_system(home: Home) -> bytes:
    return msgspec.json.encode(SystemClaim(home.system, home.name))


def of_reading(name: Name, reading: Reading) -> bytes:
    """With the names as they are: a topic is made of them, and does not tell them."""
    return msgspec.json.encode(
        {
            "value": reading.value,
            "time": rfc3339(reading.time),
            "quality": reading.quality,
            "app": name.owner,
            "name": name.variable,
        }
    )


def of_alarm(alarm: Alarm) -> bytes:
    return msgspec.json.encode(alarm_facts(alarm))


def of_message(message: Message) -> bytes:
    """`message` is its own number for ever, by which one that came twice is known."""
    what = message.what
    return msgspec.json.encode(
        {
            "message": message.number,
            "change": what.change,
            "alarm": what.key,
            "occasion": what.occasion,
            "matrix": what.matrix,
            "app": what.name.owner,
            "variable": what.name.variable,
            "text": what.text,
            "severity": what.severity,
            "priority": None if what.severity is None else priority(what.severity),
            "time": rfc3339(what.time),
        }
    )
