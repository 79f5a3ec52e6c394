"""A license server as it becomes empty: who has left, who cannot, and when nobody is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

import msgspec

from sparekey.cli.output import Failure
from sparekey.cli.server_status import Status, fetch
from sparekey.host import Lock, Locked
from sparekey.server.container import Container
from sparekey.server.neighbours import has_open
from sparekey.server.notices import Listening, find_listening
from sparekey.wire import HolderBody

PERIOD = 0.5
"""Seconds between two looks."""
NOTICED_WITHIN = 10.0
"""Seconds; a running server looks at its state folder each second."""
ENDS_WITHIN = 30.0
"""Seconds that a server has to end after SIGTERM."""
NAMED = 20
"""How many of those that are left are named at most."""

Holders: TypeAlias = Mapping["Seat", HolderBody]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who holds what, known by this from one look to the next."""

    serial: str
    system: str
    application: str


class Emptying:
    """Looks at the running server of a container until it is empty; `say` tells the person what happens."""

    def __init__(self, container: Container, say: Callable[[str], None]) -> None:
        self.say = say
        self._container = container
        self._listening: Listening | None = None
        self._seen: Status | None = None
        self._holders: Holders = {}

    @property
    def facts(self) -> object:
        """For programs: whether it is empty, and who is left."""
        left = [{"serial": seat.serial, **msgspec.to_builtins(holder)} for seat, holder in self._holders.items()]
        leases = self._seen.server.leases if self._seen else 0
        return {"draining": True, "empty": self._is_empty, "leases": leases, "holders": left}

    @property
    def left(self) -> str:
        """Who is left and why, in words, one a line."""
        leases = self._seen.server.leases if self._seen else 0
        named = [f"  {_name(seat, holder)}: {_why(holder)}" for seat, holder in islice(self._holders.items(), NAMED)]
        more = leases - len(named)
        lines = [_in_force(leases), *named]
        return "\n".join([*lines, f"  and {more} more"] if more > 0 else lines)

    def wait(self, timeout: float | None) -> None:
        """Wait until nobody is left; raise Failure where the time is over before, or the server has ended."""
        began = time.monotonic()
        if not self._is_running():
            self.say(f"no license server runs in {self._container.folder.path}: once started it grants nothing")
            return
        while not self._look():
            if self._seen and not self._seen.server.draining and time.monotonic() - began > NOTICED_WITHIN:
                raise Failure(
                    "the running license server does not notice that it is to be emptied: is it an older one?"
                )
            if timeout is not None and time.monotonic() - began >= timeout:
                raise Failure(f"not empty after {timeout:g} s: {self.left}\nit goes on being emptied")
            time.sleep(PERIOD)
        self.say(f"{self._container.name} is empty")

    def stop(self) -> None:
        """End the server; raise Failure where its process cannot be told for sure, or does not end."""
        if not self._is_running():
            return
        if self._listening is None or not has_open(self._listening.pid, self._container.folder.lock):
            raise Failure("it is empty, but which process it is cannot be told: stop its service")
        os.kill(self._listening.pid, signal.SIGTERM)
        until = time.monotonic() + ENDS_WITHIN
        while self._is_running():
            if time.monotonic() > until:
                raise Failure(f"process {self._listening.pid} does not end: stop its service")
            time.sleep(PERIOD / 5)
        self.say(f"{self._container.name} has ended")

    @property
    def _is_empty(self) -> bool:
        if self._seen is None:
            return not self._is_running()
        server = self._seen.server
        return server.draining and not server.leases and not server.recovering

    def _look(self) -> bool:
        """Whether it is empty now; says what has changed since the last look."""
        first, before = self._seen is None, self._holders
        self._seen = seen = self._fetch()
        self._holders = {
            Seat(shown.serial, h.system, h.application): h for shown in seen.licenses for h in shown.holders
        }
        if first:
            self.say(f"{seen.server.name} is being emptied: {_in_force(seen.server.leases)}")
        for line in _news(before, self._holders):
            self.say(line)
        return self._is_empty

    def _fetch(self) -> Status:
        """What the running server says; raise Failure where it says nothing."""
        self._listening = find_listening(self._container.folder) or self._listening
        if self._listening is None:
            raise Failure("a license server runs here, but has not said where: try again in a moment")
        location, *_ = self._listening.locations()
        try:
            status = fetch(str(location))
        except Failure:
            if self._is_running():
                raise
            raise Failure(f"the license server has ended before it was empty: {self.left}") from None
        if status.server.container != self._container.id:
            raise Failure(f"another license server, {status.server.name}, answers at {location}")
        return status

    def _is_running(self) -> bool:
        """Whether a server has the state folder open."""
        lock = Lock(self._container.folder.lock)
        try:
            lock.acquire()
        except Locked:
            return True
        lock.release()
        return False


def _in_force(leases: int) -> str:
    return f"{leases} lease{'' if leases == 1 else 's'} in force"


def _news(before: Holders, now: Holders) -> Iterator[str]:
    for seat, holder in before.items():
        if seat not in now:
            yield f"{_name(seat, holder)} has left"
    for seat, holder in now.items():
        if holder.stays and (seat not in before or before[seat].stays != holder.stays):
            yield f"{_name(seat, holder)} cannot leave yet: {holder.stays}"


def _name(seat: Seat, holder: HolderBody) -> str:
    return f"{seat.serial}, {seat.application} on {holder.system_name or seat.system}"


def _why(holder: HolderBody) -> str:
    if holder.stays:
        return holder.stays
    if not holder.told:
        return "has not renewed since: it hears of it at its next renewal"
    return "has heard of it, and looks for another license"
