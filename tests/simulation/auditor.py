"""The rules that a server keeps with each answer: S4, S6, S7. Knows what it answered before, over all restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from sparekey.core.history import Shown
from sparekey.core.leases import Close, Grant
from sparekey.core.problems import Problem
from sparekey.core.requests import Granted, Outcome, Refused, Renewed

from .clock import MOST_DRIFT

if TYPE_CHECKING:
    from .server import Server

SURELY = 0.98
"""So much of a time has not passed on any clock, whatever its drift, when it has not in true time."""


@dataclass(frozen=True, slots=True)
class _Latest:
    """A holder's take of the highest order, and to when that is surely remembered."""

    lease: str
    order: int
    until: float


class Auditor:
    """All times are true times."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._released: dict[str, float] = {}
        """To when it is surely remembered that a lease is over: it was given back, or its holder took another."""
        self._over: dict[str, float] = {}
        """Since when a lease may be over: its release, or the take of another, was heard."""
        self._latest: dict[str, _Latest] = {}
        """By secret."""
        self._granted: set[str] = set()
        """Secrets of those who have got a seat since the ledger was replaced, whether they have heard of it or not."""
        self._lost: set[str] = set()
        """Leases that may be believed in, of which the ledger knows nothing."""
        self._refused: set[tuple[str, Problem]] = set()
        self._kept: dict[str, float] = {}
        """To when a seat is kept for a lease, by the fastest clock."""
        self._was_replaced = False
        self._longest = 0.0
        self._recovers_until = 0.0
        """To when nothing new may be granted, for the ledger was lost."""

    def started(self, found: set[str], lost: set[str]) -> None:
        """The server starts, and its ledger has these leases; it has lost those."""
        server = self._server
        self._longest = max(self._longest, server.ttl)
        if server.replaced:
            self._was_replaced = True
            is_lost = server.replaced == "lost"
            self._recovers_until = server.world.now + SURELY * self._longest if is_lost else 0.0
            self._lost = {lease for lease in lost if server.promises.given[lease].until > server.world.now}
            self._released.clear()
            self._latest.clear()
            self._granted.clear()
        for lease in sorted(found):
            if self._is_released(lease):
                self._breach("S6", f"has {lease} again, which was given back")
        for serial, leases in sorted(server.ledger.crowd().items()):
            signed = server.disk.licenses.get(serial)
            if signed and leases > signed.terms.seats and not self._was_replaced:
                self._breach("S2", f"has {leases} leases of {serial} in its ledger, for {signed.terms.seats} seats")

    def decided(self, outcome: Outcome, shown: Shown | None) -> None:
        """What it is about to write and to answer, to one who showed this token."""
        answer = outcome.answer
        for write in outcome.writes:
            if isinstance(write, Close):
                self._over.setdefault(write.closed.id, self._server.world.now)
        match answer:
            case Granted(grant, repeat):
                self._check_grant(grant, repeat=repeat)
                self._check_recovery(grant, shown)
                self._granted.add(grant.holder.secret)
                self._check_promise(grant)
            case Renewed(grant):
                self._check_promise(grant)
            case Refused(problem=Problem.LICENSE_EXPIRED, serial=serial) if self._is_valid(serial):
                self._breach("S7", f"says that {serial} is expired, and it is not")
            case Refused(problem=Problem.NO_SUCH_LEASE, lease=lease) if self._is_released(lease):
                self._breach("S6", f"does not know any more that {lease} is over")
        if isinstance(answer, Refused):
            self._refused.add((answer.lease, answer.problem))
        self._check_history(shown)

    def promised(self, grant: Grant, heard: float) -> None:
        """A grant or a renewal was answered."""
        # Answers may overtake one another: the later request counts.
        self._kept[grant.id] = max(self.keeps(grant.id), heard + grant.ttl / (1 + MOST_DRIFT))
        latest = self._latest.get(grant.holder.secret)
        if latest and latest.lease != grant.id and latest.until > heard:
            self._remembers(latest.lease, heard)
        if latest is None or grant.order >= latest.order:
            self._latest[grant.holder.secret] = _Latest(grant.id, grant.order, heard + SURELY * grant.ttl)

    def released(self, lease: str, secret: str, heard: float) -> None:
        """A release was answered."""
        latest = self._latest.get(secret)
        until = self._remembers(lease, heard)
        if latest and latest.lease == lease and latest.until > self._over[lease]:
            self._latest[secret] = replace(latest, until=until)

    def hears_release(self, lease: str) -> None:
        """A release is heard; it is answered later."""
        self._over.setdefault(lease, self._server.world.now)

    def _remembers(self, lease: str, heard: float) -> float:
        """To when it is surely remembered that this lease is over."""
        since = self._over.setdefault(lease, heard)
        return self._released.setdefault(lease, since + SURELY * self._longest)

    def has_refused(self, lease: str, problem: Problem) -> bool:
        """Whether it ever said so of this lease (T1)."""
        return (lease, problem) in self._refused

    def keeps(self, lease: str) -> float:
        """To when nobody else gets the seat of this lease (S1)."""
        return self._kept.get(lease, 0.0)

    def _check_grant(self, grant: Grant, *, repeat: bool) -> None:
        now, given = self._server.world.now, self._server.promises.given.get(grant.id)
        if self._is_released(grant.id):
            self._breach("S6", f"grants {grant.id}, which was given back")
        latest = self._latest.get(grant.holder.secret)
        if latest and latest.lease != grant.id:
            self._over.setdefault(latest.lease, now)
        if latest and grant.order < latest.order and now < latest.until:
            self._breach("S6", f"grants {grant.id} of order {grant.order}, after {latest}")
        if not repeat and given and now < given.until:
            self._breach("S6", f"grants {grant.id} a second time")

    def _check_recovery(self, grant: Grant, shown: Shown | None) -> None:
        """After the ledger was lost only those get a seat who have one, or show that they had (S4)."""
        known = shown or grant.holder.secret in self._latest or grant.holder.secret in self._granted
        if self._server.world.now < self._recovers_until and not known:
            self._breach("S4", f"grants {grant.id}, while others may believe in what it has forgotten")

    def _check_promise(self, grant: Grant) -> None:
        """A seat is kept for one ttl from now (S1), of a license that is there (R7) and valid by its clock (S7)."""
        server, serial = self._server, grant.holder.serial
        pool = server.lessor.pool(serial)
        lease = pool.leases.get(grant.holder) if pool else None
        if (
            lease is None
            or lease.grant.id != grant.id
            or lease.deadline < server.clock.boot(server.world.now) + grant.ttl
        ):
            self._breach("S1", f"promises {grant.id} for {grant.ttl} s, and does not keep it so long")
        if serial not in server.shelf.in_force:
            self._breach("R7", f"gives {serial}, which is withdrawn")
        elif not self._is_valid(serial):
            self._breach("S7", f"gives {serial}, which is expired")

    def _check_history(self, shown: Shown | None) -> None:
        """It sees from a token that its ledger is behind; and never takes it to be without reason (S4)."""
        server = self._server
        if server.lessor.rolled_back and not self._was_replaced:
            self._breach("S4", "takes its ledger to be rolled back, and it is not")
        young = server.world.now < server.started + SURELY * self._longest
        if shown and shown.lease in self._lost and young and not server.recovering():
            self._breach("S4", f"does not see from {shown.lease} that its ledger is behind")

    def _is_valid(self, serial: str) -> bool:
        server = self._server
        signed = server.shelf.in_force.get(serial)
        if signed is None or signed.terms.valid_until is None:
            return signed is not None
        ends = datetime.combine(signed.terms.valid_until, time.max, UTC).timestamp()
        return server.clock.wall(server.world.now) < ends

    def _is_released(self, lease: str) -> bool:
        return self._released.get(lease, 0.0) > self._server.world.now

    def _breach(self, rule: str, text: str) -> None:
        self._server.world.breach(rule, f"{self._server.name} {text}")
