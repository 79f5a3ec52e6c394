"""The seats of one license, and of all that a container has."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from sparekey.core.leases import Holder, Lease
from sparekey.core.problems import Problem
from sparekey.core.requests import Occupant
from sparekey.core.terms import Terms, Validity, validity

NAMED_HOLDERS = 100
"""How many holders a refusal names at most: the oldest first."""

_INVALID = {Validity.EXPIRED: Problem.LICENSE_EXPIRED, Validity.NOT_YET: Problem.LICENSE_NOT_YET_VALID}


@dataclass(slots=True)
class Pool:
    """The seats of one license. `terms` is None once it is withdrawn: its leases stay until their time is over."""

    serial: str
    terms: Terms | None = None
    leases: dict[Holder, Lease] = field(default_factory=dict)
    """The lease of each holder, of which it has one (R1); the oldest first."""

    @property
    def free(self) -> int:
        return max(0, self.terms.seats - len(self.leases)) if self.terms else 0

    @property
    def overfull(self) -> bool:
        """Whether a lease among these is one that an old ledger brought back, or the license has fewer seats now."""
        return self.terms is not None and len(self.leases) > self.terms.seats

    @property
    def proven_full(self) -> bool:
        """Whether there are as many holders that were heard since the start as there are seats."""
        return self.terms is not None and sum(lease.confirmed for lease in self.leases.values()) >= self.terms.seats

    def occupants(self) -> tuple[Occupant, ...]:
        return tuple(_occupant(lease) for lease in islice(self.leases.values(), NAMED_HOLDERS))

    def refusal(self, wall: float) -> Problem | None:
        """Why nobody may use this license now, judged by the server's clock (S7)."""
        if self.terms is None:
            return Problem.LICENSE_WITHDRAWN
        return _INVALID.get(validity(self.terms, wall))


class Pools:
    """The pools of a container, by serial number: that of a license that is shared, or still held."""

    def __init__(self) -> None:
        self._by_serial: dict[str, Pool] = {}
        self._serials: list[str] = []
        """In order, so that a page of them costs the same however many there are."""

    def __getitem__(self, serial: str) -> Pool:
        return self._by_serial[serial]

    def get(self, serial: str) -> Pool | None:
        return self._by_serial.get(serial)

    def lease(self, holder: Holder) -> Lease | None:
        """The one lease of this holder, where it has one (R1)."""
        pool = self._by_serial.get(holder.serial)
        return pool.leases.get(holder) if pool else None

    def made(self, serial: str) -> Pool:
        """The pool, made where there is none."""
        if serial not in self._by_serial:
            self._by_serial[serial] = Pool(serial)
            insort(self._serials, serial)
        return self._by_serial[serial]

    def after(self, serial: str) -> Iterator[Pool]:
        """Those of later serial numbers, in order."""
        return (self._by_serial[each] for each in self._serials[bisect_right(self._serials, serial) :])

    def drop_if_over(self, serial: str) -> None:
        """Forget a license that was withdrawn, once nobody holds it any more."""
        pool = self._by_serial[serial]
        if pool.terms is None and not pool.leases:
            del self._by_serial[serial]
            del self._serials[bisect_left(self._serials, serial)]


def _occupant(lease: Lease) -> Occupant:
    grant = lease.grant
    holder = grant.holder
    return Occupant(
        holder.system, grant.system_name, holder.application, grant.since, lease.spare, lease.told, lease.stays
    )
