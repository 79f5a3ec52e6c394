"""Every entry of a list asked at once: which could be taken now, and why not the others (R3, R13)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparekey.client.calls import Calls, Container
from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.running import ApplicationStatus
from sparekey.core.containers import met_twice
from sparekey.core.entries import INITIAL, Entry, LicenseList, Location
from sparekey.core.findings import Finding, Measure, Offer, State, assess
from sparekey.core.outlook import first_choice
from sparekey.core.terms import Terms
from sparekey.trust import PublicKey, SignedLicense

TIMEOUT = 2.0
"""Seconds that a server has to answer a person who waits."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry, what it was found to be good for, and who said so.

    `in_use`: the application runs on it. `besides`: what it is good for besides the license that might be lost.
    `container` is None where nothing answered, `offer` where the finding is about no license.
    """

    entry: Entry
    finding: Finding
    in_use: bool
    besides: Finding
    container: Container | None
    offer: Offer | None

    @property
    def could_be_taken(self) -> bool:
        return self.besides.state is State.READY

    @property
    def reason(self) -> str:
        """Why it could be taken, or not: what is free may be the license that might be lost, under another entry."""
        itself = self.finding.state is State.READY and not (self.could_be_taken or self.in_use)
        again = itself and self.entry.number != INITIAL
        return f"{self.finding.reason}, but the same license: no backup of itself" if again else self.finding.reason


@dataclass(frozen=True, slots=True)
class Check:
    """A list whose every entry was asked, in its order.

    `measure` is what licenses were compared with; `home` is the initial license as its server has it.
    """

    candidates: tuple[Checked, ...]
    measure: Measure
    home: SignedLicense | None

    @property
    def available(self) -> frozenset[str]:
        """The serial numbers of all licenses that could be taken besides the one that might be lost (R13)."""
        return frozenset[str]().union(*(each.besides.takeable for each in self.candidates))

    def next(self, *, without: Container | None = None) -> Entry | None:
        """What would be taken, with its own serial number, if the license, or its whole server, were lost now (R12)."""
        left = (each for each in self.candidates if without is None or each.container != without)
        return first_choice({each.entry: each.besides for each in left})

    @property
    def met_twice(self) -> dict[Container, tuple[Location, ...]]:
        """The containers that were met at more than one address (S5)."""
        return met_twice((each.entry.location, each.container) for each in self.candidates)


class Checker:
    """Asks as an application of a system would, and takes nothing."""

    def __init__(self, vendor_keys: Sequence[PublicKey], system: str, app: str) -> None:
        self._vendor_keys = vendor_keys
        self._who = (system, "")
        self._app = app

    async def check(self, entries: LicenseList, reference: Terms | None, running: ApplicationStatus | None) -> Check:
        """Ask all, and judge what is left without the license in use; where nothing runs, without the initial one.

        `reference` are the initial license's cached terms, `running` is the status of an application that runs now.
        """
        async with Connections() as connections:
            calls = Calls(connections, self._vendor_keys, self._who, self._app)
            locations = tuple({entry.location for entry in entries.entries})
            met, answers = await asyncio.gather(
                asyncio.gather(*(_meet(calls, location) for location in locations)),
                asyncio.gather(*(_ask(calls, entry) for entry in entries.entries)),
            )
        containers = dict(zip(locations, met, strict=True))
        measure = Measure(entries.initial.serial, reference, entries.product)
        for answer in answers:
            for offer in answer.offers:
                measure = measure.learn(offer.terms)
        own = running.license if running else None
        lost = own if running else entries.initial
        judge = _Judge(
            measure,
            used=entries.find(own.serial, own.location) if own else None,
            lost=lost.serial if lost else "",
        )
        candidates = (
            judge.checked(entry, answer, containers[entry.location])
            for entry, answer in zip(entries.entries, answers, strict=True)
        )
        return Check(tuple(candidates), measure, answers[INITIAL].license(entries.initial.serial))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server has for an entry; `silence` is why there is no answer."""

    offers: tuple[Offer, ...] = ()
    licenses: tuple[SignedLicense, ...] = ()
    silence: str = ""

    def license(self, serial: str) -> SignedLicense | None:
        return next((one for one in self.licenses if one.terms.serial == serial), None)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says what an entry is good for. `used` is the entry in use, `lost` the serial number that might be lost."""

    measure: Measure
    used: Entry | None
    lost: str

    def checked(self, entry: Entry, answer: _Answer, container: Container | None) -> Checked:
        in_use = entry == self.used
        besides = self._finding(entry, answer, (offer for offer in answer.offers if offer.serial != self.lost))
        whole = self._finding(entry, answer, (o for o in answer.offers if not in_use or o.serial == self.lost))
        finding = besides if besides.takeable and not in_use else whole
        about = next((offer for offer in answer.offers if offer.serial == finding.serial), None)
        return Checked(entry, finding, in_use, besides, container, about)

    def _finding(self, entry: Entry, answer: _Answer, offers: Iterable[Offer]) -> Finding:
        if answer.silence:
            return Finding(State.SILENT, entry.serial, answer.silence)
        return assess(entry, offers, self.measure)


async def _ask(calls: Calls, entry: Entry) -> _Answer:
    try:
        return _Answer(*await calls.ask(entry, TIMEOUT))
    except ServerSilent as silence:
        return _Answer(silence=silence.reason)


async def _meet(calls: Calls, location: Location) -> Container | None:
    try:
        return await calls.meet(location, TIMEOUT)
    except ServerSilent:
        return None
