"""Who could have a license has one, and whoever is owed a seat gets it back: R7, R12, for somebody who sees all."""

from __future__ import annotations

from collections.abc import Mapping

from sparekey.core.decisions import Decision, GiveUp, Kind, Take, Tell, UseNothing
from sparekey.core.entries import Entry
from sparekey.core.events import Event, Listed
from sparekey.core.holding import Holding
from sparekey.core.past import Past
from sparekey.core.states import State
from sparekey.core.timing import RELEASE_MOST

from .application import Application
from .conduct import Conduct
from .messages import Signed

NEVER = float("inf")
LOOK_AGAIN = 1.0
TO_PAY = RELEASE_MOST + 2.0
"""How long it takes at most to give back what is owed, to a server that answers, seconds (R12)."""
QUICK = 0.01
"""In a network of this latency, seconds, an entry always answers sooner than another may overtake it."""
UNFIT = 17.0
"""Within this time an entry that did not fit is asked again: 15 s, and a second to answer (R12)."""


def long_enough(entries: int) -> float:
    """How long a license must have been free and reachable before it is a fault not to hold it, seconds.

    A take that was lost is given up after 3 s, an entry that was silent is asked again within 1.5 s and answers within
    1 s, and each entry that looked ready and was not costs 1 s (R12).
    """
    return 3.0 + 1.5 + 1.0 + 0.25 + 1.0 * entries + 1.0


def to_secure(entries: int) -> float:
    """How long a suspect system takes to hold a spare that is free and reachable all the time, seconds (R7, R12)."""
    return 0.5 + 1.0 + 0.25 + 1.0 * entries + 0.5


