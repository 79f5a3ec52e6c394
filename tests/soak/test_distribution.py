"""How times are distributed."""

from __future__ import annotations

import pytest

from soak.distribution import BINS, Distribution


def test_quantiles_are_times_that_were_measured() -> None:
    found = Distribution.of(float(n) for n in reversed(range(1, 101)))
    assert (found.median, found.quantile(0.9), found.quantile(0.99), found.most) == (50.0, 90.0, 99.0, 100.0)


@pytest.mark.parametrize("times", [(0.5,), (0.5, 0.5), (0.0, 0.1, 0.2, 9.0)])
def test_the_histogram_counts_every_time_once(times: tuple[float, ...]) -> None:
    _, *bins = Distribution.of(times).lines()
    assert len(bins) == BINS
    assert sum(int(line.split(" s ")[1].split()[0]) for line in bins) == len(times)
