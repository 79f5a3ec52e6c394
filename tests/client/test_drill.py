"""A request for a fire drill in the folder of a running application: obeyed once, by the run it is for, and soon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from scripted import World
from sparekey.client import record
from sparekey.client.application import ApplicationState
from sparekey.client.drill import FRESH, DrillDesk, ask, current_start, request_path, withdraw
from sparekey.client.system import StateError, System
from sparekey.core.decisions import Kind
from sparekey.core.events import Drill
from sparekey.core.variables import DRILL, Value

APP = "Runtime"


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System.open(tmp_path / "state")


@pytest.fixture
def state(system: System) -> Iterator[ApplicationState]:
    with ApplicationState(system, APP) as state:
        yield state


@pytest.fixture
def told() -> list[tuple[Value, str]]:
    """The values of the variable, and why."""
    return []


@pytest.fixture
def desk(state: ApplicationState, told: list[tuple[Value, str]]) -> DrillDesk:
    def change(variable: str, value: Value, reason: str) -> None:
        assert variable == DRILL
        told.append((value, reason))

    return DrillDesk(state, change)


def test_a_request_is_taken_once(system: System, desk: DrillDesk) -> None:
    assert desk.take() is None
    asked = ask(system, APP, current_start(system, APP))
    assert desk.take() == asked
    assert desk.take() is None
    assert not withdraw(system, APP)


def test_a_request_that_is_withdrawn_is_not_obeyed(system: System, desk: DrillDesk) -> None:
    ask(system, APP, current_start(system, APP))
    assert withdraw(system, APP)
    assert desk.take() is None


@pytest.mark.parametrize("later", [-1.0, FRESH + 1.0], ids=["of an earlier life of the machine", "too old"])
def test_a_request_of_another_time_is_removed_and_not_obeyed(system: System, desk: DrillDesk, later: float) -> None:
    asked = ask(system, APP, current_start(system, APP))
    record.write(request_path(system, APP), msgspec.structs.replace(asked, asked=asked.asked - later))
    assert desk.take() is None
    assert not request_path(system, APP).exists()


def test_a_request_to_an_earlier_run_is_removed_and_not_obeyed(system: System) -> None:
    with ApplicationState(system, APP):
        ask(system, APP, current_start(system, APP))
    with ApplicationState(system, APP) as again:
        assert DrillDesk(again, lambda *_: None).take() is None
    assert not request_path(system, APP).exists()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"id": "../x", "start": 1, "asked": 1}', b"x" * 2_000_000])
def test_a_damaged_request_is_removed_and_not_obeyed(system: System, desk: DrillDesk, damage: bytes) -> None:
    request_path(system, APP).write_bytes(damage)
    assert desk.take() is None
    assert not request_path(system, APP).exists()


def test_who_cannot_ask_is_told_what_to_do(system: System) -> None:
    with pytest.raises(StateError, match=r"state folder .* cannot be used: its folder is not there"):
        ask(system, APP, 1)
    assert current_start(system, APP) == 0


def test_the_number_of_a_run_that_cannot_be_read_is_an_error(system: System, state: ApplicationState) -> None:
    state.system.application_folder(APP).joinpath("starts.json").write_bytes(b"{")
    with pytest.raises(StateError, match="made anew when Runtime is restarted"):
        current_start(system, APP)


def test_what_becomes_of_it_is_told_step_by_step(
    system: System, desk: DrillDesk, told: list[tuple[Value, str]]
) -> None:
    world = World("A", "B").run(10)
    asked = ask(system, APP, 0)
    world.receive(Drill())
    desk.answer(asked, world.core)
    desk.hear(Kind.ALARM, "something else")
    desk.hear(Kind.SECURED, "fire drill")
    desk.hear(Kind.SWITCHED, "fire drill")
    desk.hear(Kind.SUSPECT, "b is gone")
    assert told == [(f"{step} {asked.id}", "fire drill") for step in ("begun", "secured", "switched")]


def test_a_second_drill_meanwhile_is_refused_and_the_first_goes_on(
    system: System, desk: DrillDesk, told: list[tuple[Value, str]]
) -> None:
    world = World("A", "B").run(10)
    first, second = (ask(system, APP, 0) for _ in range(2))
    for request in (first, second):
        world.receive(Drill())
        desk.answer(request, world.core)
    desk.hear(Kind.RECOVERED, "nothing was to be had")
    assert [value for value, _ in told] == [f"begun {first.id}", f"refused {second.id}", f"failed {first.id}"]
    assert told[1][1] == "the application does something else (leaving: fire drill)"


@pytest.mark.parametrize("kind", [Kind.SUSPECT, Kind.REFUSED, Kind.LOST, Kind.RELEASED])
def test_after_a_real_fault_or_the_end_of_the_application_it_is_a_drill_no_more(
    system: System, desk: DrillDesk, told: list[tuple[Value, str]], kind: Kind
) -> None:
    world = World("A", "B").run(10)
    asked = ask(system, APP, 0)
    world.receive(Drill())
    desk.answer(asked, world.core)
    for news in (kind, Kind.SECURED, Kind.SWITCHED):
        desk.hear(news, "why")
    assert told[1:] == [(f"failed {asked.id}", "why")]


def test_an_application_that_is_suspect_refuses(system: System, desk: DrillDesk, told: list[tuple[Value, str]]) -> None:
    world = World("A", "B").run(10)
    world.servers["A"].kill()
    world.servers["B"].kill()
    world.run(13)
    world.receive(Drill())
    desk.answer(ask(system, APP, 0), world.core)
    ((value, reason),) = told
    assert str(value).startswith("refused ")
    assert reason == "the application does something else (suspect: a is gone)"
