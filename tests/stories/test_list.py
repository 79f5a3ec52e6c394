"""License.ini changed while the application runs: R5."""

from __future__ import annotations

import sys

import pytest

from plant import until
from stories.stage import BACKUP, HOME, Stage, holders, until_free

pytestmark = pytest.mark.plant


def test_r5_a_backup_that_is_added_while_it_runs_is_taken(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary))
    application = system.start()
    system.list((HOME, primary), (BACKUP, backup))
    system.until_status(lambda status: len(status["entries"]) == 2)
    primary.kill()
    application.until("change")
    assert application.look()["serial"] == BACKUP
    assert application.never_invalid


def test_r5_a_bad_file_raises_an_alarm_and_leaves_the_last_good_list_in_force(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    running = system.run(sys.executable, "-c", "input()")
    running.until("acquired")
    system.list((HOME, primary), (HOME, "fe80::1"))
    assert "an IPv6 address stands in brackets" in running.until("alarm")["reason"]
    primary.kill()
    assert running.until("switched", "lost")["serial"] == BACKUP


def test_r5_the_license_in_use_stays_when_it_is_no_longer_listed(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    system = stage.system((HOME, server))
    application = system.start()
    system.list((BACKUP, server))
    system.until_status(lambda status: status["state"] == "hold" and status["entry"] == -2)
    seen = application.look()
    assert (seen["serial"], seen["entry"], seen["valid"]) == (HOME, -2, True)
    assert application.changes == []


def test_r5_a_spare_that_is_no_longer_listed_is_replaced(stage: Stage) -> None:
    primary, backup = stage.server(HOME, ttl=30), stage.server(BACKUP, "5-1044", ttl=30)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    primary.kill()
    assert system.until_spare()["serial"] == BACKUP
    system.list((HOME, primary), ("5-1044", backup))
    system.until_status(lambda status: (status["spare"] or {}).get("serial") == "5-1044")
    until_free(backup, BACKUP)
    primary.start()
    until_free(backup, "5-1044")
    assert application.changes == []
    assert application.never_invalid


def test_r5_a_new_location_of_the_license_in_use_serves_after_a_failed_renewal(stage: Stage) -> None:
    server, backup = stage.server(HOME), stage.server(BACKUP)
    old, new = stage.middleman(server), stage.middleman(server)
    system = stage.system((HOME, old), (BACKUP, backup))
    application = system.start()
    system.list((HOME, new), (BACKUP, backup))
    system.until_status(lambda status: status["entries"][0]["server"] == new.location)
    old.lie = lambda exchange: exchange.refused(type="about:blank", title="gone elsewhere", status=503)
    new.until(lambda exchange: exchange.is_take and exchange.status < 300)
    new.until(lambda exchange: exchange.is_renewal and exchange.status == 200)
    assert application.look()["serial"] == HOME
    assert application.changes == []
    assert application.never_invalid
    for _ in until(10):
        if not holders(backup, BACKUP) and len(holders(server)) == 1:
            break
