"""The calls to a license server, and what of its answers may be believed (T1).

A lease counts only with the vendor's license, the container's signature and the nonce of this very request; a refusal
only with the last two. Everything else is silence.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from sparekey import wire
from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.stream import Response
from sparekey.core.entries import Entry, Location
from sparekey.core.findings import Offer, in_use
from sparekey.core.problems import Problem
from sparekey.core.requests import Occupant
from sparekey.core.terms import Validity
from sparekey.core.timing import belief
from sparekey.host import boot_clock
from sparekey.json import UNREADABLE
from sparekey.trust import PublicKey, SignedLicense, TrustError, read_lease, read_license, read_refusal

_Body = TypeVar("_Body", bound=msgspec.Struct)


class RefusedBy(Exception):
    """A license server refused, and signed it: that is final (R7)."""

    def __init__(self, problem: Problem, reason: str, *, spare_among_holders: bool) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason
        self.spare_among_holders = spare_among_holders


@dataclass(frozen=True, slots=True)
class Promise:
    """A lease goes on for `ttl` seconds from `sent`, boot clock. `drain`: its server is being emptied."""

    sent: float
    ttl: float
    drain: bool = False

    @property
    def deadline(self) -> float:
        """When its holder ceases to believe in it (S1)."""
        return self.sent + belief(self.ttl)


@dataclass(slots=True)
class Seat:
    """What is asked of one server under one lease id, and what it gave."""

    id: str
    order: int
    secret: str
    serial: str
    location: Location
    license: SignedLicense | None = None
    token: str | None = None
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """Where a license server keeps its licenses, as it names itself; nobody signed that."""

    id: str
    name: str


class Calls:
    """Speaks to license servers for one application of one system."""

    def __init__(self, connections: Connections, vendor_keys: Sequence[PublicKey], system: tuple[str, str], app: str):
        self._connections = connections
        self._vendor_keys = vendor_keys
        self._system, self._system_name = system
        self._app = app
        self._licenses: dict[str, SignedLicense] = {}

    async def ask(self, entry: Entry, timeout: float) -> tuple[tuple[Offer, ...], tuple[SignedLicense, ...]]:
        """What the entry's server has for it, with the signed licenses; takes no seat. Raise ServerSilent."""
        query = "" if entry.takes_any else "?" + urlencode({"serial": entry.serial})
        response = await self._connections.get(entry.location).request("GET", f"/v1/licenses{query}", timeout=timeout)
        if response.status != 200:
            raise ServerSilent(entry.location, f"{entry.location} answered {response.status} to a question")
        page = decode(response, wire.LicensesBody, entry.location)
        signed = [(body, self._read_license(body.license, entry.location)) for body in page.licenses]
        return tuple(self._offer(*each, draining=page.draining) for each in signed), tuple(one for _, one in signed)

    async def meet(self, location: Location, timeout: float) -> Container:
        """Whose license server this is. Raise ServerSilent."""
        response = await self._connections.get(location).request("GET", "/v1/server", timeout=timeout)
        if response.status != 200:
            raise ServerSilent(location, f"{location} answered {response.status} when it was asked who it is")
        body = decode(response, wire.ServerBody, location)
        return Container(body.container, body.name)

    async def take(self, seat: Seat, *, spare: bool, shown: str | None, timeout: float) -> Promise:
        """Take the seat; the same again is a repeat (S6). Raise RefusedBy or ServerSilent."""
        nonce = _nonce()
        body = wire.TakeBody(
            id=seat.id,
            serial=seat.serial,
            system=self._system,
            system_name=self._system_name,
            application=self._app,
            secret=seat.secret,
            order=seat.order,
            nonce=nonce,
            spare=spare,
            lease=shown,
        )
        sent = boot_clock()
        response = await self._request(seat, "POST", "/v1/leases", wire.encode(body), timeout)
        if response.status not in (200, 201):
            raise self._refusal(seat, response, nonce)
        granted = decode(response, wire.GrantedBody, seat.location)
        license_ = self._read_license(granted.license, seat.location)
        if license_.terms.serial != seat.serial:
            raise _unsigned(seat.location, "it names another license")
        seat.license = license_
        return self._promise(seat, granted.lease, nonce, sent)

    async def renew(self, seat: Seat, *, spare: bool, timeout: float, stays: str = "") -> Promise:
        """Let the lease go on. Raise RefusedBy or ServerSilent."""
        nonce = _nonce()
        body = wire.RenewBody(nonce=nonce, spare=spare, lease=seat.token, stays=stays[: wire.LONGEST_REASON])
        sent = boot_clock()
        response = await self._request(seat, "POST", f"/v1/leases/{seat.id}/renew", wire.encode(body), timeout)
        if response.status != 200:
            raise self._refusal(seat, response, nonce)
        return self._promise(seat, decode(response, wire.RenewedBody, seat.location).lease, nonce, sent)

    async def release(self, seat: Seat, timeout: float) -> None:
        """Give the seat back; again and again does no harm. Raise ServerSilent."""
        response = await self._request(seat, "DELETE", f"/v1/leases/{seat.id}", None, timeout)
        if response.status not in (204, 403):
            raise ServerSilent(seat.location, f"{seat.location} answered {response.status} to a release")

    async def _request(self, seat: Seat, method: str, path: str, body: bytes | None, timeout: float) -> Response:
        headers: Mapping[str, str] = {"Authorization": f"Bearer {seat.secret}"} if path != "/v1/leases" else {}
        connection = self._connections.get(seat.location)
        return await connection.request(method, path, body=body, headers=headers, timeout=timeout)

    def _promise(self, seat: Seat, token: str, nonce: str, sent: float) -> Promise:
        """What a lease token promises, where it is this container's answer to this request."""
        if seat.license is None or seat.license.container is None:
            raise _unsigned(seat.location, "its license names no container")
        try:
            claims = read_lease(token, seat.license.container)
        except TrustError as error:
            raise _unsigned(seat.location, str(error)) from None
        expected = (nonce, seat.id, seat.serial, self._system, self._app)
        if (claims.nonce, claims.lease, claims.serial, claims.system, claims.application) != expected:
            raise _unsigned(seat.location, "it answers another request")
        seat.token, seat.promise = token, Promise(sent, claims.ttl, claims.drain)
        return seat.promise

    def _refusal(self, seat: Seat, response: Response, nonce: str) -> RefusedBy | ServerSilent:
        """A refusal as far as it can be believed."""
        try:
            body = msgspec.json.decode(response.body, type=wire.ProblemBody)
        except UNREADABLE:
            return ServerSilent(
                seat.location, f"{seat.location} answered {response.status}, which no license server says"
            )
        reason = _reason(seat, body)
        problem = body.problem
        if problem is None or not problem.signed or body.refusal is None:
            return ServerSilent(seat.location, reason)
        try:
            claims = read_refusal(body.refusal, self._container(seat, body))
        except TrustError as error:
            return _unsigned(seat.location, str(error))
        about = claims.serial == seat.serial or (not claims.serial and problem is Problem.NO_SUCH_LEASE)
        if (claims.nonce, claims.lease, claims.type) != (nonce, seat.id, body.type) or not about:
            return _unsigned(seat.location, "it answers another request")
        spare = any(holder.spare for holder in body.holders or ())
        return RefusedBy(problem, reason, spare_among_holders=spare)

    def _container(self, seat: Seat, body: wire.ProblemBody) -> PublicKey:
        """Whose refusal of this serial counts: the container that a vendor's license names. Raise TrustError."""
        license_ = read_license(body.license, self._vendor_keys) if body.license else seat.license
        if license_ is None or license_.container is None or license_.terms.serial != seat.serial:
            raise TrustError("no license says whose word counts")
        return license_.container

    def _read_license(self, token: str, location: Location) -> SignedLicense:
        """The license, its signature checked once."""
        if token not in self._licenses:
            try:
                self._licenses[token] = read_license(token, self._vendor_keys)
            except TrustError as error:
                raise _unsigned(location, str(error)) from None
        return self._licenses[token]

    def _offer(self, body: wire.LicenseBody, license_: SignedLicense, *, draining: bool) -> Offer:
        return Offer(
            serial=license_.terms.serial,
            terms=license_.terms,
            validity=Validity(body.validity) if body.validity in set(Validity) else Validity.EXPIRED,
            free=max(0, license_.terms.seats - body.used),
            mine=any((h.system, h.application) == (self._system, self._app) for h in body.holders),
            occupants=_occupants(body.holders),
            draining=draining,
        )


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def _occupants(holders: Sequence[wire.HolderBody]) -> tuple[Occupant, ...]:
    return tuple(Occupant(h.system, h.system_name, h.application, _unix(h.since), h.spare) for h in holders)


def _unix(rfc3339: str) -> float:
    """Unix time of a text; 0 where it is none, since who holds is worth more than since when."""
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(rfc3339).timestamp()
    return 0.0


def _reason(seat: Seat, body: wire.ProblemBody) -> str:
    who = f", {in_use(_occupants(body.holders))}" if body.holders else ""
    return f"{seat.location}: {body.detail or body.title}{who}"


def _unsigned(location: Location, why: str) -> ServerSilent:
    return ServerSilent(location, f"the answer of {location} does not count: {why}")


def decode(response: Response, kind: type[_Body], location: Location) -> _Body:
    """What an answer says; raise ServerSilent where it is not what a license server says."""
    try:
        return msgspec.json.decode(response.body, type=kind)
    except UNREADABLE:
        raise ServerSilent(location, f"{location} does not answer as a license server does") from None
