"""What has happened in a demo, as its applications report it and as the demo itself has done it."""

from __future__ import annotations

from sparekey.client.report import Report
from sparekey.demo.scene import Happening
from sparekey.host import boot_clock

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


class Chronicle:
    """All happenings, in the order in which they were seen; their times count from its beginning."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self._began = boot_clock()

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return boot_clock() - self._began

    @property
    def so_far(self) -> int:
        """The number of the next happening."""
        return len(self.happenings)

    def note(self, what: str, serial: str, text: str, system: str = "") -> Happening:
        """Something that the demo itself does, now."""
        happening = Happening(self.now, what, serial, text, system)
        self.happenings.append(happening)
        return happening

    def hear(self, report: Report, system: str = "") -> None:
        """Something that an application has reported."""
        text = TEXTS.get(report.event, "{serial}: {reason}").format(serial=report.serial, reason=report.reason)
        told = f"{system}: {text}" if system else text
        self.happenings.append(Happening(report.t - self._began, report.event, report.serial, told, system))

    def first(self, what: str, since: int, *systems: str) -> Happening | None:
        """The first of this kind that has happened as number `since` or later, at one of these systems if any."""
        kind = (each for each in self.happenings[since:] if each.what == what)
        return next((each for each in kind if not systems or each.system in systems), None)
