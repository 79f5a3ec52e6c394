"""What the redundancy core wants done at servers: calls, and what of their answers may be believed (T1).

Does what `sparekey.client.errands` and `sparekey.client.calls` do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from sparekey.core.decisions import Ask, Release, Renew, Take
from sparekey.core.entries import Location
from sparekey.core.events import Answered, Event, Failed, Granted, Refused, Released, Renewed, Unanswered
from sparekey.core.findings import Offer
from sparekey.core.problems import Problem
from sparekey.core.timing import belief

from .disk import SystemDisk
from .line import Line
from .messages import (
    Answer,
    AskCall,
    GivenBack,
    Offers,
    Promise,
    Refusal,
    ReleaseCall,
    RenewCall,
    Shared,
    Signed,
    Silence,
    TakeCall,
    Token,
)
from .server import Server

STOOD_STILL = "a clock that stood still"
RELEASE_TIMEOUT = 1.0
TAKES_A_START = 1_000_000


@dataclass(slots=True)
class Seat:
    """What is asked of one server under one lease id, and what it gave. `sent`: as the boot clock counts."""

    id: str
    order: int
    secret: str
    serial: str
    location: Location
    license: Signed | None = None
    token: Token | None = None
    sent: float = 0.0
    ttl: float = 0.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `holder` is who it is in truth: a copied state folder is the same system, but another holder."""

    system: str
    application: str
    holder: str


