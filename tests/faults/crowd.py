"""Many systems in one process, on one loop: the core, and the calls of the client, without files that tell of them.

    python crowd.py '{"vendor_key": "vendor.pub.json", "folder": "crowd", "first": 0, "systems": 200,
        "server": "127.0.0.1:6350", "serial": "5-1042"}'

It makes a state folder for each, and writes all that they believe into `folder`/history.jsonl. It says `acquired` when
all hold a seat of the license, or `refused` with the first reason, a JSON line; then it ends where stdin does.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import IO, Any

from history.records import Belief, encode
from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.errands import Errands
from sparekey.client.session import Session, Wishes
from sparekey.core.decisions import Ask, Decision, GiveUp, Release, Renew, Take, UseLease
from sparekey.core.entries import Location
from sparekey.core.events import Broken, Event, Tick
from sparekey.core.redundancy import Redundancy
from sparekey.host import boot_clock

AT_ONCE = 20
"""So many start side by side."""
RECONNECT_TIMEOUT = 1.0


class Refused(Exception):
    """A system gave up; the text says why."""


class LightHolder:
    """Holds a seat as an application does: the same decisions and the same requests, at the same times."""

    def __init__(self, name: str, session: Session, history: IO[bytes]) -> None:
        self._name = name
        self._history = history
        self._connections = Connections()
        self._errands = Errands(session, self._connections)
        self._core = Redundancy(
            session.list.current,
            now=boot_clock(),
            draw=random.random,
            past=session.past,
            manners=session.manners,
            demo=None,
        )
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._believed = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Ask until a seat is held; raise Refused."""
        self._receive(Tick())
        await self._first

    def _receive(self, event: Event) -> None:
        for decision in self._core.receive(event, boot_clock()):
            self._carry_out(decision)
        self._note_belief()
        if self._timer:
            self._timer.cancel()
        delay = max(0.0, self._core.next_timer() - boot_clock())
        self._timer = asyncio.get_running_loop().call_later(delay, self._receive, Tick())

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case Ask() | Take() | Renew() | Release():
                if isinstance(decision, Take):
                    self._errands.prepare(decision)
                self._spawn(self._run(decision))
            case UseLease(number):
                location = self._errands.seats[number].location
                self._connections.get(location).watch(lambda: self._spawn(self._reconnect(number, location)))
                self._first.set_result(None)
            case GiveUp(candidates):
                self._first.set_exception(Refused(str(candidates)))

    async def _run(self, errand: Ask | Take | Renew | Release) -> None:
        if event := await self._errands.run(errand):
            self._receive(event)

    async def _reconnect(self, number: int, location: Location) -> None:
        try:
            await self._connections.get(location).connect(RECONNECT_TIMEOUT)
        except ServerSilent as silence:
            self._receive(Broken(number, silence.reason))

    def _note_belief(self) -> None:
        own, until = self._core.at.in_use, self._core.valid_until
        if own and until != self._believed:
            self._believed = until
            lease = self._errands.seats[own.number].id
            self._history.write(encode(Belief(boot_clock(), self._name, own.serial, lease, until)) + b"\n")
            self._history.flush()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def start_all(numbers: range, open_session: Callable[[str], Session], history: IO[bytes]) -> list[LightHolder]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def start(name: str) -> LightHolder:
        async with gate:
            holder = LightHolder(name, await asyncio.to_thread(open_session, name), history)
            await holder.start()
            return holder

    return await asyncio.gather(*(start(f"pc-{number}") for number in numbers))


async def main(wishes: dict[str, Any]) -> None:
    folder = Path(wishes["folder"])
    config = folder / "License.ini"
    config.write_text(
        f"[Runtime]\nSERIAL0 = {wishes['serial']}\nSERIAL0_LOCATION = {wishes['server']}\nINITIAL_WAIT = 600\n"
    )

    def open_session(name: str) -> Session:
        return Session(Wishes("Runtime", config, Path(wishes["vendor_key"]), folder / name, system_name=name))

    with (folder / "history.jsonl").open("wb") as history:
        try:
            held = await start_all(range(wishes["first"], wishes["first"] + wishes["systems"]), open_session, history)
        except Refused as refused:
            print(json.dumps({"event": "refused", "reason": str(refused)}), flush=True)
            return
        print(json.dumps({"event": "acquired", "count": len(held)}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
