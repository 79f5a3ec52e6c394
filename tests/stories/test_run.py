"""`sparekey run`: a command that runs while a license is held. S1, R7, R12."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from child import CHILD
from plant import Server, is_alive, until
from stories.stage import BACKUP, HOME, TTL, Stage, holders
from systems import System

pytestmark = pytest.mark.plant


@pytest.fixture
def server(stage: Stage) -> Server:
    return stage.server(HOME)


@pytest.fixture
def system(stage: Stage, server: Server) -> System:
    return stage.system((HOME, server))


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_the_childs(system: System, server: Server, code: int) -> None:
    running = system.run(sys.executable, "-c", f"raise SystemExit({code})")
    assert running.wait() == code
    assert [event["event"] for event in running.events] == ["acquired", "released"]
    assert holders(server) == []


def test_the_exit_code_of_a_child_that_a_signal_ends_is_128_and_the_signal(system: System) -> None:
    running = system.run(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert running.wait() == 128 + signal.SIGKILL


def test_a_command_that_is_not_there_takes_no_seat_for_long(system: System, server: Server) -> None:
    running = system.run("no-such-command")
    assert running.wait() == 127
    assert "no-such-command: there is no such command" in running.errors
    assert holders(server) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_forwarded_and_the_seat_given_back_when_the_child_has_ended(
    system: System, server: Server, number: signal.Signals
) -> None:
    running = system.run(*CHILD)
    running.until("child")
    running.signal(number)
    assert running.until("signal")["number"] == number
    assert running.wait() == 9
    assert holders(server) == []


def test_a_child_does_not_outlive_a_killed_supervisor(system: System) -> None:
    running = system.run(*CHILD, "deaf")
    child = running.until("child")["pid"]
    running.kill()
    for _ in until(10):
        if not is_alive(child):
            break


def test_the_child_is_told_of_its_license(system: System, server: Server) -> None:
    given = system.run(*CHILD).until("child")["given"]
    terms = json.loads(given["SPAREKEY_LICENSE"])
    status = json.loads(Path(given["SPAREKEY_STATUS"]).read_text())
    assert given["SPAREKEY_SERIAL"] == HOME
    assert (terms["product"], terms["limits"], terms["modules"]) == ("scada-runtime", {"tags": 1500}, ["history"])
    assert (status["serial"], status["entry"], status["state"], status["server"]) == (HOME, 0, "hold", server.location)


def test_the_status_file_is_kept_current(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    running = system.run(*CHILD)
    running.until("child")
    first = system.status()["valid_until_boottime"]
    system.until_status(lambda status: status["valid_until_boottime"] > first)
    primary.kill()
    system.until_status(lambda status: status["spare"])
    running.until("switched")
    status = system.until_status(lambda status: status["serial"] == BACKUP)
    assert (status["entry"], status["server"], status["spare"]) == (1, backup.location, None)
    assert not status["at_home"]


def test_the_report_tells_the_whole_story(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    running = stage.system((HOME, primary), (BACKUP, backup)).run(*CHILD)
    running.until("child")
    primary.kill()
    running.until("switched")
    running.close_stdin()
    assert running.wait() == 0
    reports = [event for event in running.events if event["event"] != "child"]
    assert [(report["event"], report["serial"], report["entry"]) for report in reports] == [
        ("acquired", HOME, 0),
        ("suspect", HOME, 0),
        ("secured", BACKUP, 1),
        ("switched", BACKUP, 1),
        ("alarm", BACKUP, 1),
        ("released", BACKUP, 1),
    ]
    assert all(set(report) == {"t", "time", "event", "app", "serial", "entry", "reason"} for report in reports)


def test_s1_on_loss_the_child_is_ended_before_the_lease_and_the_exit_code_is_3(system: System, server: Server) -> None:
    running = system.run(*CHILD)
    child = running.until("child")["pid"]
    server.kill()
    told = running.until("signal")
    deadline = system.status()["valid_until_boottime"]
    assert told["number"] == signal.SIGTERM
    assert deadline - TTL / 4 - 0.1 < told["t"] < deadline
    assert running.wait() == 3
    assert not is_alive(child)
    assert running.until("lost")["t"] < deadline


def test_s1_on_loss_a_child_that_does_not_listen_is_killed_by_the_deadline(system: System, server: Server) -> None:
    running = system.run(*CHILD, "deaf", options=("--stop-grace", "1"))
    child = running.until("child")["pid"]
    server.kill()
    told = running.until("signal")
    deadline = system.status()["valid_until_boottime"]
    assert told["t"] > deadline - 1.1
    assert running.wait() == 3
    assert not is_alive(child)
    assert running.until("lost")["t"] < deadline + 0.1


def test_on_loss_keep_goes_on_and_looks_for_a_license(system: System, server: Server) -> None:
    running = system.run(*CHILD, options=("--on-loss", "keep"))
    child = running.until("child")["pid"]
    server.kill()
    running.until("lost")
    assert is_alive(child)
    server.start()
    running.until("acquired")
    assert running.until("acquired")["serial"] == HOME
    assert not running.named("signal")


def test_without_a_license_it_exits_3_and_says_why_of_each_entry(stage: Stage, tmp_path: Path) -> None:
    server, down = stage.server(HOME), stage.stopped_server("5-1044")
    stage.system((HOME, server)).start()
    made = tmp_path / "made by the command"
    running = stage.system((HOME, server), (BACKUP, server), ("5-1044", down)).run("touch", str(made))
    assert running.wait() == 3
    assert "no license is to be had" in running.errors
    assert "entry 0: in use by Runtime on " in running.errors
    assert f"entry 1: {server.location} has no license {BACKUP}" in running.errors
    assert f"entry 2: {down.location} refused the connection" in running.errors
    assert not made.exists()


def test_with_wait_it_goes_on_asking(stage: Stage, system: System, server: Server) -> None:
    holder = system.start()
    waiting = stage.system((HOME, server))
    running = waiting.run(*CHILD, options=("--wait", "30"))
    waiting.until_status(lambda status: status["state"] == "seek")
    holder.close()
    assert running.until("child")["given"]["SPAREKEY_SERIAL"] == HOME


@pytest.mark.parametrize("option", ["--wait", "--stop-grace"])
def test_a_time_that_never_comes_is_wrong_usage(system: System, option: str) -> None:
    running = system.run(*CHILD, options=(option, "nan"))
    assert running.wait() == 2
    assert "nan is no number of seconds from 0" in running.errors


def test_a_signal_before_there_is_a_license_ends_it(stage: Stage) -> None:
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=60)
    running = system.run(*CHILD)
    system.until_status(lambda status: status["state"] == "start")
    running.signal(signal.SIGTERM)
    assert running.wait() == 128 + signal.SIGTERM
    assert not running.named("child")


def test_s5_a_second_run_for_the_same_application_exits_1(system: System) -> None:
    system.run(*CHILD).until("child")
    second = system.run(*CHILD)
    assert second.wait() == 1
    assert "another running process holds the license of 'Runtime'" in second.errors
