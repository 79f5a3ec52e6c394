"""Many systems in one process, each with a state folder of its own: the parts of the SDK, on one loop.

    python crowd.py '{"vendor_key": "vendor.pub.json", "folders": ["pc-1", "pc-2", ...]}'

Each folder has a License.ini and is given a state folder, `state`. A JSON line each says: `acquired`, when all hold a
license; `refused`, with the first reason, where one does not; and `invalid`, for each that ceases to. It ends where
stdin does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from sparekey.client.acquire import open_session
from sparekey.client.holder import Holder
from sparekey.client.license import License, NoLicense
from sparekey.client.session import Wishes
from sparekey.host import boot_clock

AT_ONCE = 50
"""So many start side by side."""
SAMPLE = 0.05
"""Seconds between two looks at all licenses."""


def say(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, "t": boot_clock(), **facts}), flush=True)


class Crowd:
    """Holds a license for each folder."""

    def __init__(self, vendor_key: Path, folders: list[Path]) -> None:
        self._vendor_key = vendor_key
        self._folders = folders
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._holders: list[Holder] = []

    async def start(self) -> list[License]:
        """All licenses; raise NoLicense where one is not to be had."""
        async with asyncio.TaskGroup() as starts:
            tasks = [starts.create_task(self._start(folder)) for folder in self._folders]
        return [task.result() for task in tasks]

    async def _start(self, folder: Path) -> License:
        wishes = Wishes("Runtime", folder / "License.ini", self._vendor_key, folder / "state", system_name=folder.name)
        async with self._gate:
            holder = Holder(await asyncio.to_thread(open_session, wishes))
            self._holders.append(holder)
            return await holder.start()

    async def stop(self) -> None:
        await asyncio.gather(*(holder.stop() for holder in self._holders))


async def watch(licenses: list[License]) -> None:
    """Say which are not valid any more."""
    valid = set(range(len(licenses)))
    while True:
        for number in [number for number in valid if not licenses[number].is_valid()]:
            valid.remove(number)
            say("invalid", number=number)
        await asyncio.sleep(SAMPLE)


async def main(wishes: dict[str, object]) -> None:
    folders = wishes["folders"]
    assert isinstance(folders, list)
    crowd = Crowd(Path(str(wishes["vendor_key"])), [Path(folder) for folder in folders])
    try:
        licenses = await crowd.start()
    except* NoLicense as error:
        say("refused", reason=str(error.exceptions[0]))
    else:
        say("acquired", count=len(licenses))
        watching = asyncio.create_task(watch(licenses))
        await asyncio.to_thread(sys.stdin.read)
        watching.cancel()
    finally:
        await crowd.stop()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
