"""The plant that shares its licenses: what its systems list, its story told in lines, and drawn as a table (R11)."""

from __future__ import annotations

from pathlib import Path

from sparekey.config.file import read
from sparekey.demo.machines import APPLICATION
from sparekey.demo.n_plus_one.plant import MOST, Plant, build_plant


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
