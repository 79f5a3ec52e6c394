"""A disk that takes seconds for each sync: renewals wait for none, grants for one, and a spare is had. S2, R7, R12."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.diary import Diary
from faults.disk import SlowDisk
from plant import Server, terms
from sparekey.host import boot_clock
from stories.stage import BACKUP, HOME, Stage

pytestmark = pytest.mark.plant

SLOW, HARDLY = 0.5, 2.0
"""Seconds that a sync takes: on a busy disk, and on one that is about to fail."""
LONG = 20.0


@pytest.fixture
def disk(tmp_path: Path) -> SlowDisk:
    return SlowDisk(tmp_path)


def on_slow_disk(stage: Stage, disk: SlowDisk, *serials: str, ttl: float) -> Server:
    server = stage.stopped_server(*(terms(serial, seats=9) for serial in serials), ttl=ttl)
    server.env = disk.env
    return server.start()


@pytest.mark.parametrize("seconds", [SLOW, pytest.param(HARDLY, marks=pytest.mark.long)])
def test_s2_a_grant_waits_for_the_disk_and_a_renewal_does_not(
    stage: Stage, disk: SlowDisk, diary: Diary, seconds: float
) -> None:
    server = on_slow_disk(stage, disk, HOME, ttl=LONG)
    first, second = diary.holder(server), diary.holder(server)
    first.take()
    disk.takes(seconds)
    began = boot_clock()
    assert second.take().status == 201
    assert boot_clock() - began >= seconds
    assert first.renew().status == 200
    server.kill()
    disk.takes(0.0)
    server.start()
    assert (first.renew().status, second.renew().status) == (200, 200)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [SLOW, HARDLY])
def test_r12_of_two_slow_servers_one_gives_a_spare_in_time(stage: Stage, disk: SlowDisk, seconds: float) -> None:
    """A take is abandoned after a second for another entry; where that is as slow, one of them is waited for."""
    primary = stage.server(HOME, ttl=LONG)
    backups = [on_slow_disk(stage, disk, serial, ttl=LONG) for serial in (BACKUP, "5-1044")]
    system = stage.system((HOME, primary), (BACKUP, backups[0]), ("5-1044", backups[1]))
    application = system.start()
    disk.takes(seconds)
    primary.kill()
    application.until("change")
    assert application.changes[0][0] == HOME
    assert application.never_invalid


@pytest.mark.long
@pytest.mark.parametrize("seconds", [SLOW, HARDLY])
def test_r9_a_start_at_a_slow_server_is_home(stage: Stage, disk: SlowDisk, seconds: float) -> None:
    server, backup = on_slow_disk(stage, disk, HOME, ttl=LONG), stage.server(BACKUP, ttl=LONG)
    disk.takes(seconds)
    system = stage.system((HOME, server), (BACKUP, backup))
    assert system.start().acquired["serial"] == HOME
