"""Every entry of a list asked at once: which could be taken now, and why not the others (R3, R13)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sparekey.client.calls import Calls
from sparekey.client.connection import Connections, ServerSilent
from sparekey.core.entries import Entry, LicenseList
from sparekey.core.findings import Finding, Measure, Offer, State, assess
from sparekey.core.terms import Terms
from sparekey.trust import PublicKey, SignedLicense

TIMEOUT = 2.0
"""Seconds that a server has to answer a person who waits."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry and what it was found to be good for; `in_use`: the application runs on it now."""

    entry: Entry
    finding: Finding
    in_use: bool

    @property
    def could_be_taken(self) -> bool:
        return self.finding.state is State.READY and not self.in_use


class Checker:
    """Asks as an application of a system would, and takes nothing."""

    def __init__(self, vendor_keys: Sequence[PublicKey], system: str, app: str) -> None:
        self._vendor_keys = vendor_keys
        self._who = (system, "")
        self._app = app

    async def check(self, entries: LicenseList, reference: Terms | None, in_use: int) -> list[Checked]:
        """Ask all; `reference` are the initial license's cached terms, `in_use` is the entry that is in use."""
        async with Connections() as connections:
            calls = Calls(connections, self._vendor_keys, self._who, self._app)
            answers = await asyncio.gather(*(_ask(calls, entry) for entry in entries.entries))
        measure = Measure(entries.initial.serial, reference, entries.product)
        for answer in answers:
            for offer in answer if isinstance(answer, tuple) else ():
                measure = measure.learn(offer.terms)
        return [
            Checked(entry, _finding(entry, answer, measure), entry.number == in_use)
            for entry, answer in zip(entries.entries, answers, strict=True)
        ]


async def fetch_licenses(entry: Entry, vendor_keys: Sequence[PublicKey], timeout: float) -> tuple[SignedLicense, ...]:
    """The entry's licenses, as their vendor signed them; raise ServerSilent."""
    async with Connections() as connections:
        _, licenses = await Calls(connections, vendor_keys, ("check", ""), "check").ask(entry, timeout)
        return licenses


async def _ask(calls: Calls, entry: Entry) -> tuple[Offer, ...] | str:
    try:
        return (await calls.ask(entry, TIMEOUT))[0]
    except ServerSilent as silence:
        return silence.reason


def _finding(entry: Entry, answer: tuple[Offer, ...] | str, measure: Measure) -> Finding:
    if isinstance(answer, str):
        return Finding(State.SILENT, entry.serial, answer)
    return assess(entry, answer, measure)
