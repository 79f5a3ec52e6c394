"""A seat core with a ledger in memory and a clock that the test moves, for the tests of `sparekey.core.seats`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sparekey.core.history import Shown
from sparekey.core.leases import Close, Closed, Doubt, Forget, Grant, Holder, Open, Put, Remove, Write
from sparekey.core.moment import Moment
from sparekey.core.problems import Problem
from sparekey.core.requests import Answer, Granted, Memory, Outcome, Refused, Renew, Take
from sparekey.core.seats import Lessor
from sparekey.core.terms import Terms

SERIAL = "5-1042"
TTL = 30.0
DAY = date(2026, 6, 1)
WALL = 1_780_300_000.0
"""Unix time, on DAY."""


def license_terms(seats: int = 1, valid_until: date | None = None) -> Terms:
    return Terms(SERIAL, "scada", "14.0", seats=seats, valid_until=valid_until)


def holder(name: str = "a", secret: str = "") -> Holder:
    return Holder(SERIAL, f"system-{name}", "Runtime", secret or f"secret-{name}")


@dataclass
class Disk:
    """What a ledger keeps."""

    grants: dict[str, Grant] = field(default_factory=dict)
    closed: dict[str, Closed] = field(default_factory=dict)
    blocks: dict[int, int] = field(default_factory=dict)
    behind: bool = False

    def commit(self, writes: tuple[Write, ...]) -> None:
        for write in writes:
            match write:
                case Put(grant):
                    self.grants[grant.id] = grant
                    self.blocks[grant.block] = max(self.blocks[grant.block], grant.fence)
                case Remove(id):
                    self.grants.pop(id, None)
                case Close(closed):
                    self.closed[closed.id] = closed
                case Forget(id):
                    self.closed.pop(id, None)
                case Open(block):
                    self.blocks[block] = block
                case Doubt(behind):
                    self.behind = behind

    def copy(self) -> Disk:
        return Disk(dict(self.grants), dict(self.closed), dict(self.blocks), self.behind)

    def load(self) -> Memory:
        lost = not self.blocks or self.behind
        return Memory(tuple(self.grants.values()), tuple(self.closed.values()), dict(self.blocks), lost=lost)


class Office:
    """A shell of the core that does what its docstring says, and counts what it wrote."""

    def __init__(self, seats: int = 1, *, ttl: float = TTL, longest: float = 0.0) -> None:
        self.terms = license_terms(seats)
        self.at = Moment(100.0, WALL)
        self.ttl = ttl
        self.longest = longest
        self.disk = Disk()
        self.written = 0
        self.start()

    def start(self) -> None:
        """Start on what the disk has, as after a crash."""
        self.lessor = Lessor(self.disk.load(), ttl=self.ttl, longest=self.longest, at=self.at)
        self.longest = max(self.longest, self.ttl)
        self.disk.commit(self.lessor.opening)
        self.lessor.install(self.terms)

    def lose_ledger(self) -> None:
        self.disk = Disk()
        self.start()

    def pass_time(self, seconds: float) -> None:
        self.at = Moment(self.at.boot + seconds, self.at.wall + seconds)

    def carry_out(self, outcome: Outcome) -> Answer:
        if outcome.writes:
            self.written += len(outcome.writes)
            self.disk.commit(outcome.writes)
            self.lessor.synced(outcome)
        return outcome.answer

    def take(self, lease: str, order: int = 1, by: Holder | None = None, *, shown: Shown | None = None) -> Answer:
        return self.carry_out(self.lessor.take(Take(lease, by or holder(), "pc", order, shown=shown), self.at))

    def grant(self, lease: str, order: int = 1, by: Holder | None = None, *, shown: Shown | None = None) -> Grant:
        """Take, and be sure to get it."""
        answer = self.take(lease, order, by, shown=shown)
        assert isinstance(answer, Granted), answer
        return answer.grant

    def renew(self, lease: str, by: Holder | None = None, *, shown: Shown | None = None) -> Answer:
        return self.carry_out(self.lessor.renew(Renew(lease, (by or holder()).secret, shown=shown), self.at))

    def release(self, lease: str, by: Holder | None = None) -> Answer:
        return self.carry_out(self.lessor.release(lease, (by or holder()).secret, self.at))

    def tick(self) -> None:
        self.disk.commit(self.lessor.tick(self.at))

    def held(self) -> set[str]:
        """The ids of the leases in force."""
        pool = self.lessor.pool(SERIAL)
        return {lease.grant.id for lease in pool.leases.values()} if pool else set()


def shown(grant: Grant) -> Shown:
    """The token of this grant, as its holder shows it."""
    who = grant.holder
    return Shown(grant.id, who.serial, who.system, who.application, grant.fence, grant.block, grant.ttl)


def refused(answer: Answer) -> Problem:
    assert isinstance(answer, Refused), answer
    return answer.problem


def later(grant: Grant, by: int) -> Grant:
    """A grant that the ledger never heard of."""
    return grant._replace(fence=grant.fence + by)
