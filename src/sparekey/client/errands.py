"""What the redundancy core wants to have done elsewhere: each decision, carried out, comes back as an event."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection
from typing import TypeAlias

from sparekey.client.calls import Calls, RefusedBy, Seat
from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.record import logger
from sparekey.client.session import Session
from sparekey.client.system import StateError
from sparekey.client.writer import beside
from sparekey.core.containers import met_twice
from sparekey.core.decisions import Ask, Release, Renew, ReserveDemo, Take
from sparekey.core.entries import Location
from sparekey.core.events import Answered, DemoReserved, Event, Failed, Granted, Refused, Released, Renewed, Unanswered
from sparekey.host import boot_clock
from sparekey.trust import SignedLicense

RELEASE_TIMEOUT = 1.0
TAKES_A_START = 1_000_000
"""The order of a take is the start's number times this, plus the take's own (S6)."""

Errand: TypeAlias = Ask | Take | Renew | Release | ReserveDemo


class Errands:
    """Runs errands to license servers and to the disk; `seats` are what was asked for, by the take's number."""

    def __init__(self, session: Session, connections: Connections) -> None:
        self._state = session.state
        self._session = session
        system = (session.state.system.id, session.state.system.name)
        self._calls = Calls(connections, session.vendor_keys, system, session.app)
        self.seats: dict[int, Seat] = {}
        self._demo = asyncio.Lock()
        self._met: dict[Location, str] = {}

    def prepare(self, take: Take) -> None:
        """Give a take its lease id, order and secret; the same number again is a repeat (S6)."""
        if take.number not in self.seats:
            serial = take.entry.serial
            self.seats[take.number] = Seat(
                id=secrets.token_urlsafe(16),
                order=self._state.start * TAKES_A_START + take.number,
                secret=self._state.secret_for(serial),
                serial=serial,
                location=take.entry.location,
                license=self._session.cached(serial),
            )

    def keep(self, numbers: Collection[int]) -> None:
        """Forget the seats of all other takes: nothing can come of them."""
        self.seats = {number: seat for number, seat in self.seats.items() if number in numbers}

    async def run(self, errand: Errand) -> Event | None:
        """Carry it out; None where nothing came of it that the core must know."""
        match errand:
            case Ask():
                return await self._ask(errand)
            case Take():
                return await self._take(errand)
            case Renew():
                return await self._renew(errand)
            case Release(number):
                return await self._release(number)
            case ReserveDemo(used):
                return await self._reserve_demo(used)

    async def _ask(self, ask: Ask) -> Event:
        try:
            offers, licenses = await self._calls.ask(ask.entry, ask.timeout)
        except ServerSilent as silence:
            return Unanswered(ask.entry, silence.reason)
        for license_ in licenses:
            self._session.cache(license_)
            self._meet(ask.entry.location, license_)
        return Answered(ask.entry, offers)

    async def _take(self, take: Take) -> Event | None:
        seat = self.seats.get(take.number)
        if seat is None:
            return None
        try:
            promise = await self._calls.take(
                seat, spare=take.spare, shown=self._believed_token(take.token_of), timeout=take.timeout
            )
        except RefusedBy as refusal:
            return _refused(take.number, refusal)
        except ServerSilent as silence:
            return Failed(take.number, silence.reason, silence.sent)
        if seat.license is None:
            return Failed(take.number, "the server sent no license")
        self._session.cache(seat.license)
        self._meet(seat.location, seat.license)
        if seat.license.container:
            self._state.remember_container(seat.location, seat.license.container.thumbprint)
        return Granted(take.number, promise.sent, promise.ttl, seat.license.terms, promise.drain)

    async def _renew(self, renew: Renew) -> Event | None:
        seat = self.seats.get(renew.number)
        if seat is None:
            return None
        try:
            promise = await self._calls.renew(seat, spare=renew.spare, timeout=renew.timeout, stays=renew.stays)
        except RefusedBy as refusal:
            return _refused(renew.number, refusal)
        except ServerSilent as silence:
            return Failed(renew.number, silence.reason, silence.sent)
        return Renewed(renew.number, promise.sent, promise.ttl, promise.drain)

    async def _release(self, number: int) -> Event | None:
        seat = self.seats.get(number)
        if seat is None:
            return Released(number)
        try:
            await self._calls.release(seat, RELEASE_TIMEOUT)
        except ServerSilent:
            return None
        self.seats.pop(number, None)
        return Released(number)

    async def _reserve_demo(self, used: float) -> Event:
        async with self._demo:  # fair, so what was decided last is written last
            try:
                await beside(lambda: self._state.save_demo(used))
            except StateError as error:
                # An application must not stop because a disk does: it goes on, and only the count is lost.
                logger.warning("%s", error)
        return DemoReserved(used)

    def _meet(self, location: Location, license_: SignedLicense) -> None:
        if license_.container:
            self._met[location] = license_.container.thumbprint

    @property
    def met_twice(self) -> str:
        """Which containers answer at more than one address of the list, in words; empty where none does (S5)."""
        listed = (entry.location for entry in self._session.list.current.entries)
        found = met_twice((location, self._met.get(location)) for location in listed)
        return "; ".join(f"{container[:8]} at {' and '.join(map(str, at))}" for container, at in found.items())

    async def demo_written(self) -> None:
        """Wait until what was decided of the demo time is written down."""
        await asyncio.sleep(0)  # an errand that was sent in this very turn of the loop begins
        async with self._demo:
            return

    def _believed_token(self, number: int | None) -> str | None:
        """The last token of a lease, while it is believed: no other may be shown (S4)."""
        seat = self.seats.get(number) if number is not None else None
        return seat.token if seat and seat.promise and boot_clock() < seat.promise.deadline else None


def _refused(number: int, refusal: RefusedBy) -> Refused:
    return Refused(number, refusal.problem, refusal.reason, refusal.spare_among_holders)
