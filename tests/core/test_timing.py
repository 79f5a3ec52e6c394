"""Every number of a lease's life at its holder (R7, S1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.core import timing

ttls = st.floats(5, 3600)
draws = st.floats(0, 1, exclude_max=True)


def test_s1_a_holder_believes_a_quarter_of_a_second_and_two_thousandths_less_than_its_server() -> None:
    assert timing.belief(30) == pytest.approx(30 - 0.25 - 0.06)


@given(ttls, draws)
def test_r7_several_renewals_fit_into_a_lease(ttl: float, draw: float) -> None:
    assert 3 * timing.renewal(ttl, draw) + timing.attempt(ttl) < timing.belief(ttl)


@given(ttls, draws)
def test_r7_a_failed_renewal_leaves_time_for_a_spare_before_the_switch(ttl: float, draw: float) -> None:
    suspect = timing.renewal(ttl, draw) + timing.attempt(ttl)
    assert timing.switch(0.0, suspect, ttl) == pytest.approx(0.6 * ttl)


@given(ttls, st.one_of(st.none(), st.floats(0, 100)))
def test_s1_what_is_decided_before_the_deadline_is_decided_after_the_usual_switch(
    ttl: float, wanted: float | None
) -> None:
    assert timing.belief(ttl) - timing.grace(ttl, wanted) > 0.6 * ttl


@given(ttls, st.floats(0, 3600))
def test_r7_no_switch_within_a_tenth_of_the_lease_of_becoming_suspect(ttl: float, suspect: float) -> None:
    assert timing.switch(0.0, suspect, ttl) >= suspect + ttl / 10
