"""What a measurement is: a shell that carries out its rounds, and a pure part that makes figures of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.report.figures import Figure, Round

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How thoroughly to measure. `quick` only tries whether it measures at all."""

    rounds: int
    quick: bool = False

    def either(self, full: T, quick: T) -> T:
        """What is so much in a full run, and so much in a quick one."""
        return quick if self.quick else full


FULL = Pace(5)
QUICK = Pace(1, quick=True)


def _none() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measurement. In each round, what is compared takes turns.

    `obstacle` says why it cannot be made on this machine; "" where it can.
    """

    name: str
    title: str
    rounds: Callable[[Pace], Iterator[Round]]
    figures: Callable[[Sequence[Round]], tuple[Figure, ...]]
    obstacle: Callable[[], str] = _none
