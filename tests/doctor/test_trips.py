"""A lease time that the network is too slow for."""

from __future__ import annotations

import pytest

from doctor.clinic import look_at
from faults.proxy import Proxy
from sparekey.core.entries import Location
from sparekey.doctor import trips
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Met
from stories.stage import HOME, Stage


@pytest.mark.plant
def test_r7_a_renewal_that_takes_longer_than_it_may_is_a_fault(stage: Stage) -> None:
    server = stage.server(HOME)
    with Proxy(server) as far:
        far.delay = 0.3
        report = look_at(stage.system((HOME, far)))
        cure = report.fault(far.location, "an answer takes", "a renewal may take 0.5 s at a lease time of 5 s")
    assert "--ttl" in cure


def judged(ttl: float, *seconds: float) -> list[Diagnosis]:
    met = Met(Location("server-a"), "server-a", "container", ttl, 0.0, trips=seconds)
    return list(trips.judge(met))


def test_a_network_with_time_to_spare_is_not_worth_a_word() -> None:
    assert judged(30.0, 0.001, 0.9, 0.001) == []
    assert judged(30.0) == []


def test_one_that_is_near_the_limit_is_a_warning() -> None:
    (found,) = judged(5.0, 0.3, 0.3, 0.3)
    assert found.level == "warning"


def test_r7_the_lease_time_that_is_advised_is_enough() -> None:
    (found,) = judged(5.0, 0.7)
    assert "on server-a: sparekey server run STATE --ttl 21," in found.cure
    assert judged(21.0, 0.7) == []


def test_r7_where_no_lease_time_is_enough_the_network_is_to_be_mended() -> None:
    (found,) = judged(5.0, 2.0)
    assert found.cure.startswith("ping")
