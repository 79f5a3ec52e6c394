"""The demo's stage: starts and ends its processes, looks at what they do, and has it shown."""

from __future__ import annotations

import signal

from sparekey.demo.application import Measurement
from sparekey.demo.chronicle import Chronicle
from sparekey.demo.commands import measurement, start_application, start_server
from sparekey.demo.machines import LicenseServer
from sparekey.demo.observer import ReportReader, current_status, lease_left
from sparekey.demo.plant import TTL, Plant
from sparekey.demo.processes import Processes, Program
from sparekey.demo.scene import Happening, Heading, Moment, Scene, Screen
from sparekey.demo.watch import Watch

PERIOD = 0.01
"""Seconds from one look of the application at its license to the next."""


class Stage:
    """Everything that happens is in its chronicle."""

    def __init__(self, plant: Plant, processes: Processes, screen: Screen[Scene]) -> None:
        self.plant = plant
        self.chronicle = Chronicle()
        self._processes = processes
        self._screen = screen
        self._watch = Watch(processes, self._look)
        self._heading = Heading("", "")
        self._up: dict[str, Program] = {}
        self._reports = ReportReader(plant.system.report)
        self._past: list[Moment] = []

    @property
    def in_use(self) -> str:
        """The serial number in use, empty for none."""
        return self._past[-1].in_use if self._past else ""

    def say(self, what: str, why: str, *, alert: bool = False) -> None:
        """Tell people what is going on now, and why it matters."""
        self._heading = Heading(what, why, alert)
        self._look()

    def launch(self, server: LicenseServer) -> None:
        """Start a license server."""
        self._up[server.name] = start_server(self._processes, server, TTL)

    def await_ready(self, server: LicenseServer, what: str) -> None:
        """Wait until a license server that was launched answers."""
        self._watch.until(self._up[server.name].has_spoken, f"{server.name} is not ready")
        self.chronicle.note(what, server.serial, f"{server.name} shares {server.serial} at {server.location}")

    def kill(self, server: LicenseServer) -> Happening:
        """Kill a license server."""
        killed = self.chronicle.note("killed", server.serial, f"{server.name} is killed with SIGKILL")
        self._up.pop(server.name).signal(signal.SIGKILL)
        return killed

    def start_application(self) -> Program:
        """Start the application under `sparekey run`, and wait until it measures."""
        application = start_application(self._processes, self.plant.system, self.plant.vendor.public_key, PERIOD)
        self._watch.until(application.has_spoken, "the application does not start")
        return application

    def stop_application(self, application: Program) -> Measurement:
        """End the application, and have what it measured."""
        self.chronicle.note("stopped", self.in_use, "the application is stopped")
        application.signal(signal.SIGTERM)
        self._watch.until(application.is_over, "the application does not end")
        return measurement(application)

    def until(self, what: str, since: int) -> Happening:
        """Watch until this happens, or has happened as number `since` or later."""
        self._watch.until(lambda: self.chronicle.first(what, since) is not None, f"'{what}' is not reported")
        happening = self.chronicle.first(what, since)
        assert happening is not None  # noqa: S101 - it was watched for
        return happening

    def linger(self, seconds: float) -> None:
        """Let people see."""
        self._watch.linger(seconds)

    def _look(self) -> None:
        """See what is new, and show it."""
        for report in self._reports.news():
            self.chronicle.hear(report)
        status = current_status(self.plant.system.status)
        in_use, spare = (status.serial, status.spare.serial if status.spare else "") if status else ("", "")
        self._past.append(Moment(self.chronicle.now, frozenset(self._up), in_use, spare))
        happenings, servers = self.chronicle.happenings, self.plant.servers
        self._screen.show(Scene(self._heading, happenings, servers, status, lease_left(status), self._past))
