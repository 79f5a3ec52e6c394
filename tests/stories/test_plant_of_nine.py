"""N+1 for N: nine systems that share their licenses, and one backup, as `sparekey demo --plant 9` tells it (R11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sparekey.demo.n_plus_one.outcome import PlantOutcome
from sparekey.demo.n_plus_one.plant import build_plant
from sparekey.demo.n_plus_one.scene import PlantScene
from sparekey.demo.n_plus_one.stage import PlantStage
from sparekey.demo.n_plus_one.story import TWO, PlantStory
from sparekey.demo.n_plus_one.table import draw
from sparekey.demo.plain import PlainScreen
from sparekey.demo.processes import Processes

pytestmark = pytest.mark.plant

PATIENCE = 400.0
"""Seconds: some forty processes on a machine that may be busy with other tests."""
SYSTEMS = [f"line-{number}" for number in range(1, 10)]
HOME = {name: f"5-104{number}" for number, name in enumerate(SYSTEMS, start=1)}
BACKUP = "5-1050"
RENEWALS = {"suspect", "recovered", "secured", "released"}
"""What a busy machine may bring about anywhere at any time: a server that answers late. It moves nobody."""


class Audience:
    """Keeps what a terminal would show at every fourth look, and what is written where there is none."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pictures: list[str] = []
        self._plain = PlainScreen(self.lines.append)
        self._looks = count()

    def show(self, scene: PlantScene) -> None:
        self._plain.show(scene)
        if next(self._looks) % 4:
            return
        console = Console(file=StringIO(), width=120)
        with console.capture() as drawn:
            console.print(draw(scene, events=3))
        self.pictures.append(drawn.get())


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the plant; `system` is empty where it is none's."""

    at: float
    what: str
    system: str
    serial: str


@dataclass(frozen=True, slots=True)
class Rescue:
    """A system whose license server was killed, and what became of it; times in seconds."""

    story: str
    system: str
    taken: str
    spare_seconds: float | None
    switch_seconds: float | None
    unlicensed_seconds: float


@dataclass(frozen=True, slots=True)
class Document:
    """What `sparekey demo --plant 9 --json` says."""

    unlicensed_seconds: dict[str, float]
    rescues: Sequence[Rescue]
    events: Sequence[Event]

    def story(self, name: str) -> list[Rescue]:
        return [rescue for rescue in self.rescues if rescue.story == name]

    def of(self, *systems: str) -> list[tuple[str, str]]:
        """What these systems did and what was done to them, without what may happen at any time."""
        return [
            (each.what, each.serial) for each in self.events if each.system in systems and each.what not in RENEWALS
        ]

    def between(self, begin: float, end: float) -> Document:
        return Document({}, (), [event for event in self.events if begin <= event.at < end])


@pytest.mark.timeout(PATIENCE + 50)
def test_r11_one_backup_and_the_licenses_that_nobody_uses_serve_nine_systems(tmp_path: Path) -> None:
    audience = Audience()
    with Processes(tmp_path) as processes:
        outcome = PlantStory(PlantStage(build_plant(tmp_path, len(SYSTEMS)), processes, audience, 0.0)).tell()
    assert outcome.faults == []
    said: Any = outcome.as_json()
    plant = Document(
        said["unlicensed_seconds"],
        [Rescue(**rescue) for rescue in said["rescues"]],
        [Event(**event) for event in said["events"]],
    )
    kills = [event for event in plant.events if event.what == "killed"]
    first, second, *_ = (event.at for event in kills if event.system == "line-2")
    third = min(event.at for event in kills[-2:])
    all_start_at_home(plant.between(0, first))
    one_takes_the_backup_is_told_and_comes_home(plant, plant.between(first, second))
    a_system_that_is_off_lends_its_license(plant, plant.between(first, third))
    of_two_at_once_the_second_is_told_and_takes_what_comes_free(plant, plant.between(third, float("inf")))
    nobody_else_moves(plant)
    people_see_it(audience, outcome, *(rescue.system for rescue in plant.story(TWO)))


