"""The demo's stage: starts and ends its processes, looks at what they do, and has it shown."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable

import msgspec

from sparekey.client.report import Report
from sparekey.demo.application import Measurement
from sparekey.demo.failure import DemoFailure
from sparekey.demo.observer import ReportReader, current_status
from sparekey.demo.plant import APPLICATION, SYSTEM, TTL, LicenseServer, Plant
from sparekey.demo.processes import Processes, Program
from sparekey.demo.scene import Happening, Heading, Moment, Scene, Screen
from sparekey.host import boot_clock

FRAME = 0.05
"""Seconds between two looks."""
PATIENCE = 20.0
"""Seconds after which what did not come is a failure."""
TEXTS = {
    "acquired": "the application runs on {serial}",
    "suspect": "{serial} is suspect: {reason}",
    "secured": "the spare {serial} is in hand",
    "recovered": "the server answers again, the spare {serial} is given back",
    "switched": "the application goes on with {serial}",
    "released": "{serial} is given back",
    "alarm": "ALARM: serial number {reason}",
    "lost": "{serial} is lost: {reason}",
}
"""What a report means, for people."""


class Stage:
    """Everything that happens is in `happenings`, in the order in which it was seen."""

    def __init__(self, plant: Plant, processes: Processes, screen: Screen) -> None:
        self.plant = plant
        self.happenings: list[Happening] = []
        self._processes = processes
        self._screen = screen
        self._began = boot_clock()
        self._heading = Heading("", "")
        self._up: dict[str, Program] = {}
        self._reports = ReportReader(plant.report)
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
        listen = ("--listen", str(server.location), "--ttl", str(TTL), "--json")
        self._up[server.name] = self._processes.start(server.name, "server", "run", str(server.state), *listen)

    def await_ready(self, server: LicenseServer, what: str) -> None:
        """Wait until a license server that was launched answers."""
        self._watch_until(lambda: bool(self._up[server.name].said()), f"{server.name} is not ready")
        self._happen(what, server.serial, f"{server.name} shares {server.serial} at {server.location}")

    def kill(self, server: LicenseServer) -> Happening:
        """Kill a license server."""
        killed = self._happen("killed", server.serial, f"{server.name} is killed with SIGKILL")
        self._up.pop(server.name).signal(signal.SIGKILL)
        return killed

    def start_application(self) -> Program:
        """Start the application under `sparekey run`."""
        plant = self.plant
        places = {"config": plant.config, "state": plant.state, "report": plant.report}
        options = [part for name, path in places.items() for part in (f"--{name}", str(path))]
        key = ("--vendor-key", str(plant.vendor.public_key))
        command = ("--", sys.executable, "-m", "sparekey.demo.application")
        return self._processes.start(
            APPLICATION, "run", "--app", APPLICATION, "--system", SYSTEM, *options, *key, *command
        )

    def stop_application(self, application: Program) -> Measurement:
        """End the application, and have what it measured."""
        self._happen("stopped", self.in_use, "the application is stopped")
        application.signal(signal.SIGTERM)
        self._watch_until(application.is_over, "the application does not end")
        try:
            return msgspec.json.decode(application.said()[-1], type=Measurement)
        except (IndexError, msgspec.DecodeError):
            raise DemoFailure("the application has not said for how long it was unlicensed") from None

    def until(self, what: str, since: int) -> Happening:
        """Watch until this happens, or has happened as number `since` or later."""

        def found() -> Happening | None:
            return next((each for each in self.happenings[since:] if each.what == what), None)

        self._watch_until(lambda: found() is not None, f"'{what}' is not reported")
        happening = found()
        assert happening is not None  # noqa: S101 - it was watched for
        return happening

    def linger(self, seconds: float) -> None:
        """Let people see."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._watch()

    def _watch_until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                raise DemoFailure(f"{otherwise} after {PATIENCE:g} s")
            self._watch()

    def _watch(self) -> None:
        time.sleep(FRAME)
        self._processes.check()
        self._look()

    def _look(self) -> None:
        """See what is new, and show it."""
        self.happenings += (self._told(report) for report in self._reports.news())
        status, now = current_status(self.plant.status), boot_clock()
        in_use, spare = (status.serial, status.spare.serial if status.spare else "") if status else ("", "")
        self._past.append(Moment(now - self._began, frozenset(self._up), in_use, spare))
        until = status.valid_until_boottime if status else None
        left = max(0.0, until - now) if until is not None else 0.0
        self._screen.show(Scene(self._heading, self.plant.servers, status, left, self._past, self.happenings))

    def _told(self, report: Report) -> Happening:
        text = TEXTS.get(report.event, "{serial}: {reason}").format(serial=report.serial, reason=report.reason)
        return Happening(report.t - self._began, report.event, report.serial, text)

    def _happen(self, what: str, serial: str, text: str) -> Happening:
        """Something that the demo itself does, now."""
        happening = Happening(boot_clock() - self._began, what, serial, text)
        self.happenings.append(happening)
        return happening
