"""What one application remembers over its restarts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sparekey import host
from sparekey.client.application import ApplicationState
from sparekey.client.system import StateError, System
from sparekey.core.entries import Location

FILES = ["secret.json", "starts.json", "serial.json", "held.json", "demo.json"]
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "tail": lambda whole: whole + b"tail",
    "zeros": lambda whole: bytes(len(whole)),
    "other": lambda _: b'{"secret":1,"start":-1,"serial":2,"seats":3,"used":"x","application":4}',
}
SEATS = (("5-1042", Location("server-a", 6350)), ("5-1043", Location("::1", 7000)))


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System.open(tmp_path / "state")


def folder_of(system: System) -> Path:
    return system.application_folder("Runtime")


def run_once(system: System) -> tuple[int, str]:
    """A run that leaves every file behind; its start number and secret."""
    with ApplicationState(system, "Runtime") as state:
        state.remember_serial("5-1042")
        state.remember_held(SEATS)
        state.save_demo(10)
        return state.start, state.secret_for("5-1042")


def test_a_first_start_remembers_nothing(system: System) -> None:
    with ApplicationState(system, "Runtime") as state:
        assert (state.last_serial, state.held, state.demo_used) == (None, (), 0.0)


def test_r9_r10_a_restart_knows_what_the_last_run_had(system: System) -> None:
    run_once(system)
    with ApplicationState(system, "Runtime") as state:
        assert (state.last_serial, state.held, state.demo_used) == ("5-1042", SEATS, 10.0)


def test_s5_the_container_that_granted_a_license_is_known_to_the_system(system: System) -> None:
    with ApplicationState(system, "Runtime") as state:
        state.remember_container(Location("server-a", 6350), "one")
    assert system.met_container(Location("server-a", 6350)) == "one"


def test_s5_one_run_at_a_time_and_other_applications_beside_it(system: System) -> None:
    with ApplicationState(system, "Runtime"):
        with pytest.raises(host.Locked):
            ApplicationState(system, "Runtime")
        with ApplicationState(system, "runtime") as other:
            assert other.name == "runtime"
    with ApplicationState(system, "Runtime") as again:
        assert again.name == "Runtime"


def test_s6_the_secret_stays_is_private_and_differs_by_license(system: System) -> None:
    _, secret = run_once(system)
    with ApplicationState(system, "Runtime") as state:
        assert state.secret_for("5-1042") == secret
        assert state.secret_for("5-1043") != secret
        assert len(secret) == 64
    stored = folder_of(system) / "secret.json"
    assert stored.stat().st_mode & 0o777 == 0o600
    assert secret not in stored.read_text()


def test_s6_starts_grow_and_leave_room_for_orders(system: System) -> None:
    starts = [run_once(system)[0] for _ in range(3)]
    assert starts == sorted(set(starts))
    assert starts[-1] * 1_000_000 + 999_999 < 2**62


def test_s6_starts_grow_although_the_clock_is_behind(system: System) -> None:
    run_once(system)
    ahead = time.time_ns() // 1_000_000 + 10**9
    (folder_of(system) / "starts.json").write_text(json.dumps({"application": "Runtime", "start": ahead}))
    assert run_once(system)[0] == ahead + 1


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_one_warning_and_no_hindrance(
    system: System, file: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    start, secret = run_once(system)
    path = folder_of(system) / file
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with ApplicationState(system, "Runtime") as state:
        assert state.start > start
        assert (state.secret_for("5-1042") != secret) == (file == "secret.json")
        assert (state.last_serial is None) == (file == "serial.json")
        assert (state.held == ()) == (file == "held.json")
        assert (state.demo_used == 0) == (file == "demo.json")
    assert len(caplog.records) == 1
    assert str(path) in caplog.text
    caplog.clear()
    run_once(system)
    assert caplog.records == []


def test_t4_a_warning_of_a_damaged_secret_does_not_show_it(system: System, caplog: pytest.LogCaptureFixture) -> None:
    run_once(system)
    path = folder_of(system) / "secret.json"
    stored = json.loads(path.read_text())["secret"]
    path.write_text(path.read_text() + "x")
    ApplicationState(system, "Runtime").close()
    assert len(caplog.records) == 1
    assert stored[:8] not in caplog.text


def test_held_seats_that_cannot_be_are_passed_over(system: System, caplog: pytest.LogCaptureFixture) -> None:
    run_once(system)
    seats = {"seats": [{"serial": "5-1042", "location": "::1"}]}
    (folder_of(system) / "held.json").write_text(json.dumps(seats))
    with ApplicationState(system, "Runtime") as state:
        assert state.held == ()
    assert len(caplog.records) == 1


def test_r6_demo_time_adds_up_until_it_is_filled_again(system: System) -> None:
    with ApplicationState(system, "Runtime") as state:
        state.save_demo(20)
        assert json.loads((folder_of(system) / "demo.json").read_text()) == {"used": 20.0}
        state.save_demo(0)
    with ApplicationState(system, "Runtime") as state:
        assert state.demo_used == 0.0


def test_r3_a_cached_license_serves_all_applications(system: System) -> None:
    with ApplicationState(system, "Runtime") as state:
        state.cache_license("5-1042", "a.b.c")
        assert state.flush()
        assert system.cached_license("5-1042") == "a.b.c"


def test_the_status_file_is_current_after_a_flush(system: System) -> None:
    with ApplicationState(system, "Runtime") as state:
        for serial in ("5-1042", "5-1043"):
            state.write_status({"serial": serial})
        assert state.flush()
        assert json.loads(system.status_path("Runtime").read_text()) == {"serial": "5-1043"}


def test_a_system_knows_the_applications_that_started(system: System) -> None:
    for name in ("Runtime", "Über Panel"):
        ApplicationState(system, name).close()
    assert system.applications() == ["Runtime", "Über Panel"]


def test_a_state_that_is_closed_writes_no_more(system: System) -> None:
    state = ApplicationState(system, "Runtime")
    state.close()
    state.close()
    state.write_status({})
    assert not state.status_path.exists()


def test_a_folder_that_cannot_be_used_is_told_and_locks_nothing(system: System) -> None:
    folder_of(system).mkdir(parents=True)
    (folder_of(system) / "secret.json").mkdir()
    with pytest.raises(StateError, match=r"secret\.json"):
        ApplicationState(system, "Runtime")
    (folder_of(system) / "secret.json").rmdir()
    ApplicationState(system, "Runtime").close()
