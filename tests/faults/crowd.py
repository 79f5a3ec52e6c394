"""Many systems in one process, on one loop.

    python crowd.py '{"vendor_key": "vendor.pub.json", "folder": "crowd", "first": 0, "systems": 200,
        "server": "127.0.0.1:6350", "serial": "5-1042"}'

It makes a state folder for each, and writes all that they believe into `folder`/history.jsonl. It says `acquired` when
all hold a seat of the license, or `refused` with the first reason, a JSON line; then it ends where stdin does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from history.records import Belief, encode
from light_holder import LightHolder, Refused
from sparekey.client.session import Session, Wishes
from sparekey.host import boot_clock

AT_ONCE = 20
"""So many start side by side."""


class Witness(LightHolder):
    """A holder that writes down what it believes."""

    def __init__(self, name: str, session: Session, history: IO[bytes]) -> None:
        super().__init__(session)
        self._name = name
        self._history = history
        self._believed = 0.0

    def look(self) -> None:
        own, until = self.in_use, self.valid_until
        if own and until != self._believed:
            self._believed = until
            self._history.write(encode(Belief(boot_clock(), self._name, own.serial, own.id, until)) + b"\n")
            self._history.flush()


async def start_all(numbers: range, open_session: Callable[[str], Session], history: IO[bytes]) -> list[Witness]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def start(name: str) -> Witness:
        async with gate:
            holder = Witness(name, await asyncio.to_thread(open_session, name), history)
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
