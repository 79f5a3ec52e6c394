"""Clocks that differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.clinic import look_at, look_at_server
from faults.wall_clock import WallClock
from stories.stage import HOME, Stage

pytestmark = pytest.mark.plant


@pytest.mark.parametrize(
    ("offset", "said"),
    [("+3h", "the clock of server-1 is 3.0 hours ahead of this machine's"), ("-3d", "is 3 days behind this machine's")],
)
def test_s7_a_clock_more_than_an_hour_off_is_told_and_who_judges(
    stage: Stage, tmp_path: Path, offset: str, said: str
) -> None:
    clock = WallClock.right(tmp_path / "clock")
    clock.set(offset)
    server = stage.stopped_server(HOME)
    server.env = dict(clock.env)
    server.start()
    report = look_at(stage.system((HOME, server)))
    assert "timedatectl" in report.fault(server.location, said, "validity dates are judged by the license server's")
    assert look_at_server(server).fault(said)


def test_a_clock_that_is_half_an_hour_off_is_nothing(stage: Stage, tmp_path: Path) -> None:
    clock = WallClock.right(tmp_path / "clock")
    clock.set("+30m")
    server = stage.stopped_server(HOME)
    server.env = dict(clock.env)
    server.start()
    assert look_at(stage.system((HOME, server), MIN_BACKUPS=0)).is_well
