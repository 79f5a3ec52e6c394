"""A license server: the real seat core and the real ledger, in a shell that does what the server's own shell does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from history.records import Grant as Granting
from history.records import Release as Giving
from sparekey.core.history import Shown
from sparekey.core.leases import Close, Grant, Holder, Write
from sparekey.core.problems import Problem
from sparekey.core.requests import Granted, Outcome, Refused, Released, Renew, Renewed, Take
from sparekey.core.seats import Lessor
from sparekey.core.terms import Validity, validity
from sparekey.server.ledger import LedgerError

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
    Signed,
    TakeCall,
    Token,
)
from .process import Process
from .world import World

LOOK = 1.0
TICK_LEAST, TICK_MOST = 0.25, 5.0
RETRY = 1.0
ROLLED_BACK = "a server that was rolled back"

Reply: TypeAlias = Callable[[Answer], None]


@dataclass(slots=True)
class _Job:
    writes: tuple[Write, ...]
    done: Callable[[bool], None] | None


@dataclass(slots=True)
class Given:
    """A lease that was answered: to whom, and to when it may be believed at most. `secret` names the license too."""

    holder: str
    secret: str
    until: float


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
        self.free_since: dict[str, float] = {}
        self.fit_since: dict[str, float] = {}
        self.given: dict[str, Given] = {}
        self.heard: dict[str, float] = {}
        self.excuses: dict[str, tuple[str, float]] = {}
        """Leases that may break the rules: why, and until when."""
        self.rolled_back_at = float("-inf")
        self.draining = False
        """Whether the mark that it is to be emptied lies in its state folder."""
        self.in_service_since = 0.0
        """Since when it grants, true time; infinite while it is being emptied."""
        self.auditor = Auditor(self)
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
        self._jobs: list[_Job] = []
        self._writing = False
        self._listening = False
        self.in_force: dict[str, Signed] = {}
        self._known: dict[str, Signed] = {}
        self._absent: dict[str, int] = {}
        self._look_first()
        self._commit(self.lessor.opening, self._listen)

    def _note_replacement(self) -> None:
        disk = self.disk
        self.replaced, disk.replaced = disk.replaced, ""
        if self.replaced == "rolled back":
            self.rolled_back_at = self.world.now
        found = self.ledger.leases()
        gone = self.given.keys() - found
        self.auditor.started(found, gone)
        if self.replaced:
            if self.replaced == "rolled back":
                self.excuses |= dict.fromkeys(gone, (ROLLED_BACK, self.world.now + self.longest * 1.01))
            for lease in gone:
                del self.given[lease]
        self._check_nothing_forgotten()

    def _check_nothing_forgotten(self) -> None:
        """An answered grant is there after whatever crash (S2)."""
        for lease, given in list(self.given.items()):
            if given.until <= self.world.now:
                del self.given[lease]
                self.heard.pop(lease, None)
            elif not self.lessor.holds(lease):
                self.world.breach("S2", f"{self.name} has forgotten {lease}, which {given.holder} may believe in")

    def _listen(self, written: bool) -> None:
        if not written:
            self.crash()
            return
        self._listening = True
        self._was_behind = self.recovering() > 0
        self.well_since = self.world.now
        for serial in self.in_force:
            self._watch_seats(serial)
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

    def _breaks(self, where: str) -> bool:
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

    # licenses

    def install(self, license_: Signed) -> None:
        """A license file appears, or a newer one in its place; the server looks each second."""
        self.disk.licenses[license_.terms.serial] = license_
        self.fit_since[license_.terms.serial] = self.world.now + LOOK
        if self.running:
            self.post(LOOK * self.world.random.random(), self._look)

    def remove(self, serial: str) -> None:
        self.disk.licenses.pop(serial, None)
        self.fit_since[serial] = float("inf")
        if self.running:
            first = LOOK * self.world.random.random()
            self.post(first, self._look)
            self.post(first + LOOK, self._look)

    def _look_first(self) -> None:
        self._share(dict(self.disk.licenses))

    def _look(self) -> None:
        """Only absence in two looks in a row withdraws."""
        licenses = dict(self.disk.licenses)
        for serial in self.in_force.keys() - licenses.keys():
            self._absent[serial] = self._absent.get(serial, 0) + 1
            if self._absent[serial] < 2:
                licenses[serial] = self.in_force[serial]
        for serial in self.disk.licenses:
            self._absent.pop(serial, None)
        self._share(licenses)

    def _share(self, licenses: dict[str, Signed]) -> None:
        for serial in sorted(self.in_force.keys() - licenses.keys()):
            self.lessor.withdraw(serial)
        for serial, signed in licenses.items():
            if self.in_force.get(serial) is not signed:
                self.lessor.install(signed.terms)
        self.in_force = licenses
        self._known.update(licenses)
        for serial in licenses:
            self._watch_seats(serial)

    # requests

    def hear(self, request: Request, reply: Reply) -> None:
        if self._breaks("before a request is heard"):
            return
        match request:
            case TakeCall():
                self.heard[request.id] = self.world.now
                self._forget_given(request)
                holder = Holder(request.serial, request.system, request.application, _hash(request.secret))
                shown = self._shown(request.token)
                take = Take(request.id, holder, request.system, request.order, request.spare, shown)
                own = self.is_open_for(request.serial, request.secret)
                outcome = self.lessor.take(take, self.clock.moment(self.world.now))
                self._audit(outcome, shown)
                if shown is not None:
                    self._end_given(outcome)
                self._check_empties(outcome, anew=not own and shown is None)
                self._carry_out(outcome, request.nonce, reply, request, proven=shown is not None)
            case RenewCall():
                shown = None if self.lessor.holds(request.id) else self._shown(request.token)
                renew = Renew(request.id, _hash(request.secret), request.spare, shown)
                outcome = self.lessor.renew(renew, self.clock.moment(self.world.now))
                self._audit(outcome, shown)
                self._carry_out(outcome, request.nonce, reply)
            case ReleaseCall():
                self.given.pop(request.id, None)
                self.auditor.hears_release(request.id)
                outcome = self.lessor.release(request.id, _hash(request.secret), self.clock.moment(self.world.now))
                self._carry_out(outcome, 0, reply, released=request)
            case AskCall(serial):
                reply(self._offers(serial))

    def _audit(self, outcome: Outcome, shown: Shown | None) -> None:
        self.auditor.decided(outcome.answer, shown)
        self._watch_seats_of(outcome)

    def _check_empties(self, outcome: Outcome, *, anew: bool) -> None:
        """A server that is being emptied grants nothing new (R7)."""
        if self.lessor.draining and anew and isinstance(outcome.answer, Granted):
            self.world.breach("R7", f"{self.name} is being emptied and grants {outcome.answer.grant.id}")

    def _forget_given(self, take: TakeCall) -> None:
        """Who asks anew wants none of its earlier leases any more."""
        for lease, given in list(self.given.items()):
            if given.secret == _hash(take.secret) and lease != take.id:
                del self.given[lease]

    def _end_given(self, outcome: Outcome) -> None:
        """What a server that was rolled back gave at sight ends when its holder of before shows its token (S4)."""
        for write in outcome.writes:
            if isinstance(write, Close):
                self.given.pop(write.closed.id, None)

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
            if self._breaks("before an answer"):
                return
            self._answer(outcome, nonce, reply, take, heard, proven=proven, released=released)

        if outcome.writes:
            self._commit(outcome.writes, answer)
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
            case Granted(grant, repeat):
                self._tell_grant(grant, take, heard, repeat=repeat, proven=proven)
                reply(Promise(self._sign(grant, nonce), self._known[grant.holder.serial]))
            case Renewed(grant):
                self._promised(grant, heard)
                reply(Promise(self._sign(grant, nonce), None))
            case Released() if released:
                self.world.tell(Giving(self.world.now, self.name, released.id))
                self.auditor.released(released.id, _hash(released.secret), heard)
                reply(GivenBack())
            case Refused() as refused:
                signer = self.name if refused.problem.signed else ""
                spare = any(occupant.spare for occupant in refused.occupants)
                known = self._known.get(refused.serial) if signer else None
                reply(Refusal(refused.problem, signer, nonce, refused.serial, refused.lease, known, spare))
        self._watch_seats_of(outcome)

    def _tell_grant(self, grant: Grant, take: TakeCall | None, heard: float, *, repeat: bool, proven: bool) -> None:
        holder, excuse = (take.holder, take.excuse) if take else ("", "")
        serial = grant.holder.serial
        self.world.tell(Granting(self.world.now, self.name, serial, grant.id, holder, grant.fence, repeat))
        if take and take.token and self.excuse(take.token.says.lease):
            excuse = ROLLED_BACK
        end = self.rolled_back_at + self.longest * 1.01
        if excuse or (not proven and heard < end):
            self.excuses[grant.id] = (excuse, heard + grant.ttl) if excuse else (ROLLED_BACK, end)
        self.given[grant.id] = Given(holder, grant.holder.secret, heard)
        self._promised(grant, heard)

    def _promised(self, grant: Grant, heard: float) -> None:
        """Nothing is answered that the disk does not have (S2)."""
        if self.lessor.holds(grant.id):
            if not self.ledger.has(grant.id):
                self.world.breach("S2", f"{self.name} answers {grant.id}, which is not on its disk")
            if grant.id in self.given:
                self.given[grant.id].until = max(self.given[grant.id].until, heard + grant.ttl * 0.99)
        else:
            self.given.pop(grant.id, None)
        self.heard[grant.id] = heard
        self.auditor.promised(grant, heard)

    def excuse(self, lease: str) -> str:
        """Why a belief in this lease may break the rules: not longer than the first ttl after a roll-back (S4)."""
        why, until = self.excuses.get(lease, ("", 0.0))
        return why if self.world.now < until else ""

    def _offers(self, serial: str | None) -> Offers:
        wall = self.clock.wall(self.world.now)
        pools = self.lessor.pools() if serial is None else filter(None, [self.lessor.pool(serial)])
        return Offers(
            tuple(
                Shared(self._known[p.serial], validity(p.terms, wall), len(p.leases), p.occupants())
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

    # the writer

    def _commit(self, writes: tuple[Write, ...], done: Callable[[bool], None] | None) -> None:
        if writes or done:
            self._jobs.append(_Job(writes, done))
            if not self._writing:
                self._writing = True
                self.post(0.0002, self._write)

    def _write(self) -> None:
        """Commits that wait together are written together (S2)."""
        jobs, self._jobs = self._jobs, []
        if self._breaks("before a commit"):
            return
        written = True
        try:
            self.ledger.commit(job.writes for job in jobs)
            self.disk.written = self.ledger.image()
        except LedgerError:
            written = False
        if not self._breaks("between written and synced"):
            self.post(self.disk.sync_time, self._written, jobs, written)

    def _written(self, jobs: list[_Job], written: bool) -> None:
        life = self.life
        if written:
            self.disk.synced = self.disk.written
        if not self._breaks("between synced and answered"):
            for job in jobs:
                if job.done and life == self.life:
                    job.done(written)
        if life != self.life:
            return
        self._writing = bool(self._jobs) or self.ledger.owes
        if self._jobs:
            self._write()
        elif self.ledger.owes:
            self.post(RETRY, self._write)

    def _tick(self) -> None:
        self._commit(self.lessor.tick(self.clock.moment(self.world.now)), None)
        for serial in self.in_force:
            self._watch_seats(serial)
        self._check_all_is_freed()
        timer = self.lessor.next_timer()
        wait = TICK_MOST if timer is None else timer - self.clock.boot(self.world.now)
        self.post(min(max(wait, TICK_LEAST), TICK_MOST), self._tick)

    # what the simulation watches

    def _watch_seats_of(self, outcome: Outcome) -> None:
        answer = outcome.answer
        if isinstance(answer, Granted | Renewed):
            self._watch_seats(answer.grant.holder.serial)
        elif isinstance(answer, Released):
            for serial in self.in_force:
                self._watch_seats(serial)

    def _watch_seats(self, serial: str) -> None:
        pool = self.lessor.pool(serial)
        if pool is None or not pool.free:
            self.free_since[serial] = float("inf")
        elif self.free_since.get(serial, float("inf")) == float("inf"):
            self.free_since[serial] = self.world.now

    def _check_all_is_freed(self) -> None:
        """A seat is free again one ttl after its holder was heard last, and a server's tick later at most (S1)."""
        for pool in self.lessor.pools():
            for lease in pool.leases.values():
                heard = max(self.heard.get(lease.grant.id, 0.0), self.started, self.well_since)
                if self.world.now > heard + lease.grant.ttl * 1.01 + TICK_LEAST + TICK_MOST + 0.1:
                    self.world.breach("S1", f"{self.name} still keeps a seat of {pool.serial} for {lease.grant.id}")

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
