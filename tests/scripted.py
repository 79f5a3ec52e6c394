"""A scripted world round the redundancy core: servers that answer after a delay, a clock that jumps to what is next.

    world = World("A", "B")
    world.run(until=10)
    world.servers["A"].kill()
    world.run(until=60)
    assert world.told == ["0.01 acquired A", "10.00 suspect A", ...]

Entry n's license is named by a letter and lies on the server of the same name.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

from sparekey.core import timing
from sparekey.core.decisions import (
    Ask,
    Decision,
    GiveUp,
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
from sparekey.core.entries import Entry, LicenseList, Location
from sparekey.core.events import (
    Answered,
    Broken,
    DemoReserved,
    Event,
    Failed,
    Granted,
    Listed,
    Refused,
    Released,
    Renewed,
    Stopping,
    Tick,
    Unanswered,
)
from sparekey.core.findings import Offer
from sparekey.core.past import Manners, Past
from sparekey.core.problems import Problem
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import Signal, State
from sparekey.core.terms import Terms, Validity
from sparekey.core.transitions import TABLE

TTL = 30.0
DELAY = 0.01
"""From a request to its answer."""
DEMO_TERMS = Terms("demo-1", "scada", "14", demo_seconds=60)

met: set[tuple[State, Signal]] = set()
"""Every row of the table that some world has gone through."""


def terms(serial: str, tags: int = 100) -> Terms:
    return Terms(serial, "scada", "14", limits={"tags": tags})


def entry(number: int, serial: str, host: str = "") -> Entry:
    return Entry(number, serial, Location(host or serial.lower()))


def listed(*serials: str, demo: bool = False, wait: float = 5.0, min_backups: int = 0) -> LicenseList:
    """A list of these licenses, each on the server of its own name."""
    entries = tuple(entry(number, serial) for number, serial in enumerate(serials))
    return LicenseList(entries, demo=demo, initial_wait=wait, min_backups=min_backups)


@dataclass
class Seat:
    """Who holds a license: this holder's take, or None for somebody else."""

    number: int | None
    until: float
    spare: bool = False


@dataclass
class Server:
    """What one license server has, and how it is today."""

    world: World
    name: str
    licenses: dict[str, Terms]
    seats: dict[str, Seat] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    refuses: Problem | None = None
    """Refuse every take and renewal, signed."""
    dead: bool = False
    """Nobody listens: refused at once."""
    hung: bool = False
    """Requests arrive and are never answered."""
    takes_hung: bool = False
    """Takes alone are never answered."""
    draining: bool = False
    """It is being emptied: renews with a claim that says so, grants nothing new."""
    delay: float = DELAY
    take_delay: float = 0.0
    """By how much longer it takes to answer a take, whose grant waits for its disk."""

    def kill(self) -> None:
        """The process dies: connections end, and new ones are refused."""
        self.dead = True
        for holding in self.world.core.at.holdings():
            if holding.entry.location.host == self.name:
                self.world.receive(Broken(holding.number, f"{self.name} is gone"))

    def hang(self) -> None:
        self.hung = True

    def revive(self) -> None:
        self.dead = self.hung = False

    def occupy(self, serial: str, *, spare: bool = False) -> None:
        """Somebody else takes the seat."""
        self.seats[serial] = Seat(None, float("inf"), spare)

    def vacate(self, serial: str) -> None:
        self.seats.pop(serial, None)

    def seat(self, serial: str) -> Seat | None:
        seat = self.seats.get(serial)
        return seat if seat and seat.until > self.world.now else None

    def offer(self, license_: Terms) -> Offer:
        seat = self.seat(license_.serial)
        mine = seat is not None and seat.number is not None
        free = 0 if seat else 1
        return Offer(license_.serial, license_, Validity.VALID, free, mine, draining=self.draining)

    def ask(self, ask: Ask) -> Event:
        offers = (self.offer(license_) for license_ in self.licenses.values())
        return Answered(ask.entry, tuple(o for o in offers if ask.entry.takes_any or o.serial == ask.entry.serial))

    def take(self, take: Take, sent: float) -> Event:
        serial = take.entry.serial
        seat = self.seat(serial)
        if self.refuses:
            return Refused(take.number, self.refuses, str(self.refuses))
        if serial not in self.licenses:
            return Refused(take.number, Problem.NO_SUCH_LICENSE, f"no license {serial}")
        if seat and seat.number is None:
            return Refused(take.number, Problem.NO_FREE_SEAT, "in use by another", seat.spare)
        if take.number in self.closed or (seat and seat.number is not None and seat.number > take.number):
            return Refused(take.number, Problem.TAKEN_OVER, "a later take")
        if self.draining and seat is None:
            return Failed(take.number, f"{self.name} is being emptied")
        self.seats[serial] = Seat(take.number, self.world.now + self.world.ttl, take.spare)
        return Granted(take.number, sent, self.world.ttl, self.licenses[serial], self.draining)

    def renew(self, renew: Renew, sent: float) -> Event:
        seat = next((s for s in self.seats.values() if s.number == renew.number), None)
        if self.refuses:
            return Refused(renew.number, self.refuses, str(self.refuses))
        if seat is None or seat.until <= self.world.now:
            return Refused(renew.number, Problem.NO_SUCH_LEASE, "no such lease")
        seat.until, seat.spare = self.world.now + self.world.ttl, renew.spare
        return Renewed(renew.number, sent, self.world.ttl, self.draining)

    def release(self, number: int) -> Event:
        self.closed.add(number)
        self.seats = {serial: seat for serial, seat in self.seats.items() if seat.number != number}
        return Released(number)


