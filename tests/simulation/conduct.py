"""The rules that a system keeps by itself, whatever its servers and the network do: R6, R7, R9, R13, S1."""

from __future__ import annotations

from sparekey.core import timing
from sparekey.core.decisions import Decision, Kind, Renew, Take, Tell, UseDemo, UseLease, UseNothing
from sparekey.core.entries import Location
from sparekey.core.events import Broken, Drill, Event, Granted, Listed, Refused, Renewed
from sparekey.core.holding import Holding
from sparekey.core.past import Past
from sparekey.core.problems import Problem
from sparekey.core.states import State

from .application import Application, Truth

JUST = 0.001
"""Seconds within which two times are the same."""
ALARM_AFTER = 3 * 1.2 * 60.0 + 3.0
"""Within this time three rounds of the watch have been made and answered, whatever its period (R13)."""


class Conduct(Truth):
    """Looks at the decisions of one application, next to what it was told."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self.awake_since = 0.0
        """Since when its system has not slept, true time."""

    # what it is told

    def started(self, past: Past) -> None:
        home = self._app.entries.initial.serial
        self._left: set[tuple[str, Location]] = {(e.serial, e.location) for e in past.leftovers if e.serial != home}
        self._refused: list[Holding] = []
        self._taken_over: list[Holding] = []
        self._emptied: dict[int, tuple[float, bool]] = {}
        """What each lease's server said last, and when that was asked: whether it is being emptied."""
        self._drilled: Holding | None = None
        self._drill_begun = 0.0
        self._hung_up: Holding | None = None
        self._offered = False
        self._in_demo = False
        self._listed_since = self._short_since = self._app.world.now
        self._alarmed = False
        self.awake_since = self._app.world.now

    def hears(self, event: Event) -> None:
        at = self._app.core.at
        if isinstance(event, Refused):
            self._check_refusal(event)
        if isinstance(event, Granted | Renewed) and event.sent >= self._emptied.get(event.number, (0.0, False))[0]:
            self._emptied[event.number] = (event.sent, event.drain)
        match event:
            case Refused(number, problem) if held := at.holding(number) or at.retaken(number):
                if problem is not Problem.NO_SUCH_LEASE:
                    (self._taken_over if problem is Problem.TAKEN_OVER else self._refused).append(held)
            case Granted(number) if held := at.retaken(number):
                self._refused = [other for other in self._refused if other is not held]
            case Granted(number):
                self._offered = (
                    at.in_use is None and at.search is not None and at.search.taken_entry(number) is not None
                )
            case Broken(number) if (held := at.holding(number)) and held is at.in_use and held.sound:
                self._hung_up = held
            case Drill() if at.in_use and self._app.core.state in (State.HOLD, State.LEAVING):
                self._drill(at.in_use)
            case Listed():
                self._listed_since = self._app.world.now

    def _drill(self, held: Holding) -> None:
        """A drill begins; one that is on goes on, and one whose time is over ends just before."""
        if self._app.core.state is State.HOLD or not self.is_drilled(held):
            self._drilled, self._drill_begun = held, self._app.boot()

    def decided(self, decision: Decision, before: Holding | None) -> None:
        match decision:
            case Renew(number) | Take(number):
                core = self._app.core
                held = core.at.holding(number) or core.at.retaken(number)
                if held and self.was_refused(held) and core.state is not State.REGAIN:
                    self._breach("R7", f"asks to renew {held.serial}, which was refused for good")
                if isinstance(decision, Take):
                    self._left.discard((decision.entry.serial, decision.entry.location))
            case UseDemo():
                self._check_demo()
            case UseLease() | UseNothing():
                self._in_demo = False
            case Tell(kind=Kind.ALARM):
                self._alarm()

    def looked(self) -> None:
        self._check_use()
        self._check_belief()
        self._check_doubt()
        self._check_switched()
        self._check_leftovers()
        self._check_watched()
        self._check_drill()

    def was_refused(self, held: Holding) -> bool:
        """Whether its server has signed that this lease is not renewed any more."""
        return any(other is held for other in self._refused)

    def was_told_to_leave(self, held: Holding) -> bool:
        """Whether its server has said that it is being emptied, and nothing else since."""
        return self._emptied.get(held.number, (0.0, False))[1]

    def is_drilled(self, held: Holding) -> bool:
        """Whether a fire drill is on, in which this license may be left without need."""
        return held is self._drilled and self._app.boot() <= self._drill_begun + timing.DRILL_PATIENCE + JUST

    def _breach(self, rule: str, text: str) -> None:
        self._app.world.breach(rule, f"{self._app.name} {text}")

    # T1

    def _check_refusal(self, refused: Refused) -> None:
        seat = self._app.errands.seats.get(refused.number)
        if seat and not self._app.servers[seat.location].auditor.has_refused(seat.id, refused.problem):
            self._breach("T1", f"believes that {seat.id} is refused, {refused.problem}, which nobody said")

    # R6, R12

    def _check_use(self) -> None:
        """Who has nothing, or only the demo license, uses what it gets."""
        if self._offered and self._app.core.state in (State.SEEK, State.DEMO):
            self._breach("R6", f"is in {self._app.core.state} and gives back the license that it got")
        self._offered = False

    # S1, R7

    def _check_belief(self) -> None:
        """Nothing is used beyond its time, and nothing at all that is another's."""
        app, core = self._app, self._app.core
        running = core.state in (State.HOLD, State.SUSPECT, State.SECURED, State.LEAVING, State.DEMO)
        if running and app.boot() > core.valid_until + JUST:
            self._breach("S1", f"is in {core.state} on what it may not believe in any more")
        for held in core.at.holdings():
            if any(other is held for other in self._taken_over):
                self._breach("R7", f"goes on to hold {held.serial}, which was taken over")

    def _check_doubt(self) -> None:
        core = self._app.core
        if self._hung_up and core.at.in_use is self._hung_up and core.state is State.HOLD:
            self._breach("R7", f"does not doubt {self._hung_up.serial}, whose connection is broken")
        self._hung_up = None

    def _check_switched(self) -> None:
        """With a spare that is sound a switch comes 0.6 ttl after the last renewal (R7)."""
        core = self._app.core
        own, spare = core.at.in_use, core.at.spare
        if core.state is not State.SECURED or not (own and spare and spare.sound and spare.is_listed):
            return
        if self.was_told_to_leave(spare):
            return
        since = own.failing_since if own.failing_since is not None else own.sent
        due = own.sent if self.was_refused(own) else max(own.sent + 0.6 * own.ttl, since + own.ttl / 10)
        if self._app.boot() > due + JUST:
            self._breach("R7", f"has not left {own.serial} {self._app.boot() - own.sent:.2f} s after a renewal")

    def may_leave(self, held: Holding) -> float:
        """From when on a license may be left for a spare, boot clock (R7)."""
        over = self.was_refused(held) or any(other is held for other in self._taken_over)
        if over or self.was_told_to_leave(held) or self.is_drilled(held):
            return held.sent
        failing = held.failing_since if held.failing_since is not None else self._app.boot()
        latest = held.deadline - timing.grace(held.ttl, self._app.manners.grace)
        return min(max(held.sent + 0.6 * held.ttl, failing + held.ttl / 10), latest)

    def _check_drill(self) -> None:
        """A drill that found no other license is over in its time, and the license in use stays."""
        own = self._app.core.at.in_use
        drilled = self._app.core.state is State.LEAVING and own is self._drilled
        if drilled and own and not (self.is_drilled(own) or self.was_told_to_leave(own)):
            self._breach("R7", f"goes on with a drill of {own.serial} that has failed")

    # R9

    def _check_leftovers(self) -> None:
        if self._left and self._app.core.state not in (State.START, State.STOP):
            self._breach("R9", f"never asked for what its earlier run left behind: {sorted(map(str, self._left))}")
        if self._app.core.state is State.STOP:
            self._left.clear()

    # R6

    def _check_demo(self) -> None:
        app = self._app
        listed = app.world.now - self._listed_since > 1.0
        if not self._in_demo and listed and not app.core.at.list.demo:
            self._breach("R6", "runs on the demo license, which its list does not allow")
        self._in_demo = True

    # R13

    def _check_watched(self) -> None:
        """Too few backups for three rounds are an alarm."""
        core, now = self._app.core, self._app.world.now
        if self._is_short():
            if core.state is not State.HOLD or self._alarmed:
                self._short_since = now
            elif now - max(self._short_since, self.awake_since) > ALARM_AFTER:
                self._breach("R13", "has no backup, and does not say so")
        else:
            self._alarmed, self._short_since = False, now

    def _alarm(self) -> None:
        if self._app.core.state is State.LEAVING:
            return
        if not self._is_short():
            self._breach("R13", "alarms, and has backups enough")
        self._alarmed = True

    def _is_short(self) -> bool:
        at = self._app.core.at
        return (at.watch.available or 0) < at.list.min_backups
