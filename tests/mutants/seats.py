"""Mutants of who may hold which seat, and how long (R1, R7, R9, S1, S2, S6, S7)."""

from __future__ import annotations

from .mutant import CORE, Mutant

_SEATS = CORE + "seats.py"
_POOLS = CORE + "pools.py"

SEATS = (
    Mutant(
        "a license has one seat more",
        "R1",
        _POOLS,
        "max(0, self.terms.seats - len(self.leases))",
        "self.terms.seats + 1 - len(self.leases)",
    ),
    Mutant(
        "a spare takes no seat",
        "R1",
        _POOLS,
        "self.terms.seats - len(self.leases))",
        "self.terms.seats - sum(not one.spare for one in self.leases.values()))",
    ),
    Mutant(
        "a holder does not get its own seat back",
        "R9",
        _SEATS,
        "if own := pool.leases.get(take.holder):",
        "if (own := pool.leases.get(take.holder)) and own.grant.id == take.id:",
    ),
    Mutant(
        "the seat taken over is kept too",
        "R1",
        _SEATS,
        "return self._grant(take, at, self._end(own, at))",
        "return self._grant(take, at)",
    ),
    Mutant(
        "a seat is free before its ttl is over",
        "S1",
        CORE + "expiry.py",
        "while self._heap and self._heap[0][0] <= now and",
        "while self._heap and self._heap[0][0] <= now + 2 and",
    ),
    Mutant(
        "a renewal prolongs nothing",
        "S1",
        _SEATS,
        ("self._prolong(lease, at)\n        return Outcome(Renewed"),
        "return Outcome(Renewed",
    ),
    Mutant(
        "a repeat prolongs nothing",
        "S1",
        _SEATS,
        ("self._prolong(lease, at)\n        return Outcome(Granted"),
        "return Outcome(Granted",
    ),
    Mutant(
        "the queue of expiries sees no renewal",
        "S1",
        CORE + "expiry.py",
        "if lease.deadline > queued:",
        "if lease.deadline > queued + 1e9:",
    ),
    Mutant(
        "a renewal goes by the ttl of new grants",
        "S2",
        _SEATS,
        "at.boot + lease.grant.ttl)",
        "at.boot + self.ttl)",
    ),
    Mutant(
        "a restart forgets the leases",
        "S2",
        _SEATS,
        "sorted(memory.grants, key",
        "sorted((), key",
    ),
    Mutant(
        "a restart gives no fresh ttl",
        "S2",
        _SEATS,
        "Lease(grant, at.boot + grant.ttl,",
        "Lease(grant, at.boot + grant.ttl / 4,",
    ),
    Mutant(
        "a repeat is answered though its grant was never written",
        "S2",
        _SEATS,
        "Outcome(Granted(lease.grant, repeat=True), () if lease.synced else (Put(lease.grant),))",
        "Outcome(Granted(lease.grant, repeat=True), ())",
    ),
    Mutant(
        "a grant is not written",
        "S2",
        _SEATS,
        "(*self._due_writes(), *ended, Put(grant))",
        "(*self._due_writes(), *ended)",
    ),
    Mutant(
        "a repeat gets a new lease",
        "S6",
        _SEATS,
        "return self._repeat(own, take, at)",
        "return self._take_over(own, take, at)",
    ),
    Mutant(
        "a take of a lower order takes over",
        "S6",
        _SEATS,
        "return take.order < own.grant.order or",
        "return",
    ),
    Mutant(
        "a take that comes after a later one was released is granted",
        "S6",
        _SEATS,
        "return take.order <= self._orders.get(take.holder, -1)",
        "return False",
    ),
    Mutant(
        "a released id is forgotten",
        "S6",
        _SEATS,
        ("self._closed[closed.id] = closed\n        return Remove"),
        "return Remove",
    ),
    Mutant(
        "a release before its take is forgotten",
        "S6",
        _SEATS,
        "early = self._closed[id] = Closed(id, secret)",
        "early = Closed(id, secret)",
    ),
    Mutant(
        "what was released is forgotten at once",
        "S6",
        _SEATS,
        "self._ended.append((at.boot + self._longest, closed))",
        "self._ended.append((at.boot, closed))",
    ),
    Mutant(
        "a withdrawn license is renewed",
        "R7",
        _SEATS,
        "if problem := self._pools[serial].refusal(at.wall):",
        "if self._pools[serial].terms and (problem := self._pools[serial].refusal(at.wall)):",
    ),
    Mutant(
        "an expired license is granted",
        "S7",
        _POOLS,
        "return _INVALID.get(validity(self.terms, wall))",
        "return None",
    ),
    Mutant(
        "an expired license is renewed",
        "S7",
        _SEATS,
        "if problem := self._pools[serial].refusal(at.wall):",
        "if not self._pools[serial].terms and (problem := self._pools[serial].refusal(at.wall)):",
    ),
    Mutant(
        "the last day does not count",
        "S7",
        CORE + "terms.py",
        "at >= _begin(terms.valid_until) + _DAY",
        "at >= _begin(terms.valid_until)",
    ),
)
