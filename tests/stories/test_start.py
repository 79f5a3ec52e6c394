"""A start goes home, and says why where it cannot: R1, R9, R12."""

from __future__ import annotations

import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from plant import NOT_YET, terms
from stories.stage import BACKUP, HOME, Stage, grants, holders
from systems import Program

pytestmark = pytest.mark.plant


def test_r12_refused_for_three_seconds_it_still_goes_home_and_takes_no_backup(stage: Stage) -> None:
    primary, backup = stage.stopped_server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup), INITIAL_WAIT=15)
    application = system.application()
    application.tell("acquire")
    system.until_status(lambda status: status["state"] == "start")
    time.sleep(3)  # what the story is about: the server's host starts later than the application's
    assert not application.events
    primary.start()
    assert application.until("acquired", "refused")["serial"] == HOME
    assert grants(backup) == 0


def test_r12_a_signed_refusal_ends_the_wait_at_once(stage: Stage) -> None:
    primary, backup = stage.server(terms(HOME, valid_from=NOT_YET)), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup), INITIAL_WAIT=3600)
    assert system.start().acquired["serial"] == BACKUP


def test_r1_the_second_system_gets_the_backup_of_a_license_in_use(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    first = stage.system((HOME, server), (BACKUP, server)).start()
    second = stage.system((HOME, server), (BACKUP, server)).start()
    assert (first.acquired["entry"], second.acquired["entry"]) == (0, 1)


def test_r1_two_that_race_for_one_seat_never_both_get_it(stage: Stage) -> None:
    server = stage.server(HOME)
    rivals = [stage.system((HOME, server)).application() for _ in range(2)]
    with ThreadPoolExecutor(2) as both:
        for _ in range(10):
            for rival in rivals:
                rival.tell("acquire")
            outcomes = list(both.map(lambda rival: rival.until("acquired", "refused"), rivals))
            assert sorted(outcome["event"] for outcome in outcomes) == ["acquired", "refused"]
            refused = next(outcome for outcome in outcomes if outcome["event"] == "refused")
            assert "in use by Runtime on" in dict(refused["candidates"])[0]
            for rival in rivals:
                if rival.events[-1]["event"] == "acquired":
                    rival.close()
            assert holders(server) == []


def test_r1_a_start_that_fails_says_why_of_each_entry(stage: Stage) -> None:
    server, down = stage.server(HOME, terms("5-1044", limits={"tags": 500})), stage.stopped_server("5-1045")
    stage.system((HOME, server)).start()
    system = stage.system((HOME, server), ("5-1043", server), ("5-1044", server), ("5-1045", down))
    reasons = system.application().refused()
    assert reasons[0].startswith("in use by Runtime on ")
    assert reasons[1] == f"{server.location} has no license 5-1043"
    assert reasons[2] == "tags 500 < 1500"
    assert reasons[3] == f"{down.location} refused the connection"


def test_r12_a_start_waits_for_a_home_that_another_holds_as_its_spare(stage: Stage) -> None:
    """The neighbour gives it back as soon as its own server answers again."""
    theirs, ours = stage.server("5-2000", ttl=20), stage.server(HOME, BACKUP, ttl=20)
    neighbour = stage.system(("5-2000", theirs), (HOME, ours))
    running = neighbour.start()
    theirs.kill()
    neighbour.until_spare()
    application = stage.system((HOME, ours), (BACKUP, ours), INITIAL_WAIT=15).application()
    application.tell("acquire")
    theirs.start()
    assert application.until("acquired")["serial"] == HOME
    assert running.changes == []


def test_an_application_that_waits_gets_the_seat_when_it_is_free(stage: Stage) -> None:
    server = stage.server(HOME)
    first = stage.system((HOME, server)).start()
    second = stage.system((HOME, server)).application(wait=30)
    second.tell("acquire")
    first.close()
    assert second.until("acquired", "refused")["event"] == "acquired"


INTERRUPTED = """
import json, sys, sparekey
try:
    sparekey.acquire(**json.loads(sys.argv[1]))
except KeyboardInterrupt:
    print(json.dumps({"event": "interrupted"}))
"""


def test_ctrl_c_ends_a_start_that_waits(stage: Stage) -> None:
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=60)
    wishes = {"app": "Runtime", "config": system.config, "vendor_key": system.vendor_key, "state": system.state}
    waiting = Program(sys.executable, "-c", INTERRUPTED, json.dumps(wishes, default=str))
    system.programs.append(waiting)
    system.until_status(lambda status: status["state"] == "start")
    waiting.signal(signal.SIGINT)
    waiting.until("interrupted")
    assert waiting.wait() == 0
    assert waiting.errors == ""
