"""A message in words: what happened, where and when, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sparekey.core.alarms import Priority, priority
from sparekey.core.consequences import Notify, Occasion
from sparekey.notify.feed import Home
from sparekey.notify.outlet import Message
from sparekey.wire import rfc3339

LONGEST_TITLE: Final = 120
LONGEST_TEXT: Final = 2000
"""Characters; what is longer is cut, since no chat or webhook must refuse it for ever."""


class Grade(StrEnum):
    """How it is shown; the values are apprise's."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Letter:
    """What people read."""

    title: str
    body: str
    grade: Grade


def compose(message: Message, home: Home) -> Letter:
    """The letter of a message."""
    what = message.what
    title = f"{home.name}, {what.name.owner}: {what.matrix}, {what.occasion}"
    return Letter(_cut(" ".join(title.split()), LONGEST_TITLE), "\n".join(_lines(what, home)), _grade(what))


def _lines(what: Notify, home: Home) -> Iterator[str]:
    yield _cut(what.text, LONGEST_TEXT)
    yield ""
    yield f"System: {home.name} ({home.system})"
    yield f"Application: {what.name.owner}"
    yield f"Time: {rfc3339(what.time)}"
    if what.key is not None:
        yield f"Alarm: {what.key}{_urgency(what)}"
    yield f"Change: {what.change}"
    if what.occasion is Occasion.ALARM and what.key is not None:
        yield ""
        yield f"When you have seen it: sparekey alarms ack {what.key}"


def _urgency(what: Notify) -> str:
    return "" if what.severity is None else f", severity {what.severity} ({priority(what.severity)})"


def _grade(what: Notify) -> Grade:
    match what.occasion:
        case Occasion.RETURN:
            return Grade.SUCCESS
        case Occasion.EVENT:
            return Grade.INFO
        case Occasion.ALARM:
            urgent = what.severity is not None and priority(what.severity) in (Priority.HIGH, Priority.URGENT)
            return Grade.FAILURE if urgent else Grade.WARNING


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
