"""An application for tests: holds a license by the SDK, samples it closely, and says what happens, a JSON line each.

    python application.py '{"app": "Runtime", "config": "License.ini", ...}'     the arguments of sparekey.acquire

It does what stdin says, a word a line: acquire, close, look, fork, stall; and ends where stdin does. `t` is on the boot
clock.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Iterable
from typing import Any

import sparekey
from sparekey.client.acquire import HeldLicense
from sparekey.host import boot_clock

SAMPLE = 0.001
"""Seconds between two looks at the license."""

_speaking = threading.Lock()


def say(event: str, **facts: object) -> None:
    line = json.dumps({"event": event, "t": boot_clock(), **facts})
    with _speaking:
        print(line, flush=True)


class Application:
    """Holds a license while it is told to; says `invalid` and `valid` when that changes."""

    def __init__(self, wishes: dict[str, Any]) -> None:
        self._wishes = wishes
        self._license: HeldLicense | None = None
        self._valid = True

    def acquire(self) -> None:
        try:
            license_ = self._license = sparekey.acquire(**self._wishes)
        except sparekey.NoLicense as error:
            say("refused", candidates=error.candidates)
        except sparekey.AlreadyRunning as error:
            say("already running", reason=str(error))
        else:
            license_.on_change(lambda change: say("change", old=change.old, new=change.new, reason=change.reason))
            self._valid = True
            say("acquired", serial=license_.serial_number, entry=license_.entry, tags=license_.terms.limits.get("tags"))

    def close(self) -> None:
        if self._license:
            self._license.close()
            say("closed", valid=self._license.is_valid())
            self._license = None

    def look(self) -> None:
        if self._license:
            own = self._license
            say("seen", serial=own.serial_number, entry=own.entry, valid=own.is_valid())

    def fork(self) -> None:
        """Have a forked child use and close the license, as if it were its own."""
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        if self._license:
            say("child", valid=self._license.is_valid(), serial=self._license.serial_number)
            self._license.close()
        os._exit(0)

    def stall(self) -> None:
        """Have the next change of the license stop the thread that renews, as a fault in it might."""
        if self._license:
            self._license.on_change(stand_still)

    def sample(self) -> None:
        if self._license and self._license.is_valid() != self._valid:
            self._valid = not self._valid
            say("valid" if self._valid else "invalid")


def stand_still(_: sparekey.Change) -> None:
    threading.Event().wait()


def follow(words: Iterable[str], commands: queue.SimpleQueue[str]) -> None:
    for word in words:
        commands.put(word.strip())
    commands.put("end")


def main() -> None:
    application = Application(json.loads(sys.argv[1]))
    commands: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=follow, args=(sys.stdin, commands), daemon=True).start()
    deeds = {
        "acquire": application.acquire,
        "close": application.close,
        "look": application.look,
        "fork": application.fork,
        "stall": application.stall,
    }
    while True:
        try:
            command = commands.get(timeout=SAMPLE)
        except queue.Empty:
            application.sample()
            continue
        if command == "end":
            return
        deeds[command]()


if __name__ == "__main__":
    main()
