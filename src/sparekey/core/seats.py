"""The seat core: who may hold which seat of which license (R1, R9, S1-S4, S6).

Time comes in with every request, and an `Outcome` comes out: what to write, and what to answer once that is synced. A
shell cannot answer first, for its whole loop is

    outcome = lessor.take(request, at)
    if outcome.writes:
        await ledger.commit(outcome.writes)     # grants that wait together are committed together (S2)
        lessor.synced(outcome)
    return outcome.answer

A renewal has nothing to write, so it waits for no disk. A grant whose writes fail stays in memory, unanswered, until
its time is over; a repeat writes it again. The ledger skips no write: what failed goes first in the next transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from sparekey.core.expiry import ExpiryQueue
from sparekey.core.history import History, Recovery, Shown
from sparekey.core.leases import Close, Closed, Doubt, Forget, Grant, Holder, Lease, Open, Put, Remove, Write
from sparekey.core.moment import Moment
from sparekey.core.pools import Pool, Pools
from sparekey.core.problems import Problem
from sparekey.core.requests import Granted, Memory, Outcome, Refused, Released, Renew, Renewed, Take
from sparekey.core.terms import Terms

SWEEP = 1_000
"""How many expiries are handled at once, so that a thousand of them are no storm."""
REMEMBERED = 100_000
"""How many ended leases are remembered at most (S6)."""
DRAIN_RETRY = 5.0
"""When to ask again a server that is being emptied, seconds."""


class Lessor:
    """Owns the leases of one container.

    `ttl` serves new grants; `longest` is the longest ttl that the container ever answered (S4), both in seconds.
    `last_block` is the block of fencing numbers that the last start opened, 0 where there was none (S3).
    `opening` is to be synced before the first request is heard.
    """

    def __init__(self, memory: Memory, *, ttl: float, longest: float, last_block: int = 0, at: Moment) -> None:
        self.ttl = ttl
        self.draining = False
        """Whether the server is being emptied: leases go on and are taken over, nothing new is granted."""
        self._pools = Pools()
        self._by_id: dict[str, Lease] = {}
        self._expiries = ExpiryQueue()
        self._unwritten: list[Write] = []
        self._closed: dict[str, Closed] = {}
        self._orders: dict[Holder, int] = {}
        self._ended: deque[tuple[float, Closed]] = deque()
        highest = max((grant.fence for grant in memory.grants), default=0)
        self._history = History(memory.blocks, highest, at, last_block=last_block)
        self._longest = max(longest, ttl)
        self._recovery = Recovery(at.boot, self._longest, ledger_lost=memory.lost and longest > 0)
        self._doubted = self._recovery.remaining(at.boot) > 0
        self.opening = (Open(self._history.block), Doubt(self._doubted), *self._restore(memory, at))

    # licenses

    def install(self, terms: Terms) -> None:
        """Share this license, or its newer issue under the running holders."""
        self._pools.made(terms.serial).terms = terms

    def withdraw(self, serial: str) -> None:
        """Grant it no more; holders are told at their next renewal, and what remains of their leases is theirs (R7)."""
        self._pools.made(serial).terms = None
        self._pools.drop_if_over(serial)

    def pools(self, after: str = "") -> Iterator[Pool]:
        """The pools by serial number, from the first one that is later than this."""
        return self._pools.after(after)

    def pool(self, serial: str) -> Pool | None:
        return self._pools.get(serial)

    # requests

    def take(self, take: Take, at: Moment) -> Outcome:
        """A seat for this holder: a repeat, a take-over of its own earlier lease, or a free seat (R1, R9, S6)."""
        self._expire(at)
        self._learn(take.shown)
        if (taken := self._by_id.get(take.id)) and taken.grant.holder != take.holder:
            return _refuse(Problem.INVALID_REQUEST, take)
        if self._is_late(take):
            return _refuse(Problem.TAKEN_OVER, take)
        pool = self._pools.get(take.holder.serial)
        if pool is None:
            return _refuse(Problem.NO_SUCH_LICENSE, take)
        if problem := pool.refusal(at.wall):
            return _refuse(problem, take)
        if own := pool.leases.get(take.holder):
            if own.grant.id == take.id:
                return self._repeat(own, take, at)
            if self._may_be_stale(own, pool):
                return Outcome(Refused(Problem.RECOVERING, pool.serial, take.id, retry_after=own.deadline - at.boot))
            return self._take_over(own, take, at)
        if remaining := self._recovery.remaining(at.boot):
            return self._take_back(pool, take, at, remaining)
        return self._take_free(pool, take, at)

    def renew(self, renew: Renew, at: Moment) -> Outcome:
        """Let a lease go on; nothing is written (S2)."""
        lease = self._by_id.get(renew.id)
        if lease is None or lease.deadline <= at.boot:
            return self._renew_unknown(renew)
        grant = lease.grant
        serial = grant.holder.serial
        if grant.holder.secret != renew.secret:
            return Outcome(Refused(Problem.WRONG_SECRET, serial, renew.id))
        if problem := self._pools[serial].refusal(at.wall):
            return Outcome(Refused(problem, serial, renew.id))
        if self._may_be_stale(lease, self._pools[serial]) and self._pools[serial].proven_full:
            return Outcome(Refused(Problem.TAKEN_OVER, serial, renew.id), self._end(lease, at))
        if renew.spare is not None:
            lease.spare = renew.spare
        lease.stays = renew.stays
        self._prolong(lease, at)
        return Outcome(Renewed(grant), () if lease.synced else (Put(grant),))

    def release(self, id: str, secret: str, at: Moment) -> Outcome:  # noqa: A002 - the field's own name
        """Give a seat back; also again, and also before its take has arrived (S6)."""
        lease = self._by_id.get(id)
        known = lease.grant.holder.secret if lease else self._closed[id].secret if id in self._closed else secret
        if known != secret:
            return Outcome(Refused(Problem.WRONG_SECRET, "", id))
        if lease:
            return Outcome(Released(), self._end(lease, at))
        if closed := self._closed.get(id):
            return Outcome(Released(), (Remove(id), Close(closed)))  # the first release may not be synced yet
        self._expire(at)
        early = self._closed[id] = Closed(id, secret)
        self._remember(early, at)
        return Outcome(Released(), (Close(early),))

    def holds(self, id: str) -> bool:  # noqa: A002 - the field's own name
        """Whether a lease of this id is in force: a renewal of it needs to show no token."""
        return id in self._by_id

    @property
    def held(self) -> int:
        """How many leases are in force, also of licenses that were withdrawn."""
        return len(self._by_id)

    # time and the disk

    def synced(self, outcome: Outcome) -> None:
        """The ledger has the outcome's writes."""
        for write in outcome.writes:
            if isinstance(write, Put) and (lease := self._by_id.get(write.grant.id)):
                lease.synced = True

    def tick(self, at: Moment) -> tuple[Write, ...]:
        """Free what has run out; return what the ledger may drop. Nobody waits for it."""
        self._expire(at)
        if self._doubted and not self._recovery.remaining(at.boot):
            self._note_doubt(behind=False)
        return self._due_writes()

    def next_timer(self) -> float | None:
        """When the next lease may run out or the oldest memory of one is due to go, boot clock."""
        forget = self._ended[0][0] if self._ended else None
        return min((timer for timer in (self._expiries.next(), forget) if timer is not None), default=None)

    @property
    def block(self) -> int:
        """The block of fencing numbers that this start has opened; to be remembered beside the ledger (S3)."""
        return self._history.block

    def recovering(self, now: float) -> float:
        """For how many seconds more nothing new is granted (S4)."""
        return self._recovery.remaining(now)

    @property
    def rolled_back(self) -> bool:
        """Whether a holder has shown that the ledger is older than what was done with it (S4)."""
        return self._recovery.rolled_back

    # how a take ends

    def _repeat(self, lease: Lease, take: Take, at: Moment) -> Outcome:
        """The same lease. Its new answer promises a ttl from now, so the seat is kept as long (S1)."""
        lease.spare = take.spare
        self._prolong(lease, at)
        return Outcome(Granted(lease.grant, repeat=True), () if lease.synced else (Put(lease.grant),))

    def _take_over(self, own: Lease, take: Take, at: Moment) -> Outcome:
        return self._grant(take, at, self._end(own, at))

    def _take_free(self, pool: Pool, take: Take, at: Moment) -> Outcome:
        if self.draining:
            return Outcome(Refused(Problem.DRAINING, pool.serial, take.id, retry_after=DRAIN_RETRY))
        if not pool.free:
            return Outcome(Refused(Problem.NO_FREE_SEAT, pool.serial, take.id, pool.occupants()))
        return self._grant(take, at)

    def _take_back(self, pool: Pool, take: Take, at: Moment, remaining: float) -> Outcome:
        """While the ledger is behind, a seat goes only to who can show that it was theirs (S4)."""
        if take.shown is None or self._history.knows(take.shown) or not _fits(take.shown, take.holder):
            return Outcome(Refused(Problem.RECOVERING, pool.serial, take.id, retry_after=remaining))
        if pool.free:
            return self._grant(take, at, proven=True)
        if later := self._given_away(pool):
            return self._grant(take, at, self._end(later, at), proven=True)
        if pool.proven_full:
            return Outcome(Refused(Problem.NO_FREE_SEAT, pool.serial, take.id, pool.occupants()))
        # A lease of the old ledger that nobody renews is over: it is not to be taken over, and is left to its time. One
        # that somebody renews had a seat beside this one.
        return self._grant(take, at, proven=True)

    def _may_be_stale(self, lease: Lease, pool: Pool) -> bool:
        """Whether an old ledger may have brought it back beside others (S4).

        Where the ledger is good, the license has fewer seats than before: who has one keeps it (R7).
        """
        return self._recovery.behind and pool.overfull and not lease.confirmed

    def _given_away(self, pool: Pool) -> Lease | None:
        """The latest lease granted since the start without a token, when the ledger was not yet known to be behind."""
        unproven = (lease for lease in pool.leases.values() if lease.given_at_sight)
        return max(unproven, key=lambda lease: lease.grant.fence, default=None)

    def _renew_unknown(self, renew: Renew) -> Outcome:
        self._learn(renew.shown)
        closed = self._closed.get(renew.id)
        serial = closed.holder.serial if closed and closed.holder else renew.shown.serial if renew.shown else ""
        if closed and closed.secret != renew.secret:
            return Outcome(Refused(Problem.WRONG_SECRET, serial, renew.id))
        return Outcome(Refused(Problem.TAKEN_OVER if closed else Problem.NO_SUCH_LEASE, serial, renew.id))

    def _learn(self, shown: Shown | None) -> None:
        if shown and not self._history.knows(shown):
            self._recovery.ledger_is_behind(shown)
            self._note_doubt(behind=True)

    def _note_doubt(self, *, behind: bool) -> None:
        if behind is not self._doubted:
            self._doubted = behind
            self._unwritten.append(Doubt(behind))

    def _grant(self, take: Take, at: Moment, ended: tuple[Write, ...] = (), *, proven: bool = False) -> Outcome:
        """A new lease. What it stands in for leaves the ledger in the same transaction (S2)."""
        fence = self._history.next_fence()
        block = self._history.block
        grant = Grant(take.id, take.holder, take.system_name, take.order, fence, block, self.ttl, at.wall, take.spare)
        self._hold(
            Lease(grant, at.boot + self.ttl, take.spare, synced=False, confirmed=True, given_at_sight=not proven)
        )
        return Outcome(Granted(grant, repeat=False), (*self._due_writes(), *ended, Put(grant)))

    def _is_late(self, take: Take) -> bool:
        """Whether a later take of this holder, or the release of this one, was here first (S6)."""
        if take.id in self._closed:
            return True
        own = self._pools.lease(take.holder)
        if own is None:
            return take.order <= self._orders.get(take.holder, -1)
        return take.order < own.grant.order or (take.order == own.grant.order and take.id != own.grant.id)

    # the books

    def _restore(self, memory: Memory, at: Moment) -> list[Write]:
        """Give every lease that is found one full ttl (S2); of two of one holder the later take counts (R1)."""
        obsolete: list[Write] = []
        for grant in sorted(memory.grants, key=lambda grant: grant.order):
            if earlier := self._pools.lease(grant.holder):
                obsolete += self._end(earlier, at)
            self._hold(
                Lease(grant, at.boot + grant.ttl, grant.spare, synced=True, confirmed=False, given_at_sight=False)
            )
        for closed in memory.closed:
            self._closed[closed.id] = closed
            self._remember(closed, at)
        return obsolete

    def _hold(self, lease: Lease) -> None:
        holder = lease.grant.holder
        self._pools.made(holder.serial).leases[holder] = lease
        self._by_id[lease.grant.id] = lease
        self._expiries.add(lease)

    def _let_go(self, lease: Lease, at: Moment) -> Closed:
        """Strike the lease off, and remember its order."""
        grant = lease.grant
        del self._by_id[grant.id]
        del self._pools[grant.holder.serial].leases[grant.holder]
        self._pools.drop_if_over(grant.holder.serial)
        closed = Closed(grant.id, grant.holder.secret, grant.holder, grant.order)
        self._remember(closed, at)
        return closed

    def _end(self, lease: Lease, at: Moment) -> tuple[Write, ...]:
        closed = self._let_go(lease, at)
        self._closed[closed.id] = closed
        return Remove(closed.id), Close(closed)

    def _expire(self, at: Moment) -> None:
        for lease in self._expiries.due(at.boot, SWEEP):
            if self._by_id.get(lease.grant.id) is lease:
                self._let_go(lease, at)
                self._unwritten.append(Remove(lease.grant.id))
        while self._ended and (self._ended[0][0] <= at.boot or len(self._ended) > REMEMBERED):
            self._forget(self._ended.popleft()[1])

    def _remember(self, closed: Closed, at: Moment) -> None:
        self._ended.append((at.boot + self._longest, closed))
        if closed.holder:
            self._orders[closed.holder] = max(closed.order, self._orders.get(closed.holder, -1))

    def _forget(self, closed: Closed) -> None:
        if self._closed.get(closed.id) is closed:  # and not a release that came after it had run out
            del self._closed[closed.id]
            self._unwritten.append(Forget(closed.id))
        if closed.holder and self._orders.get(closed.holder) == closed.order:
            del self._orders[closed.holder]

    def _prolong(self, lease: Lease, at: Moment) -> None:
        lease.deadline = max(lease.deadline, at.boot + lease.grant.ttl)
        lease.confirmed, lease.told = True, self.draining

    def _due_writes(self) -> tuple[Write, ...]:
        """What has left memory and may leave the ledger with the next transaction."""
        unwritten, self._unwritten = tuple(self._unwritten), []
        return unwritten


def _refuse(problem: Problem, take: Take) -> Outcome:
    return Outcome(Refused(problem, take.holder.serial, take.id))


def _fits(shown: Shown, holder: Holder) -> bool:
    """Whether the token is of this holder and this license."""
    return (shown.serial, shown.system, shown.application) == (holder.serial, holder.system, holder.application)
