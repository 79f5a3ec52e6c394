"""The license files of a server: it looks at them each second, and takes into force what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .messages import Signed

if TYPE_CHECKING:
    from .server import Server

LOOK = 1.0
NEVER = float("inf")


class Shelf:
    """`fit_since`: since when each license may be had, as far as its file goes, true time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.fit_since: dict[str, float] = {}
        self.in_force: dict[str, Signed] = {}
        self.known: dict[str, Signed] = {}
        """Also those that were withdrawn since the start."""
        self._absent: dict[str, int] = {}

    def open(self) -> None:
        """The server starts: it has what is there."""
        self.in_force, self.known, self._absent = {}, {}, {}
        self._share(dict(self._server.disk.licenses))

    def install(self, license_: Signed) -> None:
        """A license file appears, or a newer one in its place."""
        server = self._server
        server.disk.licenses[license_.terms.serial] = license_
        self.fit_since[license_.terms.serial] = server.world.now + LOOK
        if server.running:
            server.post(LOOK * server.world.random.random(), self._look)

    def remove(self, serial: str) -> None:
        server = self._server
        server.disk.licenses.pop(serial, None)
        self.fit_since[serial] = NEVER
        if server.running:
            first = LOOK * server.world.random.random()
            server.post(first, self._look)
            server.post(first + LOOK, self._look)

    def _look(self) -> None:
        """Only absence in two looks in a row withdraws."""
        licenses = dict(self._server.disk.licenses)
        for serial in self.in_force.keys() - licenses.keys():
            self._absent[serial] = self._absent.get(serial, 0) + 1
            if self._absent[serial] < 2:
                licenses[serial] = self.in_force[serial]
        for serial in self._server.disk.licenses:
            self._absent.pop(serial, None)
        self._share(licenses)

    def _share(self, licenses: dict[str, Signed]) -> None:
        lessor = self._server.lessor
        for serial in sorted(self.in_force.keys() - licenses.keys()):
            lessor.withdraw(serial)
        for serial, signed in licenses.items():
            if self.in_force.get(serial) is not signed:
                lessor.install(signed.terms)
        self.in_force = licenses
        self.known.update(licenses)
        self._server.vacancies.look(licenses)
