"""The stage of the plant: starts and ends its processes, asks its commands, looks at all of it, and has it shown."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from sparekey.client.running import ApplicationStatus
from sparekey.demo.chronicle import Chronicle
from sparekey.demo.commands import measurement, start_application, start_server
from sparekey.demo.machines import LicenseServer
from sparekey.demo.n_plus_one.plant import TTL, Plant, Station
from sparekey.demo.n_plus_one.scene import PlantScene, View
from sparekey.demo.observer import ReportReader, current_status
from sparekey.demo.processes import Processes, Program
from sparekey.demo.scene import Happening, Heading, Screen
from sparekey.demo.watch import Watch
from sparekey.wire import LicenseBody

PATIENCE = 120.0
"""Seconds after which what did not come is a failure: some thirty processes start at once."""
PERIOD = 0.05
"""Seconds from one look of an application at its license to the next: there are many on one machine."""

T = TypeVar("T")


class FoundAlarm(msgspec.Struct):
    """What the technician reads of an alarm."""

    id: int
    matrix: str
    text: str
    acknowledged: bool


class _Answer(msgspec.Struct):
    """What is read of `sparekey server status`."""

    licenses: list[LicenseBody]


class _Operation:
    """A station in operation: what runs there, and what it says of itself."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.reports = ReportReader(station.system.report)
        self.application: Program | None = None
        self.alarms = 0
        self._status: Path = station.system.status

    @property
    def status(self) -> ApplicationStatus | None:
        return current_status(self._status)


