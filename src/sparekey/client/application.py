"""What one application remembers over its restarts. Whoever has it open is the one that holds (S5)."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, Self

from msgspec import Meta, Struct

from sparekey import host
from sparekey.client import record
from sparekey.client.system import CachedLicense, MetContainer, StartRecord, System, writable
from sparekey.client.writer import Writer
from sparekey.core.entries import EntryError, Location, check_serial

_LATEST_CLOCK: Final = 4_000_000_000_000
"""Milliseconds: a wall clock that is wilder than this (2096) is not counted from, so that orders stay below 2**62."""


class _Secret(Struct):
    secret: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class _Serial(Struct):
    serial: str


class _Demo(Struct):
    used: Annotated[float, Meta(ge=0)]


class _Seat(Struct):
    serial: str
    location: str


class _Seats(Struct):
    seats: list[_Seat]


class ApplicationState:
    """The state of one application, locked for as long as this is open.

    Reading is done when it opens. What `remember_*`, `cache_license` and `write_status` are given is written behind the
    caller, who may be an event loop.
    """

    def __init__(self, system: System, name: str) -> None:
        """Lock and read the state, and count this start (S6); raise host.Locked or StateError."""
        self.system = system
        self.name = name
        self._folder = system.application_folder(name)
        self._lock = host.Lock(self._folder / "lock")
        with writable(system.folder):
            (system.folder / "licenses").mkdir(exist_ok=True)
            (system.folder / "servers").mkdir(exist_ok=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            try:
                self._read()
            except BaseException:
                self._lock.release()
                raise
        self._writer = Writer()
        self._met: dict[Location, str] = {}

    def _read(self) -> None:
        host.remove_leftovers(self._folder)
        self._secret = self._read_secret()
        self.start = self._count_start()
        """The number of this start: greater than that of any before it (S6)."""
        last = record.recover(self._path("serial"), _Serial)
        self.last_serial = last.serial if last else None
        """What was shown last as the serial number in use; None where there was nothing yet (R10)."""
        self.held = self._read_held()
        """What the last run held or had asked for, and may have left behind (R9)."""
        demo = record.recover(self._path("demo"), _Demo)
        self.demo_used = demo.used if demo else 0.0
        """Seconds of demo time that are used up or reserved (R6)."""

    @property
    def status_path(self) -> Path:
        return self.system.status_path(self.name)

    def secret_for(self, serial: str) -> str:
        """What the holder of this license shows its server, of no use at another serial number (S6)."""
        return hmac.new(self._secret, serial.encode(), "sha256").hexdigest()

    def cache_license(self, serial: str, jws: str) -> None:
        """Keep a license for all applications of the system (R3)."""
        self._put(self.system.license_path(serial), CachedLicense(serial, jws))

    def remember_container(self, location: Location, container: str) -> None:
        """Keep which container granted a license here; again does no work."""
        if self._met.get(location) != container:
            self._met[location] = container
            self._put(self.system.server_path(location), MetContainer(str(location), container))

    def remember_serial(self, serial: str) -> None:
        """Keep the serial number that is now in use (R10)."""
        self.last_serial = serial
        self._put(self._path("serial"), _Serial(serial))

    def remember_held(self, seats: Iterable[tuple[str, Location]]) -> None:
        """Keep which seats this run holds or has asked for (R9)."""
        self.held = tuple(seats)
        self._put(self._path("held"), _Seats([_Seat(serial, str(location)) for serial, location in self.held]))

    def write_status(self, status: Mapping[str, object]) -> None:
        """Have the status file say this; not synced, since it is worth nothing after a crash."""
        self._put(self.status_path, status, sync=False)

    def save_demo(self, used: float) -> None:
        """Write down, synced, that so many seconds of demo time are spent (R6). Not for a loop; raise StateError."""
        with writable(self.system.folder):
            record.write(self._path("demo"), _Demo(used))
        self.demo_used = used

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all is written, `timeout` seconds at most; return whether it is."""
        return self._writer.flush(timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, `timeout` seconds at most, and let another process hold. Does nothing in a forked child."""
        if self._lock.held:
            self._writer.close(timeout)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _path(self, what: str) -> Path:
        return self._folder / f"{what}.json"

    def _put(self, path: Path, content: Struct | Mapping[str, object], *, sync: bool = True) -> None:
        if self._lock.held:
            self._writer.put(path, record.encode(content), sync=sync)

    def _read_secret(self) -> bytes:
        """The secret; made, saved and synced where there is none or it is damaged: then this is another holder (S6)."""
        known = record.recover(self._path("secret"), _Secret)
        if known is None:
            known = _Secret(secrets.token_hex(32))
            record.write(self._path("secret"), known, mode=0o600)
        return bytes.fromhex(known.secret)

    def _count_start(self) -> int:
        """One more than the last start, and no less than the wall clock in milliseconds, saved and synced (S6).

        So a counter that was lost goes on above all that were given before, as long as the clock was not set back; and
        where the disk is full, an application that has started before starts all the same.
        """
        last = record.recover(self._path("starts"), StartRecord)
        clock = min(time.time_ns() // 1_000_000, _LATEST_CLOCK)
        start = max(clock, last.start + 1 if last else 0)
        try:
            record.write(self._path("starts"), StartRecord(self.name, start))
        except OSError as error:
            if last is None:
                raise
            record.logger.warning("%s cannot be written: %s", self._path("starts"), error.strerror)
        return start

    def _read_held(self) -> tuple[tuple[str, Location], ...]:
        known = record.recover(self._path("held"), _Seats)
        try:
            return (
                tuple((check_serial(seat.serial), Location.parse(seat.location)) for seat in known.seats)
                if known
                else ()
            )
        except EntryError as error:
            record.logger.warning("%s is damaged (%s): what it says is passed over", self._path("held"), error)
            return ()
