"""What a change of a variable sets off: the decisions that the reactions core returns.

Each names the change that it comes of, by its number, and its own Unix time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sparekey.core.matrices import Attributes
from sparekey.core.variables import Name


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """A violation has begun. `key` names it for ever: 1 for the first, and it only grows.

    `returns`: a ReturnToNormal with this key will come; without, the alarm is gone when it is acknowledged.
    """

    key: int
    matrix: str
    name: Name
    attributes: Attributes
    text: str
    returns: bool
    change: int
    time: float


@dataclass(frozen=True, slots=True)
class ReturnToNormal:
    """The violation `key` is over."""

    key: int
    change: int
    time: float


@dataclass(frozen=True, slots=True)
class WriteEvent:
    """Something happened that is no alarm."""

    matrix: str
    name: Name
    text: str
    change: int
    time: float


class Occasion(StrEnum):
    """Why somebody is told."""

    ALARM = "alarm"
    RETURN = "return to normal"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell these outlets. `key` and `severity` are the alarm's, None where it is about an event."""

    outlets: tuple[str, ...]
    occasion: Occasion
    matrix: str
    name: Name
    text: str
    key: int | None
    severity: int | None
    change: int
    time: float


@dataclass(frozen=True, slots=True)
class Run:
    """Run a program, without a shell."""

    argv: tuple[str, ...]
    change: int
    time: float


Consequence: TypeAlias = RaiseAlarm | ReturnToNormal | WriteEvent | Notify | Run
