"""Which topic tells of what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sparekey.core.variables import Name

LONGEST: Final = 200
"""Characters of one level of a topic."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one system stands: all its topics begin with `prefix`."""

    prefix: str

    @property
    def online(self) -> str:
        """`true` as long as what is retained is kept current; the last will says `false`."""
        return f"{self.prefix}/online"

    @property
    def system(self) -> str:
        """Which system it is: two may have one name."""
        return f"{self.prefix}/system"

    @property
    def alarms(self) -> str:
        """The messages, as they come."""
        return f"{self.prefix}/alarms"

    def alarm(self, key: int | str) -> str:
        """One alarm, as long as it stands."""
        return f"{self.alarms}/{key}"


class VariableTopics:
    """The topics of variables below a place, APP/VARIABLE: no two names share one, and none ever changes."""

    def __init__(self) -> None:
        self._owners = _Levels(fit, reserved=("online", "system", "alarms"))
        self._variables: dict[str, _Levels] = {}

    def of(self, name: Name, place: Place) -> str:
        variables = self._variables.setdefault(name.owner, _Levels(_fit_variable))
        return f"{place.prefix}/{self._owners.of(name.owner)}/{variables.of(name.variable)}"


class _Levels:
    """Names as levels of a topic. One that would be another's has a mark of its own behind it."""

    def __init__(self, make: Callable[[str], str], reserved: Iterable[str] = ()) -> None:
        self._make = make
        self._taken = set(reserved)
        self._levels: dict[str, str] = {}

    def of(self, name: str) -> str:
        if name not in self._levels:
            level = self._make(name)
            if level in self._taken:
                level = f"{level}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
            self._taken.add(level)
            self._levels[name] = level
        return self._levels[name]


def fit(name: str) -> str:
    """The name of an application or a system as one level: letters, digits, `_`, `.` and `-` stay, all else is `-`."""
    return re.sub(r"[^\w.-]+", "-", name)[:LONGEST].strip("-") or "-"


def _fit_variable(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:LONGEST].strip("-") or "-"
