"""The seats of a server that are free, and since when: each is, one ttl after its holder was heard last (S1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sparekey.core.requests import Granted, Outcome, Released, Renewed

if TYPE_CHECKING:
    from .server import Server

NEVER = float("inf")


class Vacancies:
    """`longest_tick`: how late after its time a server notices that a lease is over, seconds."""

    def __init__(self, server: Server, longest_tick: float) -> None:
        self._server = server
        self._longest_tick = longest_tick
        self._free_since: dict[str, float] = {}

    def since(self, serial: str) -> float:
        """Since when a seat of this license is free, true time; infinite while none is."""
        return self._free_since.get(serial, NEVER)

    def after(self, outcome: Outcome) -> None:
        """Look again where this may have changed something."""
        answer = outcome.answer
        if isinstance(answer, Granted | Renewed):
            self.look((answer.grant.holder.serial,))
        elif isinstance(answer, Released):
            self.look(self._server.shelf.in_force)

    def look(self, serials: Iterable[str]) -> None:
        for serial in serials:
            pool = self._server.lessor.pool(serial)
            if pool is None or not pool.free:
                self._free_since[serial] = NEVER
            elif self.since(serial) == NEVER:
                self._free_since[serial] = self._server.world.now

    def check_all_is_freed(self) -> None:
        """A seat is free again one ttl after its holder was heard last, and a server's tick later at most (S1)."""
        server = self._server
        for pool in server.lessor.pools():
            for lease in pool.leases.values():
                heard = max(server.promises.heard.get(lease.grant.id, 0.0), server.started, server.well_since)
                if server.world.now > heard + lease.grant.ttl * 1.01 + self._longest_tick + 0.1:
                    text = f"{server.name} still keeps a seat of {pool.serial} for {lease.grant.id}"
                    server.world.breach("S1", text)