class PlantStage:
    """Everything that happens is in its chronicle. `pause` is how many seconds people have to read."""

    def __init__(self, plant: Plant, processes: Processes, screen: Screen[PlantScene], pause: float) -> None:
        self.plant = plant
        self.chronicle = Chronicle()
        self.unlicensed = dict.fromkeys((station.name for station in plant.stations), 0.0)
        """Seconds, as the applications that have ended measured them."""
        self._processes = processes
        self._screen = screen
        self._pause = pause
        self._watch = Watch(processes, self._look, PATIENCE)
        self._heading = Heading("", "")
        self._servers: dict[str, Program] = {}
        self._operations = {station.name: _Operation(station) for station in plant.stations}

    def say(self, what: str, why: str, *, alert: bool = False) -> None:
        """Tell people what is going on now, and why it matters."""
        self._heading = Heading(what, why, alert)
        self._look()

    def pause(self) -> None:
        """Let people read."""
        self._watch.linger(self._pause)

    # license servers

    def share(self, what: str, *servers: LicenseServer) -> None:
        """Start license servers, all at once, and wait until they answer."""
        for server in servers:
            self._servers[server.name] = start_server(self._processes, server, TTL)
        for server in servers:
            self._watch.until(self._servers[server.name].has_spoken, f"{server.name} is not ready")
            self.chronicle.note(what, server.serial, f"{server.name} shares {server.serial} at {server.location}")

    def kill(self, *stations: Station) -> float:
        """Kill the license servers of these stations; return when, in seconds since the beginning."""
        at = self.chronicle.now
        for station in stations:
            text = f"{station.name}: its license server {station.server.name} is killed with SIGKILL"
            self._servers.pop(station.server.name).signal(signal.SIGKILL)
            self.chronicle.note("killed", station.home, text, station.name)
        return at

    def is_free(self, server: LicenseServer) -> bool:
        """Whether nobody holds a seat of the server's license, as `sparekey server status` says."""
        shown = self._ask(_Answer, "server", "status", str(server.location)).licenses
        return all(each.used == 0 for each in shown)

    # applications

    def start(self, *stations: Station) -> dict[str, str]:
        """Start the applications of these stations, all at once; return on which license each of them runs."""
        since = self.chronicle.so_far
        started = {station.name: self._launched(station) for station in stations}
        for name, application in started.items():
            self._watch.until(application.has_spoken, f"the application on {name} does not start")
        return {station.name: self.until("acquired", since, station).serial for station in stations}

    def stop(self, *stations: Station) -> dict[str, float]:
        """End the applications of these stations; return for how many seconds each of them was unlicensed."""
        ending = {station.name: self._ended(station) for station in stations}
        for name, application in ending.items():
            self._watch.until(application.is_over, f"the application on {name} does not end")
        unlicensed = {name: measurement(application).unlicensed_seconds for name, application in ending.items()}
        for name, seconds in unlicensed.items():
            self.unlicensed[name] += seconds
        return unlicensed

    # the technician

    def start_notifiers(self, stations: Iterable[Station]) -> None:
        """Start notifiers for these stations, with the reactions that are shipped."""
        for station in stations:
            self._processes.start(f"{station.name}-notifier", "notify", "run", "--state", str(station.system.state))

    def alarm(self, station: Station, matrix: str) -> FoundAlarm:
        """Look into the alarm list until there is one of this matrix that nobody has acknowledged."""
        found: list[FoundAlarm] = []

        def look() -> bool:
            listed = self._ask(list[FoundAlarm], "alarms", "list", "--state", str(station.system.state))
            waiting = [alarm for alarm in listed if not alarm.acknowledged]
            self._operations[station.name].alarms = len(waiting)
            found[:] = [alarm for alarm in waiting if alarm.matrix == matrix]
            return bool(found)

        self._watch.until(look, f"the alarm list of {station.name} has no alarm '{matrix}'")
        self.chronicle.note("raised", "", f"{station.name}: its alarm list has: {found[0].text}", station.name)
        return found[0]

    def acknowledge(self, station: Station, alarm: FoundAlarm, comment: str) -> None:
        """Say that the alarm was seen."""
        named = ("--state", str(station.system.state), "--by", "technician", "--comment", comment)
        self._ask(FoundAlarm, "alarms", "ack", str(alarm.id), *named)
        self._operations[station.name].alarms -= 1
        self.chronicle.note("acknowledged", "", f"{station.name}: the alarm is acknowledged: {comment}", station.name)

    # waiting

    def until(self, what: str, since: int, *stations: Station) -> Happening:
        """Watch until this happens at one of the stations, or has happened as number `since` or later."""
        names = [station.name for station in stations]
        where = " or ".join(names)
        self._watch.until(
            lambda: self.chronicle.first(what, since, *names) is not None, f"'{what}' is not reported by {where}"
        )
        happening = self.chronicle.first(what, since, *names)
        assert happening is not None  # noqa: S101 - it was watched for
        return happening

    def until_free(self, server: LicenseServer) -> None:
        """Wait until nobody holds the server's license."""
        self._watch.until(lambda: self.is_free(server), f"{server.serial} is not free")
        self.chronicle.note("free", server.serial, f"{server.serial} is free again, says {server.name}")

    def _launched(self, station: Station) -> Program:
        """It is one that must not stop: without a license it goes on asking, and people are told."""
        key = self.plant.vendor.public_key
        application = start_application(self._processes, station.system, key, PERIOD, "--on-loss", "keep")
        self._operations[station.name].application = application
        return application

    def _ended(self, station: Station) -> Program:
        operation = self._operations[station.name]
        application, operation.application = operation.application, None
        assert application is not None  # noqa: S101 - the story has started it
        status = operation.status
        self.chronicle.note(
            "stopped", status.serial if status else "", f"{station.name}: the application is stopped", station.name
        )
        application.signal(signal.SIGTERM)
        return application

    def _ask(self, kind: type[T], *arguments: str) -> T:
        """What a command says."""
        program = self._processes.start("technician", *arguments, "--json", lasting=False)
        self._watch.until(program.is_over, f"sparekey {' '.join(arguments[:2])} does not end")
        if program.process.returncode != 0:
            raise program.failure()
        return msgspec.json.decode(program.output.read_bytes(), type=kind)

    def _look(self) -> None:
        """See what is new, and show it."""
        for name, operation in self._operations.items():
            for report in operation.reports.news():
                self.chronicle.hear(report, name)
        views = [
            View(each.station, each.station.server.name in self._servers, each.status, each.alarms)
            for each in self._operations.values()
        ]
        backup = self.plant.backup
        self._screen.show(
            PlantScene(
                self._heading,
                self.chronicle.happenings,
                self.chronicle.now,
                views,
                backup.serial,
                backup.name in self._servers,
            )
        )
