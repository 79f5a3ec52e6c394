"""The shell round the redundancy core: carries events to it, and its decisions out.

It lives in one event loop. Nothing here decides anything, and nothing between an event and the license waits for a
disk.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress

from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.drill import LOOK, DrillDesk
from sparekey.client.errands import Errand, Errands
from sparekey.client.license import Belief, Change, InUse, License, NoLicense
from sparekey.client.report import Listener, Report
from sparekey.client.session import Session
from sparekey.client.status import TakenUp, status_of
from sparekey.client.variables import Variables, facts_of
from sparekey.client.writer import beside
from sparekey.config.faults import ConfigError
from sparekey.core.actions import DEMO_SERIAL
from sparekey.core.decisions import (
    Ask,
    Decision,
    GiveUp,
    Kind,
    Losing,
    Release,
    Renew,
    ReserveDemo,
    SerialChanged,
    Take,
    Tell,
    UseDemo,
    UseLease,
    UseNothing,
)
from sparekey.core.entries import DEMO, Location
from sparekey.core.events import Broken, ClockJumped, Drill, Event, Listed, Stopping, Tick
from sparekey.core.redundancy import Redundancy
from sparekey.core.timing import STOP_TIMEOUT
from sparekey.core.variables import CONTAINER_CONFLICT, LIST_FAULT, SERIAL_NUMBER
from sparekey.host import boot_clock
from sparekey.wire import rfc3339

HEARTBEAT = 1.0
"""Seconds: the loop wakes up at least so often, since its own clock stands still during suspend (S1)."""
JUMP = 1.0
"""Seconds by which wall time must run ahead of the boot clock between two wake-ups to count (S1)."""
LIST_PERIOD = 2.0
"""Seconds between two looks at License.ini (R5)."""
RECONNECT_TIMEOUT = 1.0


class Holder:
    """Holds a license for one application: `await start()`; `license` is then kept up to date until `await stop()`."""

    def __init__(self, session: Session, listener: Listener | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.belief = Belief()
        self.license = License(self.belief)
        self.losing: asyncio.Future[float] = loop.create_future()
        """Done when there is neither spare nor demo, or the license is lost: when belief ends, boot clock (S1)."""
        self._session = session
        self._listener = listener
        self._connections = Connections()
        self._errands = Errands(session, self._connections)
        self._core = Redundancy(
            session.list.current,
            now=boot_clock(),
            draw=random.random,
            past=session.past,
            manners=session.manners,
            demo=session.demo,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._clocks = (boot_clock(), time.time())
        self._first: asyncio.Future[None] = loop.create_future()
        self._settled = asyncio.Event()
        self._unwatch: Callable[[], None] | None = None
        self._taken_up = TakenUp(time.time(), "not yet")
        self._variables = Variables(session.app, session.journal.put)
        self._drills = DrillDesk(session.state, self._variables.change)

    async def start(self) -> License:
        """Ask until a license is held; raise NoLicense where none is to be had."""
        self._receive(Tick())
        self._spawn(self._follow_list())
        self._spawn(self._follow_drills())
        await self._first
        return self.license

    async def stop(self) -> None:
        """Give everything back; what is not answered within a second is left to its time."""
        self._receive(Stopping())
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._settled.wait()
                await self._errands.demo_written()
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._connections.close()
        self._variables.end()
        await beside(self._session.close)

    @property
    def candidates(self) -> tuple[tuple[int, str], ...]:
        """The entries that were asked, and why each will not do, the one in use among them."""
        at = self._core.at
        found = {entry.number: finding.reason for entry, finding in at.findings.items()}
        if at.in_use:
            found[at.in_use.entry.number] = at.trouble
        return tuple(sorted(found.items()))

    def tell_lost(self) -> None:
        """Report that the application had to end, since its license does; where that has gone, it is told already."""
        if self._core.at.in_use:
            self._report(Kind.LOST, self.license.serial_number, self.license.entry, self._core.at.trouble)

    def _receive(self, event: Event) -> None:
        """The whole loop: an event in, decisions out, the next timer."""
        for decision in self._core.receive(event, boot_clock()):
            self._carry_out(decision)
        self.belief.valid_until = self._core.valid_until
        self._session.state.write_status(status_of(self._session, self._core, self._taken_up))
        self._variables.show(facts_of(self._core, self._core.at.trouble or self._taken_up.reason))
        self._variables.change(CONTAINER_CONFLICT, self._errands.met_twice, "a server was met")
        if self._core.is_settled:
            self._settled.set()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        delay = min(max(0.0, self._core.next_timer() - boot_clock()), HEARTBEAT)
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        boot, wall = boot_clock(), time.time()
        ahead = (wall - self._clocks[1]) - (boot - self._clocks[0])
        self._clocks = (boot, wall)
        self._receive(ClockJumped() if ahead > JUMP else Tick())

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case Ask() | Take() | Renew() | Release() | ReserveDemo():
                self._send(decision)
            case UseLease() | UseDemo() | UseNothing():
                self._use(decision)
            case Losing(deadline):
                self._lose(deadline)
            case GiveUp(candidates):
                if not self._first.done():
                    self._first.set_exception(NoLicense(candidates))
            case SerialChanged(old, new, entry, reason):
                self.belief.tell(Change(old, new, reason))
                self._variables.change(SERIAL_NUMBER, new, reason)
                self._report(Kind.ALARM, new, entry, f"{old or 'no license'} -> {new or 'no license'}: {reason}")
            case Tell(kind, serial, entry, reason):
                if kind in (Kind.ACQUIRED, Kind.SWITCHED, Kind.DEMO, Kind.LOST):
                    self._taken_up = TakenUp(time.time(), reason)
                self._drills.hear(kind, reason)
                self._report(kind, serial, entry, reason)

    def _send(self, errand: Errand) -> None:
        if isinstance(errand, Take):
            self._errands.prepare(errand)
            self._remember_held()
        self._spawn(self._run(errand))

    async def _run(self, errand: Errand) -> None:
        if event := await self._errands.run(errand):
            self._receive(event)

    def _use(self, decision: UseLease | UseDemo | UseNothing) -> None:
        """Give the license another content, and watch the connection to its server."""
        if self._unwatch:
            self._unwatch()
            self._unwatch = None
        holding = self._core.at.in_use
        if isinstance(decision, UseLease) and holding:
            self.belief.in_use = InUse(holding.serial, holding.entry.number, holding.terms)
            number, location = decision.number, holding.entry.location
            self._unwatch = self._connections.get(location).watch(
                lambda: self._spawn(self._reconnect(number, location))
            )
        elif isinstance(decision, UseDemo):
            self.belief.in_use = InUse(DEMO_SERIAL, DEMO, self._session.demo)
        else:
            self.belief.in_use = InUse()
            self._lose(boot_clock())
        self._session.state.remember_serial(self.license.serial_number)
        self._remember_held()
        if not self._first.done() and not isinstance(decision, UseNothing):
            self._first.set_result(None)

    def _lose(self, deadline: float) -> None:
        if not self.losing.done():
            self.losing.set_result(deadline)

    async def _reconnect(self, number: int, location: Location) -> None:
        """The connection in use has ended: that is news only if it cannot be made again at once (R7)."""
        try:
            await self._connections.get(location).connect(RECONNECT_TIMEOUT)
        except ServerSilent as silence:
            self._receive(Broken(number, silence.reason))

    async def _follow_list(self) -> None:
        """License.ini is read again when it changed; a bad file is told once, and changes nothing (R5)."""
        told = ""
        while True:
            await asyncio.sleep(LIST_PERIOD)
            known = self._session.list.current
            try:
                entries = await beside(self._session.refresh_list)
            except ConfigError as error:
                if str(error) != told:
                    told = str(error)
                    self._variables.change(LIST_FAULT, told, "the last good list stays in force")
                    serial, entry = self.license.serial_number, self.license.entry
                    self._report(Kind.ALARM, serial, entry, f"the last good list stays in force: {told}")
                continue
            told = ""
            self._variables.change(LIST_FAULT, "", "the list is good")
            if entries is not known:
                self._receive(Listed(entries))

    async def _follow_drills(self) -> None:
        """A fire drill that somebody asks for begins, or is refused."""
        self._drills.open()
        while True:
            await asyncio.sleep(LOOK)
            if request := await beside(self._drills.take):
                self._receive(Drill())
                self._drills.answer(request, self._core)

    def _remember_held(self) -> None:
        """What a crash would leave behind, for the next start (R9)."""
        self._errands.keep(self._core.at.outstanding())
        seats = {(seat.serial, seat.location) for seat in self._errands.seats.values()}
        self._session.state.remember_held(sorted(seats, key=str))

    def _report(self, kind: Kind, serial: str, entry: int, reason: str) -> None:
        if self._listener:
            now = rfc3339(time.time())
            self._listener(Report(boot_clock(), now, str(kind), self._session.app, serial, entry, reason))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
