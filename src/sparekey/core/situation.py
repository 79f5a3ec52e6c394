"""What a system has in hand, and what it knows, at a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from sparekey.core.debts import Debts
from sparekey.core.decisions import Decision, Kind, SerialChanged, Tell, UseLease
from sparekey.core.demo import DemoClock
from sparekey.core.entries import DEMO, UNLISTED, Entry, LicenseList
from sparekey.core.findings import Finding, Measure
from sparekey.core.holding import Holding
from sparekey.core.homecoming import Homecoming
from sparekey.core.past import Past
from sparekey.core.search import Search
from sparekey.core.terms import Terms
from sparekey.core.watch import Watch


class Situation:
    """The license in use, the spare, the search for one, and what must be given back.

    `draw` gives the next random number in [0, 1).
    """

    def __init__(
        self, entries: LicenseList, past: Past, demo: Terms | None, draw: Callable[[], float], now: float
    ) -> None:
        self.list = entries
        self.draw = draw
        self.in_use: Holding | None = None
        self.spare: Holding | None = None
        self.search: Search | None = None
        self.serial = past.serial
        self.trouble = ""
        """Why the license in use is doubted, or no license is held, in words."""
        self.findings: dict[Entry, Finding] = {}
        self.measure = Measure(entries.initial.serial, past.reference, entries.product)
        self.watch = Watch(entries.check, entries.min_backups, draw)
        self.demo = DemoClock(demo, past.demo_used)
        self.debts = Debts()
        self.numbers = count(1)
        self.homecoming = Homecoming(entries.initial, now + entries.initial_wait, past.leftovers, self.numbers)
        self.exhausted_since: float | None = None
        self.regain_until = float("inf")
        self.drill_until: float | None = None
        """When the fire drill that is on has failed, boot clock; None where the server is really being emptied."""
        self.has_decided = False
        """Whether what to do before the deadline is decided already."""
        self.has_run = False
        """Whether the application has had any license in this run."""
        self._decisions: list[Decision] = []

    def decide(self, decision: Decision | None) -> None:
        if decision:
            self._decisions.append(decision)

    def decisions(self) -> list[Decision]:
        """Hand over what has been decided."""
        decisions, self._decisions = self._decisions, []
        return decisions

    def tell(self, kind: Kind, reason: str) -> None:
        """Report something of the license in use."""
        none = (self.serial or "", DEMO if self.demo.runs else UNLISTED)
        serial, number = (self.in_use.serial, self.in_use.entry.number) if self.in_use else none
        self.decide(Tell(kind, serial, number, reason))

    def show(self, serial: str, entry: int, reason: str) -> None:
        """A change of the serial number in use, and only a change, is one event (R10)."""
        if self.serial is not None and serial != self.serial:
            self.decide(SerialChanged(self.serial, serial, entry, reason))
        self.serial = serial

    def warn(self, alarm: str | None) -> None:
        if alarm:
            self.tell(Kind.ALARM, alarm)

    def note_finding(self, entry: Entry, finding: Finding, now: float) -> None:
        """An entry was asked: this is what can be said of it."""
        if entry in self.list.entries:
            self.findings[entry] = finding
        if self.search:
            self.search.found(entry, finding, now)
        self.warn(self.watch.found(entry, finding))

    def follow(self, entries: LicenseList, now: float) -> None:
        """The list has changed: the license in use and the measure stay, entry numbers follow it (R5)."""
        self.list = entries
        self.watch.follow(entries.check, entries.min_backups)
        self.findings = {entry: finding for entry, finding in self.findings.items() if entry in entries.entries}
        for holding in self.holdings():
            self._renumber(holding)
        if self.search:
            self.search_from(now, now)

    def _renumber(self, holding: Holding) -> None:
        listed = self.list.find(holding.serial, holding.entry.location)
        number = listed.number if listed else UNLISTED
        if holding is self.in_use and number != holding.entry.number:
            self.decide(UseLease(holding.number))
        holding.entry = replace(holding.entry, number=number)

    def use(self, holding: Holding, kind: Kind, reason: str, now: float) -> None:
        """The application runs on this license from now on."""
        self.end_search(now)
        holding.serve(now)
        self.trouble = ""
        self.in_use, self.spare = holding, None
        self.has_run = True
        self.decide(UseLease(holding.number))
        self.decide(Tell(kind, holding.serial, holding.entry.number, reason))
        self.show(holding.serial, holding.entry.number, reason)
        self.decide(self.demo.refill())
        self.watch.begin(now)

    def give_back(self, holding: Holding | None, now: float) -> None:
        """Owe the release of a lease, and of what was asked for in its stead."""
        if holding:
            self.debts.owe(holding.number, now)
            if holding.retake is not None:
                self.debts.owe(holding.retake, now)

    def ask_anew(self, holding: Holding, now: float) -> None:
        """From now on its serial is asked for anew; what an earlier such take may bring is given back."""
        if holding.retake is not None:
            self.debts.owe(holding.retake, now)
        holding.retake = next(self.numbers)

    def search_from(self, now: float, begin: float) -> None:
        """Begin a new search, from `begin` on, among the entries that are not in hand."""
        self.end_search(now)
        self.exhausted_since = None
        self.search = Search(
            self.others(self.list.entries),
            begin=begin,
            spare=self.in_use is not None,
            numbers=self.numbers,
            debts=self.debts,
            draw=self.draw,
        )

    def end_search(self, now: float) -> None:
        if self.search:
            self.search.abandon(now)
        self.search = None

    @property
    def stays(self) -> str:
        """Why no other license is to be had than the one in use, in words; empty while that is not known."""
        if self.search is None or self.exhausted_since is None:
            return ""
        found = [f"{entry.serial} at {entry.location}: {finding.reason}" for entry, finding in self.search.findings()]
        return "; ".join(found) or "no other license is listed"

    @property
    def may_demo(self) -> bool:
        """Whether the list allows the demo license, it is for this product, and time is left (R6)."""
        terms = self.demo.terms
        return self.list.demo and terms is not None and self.demo.left > 0 and self.measure.suits_demo(terms)

    def learn(self, terms: Terms) -> None:
        """Terms as their vendor signed them; the initial license's are the measure (R3)."""
        before, self.measure = self.measure, self.measure.learn(terms)
        if self.search and self.measure != before:
            self.search.judge_anew()

    def outstanding(self) -> set[int]:
        """The takes under whose numbers a seat is held, or may be: what a next start might find left behind (R9)."""
        numbers = {number for holding in self.holdings() for number in (holding.number, holding.retake)}
        numbers |= {*self.debts, *self.homecoming.outstanding, self.search.taking if self.search else None}
        return {number for number in numbers if number is not None}

    def holdings(self) -> list[Holding]:
        return [holding for holding in (self.in_use, self.spare) if holding]

    def holding(self, number: int) -> Holding | None:
        """The lease that is renewed under this number."""
        return next((h for h in self.holdings() if h.number == number and h.retake is None), None)

    def retaken(self, number: int) -> Holding | None:
        """The lease for whose serial this take asks anew."""
        return next((h for h in self.holdings() if h.retake == number), None)

    def is_in_hand(self, number: int) -> bool:
        """Whether this take has brought a lease that is held."""
        return any(h.number == number for h in self.holdings())

    def has(self, serial: str, entry: Entry) -> bool:
        """Whether this license, at this entry's location, is in hand already."""
        return any((h.serial, h.entry.location) == (serial, entry.location) for h in self.holdings())

    def others(self, entries: tuple[Entry, ...]) -> list[Entry]:
        return [entry for entry in entries if not self.has(entry.serial, entry)]
