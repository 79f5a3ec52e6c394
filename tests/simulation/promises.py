"""What a server has answered: to whom, and to when it may be believed. The server itself forgets; this does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from history.records import Grant as Granting
from sparekey.core.leases import Close, Grant, Write

from .messages import TakeCall

if TYPE_CHECKING:
    from .server import Server

ROLLED_BACK = "a server that was rolled back"


@dataclass(slots=True)
class Given:
    """A lease that was answered: to whom, and to when it may be believed at most. `secret` names the license too."""

    holder: str
    secret: str
    until: float


class Promises:
    """All times are true times. `heard`: when the request was heard that each lease's latest answer was for."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._world = server.world
        self.given: dict[str, Given] = {}
        self.heard: dict[str, float] = {}
        self._excuses: dict[str, tuple[str, float]] = {}
        """Leases that may break the rules: why, and until when."""
        self._rolled_back_at = float("-inf")

    def started(self, found: set[str], replaced: str) -> None:
        """The server starts, and its ledger, which may be "lost" or "rolled back", has these leases."""
        if replaced == "rolled back":
            self._rolled_back_at = self._world.now
            gone = self.given.keys() - found
            self._excuses |= dict.fromkeys(gone, (ROLLED_BACK, self._world.now + self._server.longest * 1.01))
        if replaced:
            for lease in self.given.keys() - found:
                del self.given[lease]
        self._check_nothing_forgotten()

    def _check_nothing_forgotten(self) -> None:
        """An answered grant is there after whatever crash (S2)."""
        for lease, given in list(self.given.items()):
            if given.until <= self._world.now:
                del self.given[lease]
                self.heard.pop(lease, None)
            elif not self._server.lessor.holds(lease):
                self._breach(f"has forgotten {lease}, which {given.holder} may believe in")

    def asked(self, take: TakeCall, secret: str) -> None:
        """Who asks anew wants none of its earlier leases any more."""
        for lease, given in list(self.given.items()):
            if given.secret == secret and lease != take.id:
                del self.given[lease]

    def ended(self, writes: Iterable[Write]) -> None:
        """What a server that was rolled back gave at sight ends when its holder of before shows its token (S4)."""
        for write in writes:
            if isinstance(write, Close):
                self.given.pop(write.closed.id, None)

    def granted(self, grant: Grant, take: TakeCall, heard: float, *, repeat: bool, proven: bool) -> None:
        """A grant is answered now; it was asked for with a token of the ledger's own where it is `proven`."""
        name, now, excuse = self._server.name, self._world.now, take.excuse
        self._world.tell(Granting(now, name, grant.holder.serial, grant.id, take.holder, grant.fence, repeat))
        if take.token and self.excuse(take.token.says.lease):
            excuse = ROLLED_BACK
        end = self._rolled_back_at + self._server.longest * 1.01
        if excuse or (not proven and heard < end):
            self._excuses[grant.id] = (excuse, heard + grant.ttl) if excuse else (ROLLED_BACK, end)
        self.given[grant.id] = Given(take.holder, grant.holder.secret, heard)
        self.renewed(grant, heard)

    def renewed(self, grant: Grant, heard: float) -> None:
        """A ttl is promised from when the request was heard; nothing is answered that the disk does not have (S2)."""
        if self._server.lessor.holds(grant.id):
            if not self._server.ledger.has(grant.id):
                self._breach(f"answers {grant.id}, which is not on its disk")
            if grant.id in self.given:
                self.given[grant.id].until = max(self.given[grant.id].until, heard + grant.ttl * 0.99)
        else:
            self.given.pop(grant.id, None)
        self.heard[grant.id] = heard
        self._server.auditor.promised(grant, heard)

    def excuse(self, lease: str) -> str:
        """Why a belief in this lease may break the rules: not longer than the first ttl after a roll-back (S4)."""
        why, until = self._excuses.get(lease, ("", 0.0))
        return why if self._world.now < until else ""

    def _breach(self, text: str) -> None:
        self._world.breach("S2", f"{self._server.name} {text}")
