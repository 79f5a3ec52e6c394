"""The rules of starts, switches and the demo license, for somebody who sees all: R3, R6, R7, R8, R9, R12."""

from __future__ import annotations

from collections.abc import Mapping

from sparekey.core.decisions import Decision, Take, UseDemo, UseLease, UseNothing
from sparekey.core.entries import Entry
from sparekey.core.events import Event, Refused
from sparekey.core.holding import Holding
from sparekey.core.past import Past
from sparekey.core.problems import Problem
from sparekey.core.states import State

from .application import Application
from .conduct import JUST
from .licensed import LOOK_AGAIN, NEVER, Licensed
from .messages import Signed


class Truths(Licensed):
    """Looks at one application. All times are true times, unless they are said to be the boot clock's."""

    def __init__(self, app: Application, good: set[str], licenses: Mapping[str, Signed]) -> None:
        super().__init__(app, good, licenses)
        self._demo_since: float | None = None
        self._demo_used = 0.0

    # what it is told

    def started(self, past: Past) -> None:
        super().started(past)
        self._used_any = False
        self._home_refused = False
        self._boot_begun = self._app.boot()
        self._first_list_wait = self._list.initial_wait
        self._home_free_since_start = self._is_free(self._home, self._begun)

    def ended(self) -> None:
        self._end_demo()

    def folder_lost(self) -> None:
        self._demo_used = 0.0

    def decided(self, decision: Decision, before: Holding | None) -> None:
        super().decided(decision, before)
        match decision:
            case UseLease():
                self._uses_lease(before)
            case UseDemo(until):
                self._used_any = True
                self._begin_demo(until)
            case UseNothing():
                self._check_stayed(before)
                self._end_demo()
            case Take(entry=entry, number=number, token_of=None):
                self._check_first(number, entry)

    def hears(self, event: Event) -> None:
        super().hears(event)
        core = self._app.core
        if isinstance(event, Refused) and core.state is State.START and core.at.homecoming.is_home(event.number):
            final = event.problem is not Problem.NO_FREE_SEAT or not event.spare_among_holders
            self._home_refused = self._home_refused or final

    def looked(self) -> None:
        if not self._app.running:
            return
        super().looked()
        if self._app.core.state is State.STOP:
            self._end_demo()

    # R9, R12: a start

    def _is_free(self, entry: Entry, since: float) -> bool:
        """Whether the license is there for this application now, and nothing is wrong since."""
        app = self._app
        server = app.servers[entry.location]
        if not server.listening or server.paused or not server.serves(entry.serial):
            return False
        if server.recovering() > 0 or server.in_service_since > since:
            return False
        if server.shelf.fit_since.get(entry.serial, NEVER) > since:
            return False
        own = server.is_open_for(entry.serial, f"{app.disk.secret}/{entry.serial}")
        return own or server.vacancies.since(entry.serial) <= since

    def _check_first(self, number: int, entry: Entry) -> None:
        """A start asks for entry 0, and for what it left behind; for nothing else before the wait is over (R9)."""
        app = self._app
        if app.core.state is State.START and not app.core.at.homecoming.is_home(number):
            left = {(serial, str(location)) for serial, location in app.disk.held}
            if (entry.serial, str(entry.location)) not in left:
                app.world.breach("R9", f"{app.name} asks for {entry} before the wait for its initial license is over")

    # R7, R8: no switch without need

    def _uses_lease(self, before: Holding | None) -> None:
        app = self._app
        own = app.core.at.in_use
        if own is None:
            return
        self._end_demo()
        self._demo_used = 0.0
        if own.serial not in self._good and own.serial != self._home.serial and self._home.serial in self._good:
            app.world.breach("R3", f"{app.name} takes {own.serial}, which is worse than {self._home.serial}")
        if own.serial != self._home.serial and app.core.at.measure.reference is None:
            app.world.breach("R3", f"{app.name} takes {own.serial}, and does not know what {self._home.serial} permits")
        if not self._used_any:
            self._used_any = True
            self._check_start(own)
        elif before is not None and before is not own:
            self._check_switch(before)

    def _check_start(self, own: Holding) -> None:
        app = self._app
        if own.entry.number == 0 or own.serial == self._home.serial:
            return
        waited = app.boot() - self._boot_begun
        if waited < self._first_list_wait - 0.001 and not self._home_refused:
            app.world.breach("R12", f"{app.name} begins on {own.serial} after {waited:.2f} s without a refusal")
        server = app.servers[self._home.location]
        well = max(app.network.well_since(app.name, server.name), server.well_since, self.awake_since)
        if self._home_free_since_start and well < self._begun and self._is_free(self._home, self._begun):
            app.world.breach("R9", f"{app.name} begins on {own.serial}, though {self._home.serial} was free")

    def _check_switch(self, before: Holding) -> None:
        """A license whose server answers is not left, and one that is silent only after 0.6 of its ttl (R7, R8)."""
        app = self._app
        called_off = self.was_refused(before) or self.was_told_to_leave(before) or self.is_drilled(before)
        if called_off or app.boot() >= before.deadline:
            return
        if app.boot() < self.may_leave(before) - JUST:
            app.world.breach(
                "R7", f"{app.name} leaves {before.serial} {app.boot() - before.sent:.2f} s after a renewal"
            )
        server = app.servers[before.entry.location]
        if not server.listening or not server.disk.sound or server.recovering():
            return
        well = max(app.network.well_since(app.name, server.name), server.well_since, self.awake_since)
        well = max(well, server.in_service_since)  # while it is emptied it gives no lease anew whose time was over
        if well < app.world.now - 0.35 * before.ttl - 0.6 and not server.replaced and not self._was_taken_over(before):
            app.world.breach("R8", f"{app.name} leaves {before.serial}, whose server is well since {well:.2f} s")

    def _was_taken_over(self, before: Holding) -> bool:
        return before.trouble == str(Problem.TAKEN_OVER) or self._app.core.at.trouble == str(Problem.TAKEN_OVER)

    def _check_stayed(self, before: Holding | None) -> None:
        """Who is to leave, or is drilled, and has no other license keeps the one that it has (R7): it is renewed."""
        app = self._app
        if before is None or app.excuse or not (self.was_told_to_leave(before) or self.is_drilled(before)):
            return
        if self.was_refused(before) or self._was_taken_over(before):
            return
        server = app.servers[before.entry.location]
        well = max(app.network.well_since(app.name, server.name), server.well_since, self.awake_since)
        if server.listening and server.serves(before.serial) and well < app.world.now - before.ttl - LOOK_AGAIN:
            app.world.breach("R7", f"{app.name} loses {before.serial}, whose server is well")

    # R6: the demo license

    def _begin_demo(self, until: float) -> None:
        self._demo_until = until
        if self._demo_since is None:
            self._demo_since = self._app.boot()
            self._watch()

    def _end_demo(self) -> None:
        if self._demo_since is None:
            return
        app = self._app
        self._demo_used += min(app.boot(), self._demo_until) - self._demo_since
        self._demo_since = None
        total = app.demo.demo_seconds if app.demo and app.demo.demo_seconds else 0
        if self._demo_used > total + 0.1 and not app.excuse:
            app.world.breach("R6", f"{app.name} ran {self._demo_used:.1f} s on the demo license, which has {total} s")
