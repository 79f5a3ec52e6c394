"""What became of asking an entry: whether its license could be taken, and why not (R3, R13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sparekey.core.entries import Entry
from sparekey.core.requests import Occupant
from sparekey.core.terms import Terms, Validity, shortfalls


@dataclass(frozen=True, slots=True)
class Offer:
    """A license that a server has; `validity` and `occupants` are the server's word, `terms` the vendor's.

    `mine`: this holder already has a seat of it. `draining`: the server is being emptied, and grants nothing new.
    """

    serial: str
    terms: Terms
    validity: Validity
    free: int
    mine: bool
    occupants: tuple[Occupant, ...] = ()
    draining: bool = False


class State(StrEnum):
    """What an entry is good for now."""

    READY = "free"
    FULL = "in use"
    DRAINING = "being emptied"
    WORSE = "worse"
    INVALID = "not valid"
    MISSING = "not there"
    SILENT = "silent"
    REFUSED = "refused"


_UNKNOWN = (
    "the terms of {serial} are not known on this system, so nothing can be compared with them: "
    "start once while its server runs, or run 'sparekey config add' for it"
)
_NEAREST = (State.READY, State.FULL, State.DRAINING, State.INVALID, State.WORSE)


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry's state, the license it is about, and the reason in words.

    `also`: the serial numbers of the entry's further licenses that are free too. `until`: the license's last day.
    """

    state: State
    serial: str
    reason: str
    also: tuple[str, ...] = ()
    until: date | None = None

    @property
    def takeable(self) -> frozenset[str]:
        """The serial numbers of the licenses that could be taken: each is one backup, whatever entries it has (R13)."""
        return frozenset((self.serial, *self.also)) if self.state is State.READY else frozenset()


@dataclass(frozen=True, slots=True)
class Measure:
    """What a license must come up to: the initial license's terms where they are known, and the product (R3)."""

    initial: str
    reference: Terms | None
    product: str | None

    def learn(self, terms: Terms) -> Measure:
        """The measure with the initial license's terms as they are signed now; any other license changes nothing."""
        newer = self.reference is None or terms.issued >= self.reference.issued
        return Measure(self.initial, terms, self.product) if terms.serial == self.initial and newer else self

    def objections(self, terms: Terms) -> tuple[str, ...]:
        """Why this license will not do; empty where it is equal or better, or the initial one itself."""
        if self.product is not None and terms.product != self.product:
            return (f"product {terms.product} is not {self.product}",)
        if terms.serial == self.initial:
            return ()
        if self.reference is None:
            return (_UNKNOWN.format(serial=self.initial),)
        return shortfalls(terms, self.reference)

    def suits_demo(self, demo: Terms) -> bool:
        """Whether a demo license is for this product; nothing else of it is compared (R6)."""
        product = self.product or (self.reference.product if self.reference else None)
        return product is None or demo.product == product


def assess(entry: Entry, offers: Iterable[Offer], measure: Measure) -> Finding:
    """The best that can be said of an entry: of several licenses, the one nearest to being taken."""
    wanted = [offer for offer in offers if entry.takes_any or offer.serial == entry.serial]
    assessed = (replace(_assess_one(offer, measure), until=offer.terms.valid_until) for offer in wanted)
    findings = sorted(assessed, key=lambda finding: _NEAREST.index(finding.state))
    if not findings:
        what = "other license" if entry.takes_any else f"license {entry.serial}"
        return Finding(State.MISSING, entry.serial, f"{entry.location} has no {what}")
    free = tuple(finding.serial for finding in findings if finding.state is State.READY)
    return replace(findings[0], also=free[1:])


def _assess_one(offer: Offer, measure: Measure) -> Finding:
    if objections := measure.objections(offer.terms):
        return Finding(State.WORSE, offer.serial, ", ".join(objections))
    if offer.validity is not Validity.VALID:
        return Finding(State.INVALID, offer.serial, _validity_reason(offer))
    if offer.draining:
        return Finding(State.DRAINING, offer.serial, "its license server is being emptied")
    if offer.mine or offer.free > 0:
        return Finding(State.READY, offer.serial, "its own seat" if offer.mine else "free")
    return Finding(State.FULL, offer.serial, in_use(offer.occupants))


def _validity_reason(offer: Offer) -> str:
    if offer.validity is Validity.EXPIRED:
        return f"expired on {offer.terms.valid_until}"
    return f"not valid before {offer.terms.valid_from}"


def in_use(occupants: Iterable[Occupant]) -> str:
    """Who stands in the way, in words."""
    names = [f"{o.application} on {o.system_name or o.system}" for o in occupants]
    return f"in use by {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}" if names else "no free seat"
