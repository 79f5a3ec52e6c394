"""The queue of expiries: which leases have run out, at a cost that does not grow with the pool."""

from __future__ import annotations

import heapq

from sparekey.core.leases import Lease


class ExpiryQueue:
    """Leases by deadline.

    A renewal only moves `Lease.deadline`; the queue learns of it when the old deadline comes up, so a renewal costs
    nothing here.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Lease]] = []

    def add(self, lease: Lease) -> None:
        heapq.heappush(self._heap, (lease.deadline, lease.grant.fence, lease))

    def due(self, now: float, most: int) -> list[Lease]:
        """Take out up to `most` leases whose deadline has passed; the caller ignores those that ended otherwise."""
        over: list[Lease] = []
        while self._heap and self._heap[0][0] <= now and len(over) < most:
            queued, fence, lease = self._heap[0]
            if lease.deadline > queued:
                heapq.heapreplace(self._heap, (lease.deadline, fence, lease))
            else:
                heapq.heappop(self._heap)
                over.append(lease)
        return over

    def next(self) -> float | None:
        """When to look again: no lease runs out before."""
        return self._heap[0][0] if self._heap else None
