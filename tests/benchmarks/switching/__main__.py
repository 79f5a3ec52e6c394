"""Simulated systems as a process: they open their state folders, hold, and tell how they switched."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import uvloop

from benchmarks.load.orders import Fault
from benchmarks.switching.orders import Begin, Done, Systems
from benchmarks.switching.outcome import Outcome
from light_holder import LightHolder, Refused
from sparekey.client.session import Session, Wishes
from sparekey.core.decisions import Kind, Tell
from sparekey.host import boot_clock

PATIENCE = 120.0
"""Seconds that all of them may take to switch."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: on the boot clock, and by the seconds of a core that this process has used."""

    at: float
    used: float

    @classmethod
    def now(cls) -> Mark:
        return cls(boot_clock(), time.process_time())


class Switcher(LightHolder):
    """A holder that notes how it gets to another license."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.suspect: Mark | None = None
        self.secured: Mark | None = None
        """When it held a spare first."""
        self.switched: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.unlicensed = False
        self._believed = float("inf")
        """To when it believed before what it is hearing now."""

    def hear(self, told: Tell) -> None:
        now = boot_clock()
        match told.kind:
            case Kind.SUSPECT:
                self.suspect = self.suspect or Mark.now()
            case Kind.SECURED:
                self.secured = self.secured or Mark.now()
            case Kind.SWITCHED | Kind.ACQUIRED if self.suspect and not self.switched.done():
                self.unlicensed |= now > self._believed
                self.switched.set_result(now)
            case Kind.LOST:
                self.secured = self.secured or Mark.now()
                self.unlicensed = True

    def look(self) -> None:
        self._believed = self.valid_until


async def main() -> None:
    systems = msgspec.json.decode(await _line(), type=Systems)
    sessions = [_session(systems, name) for name in systems.names]
    say(Done(len(sessions)))
    msgspec.json.decode(await _line(), type=Begin)
    switchers = [Switcher(session) for session in sessions]
    gc.freeze()
    try:
        await asyncio.gather(*(each.start() for each in switchers))
        say(Done(len(switchers)))
        async with asyncio.timeout(PATIENCE):
            say(await _outcome(switchers))
    except Refused as refused:
        say(Fault(f"a system got no license: {refused}"))
    except TimeoutError:
        left = sum(not each.switched.done() for each in switchers)
        say(Fault(f"{left} of {len(switchers)} systems did not switch within {PATIENCE:g} s"))


async def _outcome(switchers: Sequence[Switcher]) -> Outcome:
    switched = await asyncio.gather(*(asyncio.shield(each.switched) for each in switchers))
    suspect = [each.suspect for each in switchers if each.suspect]
    secured = [each.secured for each in switchers if each.secured]
    first, last = min(suspect, key=_at), max(secured, key=_at)
    busy = (last.used - first.used) / (last.at - first.at)
    return Outcome([mark.at for mark in secured], switched, sum(each.unlicensed for each in switchers), busy)


def _at(mark: Mark) -> float:
    return mark.at


def _session(systems: Systems, name: str) -> Session:
    return Session(
        Wishes("Runtime", Path(systems.config), Path(systems.vendor_key), Path(systems.folder) / name, system_name=name)
    )


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def say(message: msgspec.Struct) -> None:
    print(msgspec.json.encode(message).decode(), flush=True)


if __name__ == "__main__":
    gc.disable()  # no pause of its own in what it measures
    uvloop.run(main())
