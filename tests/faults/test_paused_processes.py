"""Processes that stand still (SIGSTOP) and go on: license servers, supervisors, whole machines. R1, R7, S1."""

from __future__ import annotations

import os
import signal
import time

import pytest

from child import CHILD
from plant import Server, is_alive, until
from sparekey.host import boot_clock
from stories.stage import BACKUP, HOME, Stage, holders, until_free
from systems import Program

pytestmark = pytest.mark.plant

LONG = 20.0
"""Seconds of a lease, a quarter of which is a pause that can be told from a slow machine."""


def test_r7_a_server_that_stands_still_for_less_than_a_quarter_of_the_ttl_moves_nobody(stage: Stage) -> None:
    primary, backup = stage.server(HOME, ttl=LONG), stage.server(BACKUP, ttl=LONG)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    before = system.until_status(lambda status: status["state"] == "hold")["valid_until_boottime"]
    primary.pause()
    time.sleep(0.15 * LONG)
    primary.resume()
    system.until_status(lambda status: status["state"] == "hold" and status["valid_until_boottime"] > before)
    assert application.changes == []
    assert application.never_invalid
    until_free(backup, BACKUP)


@pytest.mark.long
def test_r1_a_server_that_stood_still_for_longer_than_its_ttl_has_one_holder_a_seat(stage: Stage) -> None:
    server = stage.server(HOME)
    first, rival = stage.system((HOME, server)).start(), stage.system((HOME, server)).application(wait=60)
    server.pause()
    rival.tell("acquire")
    first.until("invalid")
    server.resume()
    winner = rival if won_by(rival, first) else first
    assert winner.look()["valid"]
    assert len(holders(server)) == 1


def won_by(rival: Program, first: Program) -> bool:
    """Whether the rival has got the seat that both want, and not the one that had it first."""
    for _ in until(30):
        if rival.named("acquired") or first.named("valid"):
            break
    return bool(rival.named("acquired"))


def sleep_through_the_lease(running: Program, server: Server) -> None:
    running.pause()
    until_free(server)


@pytest.mark.long
def test_s1_a_supervisor_that_stood_still_regains_its_own_license_and_its_child_goes_on(stage: Stage) -> None:
    server = stage.server(HOME)
    running = stage.system((HOME, server)).run(*CHILD)
    child = running.until("child")["pid"]
    sleep_through_the_lease(running, server)
    running.resume()
    for _ in until(10):
        if holders(server):
            break
    assert is_alive(child)
    assert not running.named("lost", "signal", "alarm")


def test_s1_a_supervisor_that_stood_still_while_a_rival_came_ends_its_child_at_once(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    rivals = stage.system((HOME, server))
    running = system.run(*CHILD)
    child = running.until("child")["pid"]
    sleep_through_the_lease(running, server)
    rival = rivals.start()
    running.resume()
    assert running.wait() == 3
    assert not is_alive(child)
    assert [event["serial"] for event in running.named("lost")] == [HOME]
    assert rival.never_invalid
    assert len(holders(server)) == 1


@pytest.mark.long
def test_s1_a_child_that_stands_still_is_ended_by_the_deadline_too(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    running = system.run(*CHILD)
    child = running.until("child")["pid"]
    os.kill(child, signal.SIGSTOP)
    server.kill()
    deadline = system.until_status(lambda status: status["state"] == "suspect")["valid_until_boottime"]
    assert running.wait() == 3
    assert not is_alive(child)
    assert running.until("lost")["t"] < deadline + 0.1


@pytest.mark.long
def test_s1_a_whole_machine_that_stood_still_goes_on_as_it_was(stage: Stage) -> None:
    """Server and application on one machine, as a virtual machine that is paused."""
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    application = system.start()
    over: float = system.until_status(lambda status: status["state"] == "hold")["valid_until_boottime"]
    application.pause()
    server.pause()
    for _ in until(30):
        if boot_clock() > over:
            break
    server.resume()
    application.resume()
    assert application.until("invalid")["t"] >= over
    application.until("valid")
    assert application.changes == []
    assert len(holders(server)) == 1


@pytest.mark.long
def test_r9_a_killed_supervisors_next_run_gets_its_own_seat_at_once(stage: Stage) -> None:
    server = stage.server(HOME, ttl=60)
    system = stage.system((HOME, server))
    running = system.run(*CHILD)
    child = running.until("child")["pid"]
    running.kill()
    for _ in until(10):
        if not is_alive(child):
            break
    assert system.run(*CHILD).until("acquired")["serial"] == HOME
    assert len(holders(server)) == 1
