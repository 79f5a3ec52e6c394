"""Silence is never final, and neither is what no license server has signed: R7, R12, T1."""

from __future__ import annotations

import sys
from itertools import cycle

import pytest

from stories.stage import BACKUP, HOME, Stage, holders, until_free

pytestmark = pytest.mark.plant


def test_r8_a_server_that_hung_and_answers_after_the_switch_moves_nobody_back(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    application = stage.system((HOME, primary), (BACKUP, backup)).start()
    primary.pause()
    application.until("change")
    primary.resume()
    until_free(primary)  # the old lease is given back as soon as its server can hear it
    assert application.look()["serial"] == BACKUP
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid


def test_r7_a_server_that_hung_for_a_moment_gets_its_holder_back(stage: Stage) -> None:
    primary, backup = stage.server(HOME, ttl=10), stage.server(BACKUP, ttl=10)
    system = stage.system((HOME, primary), (BACKUP, backup))
    running = system.run(sys.executable, "-c", "input()")
    running.until("acquired")
    primary.pause()
    running.until("suspect")
    assert running.until("secured")["serial"] == BACKUP
    primary.resume()
    assert running.until("recovered")["serial"] == HOME
    until_free(backup, BACKUP)
    assert not running.named("switched", "alarm", "refused")


def test_t1_foreign_web_servers_at_the_start_are_silence(stage: Stage) -> None:
    """A signed 410 would end the wait for the initial license; this one does not."""
    gone, missing = stage.foreign(410), stage.foreign(404)
    reasons = stage.system((HOME, gone), (BACKUP, missing), INITIAL_WAIT=1.5).application().refused()
    assert gone.asked > 2
    assert reasons[0] == f"{gone.location} answered 410 to a question"
    assert reasons[1] == f"{missing.location} answered 404 to a question"


def test_t1_a_foreign_web_server_in_the_place_of_the_license_server_is_silence(stage: Stage) -> None:
    primary, backup = stage.server(HOME, ttl=10), stage.server(BACKUP, ttl=10)
    middleman = stage.middleman(primary)
    running = stage.system((HOME, middleman), (BACKUP, backup)).run(sys.executable, "-c", "input()")
    running.until("acquired")
    statuses = cycle([404, 410])
    middleman.lie = lambda exchange: exchange.refused(title="no such page", status=next(statuses))
    assert running.until("secured", "refused", "lost")["event"] == "secured"
    middleman.lie = None
    assert running.until("recovered")["serial"] == HOME
    assert not running.named("switched", "refused", "alarm")


def test_r12_a_port_that_never_answers_costs_a_start_no_more_than_the_wait(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    system.start().close()  # so that the terms are known
    system.list((HOME, stage.mute()), (BACKUP, backup), INITIAL_WAIT=1)
    application = system.start()
    assert application.acquired["serial"] == BACKUP
    assert application.never_invalid


def test_r12_a_backup_that_never_answers_holds_nobody_up(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), ("5-1044", stage.mute()), (BACKUP, backup))
    application = system.start()
    primary.pause()
    assert system.until_spare()["entry"] == 2
    application.until("change")
    assert application.never_invalid


def test_r12_a_seat_asked_for_at_a_server_that_hangs_is_given_back(stage: Stage) -> None:
    """The start asks at home, goes on to the backup, and leaves no lease at home that a rival would wait for."""
    primary, backup = stage.server(HOME, ttl=60), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup), INITIAL_WAIT=1)
    system.start().close()
    primary.pause()
    application = system.start()
    assert application.acquired["serial"] == BACKUP
    primary.resume()
    rival = stage.system((HOME, primary)).start(wait=20)
    assert rival.acquired["serial"] == HOME
    assert len(holders(primary)) == 1
    assert application.never_invalid
