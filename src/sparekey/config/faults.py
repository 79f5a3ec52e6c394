"""What is wrong in License.ini, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; `line` is 0 where the source has none, such as an environment variable."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong and what to do about it; printed as `License.ini:12: text`."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class FaultyFile(ValueError):
    """A file that cannot be used; its text has one line a fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ConfigError(FaultyFile):
    """A list of licenses that cannot be read or written."""
