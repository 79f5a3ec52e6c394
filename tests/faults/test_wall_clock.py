"""Wall clocks that are set by years while everything runs: no lease is lost, fencing numbers grow. S1, S3, S6, S7."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from faults.wall_clock import WallClock
from plant import Client, Seeker, Server, terms
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE, Application

pytestmark = pytest.mark.plant

TTL = 15.0
"""Seconds of a lease of which no moment may be lost, also where the machine is slow."""
JUMPS = ("+10y", "-20y", "+0")
"""Forward, back, and right again."""
NEXT_YEAR = date.today() + timedelta(days=365)  # noqa: DTZ011 - to a day or two


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock.right(tmp_path / "wall-clock")


def undisturbed(application: Application) -> bool:
    return application.changes == [] and application.never_invalid


def test_s1_a_holder_whose_clock_is_set_goes_on(stage: Stage, clock: WallClock) -> None:
    server = stage.server(HOME, ttl=TTL)
    system = stage.system((HOME, server))
    system.env = dict(clock.env)
    application = system.start(wait=PATIENCE)
    for jump in JUMPS:
        clock.set(jump)
        system.until_renewed()
    assert undisturbed(application)


@pytest.mark.long
def test_s6_a_holder_that_starts_again_with_its_clock_years_back_gets_its_own_seat(
    stage: Stage, clock: WallClock
) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    system.env = dict(clock.env)
    for jump in ("+10y", "-20y"):
        clock.set(jump)
        application = system.start(wait=PATIENCE)
        assert application.acquired["serial"] == HOME
        system.until_renewed()
        application.kill()


@pytest.mark.long
def test_s1_a_server_whose_clock_is_set_keeps_its_leases_and_grants_new_ones(stage: Stage, clock: WallClock) -> None:
    server = stage.stopped_server(terms(HOME, seats=9), ttl=TTL)
    server.env = dict(clock.env)
    server.start()
    first = stage.system((HOME, server))
    applications = [first.start(wait=PATIENCE)]
    for jump in JUMPS:
        clock.set(jump)
        applications.append(stage.system((HOME, server)).start(wait=PATIENCE))
        first.until_renewed()
    assert all(undisturbed(application) for application in applications)


def fence(server: Server) -> int:
    """The fencing number of a new grant."""
    seeker = Seeker()
    with Client(server.location) as client:
        number: int = seeker.take(client).body["fence"]
        seeker.release(client)
    return number


def test_s3_fencing_numbers_grow_though_the_server_starts_again_with_its_clock_years_back(
    stage: Stage, clock: WallClock
) -> None:
    server = stage.stopped_server(HOME)
    server.env = dict(clock.env)
    fences = []
    for jump in (*JUMPS, "-30y"):
        clock.set(jump)
        server.start()
        fences += [fence(server), fence(server)]
        server.kill()
    assert fences == sorted(set(fences))


@pytest.mark.long
def test_s7_the_servers_clock_says_when_a_license_has_expired_and_the_holders_does_not(
    stage: Stage, clock: WallClock
) -> None:
    server = stage.server(terms(HOME, valid_until=NEXT_YEAR))
    system = stage.system((HOME, server))
    system.env = dict(clock.env)
    clock.set("+10y")
    application = system.start()
    system.until_renewed()
    assert undisturbed(application)


def test_s7_a_server_whose_clock_passes_the_end_says_expired_and_grants_again_when_it_is_right(
    stage: Stage, clock: WallClock
) -> None:
    server, backup = stage.stopped_server(terms(HOME, valid_until=NEXT_YEAR)), stage.server(BACKUP)
    server.env = dict(clock.env)
    server.start()
    application = stage.system((HOME, server), (BACKUP, backup)).start()
    clock.set("+10y")
    assert "expired" in application.until("change")["reason"]
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid
    clock.set("+0")
    assert stage.system((HOME, server)).start().acquired["serial"] == HOME
