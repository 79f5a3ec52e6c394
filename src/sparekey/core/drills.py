"""A fire drill as it is told: each step of it is a mark, which is a value of the application's variable DRILL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sparekey.core.decisions import Kind
from sparekey.core.variables import Value


class Step(StrEnum):
    """How far a drill has come. After `switched`, `failed` and `refused` there is no further one."""

    BEGUN = "begun"
    SECURED = "secured"
    SWITCHED = "switched"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def is_last(self) -> bool:
        return self not in (Step.BEGUN, Step.SECURED)


STEPS: Mapping[Kind, Step] = {
    Kind.SECURED: Step.SECURED,
    Kind.SWITCHED: Step.SWITCHED,
    Kind.RECOVERED: Step.FAILED,
    Kind.SUSPECT: Step.FAILED,
    Kind.REFUSED: Step.FAILED,
    Kind.LOST: Step.FAILED,
    Kind.RELEASED: Step.FAILED,
}
"""What each kind of news means for the drill that is on: after a real fault, or the end, it is a drill no more."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of the drill that was asked for by the request of this id."""

    step: Step
    request: str

    def __str__(self) -> str:
        return f"{self.step} {self.request}"

    @classmethod
    def parse(cls, value: Value) -> Mark | None:
        """The mark that a value of the variable is; None where it is none."""
        step, _, request = str(value).partition(" ")
        return cls(Step(step), request) if request and step in set(Step) else None
