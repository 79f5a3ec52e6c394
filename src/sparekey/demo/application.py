"""The licensed application of the demo: it does nothing but measure for how long it was unlicensed.

`sparekey run ... -- python -m sparekey.demo.application PERIOD` runs it; it looks at its license every PERIOD seconds.
It prints a line when it begins to measure, and at SIGTERM a Measurement, a JSON line.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from sparekey.host import boot_clock


class Status(msgspec.Struct):
    """What it wants to know of the status file."""

    serial: str = ""
    valid_until_boottime: float | None = None


class Measurement(msgspec.Struct):
    """What it found, in seconds. `longest_gap` is the longest time between two looks."""

    unlicensed_seconds: float = 0.0
    longest_gap: float = 0.0
    looks: int = 0


class Meter:
    """Adds up the time without a license. What passed between two looks counts as the earlier one promised."""

    def __init__(self) -> None:
        self.measurement = Measurement()
        self._last: float | None = None
        self._valid_until = float("-inf")

    def look(self, now: float, valid_until: float | None) -> None:
        """At `now` the license is good until `valid_until`, both on the boot clock; None is no license."""
        found = self.measurement
        found.looks += 1
        if self._last is not None:
            found.longest_gap = max(found.longest_gap, now - self._last)
            found.unlicensed_seconds += max(0.0, now - max(self._last, self._valid_until))
        self._last = now
        self._valid_until = float("-inf") if valid_until is None else valid_until


def read_status(path: Path) -> Status:
    """What the file says; a file that says nothing is no license."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Status)
    except (OSError, msgspec.DecodeError):
        return Status()


def measure(path: Path, is_over: Callable[[], bool]) -> Measurement:
    """Look until it is over."""
    meter = Meter()
    while True:
        status = read_status(path)
        meter.look(boot_clock(), status.valid_until_boottime)
        if is_over():
            return meter.measurement


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    status, period = Path(os.environ["SPAREKEY_STATUS"]), float(sys.argv[1])
    print("measuring", flush=True)
    found = measure(status, lambda: signal.sigtimedwait({signal.SIGTERM}, period) is not None)
    print(msgspec.json.encode(found).decode(), flush=True)


if __name__ == "__main__":
    main()
