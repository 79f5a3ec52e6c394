"""Goes to a location as an application would, and tells how far it came; bounded in time, it takes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from sparekey.client.connection import Connection, ServerSilent
from sparekey.client.dial import dial
from sparekey.client.names import Address, Names, Unresolved
from sparekey.client.stream import Response
from sparekey.core.entries import ANY_SERIAL, Location
from sparekey.doctor.encounter import Encounter, Met, Miss, Missed
from sparekey.doctor.stranger import first_words, kind_of, who_is_at
from sparekey.host import boot_clock
from sparekey.json import UNREADABLE
from sparekey.trust import TrustError, peek_license
from sparekey.wire import LicensesBody, ProblemBody, ServerBody

PATIENCE: Final = 2.5
"""Seconds that a whole visit may take."""
_TRIPS: Final = 3
"""Round trips that are measured at least, where there is time for so many."""


async def visit(location: Location, serials: Collection[str] = ()) -> Encounter:
    """Who is at the location, and who signed its licenses of these serial numbers."""
    return await _Visitor(location, serials).visit()


class _Visitor:
    """One visit. `_missing` is what the visit waits for, so that it is known when the time is over."""

    def __init__(self, location: Location, serials: Collection[str]) -> None:
        self._location = location
        self._serials = serials
        self._names = Names()
        self._addresses: tuple[str, ...] = ()
        self._trips: list[float] = []
        self._missing = Miss.UNRESOLVED
        self._end = asyncio.get_running_loop().time() + PATIENCE

    async def visit(self) -> Encounter:
        try:
            async with asyncio.timeout_at(self._end):
                return await self._go()
        except TimeoutError:
            return await self._overdue()
        except Unresolved as error:
            return self._missed(Miss.UNRESOLVED, str(error))
        except ConnectionRefusedError:
            return self._missed(Miss.REFUSED, "")
        except OSError as error:
            return self._missed(Miss.UNREACHABLE, error.strerror or str(error))

    async def _go(self) -> Encounter:
        self._addresses = _shown(await self._names.resolve(self._location))
        self._missing = Miss.SILENT
        (await dial(self._location, self._names)).close()
        self._missing = Miss.MUTE
        connection = Connection(self._location, self._names)
        try:
            answer = await self._introduction(connection)
            if answer is None:
                return self._missed(Miss.FOREIGN, await who_is_at(self._location, self._names))
            return await self._interview(connection, *answer)
        finally:
            connection.close()

    async def _introduction(self, connection: Connection) -> tuple[ServerBody, Response] | None:
        """What it says of itself; None where that is not what a license server says."""
        try:
            response = await connection.request("GET", "/v1/server", timeout=2 * PATIENCE)
            return msgspec.json.decode(response.body, type=ServerBody), response
        except (ServerSilent, *UNREADABLE):
            return None

    async def _interview(self, connection: Connection, server: ServerBody, introduction: Response) -> Met:
        started = boot_clock() - server.uptime
        ahead = _ahead(introduction.headers)
        signers: dict[str, str] = {}
        for query in _queries(self._serials):
            signers |= _signers(await self._ask(connection, f"/v1/licenses{query}"))
        trouble = _trouble(await self._ask(connection, "/healthz"))
        while len(self._trips) < _TRIPS and await self._ask(connection, "/v1/server"):
            pass
        return Met(
            self._location,
            server.name,
            server.container,
            server.ttl,
            started,
            ahead,
            tuple(self._trips),
            signers,
            trouble,
        )

    async def _ask(self, connection: Connection, path: str) -> Response | None:
        """An answer, as long as there is time, on the connection that is made already: a round trip is measured."""
        left = self._end - asyncio.get_running_loop().time() - 0.1
        if left <= 0:
            return None
        sent = boot_clock()
        try:
            answer = await connection.request("GET", path, timeout=left)
        except ServerSilent:
            return None
        self._trips.append(boot_clock() - sent)
        return answer

    async def _overdue(self) -> Missed:
        """Why the visit came no further; who greets, and waits for more than a question, is a stranger."""
        said = await first_words(self._location, self._names) if self._missing is Miss.MUTE else b""
        if said and not said.startswith(b"HTTP/"):
            return self._missed(Miss.FOREIGN, kind_of(said))
        return self._missed(self._missing, self._silence())

    def _silence(self) -> str:
        within = f"within {PATIENCE:g} s"
        if self._missing is Miss.UNRESOLVED:
            return f"the name {self._location.host} does not resolve {within}: the name service is silent"
        return within

    def _missed(self, miss: Miss, detail: str) -> Missed:
        return Missed(self._location, miss, detail, self._addresses)


def _shown(addresses: Iterable[Address]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(address.endpoint[0]) for address in addresses))


def _queries(serials: Collection[str]) -> Iterable[str]:
    if ANY_SERIAL in serials:
        return ("",)
    return ["?" + urlencode({"serial": serial}) for serial in serials]


def _signers(response: Response | None) -> Mapping[str, str]:
    """The vendor keys that the licenses name, by serial number."""
    found: dict[str, str] = {}
    with suppress(*UNREADABLE):
        for body in msgspec.json.decode(response.body, type=LicensesBody).licenses if response else ():
            with suppress(TrustError):
                found[body.serial] = peek_license(body.license).vendor
    return found


def _trouble(response: Response | None) -> str:
    """Why nothing new is granted; empty in ordinary life."""
    if response is None or response.status == 200:
        return ""
    try:
        body = msgspec.json.decode(response.body, type=ProblemBody)
    except UNREADABLE:
        return f"/healthz answers {response.status}"
    return body.detail or body.title


def _ahead(headers: Mapping[str, str]) -> float | None:
    """By how much the server's wall clock is ahead of this machine's, in seconds (RFC 9110, section 6.6.1)."""
    with suppress(KeyError, ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(headers["date"]).timestamp() - time.time()
    return None
