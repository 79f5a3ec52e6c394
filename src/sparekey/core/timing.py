"""How long things take: every number of a lease's life at its holder, in seconds (R7, R12, S1)."""

from __future__ import annotations

SHORTEST_TTL, DEFAULT_TTL, LONGEST_TTL = 5.0, 30.0, 3600.0
"""How long a lease may last (S2)."""
RETRY = 0.25
"""Between two attempts at one's own server; and before a ready entry overtakes those that have not answered."""
SEARCH_SPREAD = 0.5
"""A suspect system begins to look for a spare within this time, so that a thousand do not come at once (R7)."""
ASK_TIMEOUT = 1.0
TAKE_TIMEOUT = 3.0
ABANDON_AFTER = 1.0
"""A take is abandoned after this time if another entry is ready (R12)."""
ASK_AGAIN_MIN, ASK_AGAIN_SPREAD = 0.5, 1.0
"""Entries that were full or silent are asked again after 0.5 to 1.5 s (R12)."""
ASK_LATER_FACTOR = 10.0
"""Entries that do not fit are asked again too, so much later: a license may have been renewed meanwhile."""
REGAIN_TIMEOUT = 1.0
"""How long a holder that slept through its lease asks for its own serial before it calls it lost (S1)."""
RELEASE_FIRST, RELEASE_MOST, RELEASE_FOR = 0.25, 8.0, 3600.0
"""An unanswered release is sent again after 0.25 s, then after twice as long up to 8 s, for an hour at most (R12)."""
OVERSLEPT = 1.0
"""A suspect holder that comes so late after its deadline has slept, and asks for its own serial once (S1)."""
DRILL_PATIENCE = 10.0
"""A fire drill that has not led to another license in this time has failed."""
STOP_TIMEOUT = 1.0
"""How long a system that stops waits for its releases to be answered."""


def margin(ttl: float) -> float:
    """What a holder believes less than its server: two clocks of 1000 ppm each, and a quarter of a second (S1)."""
    return 0.25 + 0.002 * ttl


def belief(ttl: float) -> float:
    """For how long after sending a renewal its holder believes in the lease (S1)."""
    return ttl - margin(ttl)


def renewal(ttl: float, draw: float) -> float:
    """From one renewal to the next; `draw` in [0, 1) takes off up to a tenth (R7)."""
    return min(ttl / 4, 60.0) * (1.0 - 0.1 * draw)


def first_renewal(ttl: float, draw: float) -> float:
    """From a grant, or from the first answer after trouble, to the next renewal: any share of the usual time.

    A server that was away has a thousand holders at once; afterwards they come evenly again (R7).
    """
    return renewal(ttl, 0.0) * (1.0 - draw)


def attempt(ttl: float) -> float:
    """After this time without an answer an attempt to renew has failed (R7)."""
    return min(ttl / 10, 3.0)


def switch(sent: float, suspect: float, ttl: float) -> float:
    """When a suspect system that holds a spare goes over to it: `sent` is its last answered renewal's time (R7)."""
    return max(sent + 0.6 * ttl, suspect + ttl / 10)


def grace(ttl: float, wanted: float | None) -> float:
    """How long before the deadline it is decided: the spare, else demo, else an orderly end (S1)."""
    return min(ttl / 4, min(10.0, ttl / 6) if wanted is None else wanted)
