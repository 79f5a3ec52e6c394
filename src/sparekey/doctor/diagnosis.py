"""What one look found: where, what, and the next command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Level(StrEnum):
    """How much it matters."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A finding; `cure` is what to do next, empty only where nothing is wrong."""

    level: Level
    where: str
    what: str
    cure: str

    @classmethod
    def well(cls, where: object, what: str) -> Self:
        return cls(Level.OK, str(where), what, "")

    @classmethod
    def warning(cls, where: object, what: str, cure: str) -> Self:
        return cls(Level.WARNING, str(where), what, cure)

    @classmethod
    def fault(cls, where: object, what: str, cure: str) -> Self:
        return cls(Level.FAULT, str(where), what, cure)
