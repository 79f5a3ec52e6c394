"""An application that starts again goes home, and leaves nothing of its earlier run behind: R8, R9, R10, S6."""

from __future__ import annotations

import sys

import pytest

from plant import Client, until
from stories.stage import BACKUP, HOME, Stage, holders, until_free

pytestmark = pytest.mark.plant

ENDLESS = (sys.executable, "-c", "input()")


def test_r9_a_killed_application_gets_its_own_seat_back_at_once(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP, ttl=60)
    system = stage.system((HOME, server), (BACKUP, server))
    system.start().kill()
    assert holders(server) != []
    again = system.start()
    assert (again.acquired["serial"], again.acquired["entry"]) == (HOME, 0)
    assert len(holders(server)) == 1
    assert holders(server, BACKUP) == []
    again.close()
    assert holders(server) == []


def test_r9_killed_with_a_spare_in_hand_it_goes_home_and_releases_the_spare(stage: Stage) -> None:
    primary, backup = stage.server(HOME, ttl=30), stage.server(BACKUP, ttl=60)
    system = stage.system((HOME, primary), (BACKUP, backup))
    crashed = system.start()
    primary.kill()
    system.until_spare()
    crashed.kill()
    primary.start()
    assert system.start().acquired["serial"] == HOME
    until_free(backup, BACKUP)
    assert len(holders(primary)) == 1


def test_r9_killed_with_a_spare_in_hand_it_takes_that_over_at_once_and_starts_on_it(stage: Stage) -> None:
    primary, backup = stage.server(HOME, ttl=30), stage.server(BACKUP, ttl=60)
    system = stage.system((HOME, primary), (BACKUP, backup), INITIAL_WAIT=3)
    crashed = system.start()
    primary.kill()
    system.until_spare()
    crashed.kill()
    again = system.application()
    again.tell("acquire")
    spare = system.until_status(lambda status: status["pid"] == again.process.pid and status["spare"])["spare"]
    assert spare["serial"] == BACKUP
    assert not again.named("acquired")  # it still waits for home
    assert again.until("acquired", "refused")["serial"] == BACKUP
    assert len(holders(backup, BACKUP)) == 1


def test_r9_after_a_switch_a_restart_is_home_and_frees_the_backup(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP, ttl=60)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    primary.kill()
    application.until("change")
    primary.start()
    system.until_status(lambda status: status["serial"] == BACKUP and not status["at_home"])
    application.kill()
    assert system.start().acquired["serial"] == HOME
    until_free(backup, BACKUP)
    assert len(holders(primary)) == 1


def test_r10_a_start_on_the_same_license_is_no_change_and_one_on_another_is(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup), INITIAL_WAIT=0.5)
    for _ in range(2):
        running = system.run(*ENDLESS)
        running.until("acquired")
        running.tell("end")
        running.wait()
        assert not running.named("alarm")
    primary.kill()
    elsewhere = system.run(*ENDLESS)
    assert elsewhere.until("acquired")["serial"] == BACKUP
    assert elsewhere.until("alarm")["reason"].startswith(f"{HOME} -> {BACKUP}: ")


def test_s6_a_take_of_an_earlier_run_that_arrives_late_changes_nothing(stage: Stage) -> None:
    server = stage.server(HOME)
    middleman = stage.middleman(server)
    system = stage.system((HOME, middleman))
    system.start().kill()
    late = middleman.until(lambda exchange: exchange.is_take)
    application = system.start()
    renewals = sum(exchange.is_renewal for exchange in middleman.exchanges)
    with Client(server.location) as client:
        answer = client.call("POST", "/v1/leases", late.sent)
    assert (answer.status, answer.problem) == (410, "taken-over")
    middleman.until(lambda exchange: exchange.is_renewal and exchange.status == 200)
    for _ in until(10):
        if sum(exchange.is_renewal for exchange in middleman.exchanges) > renewals:
            break
    assert {exchange.status for exchange in middleman.exchanges if exchange.is_renewal} == {200}
    assert len(holders(server)) == 1
    assert application.never_invalid
