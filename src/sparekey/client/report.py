"""What happened to the license, for people and programs: one JSON object a line."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import msgspec
from msgspec import Struct

from sparekey.client.record import logger


class Report(Struct, frozen=True):
    """One event. `t` is on the boot clock in seconds, `time` is RFC 3339."""

    t: float
    time: str
    event: str
    app: str
    serial: str
    entry: int
    reason: str

    def line(self) -> bytes:
        return msgspec.json.encode(self) + b"\n"


Listener: TypeAlias = Callable[[Report], None]


class ReportFile:
    """Appends reports to a file, `-` for stdout, each flushed at once, by a thread: a full pipe holds up no license."""

    def __init__(self, path: Path) -> None:
        """Raise OSError where the file cannot be opened."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.dup(sys.stdout.fileno()) if str(path) == "-" else os.open(path, flags, 0o644)
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="sparekey-report", daemon=True)
        self._thread.start()

    def __call__(self, report: Report) -> None:
        self._lines.put(report.line())

    def close(self, timeout: float = 2.0) -> None:
        """Write what waits, `timeout` seconds at most."""
        self._lines.put(None)
        self._thread.join(timeout)

    def _write(self) -> None:
        with os.fdopen(self._file, "wb", buffering=0) as file:
            while (line := self._lines.get()) is not None:
                try:
                    file.write(line)
                except OSError as error:
                    logger.warning("a report could not be written: %s", error.strerror)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
