"""One process holds for a (state folder, application): S5. What a fork, an exit and a stuck thread do to it."""

from __future__ import annotations

import pytest

from plant import terms
from stories.stage import BACKUP, HOME, TTL, Stage, grants, holders

pytestmark = pytest.mark.plant


def test_s5_a_second_process_is_refused_and_takes_nothing(stage: Stage) -> None:
    server = stage.server(terms(HOME, seats=2))
    system = stage.system((HOME, server))
    first = system.start()
    second = system.application()
    second.tell("acquire")
    assert "end it first, or give this one a state folder of its own" in second.until("already running")["reason"]
    assert grants(server) == 1
    first.kill()
    assert second.acquire().acquired["serial"] == HOME


def test_s5_a_name_in_another_case_is_the_same_application(stage: Stage) -> None:
    server = stage.server(terms(HOME, seats=2))
    system = stage.system((HOME, server))
    first = system.start("RUNTIME")
    system.until_status(lambda status: status["serial"] == HOME, "Runtime")
    second = system.application("runtime")
    second.tell("acquire")
    second.until("already running")
    first.kill()
    second.acquire()
    assert len(holders(server)) == 1


def test_s5_another_application_of_the_system_holds_beside_it(stage: Stage) -> None:
    server = stage.server(terms(HOME, seats=2))
    system = stage.system((HOME, server))
    system.config.write_text(
        system.config.read_text() + f"[Panel]\nSERIAL0 = {HOME}\nSERIAL0_LOCATION = {server.location}\n"
    )
    system.start()
    assert system.start("Panel").acquired["serial"] == HOME
    assert len(set(holders(server))) == 1
    assert len(holders(server)) == 2


def test_a_forked_child_holds_nothing_and_touches_nothing_of_its_parents(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    application = system.start()
    application.tell("fork")
    child = application.until("child")
    assert (child["valid"], child["serial"]) == (False, "")
    before = system.until_status(lambda status: status["valid_until_boottime"])["valid_until_boottime"]
    system.until_status(lambda status: status["valid_until_boottime"] > before + TTL / 5)
    assert application.never_invalid
    assert len(holders(server)) == 1
    rival = system.application()
    rival.tell("acquire")
    rival.until("already running")


def test_an_application_that_ends_without_closing_gives_its_seat_back(stage: Stage) -> None:
    server = stage.server(HOME, ttl=60)
    application = stage.system((HOME, server)).start()
    application.close_stdin()
    assert application.wait() == 0
    assert holders(server) == []


def test_s1_a_license_is_invalid_in_time_also_where_the_thread_that_renews_is_stuck(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    application.tell("stall")
    primary.kill()
    application.until("change")
    deadline = system.until_status(lambda status: status["serial"] == BACKUP)["valid_until_boottime"]
    assert 0 <= application.until("invalid")["t"] - deadline < 0.5
