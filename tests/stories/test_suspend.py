"""A computer that slept through its lease: S1.

A test cannot suspend the computer that it runs on. SIGSTOP of the application stands for it: CLOCK_BOOTTIME, by which
leases are counted, goes on in either case, and the application takes no step.
"""

from __future__ import annotations

import pytest

from plant import Server
from stories.stage import BACKUP, HOME, Stage, until_free
from systems import Application

pytestmark = pytest.mark.plant


def sleep_through_the_lease(application: Application, server: Server) -> None:
    """Stop the application until its server has taken the seat back."""
    application.pause()
    until_free(server)


def test_s1_it_wakes_unlicensed_and_takes_its_own_serial_again(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    application = stage.system((HOME, server), (BACKUP, server)).start()
    sleep_through_the_lease(application, server)
    application.resume()
    application.until("invalid")
    application.until("valid")
    assert application.look()["serial"] == HOME
    assert application.changes == []


def test_s1_where_a_rival_has_the_seat_it_wakes_to_the_backup_and_is_never_licensed_beside_it(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    sleeper = stage.system((HOME, server), (BACKUP, server)).start()
    rivals = stage.system((HOME, server))
    rival = rivals.application()
    sleep_through_the_lease(sleeper, server)
    rival.acquire()
    sleeper.resume()
    sleeper.until("invalid")
    sleeper.until("valid")
    assert sleeper.look()["serial"] == BACKUP
    for _ in range(2):
        sleeper.until("change")
    assert sleeper.changes == [(HOME, ""), ("", BACKUP)]
    assert rival.look()["valid"]
    assert rival.never_invalid


def test_s1_where_a_rival_has_the_only_seat_it_stays_unlicensed_until_that_is_free(stage: Stage) -> None:
    server = stage.server(HOME)
    sleeper = stage.system((HOME, server)).start()
    rival = stage.system((HOME, server)).application()
    sleep_through_the_lease(sleeper, server)
    rival.acquire()
    sleeper.resume()
    assert sleeper.until("invalid")["t"] > rival.acquired["t"]
    sleeper.until("change")
    rival.close()
    freed = rival.named("closed")[-1]["t"]
    assert sleeper.until("valid")["t"] > freed - 1
    assert sleeper.changes[0] == (HOME, "")
    assert sleeper.look()["serial"] == HOME


def test_s1_it_wakes_while_its_server_is_silent_and_takes_the_backup(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    application = stage.system((HOME, primary), (BACKUP, backup)).start()
    sleep_through_the_lease(application, primary)
    primary.kill()
    application.resume()
    application.until("invalid")
    application.until("valid")
    assert application.look()["serial"] == BACKUP
