"""The demo's plant: a vendor, two license servers, and a system whose License.ini names both."""

from __future__ import annotations

import random
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from sparekey.client.system import System
from sparekey.core.entries import Location
from sparekey.server.container import Container
from sparekey.trust import vendor_keys
from sparekey.vendor.folder import VendorFolder
from sparekey.vendor.orders import Order

HOME, BACKUP = "5-1042", "5-1043"
"""The serial numbers of the initial license and of its backup."""
TTL = 5.0
"""Seconds of a lease: the shortest that a license server grants, so that there is something to see."""
APPLICATION = "Runtime"
SYSTEM = "line-1"
_PORTS = range(10_000, 30_000)
"""Below those that the operating system gives to outgoing connections, so that none of them lands on a dead server."""


@dataclass(frozen=True, slots=True)
class LicenseServer:
    """A container with one license, and where it listens."""

    name: str
    serial: str
    state: Path
    location: Location


@dataclass(frozen=True, slots=True)
class Plant:
    """What a plant has on its disks."""

    folder: Path
    primary: LicenseServer
    backup: LicenseServer

    @property
    def servers(self) -> tuple[LicenseServer, LicenseServer]:
        return self.primary, self.backup

    @property
    def vendor(self) -> VendorFolder:
        return VendorFolder(self.folder / "vendor")

    @property
    def config(self) -> Path:
        return self.folder / "License.ini"

    @property
    def state(self) -> Path:
        """The state folder of the system."""
        return self.folder / SYSTEM

    @property
    def status(self) -> Path:
        """What the running application says of itself."""
        return System.open(self.state, SYSTEM).status_path(APPLICATION)

    @property
    def report(self) -> Path:
        """What happens to the license of the application, a line each."""
        return self.folder / "report.jsonl"


def build(folder: Path) -> Plant:
    """Make a plant in an empty folder; raise OSError."""
    primary_port, backup_port = _free_ports(2)
    plant = Plant(
        folder,
        LicenseServer("server-a", HOME, folder / "server-a", Location(port=primary_port)),
        LicenseServer("server-b", BACKUP, folder / "server-b", Location(port=backup_port)),
    )
    plant.vendor.create()
    for server in plant.servers:
        _license(plant.vendor, server)
    plant.config.write_text(_list(plant), encoding="utf-8")
    plant.report.touch()
    return plant


def _license(vendor: VendorFolder, server: LicenseServer) -> None:
    """A container, and a license that the vendor signs for it."""
    container = Container.init(server.state, server.name)
    order = Order(
        "scada-runtime", "14.0", server.serial, limits={"tags": 1500}, modules=frozenset({"history", "energy"})
    )
    file = vendor.path / f"{server.name}.lic"
    vendor.issue((order,), container.key.public, file, int(time.time()))
    container.install(file, vendor_keys(vendor.public_key), time.time())


def _list(plant: Plant) -> str:
    lines = [f"[{APPLICATION}]"]
    for number, server in enumerate(plant.servers):
        lines += [f"SERIAL{number} = {server.serial}", f"SERIAL{number}_LOCATION = {server.location}"]
    return "\n".join(lines) + "\n"


def _free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens at."""
    free: set[int] = set()
    for port in random.sample(_PORTS, len(_PORTS)):
        if len(free) == count:
            break
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free.add(port)
    return list(free)