def all_start_at_home(start: Document) -> None:
    acquired = {event.system: event.serial for event in start.events if event.what == "acquired"}
    assert acquired == HOME
    assert {event.serial for event in start.events if event.what == "started"} == {*HOME.values(), BACKUP}


def one_takes_the_backup_is_told_and_comes_home(plant: Document, story: Document) -> None:
    [rescue] = plant.story("one fails")
    assert (rescue.system, rescue.taken) == ("line-2", BACKUP)
    assert rescue.spare_seconds is not None
    assert rescue.switch_seconds is not None
    assert 0 < rescue.spare_seconds < rescue.switch_seconds
    assert rescue.unlicensed_seconds == 0
    assert story.of("line-2", "")[: len(ONE_FAILS)] == ONE_FAILS


ONE_FAILS = [
    ("killed", "5-1042"),
    ("switched", BACKUP),
    ("alarm", BACKUP),
    ("raised", ""),
    ("acknowledged", ""),
    ("returned", "5-1042"),
    ("stopped", BACKUP),
    ("acquired", "5-1042"),
    ("alarm", "5-1042"),
    ("free", BACKUP),
]
"""Told to the technician and acknowledged, then repaired; home after the restart only, and the backup is free again."""


def a_system_that_is_off_lends_its_license(plant: Document, before_the_third: Document) -> None:
    rescues = plant.story("some fail while one is switched off")
    assert {rescue.taken for rescue in rescues} == {HOME["line-9"], BACKUP}
    assert [rescue.unlicensed_seconds for rescue in rescues] == [0, 0]
    assert before_the_third.of("line-9") == [("stopped", HOME["line-9"]), ("acquired", HOME["line-9"])]


def of_two_at_once_the_second_is_told_and_takes_what_comes_free(plant: Document, story: Document) -> None:
    first, second = plant.story(TWO)
    assert {first.system, second.system} == {"line-1", "line-2"}
    assert (first.taken, first.unlicensed_seconds) == (BACKUP, 0)
    assert (second.taken, second.spare_seconds, second.switch_seconds) == (HOME[first.system], None, None)
    assert second.unlicensed_seconds > 0
    assert {name: seconds for name, seconds in plant.unlicensed_seconds.items() if seconds} == {
        second.system: second.unlicensed_seconds
    }
    own, its_neighbours = HOME[second.system], HOME[first.system]
    assert story.of(second.system)[: len(SECOND)] == [
        (what, {"own": own, "neighbour's": its_neighbours}.get(serial, serial)) for what, serial in SECOND
    ]
    assert story.of(first.system)[-1] == ("stopped", HOME[first.system]), "home as well, at the end"
    assert ("free", BACKUP) in story.of("")


SECOND = [
    ("killed", "own"),
    ("lost", "own"),
    ("alarm", ""),
    ("raised", ""),
    ("acknowledged", ""),
    ("acquired", "neighbour's"),
    ("alarm", "neighbour's"),
    ("stopped", "neighbour's"),
    ("acquired", "own"),
    ("alarm", "own"),
    ("stopped", "own"),
]
"""Lost and told, licensed again by what came free, home after its restart."""


def nobody_else_moves(plant: Document) -> None:
    for name in SYSTEMS[2:8]:
        assert plant.of(name) == [("acquired", HOME[name]), ("stopped", HOME[name])]


def people_see_it(audience: Audience, outcome: PlantOutcome, first: str, second: str) -> None:
    text, pictures = "\n".join(audience.lines), "\n".join(audience.pictures)
    assert "The license server of line-2 has just been killed with SIGKILL." in text
    assert "its alarm list has: Runtime: license changed from 5-1042 to 5-1050" in text
    assert f"{first} came first: 5-1050 is its spare. {second} gets nothing." in text
    assert f"{second}: its alarm list has: Runtime: no license" in text
    assert "Without a license at no time: 8 of 9 systems" in outcome.summary()
    for shown in ("NONE", "down", "held by line-", "free", "off"):
        assert shown in pictures
