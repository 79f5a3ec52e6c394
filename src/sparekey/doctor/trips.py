"""Whether a lease time leaves time for the network."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from sparekey.core.timing import LONGEST_TTL, SHORTEST_TTL, attempt
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Met, machine

RESERVE = 3.0
"""An attempt to renew should have so many times a usual round trip: networks have bad moments."""


def judge(met: Met) -> Iterator[Diagnosis]:
    """An attempt to renew has its time from the ttl (R7); what takes longer is suspicion, again and again."""
    if not met.trips:
        return
    trip, allowed = median(met.trips), attempt(met.ttl)
    if trip * RESERVE <= allowed:
        return
    what = f"an answer takes {trip:.2f} s, and a renewal may take {allowed:g} s at a lease time of {met.ttl:g} s"
    make = Diagnosis.fault if trip > allowed else Diagnosis.warning
    yield make(met.location, what, _cure(met, trip))


def _cure(met: Met, trip: float) -> str:
    network = f"ping -c 10 {met.location.host}; mend the network"
    if trip * RESERVE > attempt(LONGEST_TTL):
        return network
    enough = max(SHORTEST_TTL, math.ceil(trip * RESERVE / attempt(SHORTEST_TTL) * SHORTEST_TTL))
    return f"{machine(met.location)}: sparekey server run STATE --ttl {enough:g}, or {network}"