class World:
    """One system, its core, and the servers of its list."""

    def __init__(
        self,
        *serials: str,
        demo: bool = False,
        wait: float = 5.0,
        min_backups: int = 0,
        past: Past | None = None,
        manners: Manners | None = None,
        entries: LicenseList | None = None,
        draw: Callable[[], float] = lambda: 0.0,
    ) -> None:
        names = serials or ("A", "B")
        self.now = 0.0
        self.ttl = TTL
        self.servers = {name: Server(self, name.lower(), {name: terms(name)}) for name in names}
        self.told: list[str] = []
        """What was reported, e.g. `0.01 acquired A`."""
        self.reasons: list[str] = []
        """Why, for each of `told`."""
        self.did: list[tuple[float, Decision]] = []
        self.losing_at: float | None = None
        self.promised: dict[int, float] = {}
        """To when each lease may be believed, by the last answer that was sent for it."""
        self.core = Redundancy(
            entries or listed(*names, demo=demo, wait=wait, min_backups=min_backups),
            now=0.0,
            draw=draw,
            past=past or Past(reference=terms(names[0])),
            manners=manners or Manners(),
            demo=DEMO_TERMS,
        )
        self._number = count()
        self._coming: list[tuple[float, int, Callable[[], Event | None]]] = []
        self._places: dict[int, Location] = {}

    # what a story says

    def run(self, until: float) -> World:
        """Let time pass up to `until`; each event is received when it comes, each timer when it is due."""
        if self.now == 0.0 and not self.did:
            self.receive(Tick())
        ticks = 0
        while (at := max(self.now, self._next())) <= until:
            ticks = ticks + 1 if at == self.now else 0
            assert ticks < 100, f"busy at {at}: {self.core.state}"
            self.now = at
            if self._coming and self._coming[0][0] <= at:
                if event := heapq.heappop(self._coming)[2]():
                    self.receive(event)
            else:
                self.receive(Tick())
        self.now = until
        return self

    def sleep(self, seconds: float) -> None:
        """The machine is suspended: time passes, and nothing happens until it wakes."""
        self.now += seconds
        self._coming = [(max(at, self.now), number, event) for at, number, event in self._coming]
        heapq.heapify(self._coming)

    def relist(self, entries: LicenseList) -> None:
        self.receive(Listed(entries))

    def stop(self) -> None:
        self.receive(Stopping())

    def receive(self, event: Event) -> None:
        with watched(self.core):
            decisions = self.core.receive(event, self.now)
        if own := self.core.at.in_use:
            assert self.core.valid_until <= self.promised[own.number]
        for decision in decisions:
            self.did.append((self.now, decision))
            self._carry_out(decision)

    # what a story can see

    @property
    def state(self) -> State:
        return self.core.state

    @property
    def in_use(self) -> str:
        return self.core.at.in_use.serial if self.core.at.in_use else ""

    @property
    def spare(self) -> str:
        return self.core.at.spare.serial if self.core.at.spare else ""

    @property
    def is_valid(self) -> bool:
        return self.now < self.core.valid_until

    def seats(self) -> dict[str, bool]:
        """The licenses whose servers hold a seat for this holder, and whether as a spare."""
        found = ((serial, server.seat(serial)) for serial, server in self.servers.items())
        return {serial: seat.spare for serial, seat in found if seat and seat.number is not None}

    def all(self, *kinds: type[Decision]) -> list[tuple[float, Decision]]:
        return [(round(at, 3), decision) for at, decision in self.did if isinstance(decision, kinds)]

    def times(self, *kinds: type[Decision]) -> list[float]:
        return [at for at, _ in self.all(*kinds)]

    def changes(self) -> list[str]:
        return [f"{d.old}->{d.new}" for _, d in self.did if isinstance(d, SerialChanged)]

    # how the world answers

    def _next(self) -> float:
        return min(self.core.next_timer(), self._coming[0][0] if self._coming else float("inf"))

    def _later(self, delay: float, event: Callable[[], Event | None]) -> None:
        heapq.heappush(self._coming, (self.now + delay, next(self._number), event))

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case Tell(kind, serial, _, reason):
                self.told.append(f"{self.now:.2f} {kind} {serial}".rstrip())
                self.reasons.append(reason)
            case Ask(entry_, timeout):
                self._request(entry_.location, timeout, lambda s: s.ask(decision), lambda r, _: Unanswered(entry_, r))
            case Take(number, entry_, _, timeout):
                self._places[number] = entry_.location
                self._ask_for(number, timeout, partial(Server.take, take=decision, sent=self.now), takes=True)
            case Renew(number, _, timeout):
                self._ask_for(number, timeout, partial(Server.renew, renew=decision, sent=self.now))
            case Release(number):
                self._request(self._places[number], 1.0, lambda s: s.release(number), lambda *_: None)
            case ReserveDemo(used):
                self._later(DELAY, lambda: DemoReserved(used))
            case Losing():
                self.losing_at = self.now
            case UseLease(number):
                assert number in self.promised
            case UseDemo() | UseNothing() | GiveUp() | SerialChanged():
                pass

    def _ask_for(self, number: int, timeout: float, answer: Callable[[Server], Event], *, takes: bool = False) -> None:
        self._request(self._places[number], timeout, answer, partial(Failed, number), takes=takes)

    def _request(
        self,
        location: Location,
        timeout: float,
        answer: Callable[[Server], Event],
        failed: Callable[[str, bool], Event | None],
        *,
        takes: bool = False,
    ) -> None:
        """The request arrives now; the answer comes after the server's delay, or the caller's patience ends."""
        server = next((s for s in self.servers.values() if s.name == location.host), None)
        if server is None or server.dead:
            self._later(DELAY, lambda: failed(f"{location.host} is gone", False))
            return
        delay = server.delay + (server.take_delay if takes else 0.0)
        if server.hung or (takes and server.takes_hung) or delay > timeout:
            self._later(timeout, lambda: failed(f"{location.host} is silent", True))
        else:
            event = answer(server)
            if isinstance(event, Granted | Renewed):
                self.promised[event.number] = event.sent + timing.belief(event.ttl)
            self._later(delay, lambda: event)


class watched:  # noqa: N801 - reads as a word: `with watched(core):`
    """Note which rows of the table the core goes through meanwhile."""

    def __init__(self, core: Redundancy) -> None:
        self._core = core

    def __enter__(self) -> None:
        fire = self._core._fire

        def noting(signal: Signal, *rest: object, **more: object) -> None:
            if signal in TABLE[self._core.state]:
                met.add((self._core.state, signal))
            fire(signal, *rest, **more)  # type: ignore[arg-type]

        self._core._fire = noting  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        del self._core._fire


def moved(entries: LicenseList, number: int, host: str) -> LicenseList:
    """The list with one license at another location."""
    changed = tuple(replace(e, location=Location(host)) if e.number == number else e for e in entries.entries)
    return replace(entries, entries=changed)
