"""The plant that shares its licenses: what its systems list, its story told in lines, and drawn as a table (R11)."""

from __future__ import annotations

from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from sparekey.config.file import read
from sparekey.demo.machines import APPLICATION
from sparekey.demo.n_plus_one.plant import MOST, Plant, build_plant
from sparekey.demo.n_plus_one.scene import PlantScene
from sparekey.demo.n_plus_one.stage import PlantStage
from sparekey.demo.n_plus_one.story import TWO, PlantStory
from sparekey.demo.n_plus_one.table import draw
from sparekey.demo.plain import PlainScreen
from sparekey.demo.processes import Processes


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


def lists(plant: Plant) -> list[list[str]]:
    """The serial numbers that each system lists, as its application reads them."""
    stations = (read(station.system.config, APPLICATION, {}) for station in plant.stations)
    return [[entry.serial for entry in listed.entries] for listed in stations]


def test_r11_each_lists_its_own_license_then_its_neighbours_and_the_backup_at_last(tmp_path: Path) -> None:
    plant = build_plant(tmp_path, 3)
    assert lists(plant) == [
        ["5-1041", "5-1042", "5-1043", "5-1050"],
        ["5-1042", "5-1043", "5-1041", "5-1050"],
        ["5-1043", "5-1041", "5-1042", "5-1050"],
    ]


def test_r11_nine_systems_and_a_server_fit_into_each_list(tmp_path: Path) -> None:
    assert [len(set(serials)) for serials in lists(build_plant(tmp_path, MOST))] == [10] * 9


@pytest.mark.plant
@pytest.mark.timeout(400)
def test_two_systems_and_one_backup_are_a_plant(tmp_path: Path) -> None:
    audience = Audience()
    with Processes(tmp_path) as processes:
        outcome = PlantStory(PlantStage(build_plant(tmp_path, 2), processes, audience, 0.0)).tell()
    assert outcome.faults == []
    first, second = (rescue for rescue in outcome.rescues if rescue.story == TWO)
    text, pictures = "\n".join(audience.lines), "\n".join(audience.pictures)
    assert "The license server of line-2 has just been killed with SIGKILL." in text
    assert "its alarm list has: Runtime: license changed from 5-1042 to 5-1050" in text
    assert f"{first.system} came first: 5-1050 is its spare. {second.system} gets nothing." in text
    assert f"{second.system}: its alarm list has: Runtime: no license" in text
    assert f"{second.system}: no license was free, {second.unlicensed_seconds:.2f} s without one" in outcome.summary()
    assert "Without a license at no time: 1 of 2 systems" in outcome.summary()
    for shown in ("NONE", "down", "suspect", "secured", "held by line-1", "held by line-2", "free", "off"):
        assert shown in pictures
