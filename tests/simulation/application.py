"""An application on its system: the real redundancy core, in a shell that does what the client's own shell does."""

from __future__ import annotations

from collections.abc import Mapping

from history.records import Belief, Cease, Changed, Shown
from sparekey.core.actions import DEMO_SERIAL
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
from sparekey.core.entries import UNLISTED, Entry, LicenseList, Location
from sparekey.core.events import Broken, ClockJumped, DemoReserved, Event, Listed, Stopping, Tick
from sparekey.core.holding import Holding
from sparekey.core.past import Manners, Past
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import Signal
from sparekey.core.terms import Terms
from sparekey.core.timing import STOP_TIMEOUT
from sparekey.core.transitions import TABLE

from .clock import Clock
from .disk import SystemDisk
from .errands import STOOD_STILL, Caller, Errands, Seat
from .line import Line
from .messages import Silence
from .network import Network
from .process import Process
from .server import Server
from .world import World

HEARTBEAT = 1.0
LIST_PERIOD = 2.0
RECONNECT_TIMEOUT = 1.0
WRITING = 0.02
"""How long what is written behind the application takes, seconds."""
COPIED = "a copied state folder"


class WatchedCore(Redundancy):
    """The real core; each row of its table that is met is counted."""

    def __init__(
        self, entries: LicenseList, world: World, now: float, past: Past, manners: Manners, demo: Terms | None
    ) -> None:
        super().__init__(entries, now=now, draw=world.random.random, past=past, manners=manners, demo=demo)
        self._world = world

    def _fire(self, signal: Signal, now: float, reason: str, lease: Holding | None = None) -> None:
        if signal in TABLE[self.state]:
            self._world.rows[self.state, signal] += 1
        super()._fire(signal, now, reason, lease)