class Licensed(Conduct):
    """Looks at one application. All times are true times, unless they are said to be the boot clock's."""

    def __init__(self, app: Application, good: set[str], licenses: Mapping[str, Signed]) -> None:
        super().__init__(app)
        self._good = good
        self._licenses = licenses
        self._watching = False

    # what it is told

    def started(self, past: Past) -> None:
        super().started(past)
        now = self._app.world.now
        self._begun = self._reference_since = now
        self._reference_known = past.reference is not None
        self._home = self._app.entries.initial
        self._list = self._app.entries
        self._troubled_since = now + self._list.initial_wait
        self._looking: State | None = None
        self._looking_since = NEVER
        self._owed_since: dict[int, float] = {}
        self._unwell: dict[str, float] = {}
        self._sent_in_use = 0.0
        self._watch()

    def decided(self, decision: Decision, before: Holding | None) -> None:
        super().decided(decision, before)
        match decision:
            case UseNothing() | Tell(kind=Kind.LOST):
                self._watch()
            case GiveUp():
                self._check_licensed(at_end=True)
            case Take(entry=entry, number=number):
                self._check_order(number, entry)

    def hears(self, event: Event) -> None:
        super().hears(event)
        if isinstance(event, Listed):
            self._list = event.entries

    def looked(self) -> None:
        app = self._app
        super().looked()
        core = app.core
        if not self._reference_known and core.at.measure.reference is not None:
            self._reference_known, self._reference_since = True, app.world.now
        if own := core.at.in_use:
            if own.sent != self._sent_in_use:
                self._sent_in_use = own.sent
                # a renewal each ttl/4, an attempt of ttl/10, and from then on it is suspect
                self._troubled_since = app.clock.when(own.sent + 0.35 * own.ttl + 0.1)
            if own.refused:
                self._troubled_since = min(self._troubled_since, app.world.now)
            self._check_regain(own)
        self._check_secured()
        self._check_paid()
        self._check_no_take_left()

    def _watch(self) -> None:
        """Look each second whether it has what it could have, as long as it has nothing."""
        if not self._watching:
            self._watching = True
            self._app.world.after(LOOK_AGAIN, self._look)

    def _look(self) -> None:
        self._watching = False
        app = self._app
        if not app.running or app.licensed:
            return
        if not app.paused:
            self._check_licensed()
        self._watch()

    # R7, R12: no unlicensed moment

    def _check_licensed(self, *, at_end: bool = False) -> None:
        """Without a license while one was free, fit and reachable for long enough."""
        app = self._app
        now, count = app.world.now, len(self._list.entries)
        if app.excuse or (app.core.state is State.STOP and not at_end):
            return
        if now - max(self._troubled_since, self.awake_since) <= to_secure(count):
            return
        since = max(self.awake_since, self._listed_since, self._begun + self._list.initial_wait)
        if now - since <= long_enough(count):
            return
        for entry in self._list.entries:
            if self._available_since(entry) < now - long_enough(count):
                app.world.breach(
                    "R7", f"{app.name} is without a license in {app.core.state}, though {entry} is free and reachable"
                )

    def _available_since(self, entry: Entry) -> float:
        app = self._app
        server = app.servers[entry.location]
        if entry.takes_any or not server.listening or server.paused or not server.disk.sound:
            return NEVER
        reference_known = entry.number == 0 or (self._reference_known and self._home.serial in self._good)
        if not reference_known or (entry.number != 0 and entry.serial not in self._good):
            return NEVER
        if self._licenses[entry.serial].container != entry.location.host or not server.serves(entry.serial):
            return NEVER
        fit = max(server.shelf.fit_since.get(entry.serial, NEVER), self._reference_since if entry.number else 0.0)
        return max(
            app.network.well_since(app.name, server.name),
            server.well_since,
            server.recovering_until(),
            server.in_service_since,
            server.vacancies.since(entry.serial),
            max(fit, self.awake_since) + UNFIT,
        )

    def _check_regain(self, own: Holding) -> None:
        """Who has not slept is suspect long before its time is over."""
        app = self._app
        if app.core.state is State.REGAIN and self.awake_since < app.clock.when(own.sent) - 0.1:
            app.world.breach("R7", f"{app.name} comes to the end of {own.serial} without having been suspect")

    def _check_secured(self) -> None:
        """Who is suspect or is to leave has another license soon, where one is free and reachable all the time (R7)."""
        app, now, count = self._app, self._app.world.now, len(self._list.entries)
        state = app.core.state
        if state not in (State.SUSPECT, State.LEAVING) or app.excuse:
            self._looking = None
            return
        if self._looking is not state:
            self._looking, self._looking_since = state, now
        since = max(self._looking_since, self.awake_since, self._listed_since)
        if now - since <= to_secure(count):
            return
        for entry in self._list.entries:
            free = not app.core.at.has(entry.serial, entry) and self._available_since(entry) < since - LOOK_AGAIN
            if free:
                app.world.breach("R7", f"{app.name} is {state} and has no spare, though {entry} is free and reachable")

    def _check_paid(self) -> None:
        """What is owed is given back, when its server can be reached again (R12)."""
        app, now = self._app, self._app.world.now
        owed = [number for number in app.errands.seats if number in app.core.at.debts] if app.core.at.debts else ()
        self._owed_since = {number: self._owed_since.get(number, now) for number in owed}
        for number, since in self._owed_since.items():
            server = app.servers[app.errands.seats[number].location]
            if not (server.listening and server.disk.sound):
                self._unwell[server.name] = now
            well = max(app.network.well_since(app.name, server.name), server.well_since, self.awake_since)
            if now - max(since, well, self._unwell.get(server.name, 0.0)) > TO_PAY:
                app.world.breach("R12", f"{app.name} does not give back {app.errands.seats[number].id}")

    def _check_order(self, number: int, entry: Entry) -> None:
        """A seat is taken in list order: an earlier entry that has been ready for long goes first (R12)."""
        app, at = self._app, self._app.core.at
        busy = app.excuse or app.network.latency > QUICK or app.world.now - self._listed_since < LOOK_AGAIN
        if busy or app.core.state is State.START or at.retaken(number):
            return
        since = app.world.now - long_enough(len(self._list.entries))
        for other in self._list.entries[: entry.number]:
            if not at.has(other.serial, other) and max(self._available_since(other), self.awake_since) < since:
                app.world.breach("R12", f"{app.name} takes {entry}, though {other} is free and reachable")

    # R12: nothing left behind

    def _check_no_take_left(self) -> None:
        """Every seat that may have been taken is in hand, under way, or to be given back."""
        app = self._app
        core = app.core
        at = core.at
        for number in app.errands.open:
            if number in at.debts or any(number in (h.number, h.retake) for h in at.holdings()):
                continue
            if at.search and at.search.taken_entry(number):
                continue
            if core.state is State.START and (at.homecoming.is_home(number) or number in at.homecoming._leftovers):
                continue
            app.world.breach("R12", f"{app.name} has forgotten take {number} of {app.errands.seats[number].serial}")
