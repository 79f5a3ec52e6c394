"""Figures: what the rounds of a measurement came to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

OURS = "Sparekey"
RATIO = "ratio"
RATE = "a second"
MILLISECONDS = "ms"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that is measured: `what` of whom (`of`), under which condition (`at`)."""

    what: str
    of: str = OURS
    at: str = ""
    unit: str = RATE

    def __str__(self) -> str:
        return ", ".join(part for part in (self.what, self.of, self.at, self.unit) if part)


Round: TypeAlias = Mapping[Quantity, float]
"""What one round measured."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a median is to reach: at least, or at most, `bound`."""

    bound: float
    at_least: bool = True

    def is_reached(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def distance(self, value: float) -> float:
        """How far the value is beyond the bound, as a share of it; negative where it falls short."""
        share = value / self.bound - 1
        return share if self.at_least else -share

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity with the values of its rounds, at least one."""

    quantity: Quantity
    values: tuple[float, ...]
    target: Target | None = None

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    @property
    def reached(self) -> bool | None:
        """Whether the median reaches the target; None where there is none."""
        return self.target.is_reached(self.median) if self.target else None


def measured(rounds: Sequence[Round], targets: Mapping[Quantity, Target] | None = None) -> tuple[Figure, ...]:
    """A figure for each quantity that every round has, in the order of the first."""
    first = rounds[0]
    return tuple(
        Figure(each, tuple(one[each] for one in rounds), (targets or {}).get(each))
        for each in first
        if all(each in one for one in rounds)
    )


def ratio(rounds: Sequence[Round], what: str, over: Quantity, under: Quantity, target: Target | None = None) -> Figure:
    """How many times `under` the quantity `over` is, round by round: what a busy machine does to both cancels out."""
    quantity = Quantity(what, at=over.at if over.at == under.at else "", unit=RATIO)
    return Figure(quantity, tuple(one[over] / one[under] for one in rounds), target)