class Application(Process):
    """One application of one system, over its runs. `truth` is who looks on: it is told of each step of it."""

    def __init__(
        self,
        world: World,
        name: str,
        system: str,
        clock: Clock,
        disk: SystemDisk,
        network: Network,
        servers: Mapping[Location, Server],
        entries: LicenseList,
        manners: Manners,
        demo: Terms | None,
    ) -> None:
        super().__init__(world, name)
        self.clock = clock
        self.disk = disk
        self.entries = entries
        self.excuse = ""
        self.fragile = 0.0
        self.truth: Truth | None = None
        self.system = system
        self.network = network
        self.servers = servers
        self.manners = manners
        self.demo = demo
        self._listed = entries
        self._believed: dict[str, tuple[str, float]] = {}

    # a run

    def start(self) -> None:
        """Count the start, synced, and begin."""
        world, disk = self.world, self.disk
        self.begin_life()
        self.paused = self.clock.rate == 0
        now = self.boot()
        disk.start = max(int(self.clock.wall(world.now) * 1000), disk.start + 1)
        reference = disk.licenses.get(self.entries.initial.serial)
        self._listed = self.entries
        past = Past(disk.serial, reference.terms if reference else None, self._leftovers(), disk.demo_used)
        self.line = Line(self, self.network)
        self.line.on_end = self._hung_up
        caller = Caller(self.system, "Runtime", self.name)
        self.errands = Errands(caller, disk, self.line, self.servers, self.boot, self.receive)
        self.core = WatchedCore(self.entries, world, now, past, self.manners, self.demo)
        self.shown = self._said = disk.serial or ""
        world.tell(Shown(world.now, self.name, disk.serial, recalled=True))
        self.settled = False
        self._timer = 0
        self._writing: dict[str, object] = {}
        self._watched: tuple[int, Server] | None = None
        if self.truth:
            self.truth.started(past)
        self.receive(Tick())

    def _leftovers(self) -> tuple[Entry, ...]:
        def entry(serial: str, location: Location) -> Entry:
            listed = self.entries.find(serial, location)
            return Entry(listed.number if listed else UNLISTED, serial, location)

        return tuple(entry(serial, location) for serial, location in self.disk.held)

    def crash(self) -> None:
        """Dead, without a word; what was not written yet is lost."""
        if not self.running:
            return
        self.end_life()
        self.line.forget()
        for lease in self._believed:
            self.world.tell(Cease(self.world.now, self.name, lease))
        self._believed.clear()
        if self.truth:
            self.truth.ended()

    def stop(self) -> None:
        """End in order: give everything back, within a second."""
        if self.running:
            self.receive(Stopping())
            self.post(STOP_TIMEOUT, self._stopped)

    def _stopped(self) -> None:
        self._write_out()
        self.crash()

    def boot(self) -> float:
        return self.clock.boot(self.world.now)

    # the loop

    def receive(self, event: Event) -> None:
        """An event in, decisions out, the next timer."""
        world, life = self.world, self.life
        if world.trace is not None and not isinstance(event, Tick):
            world.note(self.name, f"hears {event}")
        before = self.core.at.in_use
        if self.truth:
            self.truth.hears(event)
        for decision in self.core.receive(event, self.boot()):
            if world.trace is not None:
                world.note(self.name, f"{self.core.state}: {decision}")
            if self.truth:
                self.truth.decided(decision, before)
            self._carry_out(decision)
            if life != self.life:
                return
        self._publish()
        if self.truth:
            self.truth.looked()
        if self.core.is_settled and not self.settled:
            self.settled = True
            self.post(0.0, self._stopped)
        else:
            self._set_timer()

    def _set_timer(self) -> None:
        """A tick when one is due. The shell's heartbeat in between changes nothing, and is left out."""
        self._timer += 1
        due = self.core.next_timer()
        if due < float("inf"):
            delay = max(0.0, self.clock.when(due) - self.world.now)
            self.post(min(delay, 1e9) + 1e-6, self._tick, self._timer)

    def _tick(self, number: int) -> None:
        if number == self._timer:
            self.receive(Tick())

    def heartbeat(self, *, jumped: bool = False) -> None:
        """The loop wakes up each second, and sees what the clocks have done meanwhile (S1)."""
        if self.running:
            self.post(HEARTBEAT * self.world.random.random(), self.receive, ClockJumped() if jumped else Tick())

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case Take():
                self.errands.prepare(decision)
                self._remember_held()
                if not self._breaks("before a take is sent"):
                    self.errands.run(decision)
            case Ask() | Renew() | Release():
                self.errands.run(decision)
            case ReserveDemo(used):
                self.post(WRITING, self._reserve, used)
            case UseLease() | UseDemo() | UseNothing():
                self._use(decision)
            case SerialChanged(old, new):
                self.world.tell(Changed(self.world.now, self.name, old, new))
            case GiveUp():
                self.post(0.0, self.stop)
            case Tell() | Losing():
                pass

    def _reserve(self, used: float) -> None:
        self.disk.demo_used = used
        self.receive(DemoReserved(used))

    def _use(self, decision: UseLease | UseDemo | UseNothing) -> None:
        self._watched = None
        holding = self.core.at.in_use
        if isinstance(decision, UseLease) and holding:
            self.shown = holding.serial
            self._watched = (decision.number, self.servers[holding.entry.location])
        else:
            self.shown = DEMO_SERIAL if isinstance(decision, UseDemo) else ""
        self._write("serial", self.shown)
        self._remember_held()
        self._breaks("when it takes up a license")

    def _hung_up(self, server: Server) -> None:
        """The connection in use has ended: that is news only if it cannot be made again at once (R7)."""
        if self._watched is None or self._watched[1] is not server:
            return
        number = self._watched[0]

        def heard(answer: object) -> None:
            if isinstance(answer, Silence) and answer.reason != "connected":
                self.receive(Broken(number, answer.reason))

        self.line.call(server, None, RECONNECT_TIMEOUT, heard)

    def relist(self, entries: LicenseList) -> None:
        """License.ini is changed; the application looks each two seconds (R5)."""
        self.entries = entries
        if self.running:
            self.post(LIST_PERIOD * self.world.random.random(), self._look_at_list)

    def _look_at_list(self) -> None:
        if self._listed is not self.entries:
            self._listed = self.entries
            self.receive(Listed(self.entries))

    # the disk

    def _remember_held(self) -> None:
        kept = self.core.at.outstanding()
        seats = {(seat.serial, seat.location) for number, seat in self.errands.seats.items() if number in kept}
        self._write("held", tuple(sorted(seats, key=str)))

    def _write(self, what: str, content: object) -> None:
        if not self._writing:
            self.post(WRITING, self._write_out)
        self._writing[what] = content

    def _write_out(self) -> None:
        for what, content in self._writing.items():
            setattr(self.disk, what, content)
        self._writing.clear()

    def _breaks(self, where: str) -> bool:
        if not self.fragile or not self.running or not self.world.chance(self.fragile):
            return False
        self.world.met["application crash at a step"] += 1
        self.world.note(self.name, f"dies {where}")
        self.crash()
        self.world.after(0.1 + 5 * self.world.random.random(), self.revive, self.life)
        return True

    def revive(self, life: int) -> None:
        """Start again, if nobody did meanwhile."""
        if life == self.life and not self.running:
            self.start()

    # what it believes

    def _publish(self) -> None:
        """The history hears what is believed: the license in use, and the spare (S1)."""
        world, believed = self.world, self._believed
        held: dict[str, tuple[str, float]] = {}
        for holding in self.core.at.holdings():
            seat = self.errands.seats[holding.number]
            held[seat.id] = (holding.serial, holding.deadline)
            if believed.get(seat.id) != held[seat.id]:
                self._believe(seat, holding)
        for lease in believed:
            if lease not in held:
                world.tell(Cease(world.now, self.name, lease))
        self._believed = held
        if self.shown != self._said:
            self._said = self.shown
            world.tell(Shown(world.now, self.name, self.shown))

    def _believe(self, seat: Seat, holding: Holding) -> None:
        world, lease = self.world, seat.id
        until = self.clock.when(holding.deadline)
        server = self.servers[seat.location]
        excuse = self.excuse or server.promises.excuse(lease)
        if holding.sent < self.errands.mistrusted:
            excuse = STOOD_STILL
        if not excuse and until > server.auditor.keeps(lease):
            world.breach("S1", f"{self.name} believes in {lease} longer than {server.name} keeps a seat for it")
        if until > world.now:
            world.tell(Belief(world.now, self.name, holding.serial, lease, until, excuse))

    def believe_anew(self) -> None:
        """The clock goes otherwise from now on: what is believed ends at another time."""
        self._believed.clear()
        if self.running:
            self._publish()
            self._set_timer()

    @property
    def licensed(self) -> bool:
        """Whether the application holds a real license, and believes in it."""
        own = self.core.at.in_use if self.running else None
        return own is not None and self.boot() < own.deadline


class Truth:
    """Looks on, knows everything, and says when a rule is broken. Replaced by the invariants."""

    def started(self, past: Past) -> None: ...

    def folder_lost(self) -> None: ...

    def ended(self) -> None: ...

    def decided(self, decision: Decision, before: Holding | None) -> None: ...

    def hears(self, event: Event) -> None: ...

    def looked(self) -> None: ...
