"""A holder of which a process can have many: the core, and the calls of the client, without files that tell of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine

from sparekey.client.calls import Seat
from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.errands import Errands
from sparekey.client.session import Session
from sparekey.core.decisions import Ask, Decision, GiveUp, Release, Renew, Take, Tell, UseLease
from sparekey.core.entries import Location
from sparekey.core.events import Broken, Event, Tick
from sparekey.core.redundancy import Redundancy
from sparekey.host import boot_clock

RECONNECT_TIMEOUT = 1.0


class Refused(Exception):
    """A system gave up; the text says why."""


class LightHolder:
    """Holds a seat as an application does: the same decisions and the same requests, at the same times."""

    def __init__(self, session: Session) -> None:
        self._connections = Connections()
        self._errands = Errands(session, self._connections)
        self._core = Redundancy(
            session.list.current,
            now=boot_clock(),
            draw=random.random,
            past=session.past,
            manners=session.manners,
            demo=None,
        )
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unwatch: Callable[[], None] | None = None

    async def start(self) -> None:
        """Ask until a seat is held; raise Refused."""
        self._receive(Tick())
        await self._first

    @property
    def valid_until(self) -> float:
        """To when it believes that it is licensed, boot clock (S1)."""
        return self._core.valid_until

    @property
    def in_use(self) -> Seat | None:
        own = self._core.at.in_use
        return self._errands.seats[own.number] if own else None

    def hear(self, told: Tell) -> None:
        """Something happened that is reported to people."""

    def look(self) -> None:
        """Something was received: it may believe anew."""

    def _receive(self, event: Event) -> None:
        for decision in self._core.receive(event, boot_clock()):
            self._carry_out(decision)
        self.look()
        if self._timer:
            self._timer.cancel()
        delay = max(0.0, self._core.next_timer() - boot_clock())
        self._timer = asyncio.get_running_loop().call_later(delay, self._receive, Tick())

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case Ask() | Take() | Renew() | Release():
                if isinstance(decision, Take):
                    self._errands.prepare(decision)
                self._spawn(self._run(decision))
            case UseLease(number):
                self._use(number)
            case GiveUp(candidates):
                self._first.set_exception(Refused(str(candidates)))
            case Tell():
                self.hear(decision)

    def _use(self, number: int) -> None:
        """Watch the connection to the server of this lease, and of no other."""
        if self._unwatch:
            self._unwatch()
        location = self._errands.seats[number].location
        self._unwatch = self._connections.get(location).watch(lambda: self._spawn(self._reconnect(number, location)))
        if not self._first.done():
            self._first.set_result(None)

    async def _run(self, errand: Ask | Take | Renew | Release) -> None:
        if event := await self._errands.run(errand):
            self._receive(event)

    async def _reconnect(self, number: int, location: Location) -> None:
        try:
            await self._connections.get(location).connect(RECONNECT_TIMEOUT)
        except ServerSilent as silence:
            self._receive(Broken(number, silence.reason))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
