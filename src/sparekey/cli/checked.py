"""What a check of an application found, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from sparekey.cli import loss
from sparekey.cli.lists import entry_facts
from sparekey.cli.times import local_time
from sparekey.client.calls import Container
from sparekey.client.check import Check, Checked
from sparekey.client.running import ApplicationStatus
from sparekey.core.entries import LicenseList, role
from sparekey.core.findings import Offer, State
from sparekey.core.requests import Occupant
from sparekey.wire import rfc3339

SHORT_ID = 8
"""Characters of a container's id that tell it from others in a table."""


@dataclass(frozen=True, slots=True)
class CheckedApplication:
    """An application, its list, what it says of itself if it runs, and what its entries are good for.

    `demo_seconds`: for how long the demo license would serve; `demo_misfit`: why it is not for this application.
    """

    COLUMNS: ClassVar = (
        "Entry", "Serial number", "Location", "Container", "State", "Equal or better", "Days left", "Why"
    )  # fmt: skip

    app: str
    entries: LicenseList
    running: ApplicationStatus | None
    check: Check
    demo_seconds: float
    demo_misfit: str

    @property
    def shortage(self) -> str:
        """What is wrong where too few could be taken, else empty (R13)."""
        ready, wanted = len(self.check.available), self.entries.min_backups
        return "" if ready >= wanted else f"[{self.app}] {ready} backups could be taken now, {wanted} are wanted"

    @property
    def outlook(self) -> str:
        """What would happen if the license in use were lost now, in a sentence."""
        return loss.sentence(self.entries, self.running, self.check, self.demo_seconds)

    def warnings(self) -> Iterator[str]:
        if self.demo_misfit:
            yield f"The {self.demo_misfit}"
        for container, places in self.check.met_twice.items():
            yield (
                f"Container {_short(container)} was met at {' and at '.join(map(str, places))}: two addresses of one "
                "license server are no redundancy, and a copy of its state folder must not run"
            )

    def rows(self) -> Iterator[tuple[object, ...]]:
        for each in self.check.candidates:
            yield (
                role(each.entry.number),
                _serial(each),
                each.entry.location,
                self._container(each),
                "this one" if each.in_use or self._is_in_use(each) else each.finding.state,
                self._compared(each.offer),
                _days_left(each.offer),
                _why(each),
            )

    def facts(self) -> dict[str, object]:
        """The same for programs."""
        license_ = self.running.license if self.running else None
        next_ = loss.next_license(self.running, self.check)
        return {
            "app": self.app,
            "runs": self.running is not None,
            "in_use": entry_facts(license_) if license_ else None,
            "could_be_taken": len(self.check.available),
            "min_backups": self.entries.min_backups,
            "next": entry_facts(next_) if next_ else None,
            "demo_seconds": self.demo_seconds,
            "demo_misfit": self.demo_misfit,
            "outlook": self.outlook,
            "met_twice": [
                {"container": container.id, "name": container.name, "locations": [str(place) for place in places]}
                for container, places in self.check.met_twice.items()
            ],
            "entries": [self._entry_facts(each) for each in self.check.candidates],
        }

    def _entry_facts(self, each: Checked) -> dict[str, object]:
        offer, container = each.offer, each.container
        return {
            **entry_facts(each.entry),
            "state": str(each.finding.state),
            "reason": each.reason,
            "in_use": each.in_use,
            "could_be_taken": each.could_be_taken,
            "licenses": sorted(each.besides.takeable),
            "reachable": _is_reachable(each),
            "container": {"id": container.id, "name": container.name} if container else None,
            "license": offer.serial if offer else None,
            "holders": [_holder_facts(holder) for holder in offer.occupants] if offer else [],
            "equal_or_better": self._is_equal_or_better(offer),
            "valid_until": offer.terms.valid_until if offer else None,
            "days_left": _days(offer),
        }

    def _container(self, each: Checked) -> str:
        if each.container is None:
            return "" if _is_reachable(each) else "not reached"
        return f"{_short(each.container)}{' (twice)' if each.container in self.check.met_twice else ''}"

    def _is_in_use(self, each: Checked) -> bool:
        """Whether this is the license in use by another entry or address."""
        license_ = self.running.license if self.running else None
        return license_ is not None and not each.could_be_taken and each.finding.serial == license_.serial

    def _is_equal_or_better(self, offer: Offer | None) -> bool | None:
        """None where it cannot be told: nothing was found, or the initial license's terms are not known (R3)."""
        if offer is None or (self.check.measure.reference is None and offer.serial != self.check.measure.initial):
            return None
        return not self.check.measure.objections(offer.terms)

    def _compared(self, offer: Offer | None) -> str:
        return {True: "yes", False: "no", None: "not known" if offer else ""}[self._is_equal_or_better(offer)]


def _serial(each: Checked) -> str:
    if not each.entry.takes_any:
        return each.entry.serial
    return f"any: {each.offer.serial}" if each.offer else "any"


def _is_reachable(each: Checked) -> bool:
    """Whether anything that is a license server answered there."""
    return each.container is not None or each.finding.state is not State.SILENT


def _short(container: Container) -> str:
    return f"{container.name} {container.id[:SHORT_ID]}"


def _why(each: Checked) -> str:
    if each.finding.state is State.FULL and each.offer and each.offer.occupants:
        return f"in use by {', '.join(_holder(holder) for holder in each.offer.occupants)}"
    return each.reason


def _holder(holder: Occupant) -> str:
    since = f" since {local_time(holder.since)}" if holder.since else ""
    spare = " (as spare)" if holder.spare else ""
    return f"{holder.application} on {holder.system_name or holder.system}{since}{spare}"


def _holder_facts(holder: Occupant) -> dict[str, object]:
    return {
        "system": holder.system,
        "system_name": holder.system_name,
        "application": holder.application,
        "since": rfc3339(holder.since) if holder.since else None,
        "spare": holder.spare,
    }


def _days(offer: Offer | None) -> int | None:
    """Whole days that are left after this one, UTC; None where there is no end (S7)."""
    last = offer.terms.valid_until if offer else None
    return max(0, (last - datetime.now(UTC).date()).days) if last else None


def _days_left(offer: Offer | None) -> str:
    days = _days(offer)
    return str(days) if days is not None else "no end" if offer else ""
