"""The demo's plant: a vendor, two license servers, and a system whose License.ini names both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparekey.demo.machines import LicensedSystem, LicenseServer, free_locations
from sparekey.vendor.folder import VendorFolder

HOME, BACKUP = "5-1042", "5-1043"
"""The serial numbers of the initial license and of its backup."""
SYSTEM = "line-1"
TTL = 5.0
"""Seconds of a lease: the shortest that a license server grants, so that there is something to see."""


@dataclass(frozen=True, slots=True)
class Plant:
    """What a plant has on its disks."""

    vendor: VendorFolder
    primary: LicenseServer
    backup: LicenseServer
    system: LicensedSystem

    @property
    def servers(self) -> tuple[LicenseServer, LicenseServer]:
        return self.primary, self.backup


def build(folder: Path) -> Plant:
    """Make a plant in an empty folder; raise OSError."""
    primary, backup = free_locations(2)
    plant = Plant(
        VendorFolder(folder / "vendor"),
        LicenseServer("server-a", HOME, folder / "server-a", primary),
        LicenseServer("server-b", BACKUP, folder / "server-b", backup),
        LicensedSystem(SYSTEM, folder / SYSTEM),
    )
    plant.vendor.create()
    for server in plant.servers:
        server.equip(plant.vendor)
    plant.system.equip(plant.servers)
    return plant
