"""An application keeps its license when its license server dies: R7, R8, R12."""

from __future__ import annotations

import random
import time

import pytest

from plant import terms, until
from stories.stage import BACKUP, HOME, TTL, Stage, holders

pytestmark = pytest.mark.plant


def test_r7_a_kill_at_any_moment_of_the_renewal_costs_no_unlicensed_moment(stage: Stage) -> None:
    """Each of the applications is somewhere else between two of its renewals when their server is killed."""
    primary, backup = stage.server(terms(HOME, seats=4)), stage.server(terms(BACKUP, seats=4))
    systems = [stage.system((HOME, primary), (BACKUP, backup)) for _ in range(4)]
    applications = [system.application() for system in systems]
    for application in applications:
        application.acquire()
        time.sleep(random.uniform(0, TTL / 8))
    primary.kill()
    for application in applications:
        application.until("change")
    for application in applications:
        assert application.changes == [(HOME, BACKUP)]
        assert application.look()["entry"] == 1
        assert application.never_invalid
    assert len(holders(backup, BACKUP)) == 4


def test_r7_a_suspect_system_holds_both_licenses_before_it_switches(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    primary.kill()
    assert system.until_spare() == {"serial": BACKUP, "entry": 1, "server": backup.location}
    assert application.look()["serial"] == HOME
    assert application.until("change")["reason"]
    assert application.never_invalid


def test_r8_nothing_moves_when_the_server_is_back(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    application = stage.system((HOME, primary), (BACKUP, backup), CHECK=1).start()
    primary.kill()
    application.until("change")
    primary.start()
    rival = stage.system((HOME, primary)).start(wait=20)
    rival.close()
    assert application.look()["serial"] == BACKUP
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid


def test_r8_when_the_license_in_use_is_lost_in_turn_the_list_is_tried_from_the_top(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    application = stage.system((HOME, primary), (BACKUP, backup)).start()
    primary.kill()
    application.until("change")
    primary.start()
    backup.kill()
    application.until("change")
    assert application.changes == [(HOME, BACKUP), (BACKUP, HOME)]
    assert application.look()["entry"] == 0
    assert application.never_invalid


def test_r12_dead_and_silent_backups_do_not_add_up(stage: Stage) -> None:
    primary, good = stage.server(HOME), stage.server("5-1046")
    down = stage.stopped_server("5-1043")
    system = stage.system(
        (HOME, primary),
        ("5-1043", down),
        ("5-1044", stage.mute()),
        ("5-1045", "no-such-host.invalid"),
        ("5-1046", good),
    )
    application = system.start()
    primary.kill()
    assert system.until_spare()["entry"] == 4
    application.until("change")
    assert application.look()["serial"] == "5-1046"
    assert application.never_invalid


def test_r1_two_systems_that_lose_one_server_never_share_the_only_backup(stage: Stage) -> None:
    primary, backup = stage.server(terms(HOME, seats=2)), stage.server(BACKUP)
    applications = [stage.system((HOME, primary), (BACKUP, backup)).start() for _ in range(2)]
    primary.kill()
    for _ in until(20):
        saved = [application for application in applications if application.named("change")]
        stopped = [application for application in applications if application.named("invalid")]
        if saved and stopped:
            break
    assert [application.changes for application in saved if application not in stopped] == [[(HOME, BACKUP)]]
    assert len(stopped) == 1
    assert len(holders(backup, BACKUP)) == 1
