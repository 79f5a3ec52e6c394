"""The redundancy core: which license to hold now (R2, R6-R9, R12, R13).

An event comes in with the time, decisions go out, and the next timer:

    for decision in redundancy.receive(event, now):
        carry_out(decision)                     # what comes of it is an event again
    wake_at(redundancy.next_timer())            # then: receive(Tick(), now)

Here events and the time become signals; what a signal does in which state stands in `transitions.TABLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sparekey.core import routine, timing
from sparekey.core.actions import Cause
from sparekey.core.decisions import Decision, UseLease
from sparekey.core.due import AT_ONCE, timers
from sparekey.core.entries import Entry, LicenseList
from sparekey.core.events import (
    Answered,
    Broken,
    ClockJumped,
    DemoReserved,
    Drill,
    Event,
    Failed,
    Granted,
    Listed,
    Refused,
    Released,
    Renewed,
    Stopping,
    Unanswered,
)
from sparekey.core.findings import Finding, assess
from sparekey.core.findings import State as Found
from sparekey.core.holding import Holding
from sparekey.core.past import Manners, Past
from sparekey.core.problems import Problem
from sparekey.core.situation import Situation
from sparekey.core.states import Signal, State
from sparekey.core.terms import Terms
from sparekey.core.transitions import TABLE

_WISHES: Mapping[type[Event], tuple[Signal, str]] = {
    Drill: (Signal.DRILL, "fire drill"),
    Stopping: (Signal.STOPPING, "the application ends"),
}


class Redundancy:
    """Decides for one application of one system. `draw` gives the next random number in [0, 1)."""

    def __init__(
        self,
        entries: LicenseList,
        *,
        now: float,
        draw: Callable[[], float],
        past: Past,
        manners: Manners,
        demo: Terms | None,
    ) -> None:
        self.state = State.START
        self.at = Situation(entries, past, demo, draw, now)
        self._manners = manners

    def receive(self, event: Event, now: float) -> list[Decision]:
        """Take in what has happened; return what is to be done, in this order."""
        self._settle(now)
        self._digest(event, now)
        self._settle(now)
        for decision in routine.steps(self.state, self.at, now):
            self.at.decide(decision)
        return self.at.decisions()

    def next_timer(self) -> float:
        """When to come back with a Tick, boot clock, if nothing happens before."""
        signals = (time for time, _ in timers(self.state, self.at, self._manners))
        return min([routine.next_timer(self.state, self.at), *signals])

    @property
    def valid_until(self) -> float:
        """To when the application may believe that it is licensed, boot clock (S1)."""
        if self.at.in_use:
            return self.at.in_use.deadline
        return self.at.demo.until if self.state is State.DEMO else AT_ONCE

    @property
    def is_settled(self) -> bool:
        """Whether a system that stopped has nothing left to give back."""
        return self.state is State.STOP and not self.at.debts

    # from events to signals

    def _digest(self, event: Event, now: float) -> None:
        match event:
            case Granted() | Renewed() | Refused() | Failed() | Broken() | Released():
                self._hear(event, now)
            case Answered(entry, offers):
                for offer in offers:
                    self.at.learn(offer.terms)
                others = [offer for offer in offers if not self.at.has(offer.serial, entry)]
                self.at.note_finding(entry, assess(entry, others, self.at.measure), now)
            case Unanswered(entry, reason):
                self.at.note_finding(entry, Finding(Found.SILENT, entry.serial, reason), now)
            case Listed(entries):
                self.at.follow(entries, now)
            case DemoReserved(used):
                self._demo_reserved(used, now)
            case ClockJumped():
                for holding in self.at.holdings():
                    holding.renew_now(now)
            case Drill() | Stopping():
                signal, reason = _WISHES[type(event)]
                self._fire(signal, now, reason)

    def _hear(self, event: Granted | Renewed | Refused | Failed | Broken | Released, now: float) -> None:
        match event:
            case Granted():
                self._granted(event, now)
            case Renewed(number, sent, ttl, drain):
                holding = self.at.holding(number)
                if holding and holding.renewed(sent, ttl, self.at.draw(), drain=drain):
                    self._answers(holding, now)
            case Refused():
                self._refused(event, now)
            case Failed():
                self._failed(event, now)
            case Broken(number, reason):
                holding = self.at.holding(number)
                if holding and holding.sound:
                    holding.broken(reason, now, self.at.draw())
                    self._doubted(holding, now)
            case Released(number):
                self.at.debts.paid(number)

    def _granted(self, event: Granted, now: float) -> None:
        self.at.learn(event.terms)
        if holding := self.at.retaken(event.number):
            self._retaken(holding, event, now)
        elif entry := self._entry_of_take(event.number):
            self._granted_new(event, replace(entry, serial=event.terms.serial), now)
        elif not self.at.is_in_hand(event.number):
            self.at.debts.owe(event.number, now)

    def _retaken(self, holding: Holding, event: Granted, now: float) -> None:
        """A license was taken anew; the lease before it may still be known at an earlier location."""
        self.at.debts.owe(holding.number, now)
        holding.retaken(event.number, event.terms, event.sent, event.ttl, self.at.draw(), drain=event.drain)
        if holding is self.at.in_use:
            self.at.decide(UseLease(holding.number))
        self._answers(holding, now)

    def _granted_new(self, event: Granted, entry: Entry, now: float) -> None:
        home = self._is_homecoming(event.number)
        if objections := self.at.measure.objections(event.terms):
            self.at.debts.owe(event.number, now)
            self._not_to_be_had(event.number, Problem.NO_SUCH_LICENSE, ", ".join(objections), now)
            return
        if self.at.search:
            self.at.search.take_granted(event.number)
        spare = self.at.in_use is not None or (self.state is State.START and not home)
        next_attempt = event.sent + timing.first_renewal(event.ttl, self.at.draw())
        lease = Holding(
            event.number, entry, event.terms, event.ttl, event.sent, next_attempt, spare, draining=event.drain
        )
        self._fire(Signal.HOME_GRANTED if home else Signal.GRANTED, now, f"granted by {entry.location}", lease)

    def _entry_of_take(self, number: int) -> Entry | None:
        """For which entry take `number` is under way."""
        if self._is_homecoming(number):
            return self.at.homecoming.home
        if self.state is State.START:
            return self.at.homecoming.leftover(number)
        return self.at.search.taken_entry(number) if self.at.search else None

    def _is_homecoming(self, number: int) -> bool:
        return self.state is State.START and self.at.homecoming.is_home(number)

    def _answers(self, holding: Holding, now: float) -> None:
        """Its server has renewed it. Where that is being emptied, a spare that is held is no more given back (R7)."""
        spare = self.at.spare
        if holding is self.at.in_use:
            leaves = holding.draining and spare is not None and spare.is_good_spare
            self._fire(Signal.DRAINING if leaves else Signal.RENEWED, now, f"{holding.entry.location} answers")
        elif self.state is State.SECURED and holding.is_good_spare:
            self.at.end_search(now)

    def _refused(self, event: Refused, now: float) -> None:
        problem, reason = event.problem, event.reason
        holding = self.at.holding(event.number) or self.at.retaken(event.number)
        if holding is None:
            spare_among = event.spare_among_holders
            self._not_to_be_had(event.number, problem, reason, now, spare_among_holders=spare_among)
        elif problem is Problem.NO_SUCH_LEASE:
            self.at.ask_anew(holding, now)
            holding.failed(reason, now)
            holding.renew_now(now)
            self._doubted(holding, now)
        elif problem is Problem.TAKEN_OVER:
            own = holding is self.at.in_use
            self._fire(Signal.TAKEN_OVER if own else Signal.SPARE_GONE, now, reason)
        else:
            holding.refuse(reason)
            if holding is self.at.in_use:
                self._fire(Signal.REFUSED, now, reason)

    def _not_to_be_had(
        self, number: int, problem: Problem, reason: str, now: float, *, spare_among_holders: bool = False
    ) -> None:
        """A take was refused, or its license will not do."""
        if self._is_homecoming(number):
            self.at.homecoming.refused(problem, reason, now, spare_among_holders=spare_among_holders)
        elif self.state is State.START:
            self.at.homecoming.leftover(number)
        elif self.at.search:
            found = Found.FULL if problem is Problem.NO_FREE_SEAT else Found.REFUSED
            self.at.search.take_ended(number, found, reason, now)

    def _failed(self, event: Failed, now: float) -> None:
        at = self.at
        if holding := at.holding(event.number) or at.retaken(event.number):
            self._fail(holding, event.reason, now)
        elif self._is_homecoming(event.number):
            at.homecoming.failed(event.reason, now, sent=event.sent)
        elif self._entry_of_take(event.number):
            if at.search:
                at.search.take_ended(event.number, Found.SILENT, event.reason, now)
            if event.sent:
                at.debts.owe(event.number, now)

    def _fail(self, holding: Holding, reason: str, now: float) -> None:
        """An attempt failed. Where the list has a new location for this license, that is tried from now on (R5)."""
        holding.failed(reason, now)
        moved = self.at.list.find(holding.serial, holding.entry.location)
        if moved and moved.location != holding.entry.location:
            holding.entry = replace(moved, serial=holding.serial)
            self.at.ask_anew(holding, now)
        self._doubted(holding, now)

    def _doubted(self, holding: Holding, now: float) -> None:
        if holding is self.at.in_use:
            self._fire(Signal.FAILING, now, holding.trouble)

    def _demo_reserved(self, used: float, now: float) -> None:
        if not self.at.demo.reserved(used, now):
            return
        if Signal.DEMO_READY in TABLE[self.state]:
            self._fire(Signal.DEMO_READY, now, "demo time is reserved")
        else:
            self.at.decide(self.at.demo.stop(now))

    # from the time to signals

    def _settle(self, now: float) -> None:
        """Fire what the time has brought about."""
        while due := next((signal for time, signal in timers(self.state, self.at, self._manners) if time <= now), None):
            own = self.at.in_use
            self._fire(due, now, own.trouble if own and own.trouble else str(due))

    def _fire(self, signal: Signal, now: float, reason: str, lease: Holding | None = None) -> None:
        row = TABLE[self.state].get(signal)
        if row:
            self.state = row.next
            row.action(self.at, Cause(now, reason, lease))
        else:
            self.at.give_back(lease, now)
