"""The license service: carries requests to the seat core, its writes to the ledger, and its answers back."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from sys import intern
from typing import TypeAlias

from sparekey.core.history import Shown
from sparekey.core.leases import Holder
from sparekey.core.moment import Moment
from sparekey.core.pools import Pool
from sparekey.core.problems import Problem
from sparekey.core.requests import Granted, Outcome, Refused, Released, Renew, Renewed, Take
from sparekey.core.seats import DRAIN_RETRY, Lessor
from sparekey.host import boot_clock
from sparekey.server.container import Container
from sparekey.server.ledger import LedgerError
from sparekey.server.replies import Notary, Reply, problem
from sparekey.server.writer import Writer
from sparekey.trust import SignedLicense, TrustError, read_lease
from sparekey.wire import RenewBody, TakeBody

STORAGE_RETRY = 1.0
"""When to ask again a server whose disk is full; seconds."""
LICENSE_RETRY = 5.0
"""When to ask again a server that cannot read a license file; seconds."""
_BEING_EMPTIED = "being emptied: holders are asked to move, nothing new is granted until 'sparekey server drain --off'"
_ABSENT = frozenset({Problem.NO_SUCH_LICENSE, Problem.LICENSE_WITHDRAWN})

Respond: TypeAlias = Callable[[Reply], None]
"""Takes the reply to a call: at once where nothing is to be written first."""

log = logging.getLogger(__name__)


def now() -> Moment:
    return Moment(boot_clock(), time.time())


@dataclass(slots=True)
class Counters:
    """What happened since the start."""

    grants: int = 0
    renewals: int = 0
    releases: int = 0
    refusals: Counter[Problem] = field(default_factory=Counter)


class Service:
    """One container's licenses, shared. Everything but the writer runs on the loop."""

    def __init__(self, container: Container, lessor: Lessor, writer: Writer) -> None:
        self.container = container
        self.lessor = lessor
        self.writer = writer
        self.counters = Counters()
        self.started = boot_clock()
        self._notary = Notary(container.key)
        self._in_force: Mapping[str, SignedLicense] = {}
        self._known: dict[str, SignedLicense] = {}
        self._recovery_told = False
        self._incomplete = False

    # licenses

    def share(self, licenses: Mapping[str, SignedLicense], *, incomplete: bool = False) -> None:
        """From now on these licenses are shared and no others. `incomplete`: there may be more, that cannot be read."""
        self._incomplete = incomplete
        for serial in self._in_force.keys() - licenses.keys():
            self.lessor.withdraw(serial)
        for serial, signed in licenses.items():
            if self._in_force.get(serial) is not signed:
                self.lessor.install(signed.terms)
        self._in_force = licenses
        self._known.update(licenses)

    def license(self, serial: str) -> SignedLicense | None:
        """The license as it is in force, or was when it was withdrawn."""
        return self._known.get(serial)

    def visible(self, pool: Pool, *, local: bool) -> bool:
        """Whether this caller may use the license at all: one that is not shared serves its own machine only."""
        return pool.terms is not None and (pool.terms.shared or local)

    def drain(self, *, on: bool) -> None:
        """From now on the server is being emptied, or in service again."""
        if on is not self.lessor.draining:
            self.lessor.draining = on
            log.warning("%s", _BEING_EMPTIED if on else "in service again: licenses are granted")

    # requests

    def take(self, body: TakeBody, respond: Respond, *, local: bool) -> None:
        pool = self.lessor.pool(body.serial)
        if pool and pool.terms and not self.visible(pool, local=local):
            respond(self._not_shared(body))
            return
        take = Take(
            body.id,
            Holder(intern(body.serial), body.system, intern(body.application), _hash(body.secret)),
            body.system_name,
            body.order,
            body.spare,
            self._shown(body.lease),
        )
        self._carry_out(self.lessor.take(take, now()), body.nonce, respond)

    def renew(self, id: str, secret: str, body: RenewBody, respond: Respond) -> None:  # noqa: A002 - the field's own name
        shown = None if self.lessor.holds(id) else self._shown(body.lease)
        renew = Renew(id, _hash(secret), body.spare, shown, body.stays)
        self._carry_out(self.lessor.renew(renew, now()), body.nonce, respond)

    def release(self, id: str, secret: str, respond: Respond) -> None:  # noqa: A002 - the field's own name
        self._carry_out(self.lessor.release(id, _hash(secret), now()), "", respond)

    def tick(self) -> None:
        """Free what has run out, and say so where the ledger is behind."""
        self.writer.post(self.lessor.tick(now()))
        self._tell_recovery()

    def _tell_recovery(self) -> None:
        remaining = self.lessor.recovering(boot_clock())
        if remaining and not self._recovery_told:
            what = "is older than what was done with it" if self.lessor.rolled_back else "was lost"
            log.error("the ledger %s: nothing new is granted for %.0f s; holders get their seats back", what, remaining)
        self._recovery_told = remaining > 0

    def obstacle(self) -> Reply | None:
        """What keeps this server from granting anything new, None in ordinary life."""
        if self.writer.failing or self.writer.stalled:
            return problem(Problem.STORAGE_FULL, retry_after=STORAGE_RETRY)
        if remaining := self.lessor.recovering(boot_clock()):
            return problem(Problem.RECOVERING, retry_after=remaining)
        return problem(Problem.DRAINING, retry_after=DRAIN_RETRY) if self.lessor.draining else None

    @property
    def alarm(self) -> str:
        """What somebody should see to, in words; empty in ordinary life."""
        return "; ".join(self._complaints())

    def _complaints(self) -> Iterator[str]:
        """That the ledger was rolled back is said until the next start: it may be over within seconds (S4)."""
        if self.lessor.rolled_back:
            yield "its ledger was rolled back: it is older than what was done with it"
        elif self.lessor.recovering(boot_clock()):
            yield "its ledger was lost: holders get their seats back, nothing new is granted yet"
        if self.writer.failing or self.writer.stalled:
            yield "its ledger cannot be written: nothing new is granted"
        if self._incomplete:
            yield "a license file cannot be read"

    def _carry_out(self, outcome: Outcome, nonce: str, respond: Respond) -> None:
        """Write first, then answer (S2)."""
        if self.lessor.rolled_back:  # it may be over before the next tick
            self._tell_recovery()
        if outcome.writes:  # in the order of the decisions, so now
            self.writer.write(outcome.writes, partial(self._written, outcome, nonce, respond))
        else:
            respond(self._answer(outcome, nonce))

    def _written(self, outcome: Outcome, nonce: str, respond: Respond, failure: LedgerError | None) -> None:
        if failure:
            self.counters.refusals[Problem.STORAGE_FULL] += 1
            respond(problem(Problem.STORAGE_FULL, retry_after=STORAGE_RETRY))
        else:
            self.lessor.synced(outcome)
            respond(self._answer(outcome, nonce))

    def _answer(self, outcome: Outcome, nonce: str) -> Reply:
        match outcome.answer:
            case Granted(grant, repeat):
                self.counters.grants += not repeat
                token = self._known[grant.holder.serial].token
                return self._notary.granted(grant, nonce, token, repeat=repeat, drain=self.lessor.draining)
            case Renewed(grant):
                self.counters.renewals += 1
                return self._notary.renewed(grant, nonce, drain=self.lessor.draining)
            case Released():
                self.counters.releases += 1
                return Reply(204)
            case Refused(Problem.INVALID_REQUEST) as refused:
                return self._refuse(refused, nonce, "the field `id`: a lease of another holder has this id")
            case Refused() as refused:
                return self._refuse(refused, nonce or None)

    def _refuse(self, refused: Refused, nonce: str | None, detail: str = "") -> Reply:
        self.counters.refusals[refused.problem] += 1
        if refused.problem in _ABSENT and self._incomplete and refused.serial not in self._known:
            # Nobody removed it: a file that cannot be read must not end a lease for good (R7).
            return problem(Problem.RECOVERING, "a license file cannot be read here", retry_after=LICENSE_RETRY)
        return self._notary.refused(refused, nonce, self.license(refused.serial), detail)

    def _not_shared(self, body: TakeBody) -> Reply:
        detail = f"license {body.serial} is not shared: it serves applications on the license server's own machine only"
        return self._refuse(Refused(Problem.NO_SUCH_LICENSE, body.serial, body.id), body.nonce, detail)

    def _shown(self, token: str | None) -> Shown | None:
        """What the caller's last token says, where it is this container's own; anything else is ignored (S4)."""
        if token is None:
            return None
        try:
            claims = read_lease(token, self.container.key.public)
        except TrustError:
            return None
        return Shown(
            claims.lease,
            claims.serial,
            claims.system,
            claims.application,
            claims.fence,
            claims.block,
            claims.ttl,
        )


def _hash(secret: str) -> str:
    """All that the server keeps of a secret (T2)."""
    return hashlib.sha256(secret.encode()).hexdigest()
