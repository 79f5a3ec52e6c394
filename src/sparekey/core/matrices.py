"""Reaction matrices: what a change of a variable means, as a technician writes it down (R10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sparekey.core.templates import Template, shown
from sparekey.core.variables import Change, Name, Quality, Reading, Value

SEVERITIES = range(1, 1001)
"""As in OPC UA: 1 is the least, 1000 the worst."""
DEFAULT_TEXT = Template("{app}: {variable} is {new} ({reason})")


class MatrixError(ValueError):
    """A part of a matrix that cannot be; the text says what is wrong and what would be right."""


class When(StrEnum):
    """What a state asks of a reading. ANY is about the change itself: that there was one."""

    ANY = "any"
    EQUAL = "equal"
    NOT_EQUAL = "not equal"
    LESS = "less"
    GREATER = "greater"
    MATCHES = "matches"
    BAD = "quality bad"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a state counts; of a bad reading, nothing but that it is bad is known.

    `value` is a number for LESS and GREATER, a regular expression for MATCHES, of which any part of the text may be
    what it finds. `reason`: a regular expression that the change's reason must match, too.
    """

    when: When
    value: Value = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.when in (When.LESS, When.GREATER) and not _is_number(self.value):
            raise MatrixError(f"'{self.when}' needs a number as its value, such as value = 0")
        if self.when in (When.EQUAL, When.NOT_EQUAL) and self.value is None:
            raise MatrixError(f"'{self.when}' needs a value, such as value = \"DEMO\"")
        if self.when is When.MATCHES and not isinstance(self.value, str):
            raise MatrixError("'matches' needs a regular expression as its value, such as value = \"^5-\"")
        for pattern in (self.reason, *([str(self.value)] if self.when is When.MATCHES else [])):
            _check_pattern(pattern)

    def holds(self, reading: Reading, reason: str) -> bool:
        """Whether the reading, and why it is so, are what this asks for."""
        if self.reason and not re.search(self.reason, reason):
            return False
        if self.when is When.BAD:
            return reading.quality is Quality.BAD
        return reading.quality is Quality.GOOD and _TESTS[self.when](reading.value, self.value)

    def __str__(self) -> str:
        value = "" if self.when in (When.ANY, When.BAD) else f" {shown(self.value) or 'nothing'}"
        return f"{self.when}{value}{f' because {self.reason}' if self.reason else ''}"


@dataclass(frozen=True, slots=True)
class Attributes:
    """An alarm's attributes, in the terms of ISA-18.2; `acknowledge`: somebody has to say that it was seen."""

    group: str
    alarm_class: str
    severity: int
    acknowledge: bool = True

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise MatrixError(f"severity {self.severity} is none: it is 1 (least) to 1000 (worst)")


@dataclass(frozen=True, slots=True)
class State:
    """One state of a matrix: its condition, how many seconds it must hold, and what it then sets off.

    With nothing but a condition it is a normal state, which keeps those below it from being looked at.
    """

    condition: Condition
    delay: float = 0.0
    alarm: Attributes | None = None
    text: Template | None = None
    notify: tuple[str, ...] = ()
    run: tuple[Template, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.delay < float("inf"):
            raise MatrixError("delay is a number of seconds, 0 or more")

    @property
    def is_normal(self) -> bool:
        return not (self.alarm or self.text or self.notify or self.run)

    @property
    def returns(self) -> bool:
        """Whether its violation ends by itself; a change that has happened does not."""
        return self.condition.when is not When.ANY


@dataclass(frozen=True, slots=True)
class Pattern:
    """Variables by name, `APP/NAME`; `*` stands for any text, brackets for themselves."""

    text: str

    def matches(self, name: Name) -> bool:
        return re.fullmatch(".*".join(map(re.escape, self.text.split("*"))), str(name), re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A list of states for some variables; the first that holds counts.

    With `each_change` every new value is a violation of its own; without, there is one as long as the state counts.
    """

    name: str
    variables: tuple[Pattern, ...]
    states: tuple[State, ...]
    each_change: bool = False

    def watches(self, name: Name) -> bool:
        return any(pattern.matches(name) for pattern in self.variables)

    def state_of(self, change: Change) -> State | None:
        """The state that counts after this change; None where none does."""
        return next((state for state in self.states if state.condition.holds(change.new, change.reason)), None)

    def state(self, condition: str) -> State | None:
        """The state with this condition, as `str` writes it."""
        return next((state for state in self.states if str(state.condition) == condition), None)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise MatrixError(f"'{pattern[:80]}' is no regular expression: {error}") from None


def _equal(value: Value, wanted: Value) -> bool:
    """No value is the empty text; true is not 1."""
    value = "" if value is None else value
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _unequal(value: Value, wanted: Value) -> bool:
    """Where a number or a truth is asked for, no value differs from none."""
    unknown = value is None and not isinstance(wanted, str)
    return not unknown and not _equal(value, wanted)


def _less(value: Value, wanted: Value) -> bool:
    return _is_number(value) and float(value or 0) < float(wanted or 0)


def _greater(value: Value, wanted: Value) -> bool:
    return _is_number(value) and float(value or 0) > float(wanted or 0)


def _matches(value: Value, wanted: Value) -> bool:
    return re.search(str(wanted), shown(value)) is not None


_TESTS: Mapping[When, Callable[[Value, Value], bool]] = {
    When.ANY: lambda _value, _wanted: True,
    When.EQUAL: _equal,
    When.NOT_EQUAL: _unequal,
    When.LESS: _less,
    When.GREATER: _greater,
    When.MATCHES: _matches,
}
