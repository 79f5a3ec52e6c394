"""A thread that writes files for a loop that must not wait for a disk."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sparekey import host

logger: Final = logging.getLogger("sparekey")

Result = TypeVar("Result")


async def beside(work: Callable[[], Result]) -> Result:
    """Do what blocks beside the loop, in a thread. It must be fit to be done twice."""
    try:
        return await asyncio.to_thread(work)
    except RuntimeError:  # the interpreter ends: there are no more threads to be had
        return work()


@dataclass(frozen=True, slots=True)
class _Content:
    data: bytes
    sync: bool


class Writer:
    """Writes files behind its callers. Of each file the last content wins; one that cannot be written is warned of."""

    def __init__(self) -> None:
        self._waiting: dict[Path, _Content] = {}
        self._changed = threading.Condition()
        self._writing = False
        self._closed = False
        self._warned: set[Path] = set()
        self._thread = threading.Thread(target=self._run, name="sparekey-writer", daemon=True)
        self._thread.start()

    def put(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        """Have the file written soon (mode 0644); never waits for the disk."""
        with self._changed:
            self._waiting[path] = _Content(data, sync)
            self._changed.notify_all()

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all is written, `timeout` seconds at most; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._writing), timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, `timeout` seconds at most, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            self._write(*work)

    def _next(self) -> tuple[Path, _Content] | None:
        with self._changed:
            self._writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._waiting:
                return None
            path = next(iter(self._waiting))
            self._writing = True
            return path, self._waiting.pop(path)

    def _write(self, path: Path, content: _Content) -> None:
        try:
            host.write_atomically(path, content.data, mode=0o644, sync=content.sync)
        except OSError as error:
            if path not in self._warned:
                logger.warning("%s cannot be written: %s", path, error.strerror)
            self._warned.add(path)
        else:
            self._warned.discard(path)
