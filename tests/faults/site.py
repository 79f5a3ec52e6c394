"""The stage of a story about the network: each license server and each system stands on a host of its own."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from faults.hosts import Host, network
from plant import Server, Vendor, until
from sparekey.core.entries import DEFAULT_PORT
from sparekey.core.terms import Terms
from stories.stage import TTL, Stage
from systems import PATIENCE, Reachable, System


class Site(Stage):
    """Servers have the usual port, and are known by their v4 address unless they are given another one."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder, stack)
        self._network = stack.enter_context(network())
        self._hosts: dict[Path, Host] = {}
        self.name_server: str | None = None
        """Whom hosts ask that are made from now on."""

    def host(self) -> Host:
        """A host on which nothing runs yet."""
        host = self._network.host()
        host.asks(self.name_server)
        return host

    def host_of(self, one: Server | System) -> Host:
        return self._hosts[one.state]

    def stopped_server(self, *licenses: str | Terms, ttl: float = TTL, vendor: Vendor | None = None) -> Server:
        server = super().stopped_server(*licenses, ttl=ttl, vendor=vendor)
        server.port = DEFAULT_PORT
        self.move(server, self.host())
        return server

    def system(self, *entries: tuple[str, Reachable | str], **keys: object) -> System:
        system = super().system(*entries, **keys)
        self.move(system, self.host())
        return system

    def move(self, one: Server | System, host: Host) -> None:
        """What it starts from now on runs on this host; a server has its v4 address."""
        self._hosts[one.state] = host
        one.through = host.through
        if isinstance(one, Server):
            one.address = host.v4

    def get(self, server: Server, path: str) -> dict[str, Any]:
        """Ask a license server on its own host, whatever is wrong with the network."""
        host = self.host_of(server)
        connection = http.client.HTTPConnection(server.address, server.port)
        connection.sock = host.opens(lambda: socket.create_connection((server.address, server.port), PATIENCE))
        with closing(connection):
            connection.request("GET", path)
            answer: dict[str, Any] = json.load(connection.getresponse())
        return answer

    def holders(self, server: Server, serial: str) -> list[str]:
        """The systems that hold a seat of this license, as its server says."""
        shown = self.get(server, f"/v1/licenses?serial={serial}")["licenses"]
        return [holder["system"] for each in shown for holder in each["holders"]]

    def until_free(self, server: Server, serial: str) -> None:
        """Wait until nobody holds a seat of this license any more."""
        for _ in until(PATIENCE):
            if not self.holders(server, serial):
                break
