"""A license server: the real seat core and the real ledger, in a shell that does what the server's own shell does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from history.records import Release as Giving
from sparekey.core.history import Shown
from sparekey.core.leases import Grant, Holder
from sparekey.core.problems import Problem
from sparekey.core.requests import Granted, Outcome, Refused, Released, Renew, Renewed, Take
from sparekey.core.seats import Lessor
from sparekey.core.terms import Validity, validity

from .auditor import Auditor
from .clock import Clock
from .disk import ServerDisk, VirtualLedger
from .messages import (
    Answer,
    AskCall,
    GivenBack,
    Offers,
    Promise,
    Refusal,
    ReleaseCall,
    RenewCall,
    Request,
    Shared,
    TakeCall,
    Token,
)
from .process import Process
from .promises import Promises
from .shelf import Shelf
from .vacancies import Vacancies
from .world import World
from .writer import Writer

LOOK = 1.0
TICK_LEAST, TICK_MOST = 0.25, 5.0

Reply: TypeAlias = Callable[[Answer], None]


class Server(Process):
    """One container. `well_since` is when it last was unwell, true time; infinite while it is."""

    def __init__(self, world: World, name: str, clock: Clock, ttl: float) -> None:
        super().__init__(world, name)
        self.clock = clock
        self.ttl = ttl
        self.disk = ServerDisk()
        self.powered = True
        self.fragile = 0.0
        self.well_since = float("inf")
        self.draining = False
        """Whether the mark that it is to be emptied lies in its state folder."""
        self.in_service_since = 0.0
        """Since when it grants, true time; infinite while it is being emptied."""
        self.auditor = Auditor(self)
        self.shelf = Shelf(self)
        self.promises = Promises(self)
        self.vacancies = Vacancies(self, TICK_LEAST + TICK_MOST)
        self.on_end: Callable[[Server], None] = lambda _: None
        """Told when the process ends while its computer goes on: the computer ends its connections."""

    # its life

    def start(self) -> None:
        """Open the container as the server's process does; what it opens is synced before it listens."""
        world, disk = self.world, self.disk
        self.begin_life()
        self.paused = self.clock.rate == 0
        self.started = world.now
        longest = disk.longest_ttl
        disk.longest_ttl = max(longest, self.ttl)
        self.longest = disk.longest_ttl
        at = self.clock.moment(world.now)
        self.ledger = VirtualLedger(disk)
        self.lessor = Lessor(self.ledger.load(), ttl=self.ttl, longest=longest, last_block=disk.last_block, at=at)
        self._look_for_mark()
        disk.last_block = self.lessor.block
        self._note_replacement()
        self._writer = Writer(self, self.ledger)
        self._listening = False
        self.shelf.open()
        self._writer.commit(self.lessor.opening, self._listen)

    def _note_replacement(self) -> None:
        disk = self.disk
        self.replaced, disk.replaced = disk.replaced, ""
        found = self.ledger.leases()
        self.auditor.started(found, self.promises.given.keys() - found)
        self.promises.started(found, self.replaced)

    def _listen(self, written: bool) -> None:
        if not written:
            self.crash()
            return
        self._listening = True
        self._was_behind = self.recovering() > 0
        self.well_since = self.world.now
        self.vacancies.look(self.shelf.in_force)
        self._tick()

    def crash(self) -> None:
        """The process dies; its computer goes on."""
        if self.running:
            self._end()
            self.on_end(self)

    def lose_power(self) -> None:
        """The computer dies, with what its disk had not synced."""
        if self.running:
            self._end()
        self.powered = False
        self.disk.lose_power(keeps_written=self.world.chance(0.5))

    def boot(self) -> None:
        self.powered = True
        self.clock.reboot(self.world.now, 10.0 * self.world.random.random())
        self.start()

    def _end(self) -> None:
        self.end_life()
        self._listening = False
        self.well_since = float("inf")

    def pause(self) -> None:
        super().pause()
        self.well_since = float("inf")

    def resume(self) -> None:
        if self.clock.rate == 0:
            return
        super().resume()
        if self.running and self._listening:
            self.well_since = self.world.now

    @property
    def listening(self) -> bool:
        return self.running and self._listening

    def breaks(self, where: str) -> bool:
        """Whether it dies at this step."""
        if not self.fragile or not self.world.chance(self.fragile):
            return False
        self.world.met["server crash at a step"] += 1
        self.world.note(self.name, f"dies {where}")
        if self.world.chance(0.5):
            self.crash()
        else:
            self.lose_power()
        self.world.after(0.5 + 10 * self.world.random.random(), self._revive, self.life)
        return True

    def _revive(self, life: int) -> None:
        if life == self.life and not self.running:
            self.boot() if not self.powered else self.start()

    def drain(self, *, on: bool) -> None:
        """The mark that it is to be emptied appears or goes; the server looks each second."""
        self.draining = on
        if self.running:
            self.post(LOOK * self.world.random.random(), self._look_for_mark)

    def _look_for_mark(self) -> None:
        self.lessor.draining = self.draining
        if self.draining:
            self.in_service_since = float("inf")
        else:
            self.in_service_since = min(self.in_service_since, self.world.now)

    # requests

    def hear(self, request: Request, reply: Reply) -> None:
        if self.breaks("before a request is heard"):
            return
        match request:
            case TakeCall():
                self.promises.heard[request.id] = self.world.now
                self.promises.asked(request, _hash(request.secret))
                holder = Holder(request.serial, request.system, request.application, _hash(request.secret))
                shown = self._shown(request.token)
                take = Take(request.id, holder, request.system, request.order, request.spare, shown)
                own = self.is_open_for(request.serial, request.secret)
                outcome = self.lessor.take(take, self.clock.moment(self.world.now))
                self._audit(outcome, shown)
                if shown is not None:
                    self.promises.ended(outcome.writes)
                self._check_empties(outcome, anew=not own and shown is None)
                self._carry_out(outcome, request.nonce, reply, request, proven=shown is not None)
            case RenewCall():
                shown = None if self.lessor.holds(request.id) else self._shown(request.token)
                renew = Renew(request.id, _hash(request.secret), request.spare, shown)
                outcome = self.lessor.renew(renew, self.clock.moment(self.world.now))
                self._audit(outcome, shown)
                self._carry_out(outcome, request.nonce, reply)
            case ReleaseCall():
                self.promises.given.pop(request.id, None)
                self.auditor.hears_release(request.id)
                outcome = self.lessor.release(request.id, _hash(request.secret), self.clock.moment(self.world.now))
                self._carry_out(outcome, 0, reply, released=request)
            case AskCall(serial):
                reply(self._offers(serial))

    def _audit(self, outcome: Outcome, shown: Shown | None) -> None:
        self.auditor.decided(outcome, shown)
        self.vacancies.after(outcome)

    def _check_empties(self, outcome: Outcome, *, anew: bool) -> None:
        """A server that is being emptied grants nothing new (R7)."""
        if self.lessor.draining and anew and isinstance(outcome.answer, Granted):
            self.world.breach("R7", f"{self.name} is being emptied and grants {outcome.answer.grant.id}")

    def _carry_out(
        self,
        outcome: Outcome,
        nonce: int,
        reply: Reply,
        take: TakeCall | None = None,
        *,
        proven: bool = False,
        released: ReleaseCall | None = None,
    ) -> None:
        """Write first, then answer (S2)."""
        heard = self.world.now

        def answer(written: bool) -> None:
            if not written:
                reply(Refusal(Problem.STORAGE_FULL, "", nonce, "", ""))
                return
            self.lessor.synced(outcome)
            if self.breaks("before an answer"):
                return
            self._answer(outcome, nonce, reply, take, heard, proven=proven, released=released)

        if outcome.writes:
            self._writer.commit(outcome.writes, answer)
        else:
            self._answer(outcome, nonce, reply, take, heard, proven=proven, released=released)

    def _answer(
        self,
        outcome: Outcome,
        nonce: int,
        reply: Reply,
        take: TakeCall | None,
        heard: float,
        *,
        proven: bool,
        released: ReleaseCall | None,
    ) -> None:
        match outcome.answer:
            case Granted(grant, repeat) if take:
                self.promises.granted(grant, take, heard, repeat=repeat, proven=proven)
                reply(Promise(self._sign(grant, nonce), self.shelf.known[grant.holder.serial]))
            case Renewed(grant):
                self.promises.renewed(grant, heard)
                reply(Promise(self._sign(grant, nonce), None))
            case Released() if released:
                self.world.tell(Giving(self.world.now, self.name, released.id))
                self.auditor.released(released.id, _hash(released.secret), heard)
                reply(GivenBack())
            case Refused() as refused:
                signer = self.name if refused.problem.signed else ""
                spare = any(occupant.spare for occupant in refused.occupants)
                known = self.shelf.known.get(refused.serial) if signer else None
                reply(Refusal(refused.problem, signer, nonce, refused.serial, refused.lease, known, spare))
        self.vacancies.after(outcome)

    def _offers(self, serial: str | None) -> Offers:
        wall = self.clock.wall(self.world.now)
        pools = self.lessor.pools() if serial is None else filter(None, [self.lessor.pool(serial)])
        return Offers(
            tuple(
                Shared(self.shelf.known[p.serial], validity(p.terms, wall), len(p.leases), p.occupants())
                for p in pools
                if p.terms
            ),
            self.lessor.draining,
        )

    def _sign(self, grant: Grant, nonce: int) -> Token:
        who = grant.holder
        says = Shown(grant.id, who.serial, who.system, who.application, grant.fence, grant.block, grant.ttl)
        return Token(self.name, says, nonce, self.lessor.draining)

    def _shown(self, token: Token | None) -> Shown | None:
        return token.says if token and token.container == self.name else None

    def _tick(self) -> None:
        self._writer.commit(self.lessor.tick(self.clock.moment(self.world.now)))
        self.vacancies.look(self.shelf.in_force)
        self.vacancies.check_all_is_freed()
        timer = self.lessor.next_timer()
        wait = TICK_MOST if timer is None else timer - self.clock.boot(self.world.now)
        self.post(min(max(wait, TICK_LEAST), TICK_MOST), self._tick)

    # what the simulation watches

    def is_open_for(self, serial: str, secret: str) -> bool:
        """Whether this holder has a lease of the license here."""
        pool = self.lessor.pool(serial) if self.listening else None
        leases = pool.leases.values() if pool else ()
        return any(lease.grant.holder.secret == _hash(secret) for lease in leases)

    def recovering(self) -> float:
        return self.lessor.recovering(self.clock.boot(self.world.now))

    def recovering_until(self) -> float:
        """To when it grants nothing new (S4), true time, generously."""
        behind = self._was_behind or self.lessor.rolled_back
        return max(self.started, self.well_since) + self.longest * 1.01 + 1.0 if behind else self.started

    def serves(self, serial: str) -> bool:
        """Whether it shares this license, and it is valid."""
        signed = self.disk.licenses.get(serial)
        return signed is not None and validity(signed.terms, self.clock.wall(self.world.now)) is Validity.VALID


def _hash(secret: str) -> str:
    return f"#{secret}"
