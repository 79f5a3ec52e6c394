"""The machines of a demo: license servers, and systems whose License.ini lists what these share."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sparekey.client.system import System
from sparekey.core.entries import Location
from sparekey.server.container import Container
from sparekey.trust import vendor_keys
from sparekey.vendor.folder import VendorFolder
from sparekey.vendor.orders import Order

APPLICATION = "Runtime"
INITIAL_WAIT = 30
"""Seconds that a start waits for the initial license, which is always there: a machine that is slow is no reason to go
elsewhere."""
_PORTS = range(10_000, 30_000)
"""Below those that the operating system gives to outgoing connections, so that none of them lands on a dead server."""


@dataclass(frozen=True, slots=True)
class LicenseServer:
    """A container with one license, and where it listens."""

    name: str
    serial: str
    state: Path
    location: Location

    def equip(self, vendor: VendorFolder) -> None:
        """Make the container, with a license that the vendor signs for it; raise OSError."""
        container = Container.init(self.state, self.name)
        order = Order(
            "scada-runtime", "14.0", self.serial, limits={"tags": 1500}, modules=frozenset({"history", "energy"})
        )
        file = vendor.path / f"{self.name}.lic"
        vendor.issue((order,), container.key.public, file, int(time.time()))
        container.install(file, vendor_keys(vendor.public_key), time.time())


@dataclass(frozen=True, slots=True)
class LicensedSystem:
    """A computer with one licensed application, and a folder for all that it has."""

    name: str
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "License.ini"

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    @property
    def report(self) -> Path:
        """What happens to the license of the application, a line each."""
        return self.folder / "report.jsonl"

    @property
    def status(self) -> Path:
        """What the running application says of itself."""
        return System.open(self.state, self.name).status_path(APPLICATION)

    def equip(self, servers: Iterable[LicenseServer]) -> None:
        """List the licenses of these servers, the initial one first; raise OSError."""
        lines = [f"[{APPLICATION}]", f"INITIAL_WAIT = {INITIAL_WAIT}"]
        for number, server in enumerate(servers):
            lines += [f"SERIAL{number} = {server.serial}", f"SERIAL{number}_LOCATION = {server.location}"]
        self.folder.mkdir(exist_ok=True)
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.report.touch()


def free_locations(count: int) -> list[Location]:
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
    return [Location(port=port) for port in free]