class Errands:
    """Runs errands for one run of an application; what comes of them is told to `receive`."""

    def __init__(
        self,
        caller: Caller,
        disk: SystemDisk,
        line: Line,
        servers: Mapping[Location, Server],
        boot: Callable[[], float],
        receive: Callable[[Event], None],
    ) -> None:
        self._caller = caller
        self._disk = disk
        self._line = line
        self._servers = servers
        self._boot = boot
        self._receive = receive
        self._nonces = count(disk.start % 1_000_000 * 1_000_000)
        self.seats: dict[int, Seat] = {}
        self.open: set[int] = set()
        """The takes that may have left a seat taken: sent, and neither refused nor given back."""
        self._doubtful: set[int] = set()
        self.mistrusted = float("-inf")
        """What was sent before this time (boot clock) was measured by a clock that stood still."""

    def prepare(self, take: Take) -> None:
        if take.number not in self.seats:
            serial = take.entry.serial
            self.seats[take.number] = Seat(
                f"{self._caller.holder}-{self._disk.start}-{take.number}",
                self._disk.start * TAKES_A_START + take.number,
                f"{self._disk.secret}/{serial}",
                serial,
                take.entry.location,
                self._disk.licenses.get(serial),
            )

    def run(self, errand: Ask | Take | Renew | Release) -> None:
        match errand:
            case Ask():
                self._ask(errand)
            case Take():
                self._take(errand)
            case Renew():
                self._renew(errand)
            case Release(number):
                self._release(number)

    def _ask(self, ask: Ask) -> None:
        def heard(answer: Answer | Silence) -> None:
            if isinstance(answer, Offers):
                for shared in answer.shared:
                    self._cache(shared.license)
                self._receive(
                    Answered(
                        ask.entry, tuple(self._offer(shared, draining=answer.draining) for shared in answer.shared)
                    )
                )
            else:
                self._receive(Unanswered(ask.entry, str(answer)))

        request = AskCall(None if ask.entry.takes_any else ask.entry.serial)
        self._line.call(self._servers[ask.entry.location], request, ask.timeout, heard)

    def _offer(self, shared: Shared, *, draining: bool) -> Offer:
        me = (self._caller.system, self._caller.application)
        terms = shared.license.terms
        mine = any((occupant.system, occupant.application) == me for occupant in shared.occupants)
        free = max(0, terms.seats - shared.used)
        return Offer(terms.serial, terms, shared.validity, free, mine, shared.occupants, draining)

    def _take(self, take: Take) -> None:
        seat, sent, nonce = self.seats[take.number], self._boot(), next(self._nonces)

        def heard(answer: Answer | Silence) -> None:
            match answer:
                case Promise(token, license_) if license_ and self._is_ours(token, license_, seat, nonce):
                    seat.license, seat.token, seat.sent, seat.ttl = license_, token, sent, token.says.ttl
                    self._cache(license_)
                    self._receive(Granted(take.number, sent, seat.ttl, license_.terms, token.drain))
                case Refusal():
                    self._refused(take.number, seat, answer, nonce)
                case _:
                    was_sent = answer.sent if isinstance(answer, Silence) else True
                    self._failed(take.number, str(answer), sent=was_sent)

        who = self._caller
        shown = self._believed_token(take.token_of)
        request = TakeCall(
            *(seat.id, seat.serial, who.system, who.application, seat.secret, seat.order, nonce, take.spare, shown),
            who.holder,
            STOOD_STILL if shown and self._sent_of(take.token_of) < self.mistrusted else "",
        )
        self.open.add(take.number)
        self._line.call(self._servers[seat.location], request, take.timeout, heard)

    def _renew(self, renew: Renew) -> None:
        seat, sent, nonce = self.seats[renew.number], self._boot(), next(self._nonces)

        def heard(answer: Answer | Silence) -> None:
            match answer:
                case Promise(token) if seat.license and self._is_ours(token, seat.license, seat, nonce):
                    seat.token, seat.sent, seat.ttl = token, sent, token.says.ttl
                    self._receive(Renewed(renew.number, sent, seat.ttl, token.drain))
                case Refusal():
                    self._refused(renew.number, seat, answer, nonce)
                case _:
                    self._receive(Failed(renew.number, str(answer)))

        request = RenewCall(seat.id, seat.secret, nonce, renew.spare, seat.token)
        self._line.call(self._servers[seat.location], request, renew.timeout, heard)

    def _release(self, number: int) -> None:
        seat = self.seats.get(number)
        if seat is None:
            self._receive(Released(number))
            return

        def heard(answer: Answer | Silence) -> None:
            if isinstance(answer, GivenBack) or (
                isinstance(answer, Refusal) and answer.problem is Problem.WRONG_SECRET
            ):
                self.seats.pop(number, None)
                self.open.discard(number)
                self._receive(Released(number))

        self._line.call(self._servers[seat.location], ReleaseCall(seat.id, seat.secret), RELEASE_TIMEOUT, heard)

    def _refused(self, number: int, seat: Seat, refusal: Refusal, nonce: int) -> None:
        """A refusal counts when the container that the license names signed it, over this very request."""
        license_ = refusal.license or seat.license
        problem = refusal.problem
        about = refusal.serial == seat.serial or (not refusal.serial and problem is Problem.NO_SUCH_LEASE)
        known = license_ is not None and license_.terms.serial == seat.serial
        if not (problem.signed and known and license_ and refusal.signer == license_.container):
            self._failed(number, f"{problem}, not signed", sent=True)
        elif (refusal.nonce, refusal.lease) != (nonce, seat.id) or not about:
            self._failed(number, "it answers another request", sent=True)
        else:
            if problem in (Problem.NO_SUCH_LEASE, Problem.TAKEN_OVER) or seat.token is None:
                self.open.discard(number)
            self._receive(Refused(number, problem, str(problem), refusal.spare))

    def _failed(self, number: int, reason: str, *, sent: bool) -> None:
        if sent:
            self._doubtful.add(number)
        elif number not in self._doubtful and number in self.seats and self.seats[number].token is None:
            self.open.discard(number)
        self._receive(Failed(number, reason, sent))

    def _is_ours(self, token: Token, license_: Signed, seat: Seat, nonce: int) -> bool:
        says, who = token.says, self._caller
        expected = (license_.container, nonce, seat.id, seat.serial, who.system, who.application)
        return license_.terms.serial == seat.serial and expected == (
            token.container,
            token.nonce,
            says.lease,
            says.serial,
            says.system,
            says.application,
        )

    def _believed_token(self, number: int | None) -> Token | None:
        """The last token of a lease, while it is believed: no other may be shown (S4)."""
        seat = self.seats.get(number) if number is not None else None
        return seat.token if seat and self._boot() < seat.sent + belief(seat.ttl) else None

    def _sent_of(self, number: int | None) -> float:
        return self.seats[number].sent if number in self.seats and number is not None else float("inf")

    def _cache(self, license_: Signed) -> None:
        known = self._disk.licenses.get(license_.terms.serial)
        if known is None or known.terms.issued <= license_.terms.issued:
            self._disk.licenses[license_.terms.serial] = license_
