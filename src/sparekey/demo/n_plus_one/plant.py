"""The plant: systems that list each other's licenses, each a license server too, and one more with the backup (R11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparekey.demo.machines import LicensedSystem, LicenseServer, free_locations
from sparekey.vendor.folder import VendorFolder

FEWEST, MOST = 2, 9
"""Systems of a plant: each lists its own license and, as its backups, those of all others and of the server."""

TTL = 8.0
"""Seconds of a lease: short, so that there is something to see, yet longer than many processes make each other wait."""


@dataclass(frozen=True, slots=True)
class Station:
    """A machine of the plant: its application needs a license, its license server shares its own one (R4)."""

    system: LicensedSystem
    server: LicenseServer

    @property
    def name(self) -> str:
        return self.system.name

    @property
    def home(self) -> str:
        """The serial number of its own license, which its application runs on where nothing is wrong."""
        return self.server.serial


@dataclass(frozen=True, slots=True)
class Plant:
    """What a plant has on its disks. `backup` is the license server with the one license that is nobody's own."""

    vendor: VendorFolder
    stations: Sequence[Station]
    backup: LicenseServer

    @property
    def servers(self) -> Iterator[LicenseServer]:
        yield from (station.server for station in self.stations)
        yield self.backup

    def list_of(self, number: int) -> list[LicenseServer]:
        """What the station with this number lists: its own license, those of its neighbours, and at last the backup,
        which so stays free for others as long as a neighbour's will do."""
        neighbours = (*self.stations[number:], *self.stations[:number])
        return [*(station.server for station in neighbours), self.backup]


def build_plant(folder: Path, count: int) -> Plant:
    """Make a plant of so many systems in an empty folder; raise OSError."""
    *locations, last = free_locations(count + 1)
    stations = []
    for number, location in enumerate(locations, start=1):
        system = LicensedSystem(f"line-{number}", folder / f"line-{number}")
        server = LicenseServer(f"server-{number}", f"5-104{number}", folder / f"server-{number}", location)
        stations.append(Station(system, server))
    backup = LicenseServer("server", "5-1050", folder / "server", last)
    plant = Plant(VendorFolder(folder / "vendor"), stations, backup)
    plant.vendor.create()
    for server in plant.servers:
        server.equip(plant.vendor)
    for number, station in enumerate(stations):
        station.system.equip(plant.list_of(number))
    return plant
