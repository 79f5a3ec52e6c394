"""What a fire drill has shown: measurements, a judgement, and how they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sparekey.core.entries import INITIAL, Entry, role
from sparekey.wire import rfc3339


@dataclass(frozen=True, slots=True)
class Raised:
    """The alarm that the change of the serial number has raised."""

    key: int
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the message to an outlet. `at` is None where none was delivered: `note` says why.

    `owes`: it should have delivered one.
    """

    outlet: str
    at: float | None
    note: str = ""
    owes: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the timeline: `key` names what it is for programs, `text` for people."""

    at: float
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class DrillReport:
    """One drill. `began` is Unix time; all other times are seconds from there, None for what did not come.

    `failure` is why there was no switch. `after` is the license to which it went. `lease_left`: the application could
    believe in a license for so many seconds more at any look, the least of all. `notifier`: whether one runs.
    """

    app: str
    system: str
    began: float
    before: Entry
    after: Entry | None = None
    failure: str = ""
    seen: float | None = None
    secured: float | None = None
    switched: float | None = None
    given_up: float | None = None
    lease_left: float = 0.0
    notifier: bool = False
    alarm: Raised | None = None
    deliveries: tuple[Delivery, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """What is to be mended; nothing where the drill has passed."""
        if self.failure:
            return (f"the drill has failed, and {self.app} stays on {self.before.serial}: {self.failure}",)
        return tuple(self._amiss())

    def _amiss(self) -> Iterator[str]:
        """What was wrong beside a switch that was made."""
        if self.lease_left <= 0:
            yield f"at one look {self.app} had no license to believe in"
        if self.notifier and self.alarm is None:
            yield "the switch was made, but no alarm was raised: `sparekey reactions explain` says what raises one"
        for each in self.deliveries:
            if each.owes:
                yield f"the switch was made, but outlet {each.outlet} still owes its message: {each.note}"

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def verdict(self) -> str:
        return "passed" if self.passed else "failed"

    @property
    def title(self) -> str:
        return f"Fire drill of {self.app} on {self.system}: {self.verdict}"

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What happened, in order."""
        return tuple(sorted(self._marks(), key=lambda mark: mark.at))

    def _marks(self) -> Iterator[Mark]:
        yield Mark(0.0, "asked", "drill asked for")
        if self.seen is not None:
            yield Mark(self.seen, "seen", f"{self.app} has seen the request")
        if self.secured is not None:
            yield Mark(self.secured, "spare", "spare in hand")
        if self.switched is not None and self.after:
            yield Mark(self.switched, "switch", f"switched from {self.before.serial} to {self.after.serial}")
        if self.given_up is not None:
            yield Mark(self.given_up, "given-up", f"given up: {self.app} stays on {self.before.serial}")
        if self.alarm:
            yield Mark(self.alarm.at, "alarm", f"alarm {self.alarm.key} raised")
        for each in self.deliveries:
            if each.at is not None:
                yield Mark(each.at, "delivered", f"outlet {each.outlet} has delivered")

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be known, in sentences."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        if self.lease_left > 0:
            yield f"Licensed all the while: at least {self.lease_left:.1f} s of a lease were left at each look."
        if self.after:
            yield f"{self.app} {self._stay(self.after)}."
            if not self.notifier:
                yield "No notifier runs, so no alarm was raised and nobody was told: `sparekey notify run` starts one."
        if self.alarm:
            yield f"Alarm {self.alarm.key} says: {self.alarm.text}"
            yield f"When you have seen it: sparekey alarms ack {self.alarm.key}"
        for each in self.deliveries:
            if each.note:
                yield f"Outlet {each.outlet}: {each.note}."

    def _stay(self, after: Entry) -> str:
        """For how long it is on the license that it went to (R8)."""
        if after.number == INITIAL:
            return f"is home again, on {named(after)}"
        stays = f"stays on {named(after)} until it is restarted"
        return f"{stays}, however well {self.before.serial} is: restart it to go home"

    @property
    def text(self) -> str:
        """For the screen."""
        return "\n".join(
            (
                self.title,
                f"begun {rfc3339(self.began)} on {named(self.before)}",
                "",
                *(f"{mark.at:8.2f} s  {mark.text}" for mark in self.marks),
                "",
                *self.notes,
            )
        )

    @property
    def whole_text(self) -> str:
        """For a file: what is to be mended, too."""
        return "\n".join((self.text, *self.faults)) + "\n"

    @property
    def facts(self) -> Mapping[str, object]:
        """For programs."""
        return {
            "app": self.app,
            "system": self.system,
            "began": rfc3339(self.began),
            "outcome": self.verdict,
            "switched": self.after is not None,
            "failure": self.failure or None,
            "faults": self.faults,
            "from": _entry(self.before),
            "to": _entry(self.after) if self.after else None,
            "seconds": {
                "request_seen": self.seen,
                "spare": self.secured,
                "switch": self.switched,
                "alarm": self.alarm.at if self.alarm else None,
            },
            "least_lease_seconds_left": self.lease_left,
            "notifier": self.notifier,
            "alarm": {"id": self.alarm.key, "text": self.alarm.text} if self.alarm else None,
            "outlets": [
                {"name": each.outlet, "delivered_seconds": each.at, "owes": each.owes, "note": each.note or None}
                for each in self.deliveries
            ],
            "timeline": [{"at": mark.at, "what": mark.key, "text": mark.text} for mark in self.marks],
            "notes": self.notes,
        }


def named(entry: Entry) -> str:
    """A license in a sentence."""
    return f"{entry.serial} ({role(entry.number)}) at {entry.location}"


def _entry(entry: Entry) -> Mapping[str, object]:
    return {"serial": entry.serial, "entry": entry.number, "location": str(entry.location)}
