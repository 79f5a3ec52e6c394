"""The history of a plant as it is seen from outside: status file, report, and the ledgers of its servers."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from history.records import Belief, Cease, Changed, Grant, License, Record, Shown
from sparekey.demo.machines import LicenseServer
from sparekey.demo.plant import Plant
from sparekey.demo.scene import Happening, Scene
from sparekey.host import boot_clock
from sparekey.server.folder import StateFolder


class Recorder:
    """Writes down grants, beliefs and changes; names carry the plant's, so that histories can be joined."""

    def __init__(self, plant: str, *, recording: bool) -> None:
        self.records: list[Record] = []
        self._name = plant
        self._recording = recording
        self._servers: dict[str, LicenseServer] = {}
        self._leases: dict[str, str] = {}
        self._believed: tuple[str, float] | None = None
        self._heard = 0

    def open(self, plant: Plant) -> None:
        """Say which licenses there are."""
        for server in plant.servers:
            self._servers[server.serial] = server
            self.records.append(License(boot_clock(), self._named(server.serial), self._named(server.name), 1))

    def show(self, scene: Scene) -> None:
        if not self._recording:
            return
        for happening in scene.happenings[self._heard :]:
            self._hear(happening)
        self._heard = len(scene.happenings)
        self._believe(scene)

    def _hear(self, happening: Happening) -> None:
        if happening.what in ("acquired", "secured"):
            self._note_grant(happening.serial)
        elif happening.what == "alarm":
            old, _, rest = happening.text.partition("serial number ")[2].partition(" -> ")
            new = rest.partition(":")[0]
            self.records.append(Changed(boot_clock(), self._name, old, new))
            self.records.append(Shown(boot_clock(), self._name, new))

    def _note_grant(self, serial: str) -> None:
        """What the server has written down of the lease."""
        server = self._servers[serial]
        ledger = f"file:{StateFolder(server.state).ledger}?mode=ro"
        with closing(sqlite3.connect(ledger, uri=True)) as connection:
            lease, fence = connection.execute("SELECT id, fence FROM grants WHERE serial = ?", (serial,)).fetchone()
        self._leases[serial] = lease
        self.records.append(
            Grant(boot_clock(), self._named(server.name), self._named(serial), lease, self._name, fence)
        )

    def _believe(self, scene: Scene) -> None:
        """What the status file says that may be believed."""
        now = boot_clock()
        serial = scene.now.in_use
        lease = self._leases.get(serial)
        if self._believed and self._believed[0] != lease:
            self.records.append(Cease(now, self._name, self._believed[0]))
            self._believed = None
        until = scene.status.valid_until_boottime if scene.status else None
        if lease and until and self._believed != (lease, until):
            self.records.append(Belief(now, self._name, self._named(serial), lease, until))
            self._believed = (lease, until)

    def _named(self, what: str) -> str:
        return f"{self._name}/{what}"
