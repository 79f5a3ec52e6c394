"""The seat core against a simple model, whatever happens in whatever order (R1, S1, S2, S4, S6)."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from seat_office import TTL, Disk, Office, holder, shown
from sparekey.core.leases import Grant
from sparekey.core.requests import Granted, Released, Renewed

SEATS = 2
NAMES = st.sampled_from("abcde")


class Holders(RuleBasedStateMachine):
    """Five holders, two seats. Each believes in its last answered lease until its ttl is over, as S1 lets it.

    Their clocks are the server's here, and their answers arrive at once: the longest belief that there can be.
    """

    def __init__(self) -> None:
        super().__init__()
        self.office = Office(seats=SEATS, longest=TTL)
        self.orders = dict.fromkeys("abcde", 0)
        self.believed: dict[str, tuple[Grant, float]] = {}
        self.backup: Disk | None = None
        self.rolled_back = False

    def believe(self, name: str, grant: Grant) -> None:
        self.believed[name] = (grant, self.office.at.boot + grant.ttl)

    def believers(self) -> dict[str, Grant]:
        now = self.office.at.boot
        return {name: grant for name, (grant, until) in self.believed.items() if now < until}

    @rule(name=NAMES, shows=st.booleans())
    def take(self, name: str, shows: bool) -> None:
        self.orders[name] += 1
        mine = self.believers().get(name)
        token = shown(mine) if shows and mine else None
        answer = self.office.take(f"{name}{self.orders[name]}", self.orders[name], holder(name), shown=token)
        if isinstance(answer, Granted):
            self.believe(name, answer.grant)

    @rule(name=NAMES)
    def take_late(self, name: str) -> None:
        """A take that was overtaken by all later ones of its holder."""
        if self.orders[name] > 1:
            answer = self.office.take(f"{name}1", 1, holder(name))
            if isinstance(answer, Granted):
                self.believe(name, answer.grant)

    @rule(name=NAMES)
    def renew(self, name: str) -> None:
        mine = self.believers().get(name)
        if mine:
            answer = self.office.renew(mine.id, holder(name), shown=shown(mine))
            if isinstance(answer, Renewed):
                self.believe(name, mine)
            elif getattr(answer, "problem", "") == "taken-over":
                del self.believed[name]

    @rule(name=NAMES)
    def release(self, name: str) -> None:
        if name in self.believed:
            grant, _ = self.believed.pop(name)
            assert isinstance(self.office.release(grant.id, holder(name)), Released)

    @rule(seconds=st.sampled_from([0.5, 5.0, TTL / 2, TTL]))
    def pass_time(self, seconds: float) -> None:
        self.office.pass_time(seconds)

    @rule()
    def tick(self) -> None:
        self.office.tick()

    @rule()
    def crash(self) -> None:
        self.office.start()

    @rule()
    def lose_ledger(self) -> None:
        self.office.lose_ledger()

    @rule()
    def back_up(self) -> None:
        self.backup = self.office.disk.copy()

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore(self) -> None:
        """A rollback may give a seat away; that heals by `taken-over`, so the model counts no more (S4)."""
        assert self.backup
        self.office.disk = self.backup.copy()
        self.office.start()
        self.rolled_back = True

    @invariant()
    def no_more_believe_than_there_are_seats(self) -> None:
        if not self.rolled_back:
            assert len(self.believers()) <= SEATS

    @invariant()
    def the_ledger_holds_every_lease_in_force(self) -> None:
        assert self.office.held() <= self.office.disk.grants.keys()

    @invariant()
    def one_holder_has_one_lease(self) -> None:
        held = [self.office.disk.grants[lease].holder for lease in self.office.held()]
        assert len(held) == len(set(held))


Holders.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestHolders = Holders.TestCase
