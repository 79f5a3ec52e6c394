"""What would become of an application that lost its license now: its own search, played through (R6, R12)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from sparekey.core.debts import Debts
from sparekey.core.decisions import Take
from sparekey.core.entries import Entry, LicenseList
from sparekey.core.findings import Finding
from sparekey.core.past import Past
from sparekey.core.search import Search
from sparekey.core.situation import Situation
from sparekey.core.terms import Terms


def first_choice(findings: Mapping[Entry, Finding]) -> Entry | None:
    """The entry that a search would take where these, in list order, are the answers; None where it would take none.

    It carries the serial number of the license that would be taken.
    """
    search = Search(findings, begin=0.0, spare=True, numbers=count(1), debts=Debts(), draw=lambda: 0.0)
    list(search.step(0.0))  # it asks all
    for entry, finding in findings.items():
        search.found(entry, finding, 0.0)
    return next((decision.entry for decision in search.step(0.0) if isinstance(decision, Take)), None)


def demo_seconds(entries: LicenseList, reference: Terms | None, demo: Terms | None, used: float) -> float:
    """For how many seconds the demo license would serve where no other does; 0 where it would not (R6).

    `reference` are the initial license's terms, `used` are seconds of demo time that are spent.
    """
    at = Situation(entries, Past(reference=reference, demo_used=used), demo, lambda: 0.0, 0.0)
    return at.demo.left if at.may_demo else 0.0
