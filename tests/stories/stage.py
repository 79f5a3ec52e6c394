"""The stage of a story: a vendor, license servers, and systems with applications, all real processes."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

from impostors import Foreign, Middleman, Mute
from plant import Client, Server, Vendor, terms, until
from sparekey.core.terms import Terms
from sparekey.trust import issue_license, write_license_file
from systems import PATIENCE, Program, Reachable, System

HOME, BACKUP = "5-1042", "5-1043"
TTL = 5.0
"""Seconds: the shortest that a server grants."""


class Stage:
    """Sets up what a story needs; whatever still runs at its end is killed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.servers: list[Server] = []
        self.systems: list[System] = []
        self.vendor = Vendor(folder / "vendor")

    def server(self, *licenses: str | Terms, ttl: float = TTL, vendor: Vendor | None = None) -> Server:
        """A running license server with these licenses."""
        return self.stopped_server(*licenses, ttl=ttl, vendor=vendor).start()

    def stopped_server(self, *licenses: str | Terms, ttl: float = TTL, vendor: Vendor | None = None) -> Server:
        """A license server that is down; its port is known already."""
        name = f"server-{len(self.servers) + 1}"
        server = Server(self._folder / name, vendor or self.vendor, name, ttl=ttl)
        server.install(*(terms(each) if isinstance(each, str) else each for each in licenses))
        server.port = _free_port()
        self.servers.append(server)
        self._stack.callback(server.end)
        return server

    def system(self, *entries: tuple[str, Reachable | str], **keys: object) -> System:
        """A system whose application [Runtime] has this list."""
        system = System(self._folder / f"pc-{len(self.systems) + 1}", self.vendor.public)
        system.list(*entries, **keys)
        self.systems.append(system)
        self._stack.callback(system.end)
        return system

    def demo(self, seconds: int) -> Path:
        """The vendor's demo license."""
        file = self._folder / "demo.lic"
        license_ = issue_license(self.vendor.key, terms("DEMO-1", demo_seconds=seconds), None)
        write_license_file(file, [license_])
        return file

    def watch(self, program: Program) -> None:
        """Have a program ended that is none of a system."""
        self._stack.callback(program.end)

    def middleman(self, server: Reachable) -> Middleman:
        return self._stack.enter_context(Middleman(server.location))

    def foreign(self, status: int) -> Foreign:
        return self._stack.enter_context(Foreign(status))

    def mute(self) -> Mute:
        return self._stack.enter_context(Mute())


def holders(server: Reachable, serial: str = HOME) -> list[str]:
    """The systems that hold a seat of this license, as its server says."""
    with Client(server.location) as client:
        shown = client.get(f"/v1/licenses?serial={serial}").body["licenses"]
    return [holder["system"] for each in shown for holder in each["holders"]]


def until_free(server: Reachable, serial: str = HOME) -> None:
    """Wait until nobody holds a seat of this license any more."""
    for _ in until(PATIENCE):
        if not holders(server, serial):
            break


def grants(server: Reachable) -> int:
    """How many leases this server has granted since its start."""
    with Client(server.location) as client:
        text = client.get("/metrics").content.decode()
    return int(next(line for line in text.splitlines() if line.startswith("sparekey_grants_total ")).split()[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
