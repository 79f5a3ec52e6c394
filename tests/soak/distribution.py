"""How times are distributed, for people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BINS = 8
BAR = 40
"""Columns of the longest bar."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """At least one time, in seconds, in order."""

    times: tuple[float, ...]

    @classmethod
    def of(cls, times: Iterable[float]) -> Distribution:
        return cls(tuple(sorted(times)))

    def quantile(self, share: float) -> float:
        """The smallest time that such a share of all does not exceed."""
        return self.times[max(0, math.ceil(share * len(self.times)) - 1)]

    @property
    def median(self) -> float:
        return self.quantile(0.5)

    @property
    def most(self) -> float:
        return self.times[-1]

    def lines(self) -> Iterator[str]:
        """The quantiles, and a histogram."""
        named = {
            "min": self.times[0],
            "median": self.median,
            "p90": self.quantile(0.9),
            "p99": self.quantile(0.99),
            "max": self.most,
        }
        yield "  ".join(f"{name} {time:.3f} s" for name, time in named.items())
        low, width = self.times[0], max(1e-9, (self.most - self.times[0]) / BINS)
        counts = [0] * BINS
        for time in self.times:
            counts[min(BINS - 1, int((time - low) / width))] += 1
        for number, count in enumerate(counts):
            bar = "█" * math.ceil(count * BAR / max(counts))
            yield f"  {low + number * width:7.3f} to {low + (number + 1) * width:7.3f} s  {count:4d}  {bar}"
