"""Reports of drills for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sparekey.core.entries import Entry, Location
from sparekey.drill.report import Delivery, DrillReport, Raised

HOME = Entry(0, "5-1042", Location("server-a"))
BACKUP = Entry(1, "5-1043", Location("server-b", 7000))


def passed(**changes: Any) -> DrillReport:
    """A drill in which all went well; `changes` are its other fields."""
    usual = DrillReport(
        app="Runtime",
        system="pc-1",
        began=1_800_000_000.25,
        before=HOME,
        after=BACKUP,
        seen=0.31,
        secured=0.33,
        switched=0.33,
        lease_left=3.94,
        notifier=True,
        alarm=Raised(3, "Runtime: license changed from 5-1042 to 5-1043 (fire drill)", 0.43),
        deliveries=(Delivery("hook", 0.51), Delivery("metrics", None, "nothing is sent")),
    )
    return replace(usual, **changes)


def failed(**changes: Any) -> DrillReport:
    """A drill that found no spare."""
    nothing = {"after": None, "secured": None, "switched": None, "alarm": None, "deliveries": ()}
    why = "entry 1: in use by Runtime on pc-2"
    return passed(**nothing, failure=why, given_up=10.31, **changes)
