"""The state folder of a system: its identity, and the licenses that its applications have seen."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import platformdirs
from msgspec import Meta, Struct

from sparekey import host
from sparekey.client import record
from sparekey.core.entries import Location

LONGEST_NAME: Final = 64
_REPAIR_PATIENCE: Final = 5.0
"""Seconds that a start waits for another one that is making a damaged identity anew."""


class StateError(OSError):
    """The state folder cannot be used; the text says what to do."""


class CachedLicense(Struct):
    """`licenses/*.json`: a license as the vendor signed it (JWS), by its serial number (R3)."""

    serial: str
    license: str


class MetContainer(Struct):
    """`servers/*.json`: the container (its id) that granted a license at a location last, or was looked at there."""

    location: str
    container: str


class StartRecord(Struct):
    """`starts.json`: whose folder this is, and the number of its last start (S6)."""

    application: str
    start: Annotated[int, Meta(ge=0, le=2**42)]


class _Identity(Struct):
    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]


class System:
    """One state folder, shared by the applications of this computer; two folders are two systems."""

    def __init__(self, folder: Path, identity: str, name: str) -> None:
        self.folder = folder
        self.id = identity
        self.name = name

    @classmethod
    def open(cls, folder: Path | None = None, name: str | None = None) -> System:
        """Open the state folder, made where missing (SPAREKEY_STATE, else the user's own); raise StateError.

        `name` is for people (SPAREKEY_SYSTEM, else the host's); 1 to 64 printable ASCII characters are made of it.
        """
        folder = (folder or default_folder()).absolute()
        with writable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return cls(folder, _identity(folder), _system_name(name))

    def application_folder(self, application: str) -> Path:
        """Where this application keeps its files; made when it starts."""
        return self.folder / "applications" / file_name(application)

    def status_path(self, application: str) -> Path:
        """The file that says what the application holds; the running application keeps it current."""
        return self.application_folder(application) / "status.json"

    def applications(self) -> list[str]:
        """The names of the applications that have started here; reads only."""
        starts = [_readable(file) for file in self.folder.glob("applications/*/starts.json")]
        return sorted(start.application for start in starts if start is not None)

    def license_path(self, serial: str) -> Path:
        """Where the license of this serial number is cached, for all applications of the system."""
        return self.folder / "licenses" / f"{file_name(serial)}.json"

    def cached_license(self, serial: str) -> str | None:
        """The license that was last seen under this serial number (vendor's JWS, not verified again) (R3)."""
        try:
            cached = record.recover(self.license_path(serial), CachedLicense)
        except OSError as error:
            record.logger.warning("the cached license %s cannot be read: %s", serial, error)
            return None
        return cached.license if cached is not None and cached.serial == serial else None

    def set_license_aside(self, serial: str, damage: ValueError) -> None:
        """Keep a cached license that was changed under another name, with a warning: it is fetched anew (R3)."""
        try:
            record.set_aside(self.license_path(serial), damage)
        except OSError as error:
            record.logger.warning("it cannot be moved: %s", error.strerror)

    def cache_license(self, serial: str, jws: str) -> None:
        """Keep a license (vendor's JWS), synced, over whatever happens (R3); raise StateError."""
        with writable(self.folder):
            self.license_path(serial).parent.mkdir(exist_ok=True)
            record.write(self.license_path(serial), CachedLicense(serial, jws))

    def server_path(self, location: Location) -> Path:
        """Where it is kept which container was met at this location."""
        return self.folder / "servers" / f"{file_name(str(location))}.json"

    def met_container(self, location: Location) -> str | None:
        """The container that was met here last; None where nobody knows. Reads only."""
        try:
            met = record.read(self.server_path(location), MetContainer)
        except (record.Damaged, OSError):
            return None
        return met.container if met is not None and met.location == str(location) else None

    def remember_container(self, location: Location, container: str) -> None:
        """Keep which container was met here, synced; raise StateError."""
        with writable(self.folder):
            self.server_path(location).parent.mkdir(exist_ok=True)
            record.write(self.server_path(location), MetContainer(str(location), container))


def default_folder() -> Path:
    """SPAREKEY_STATE, else the folder that the operating system has for this user's state."""
    given = os.environ.get("SPAREKEY_STATE")
    return Path(given) if given else platformdirs.user_state_path("sparekey", appauthor=False)


def file_name(text: str) -> str:
    """A file name for any text, another one for any other, also where case does not count; begins readably."""
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower())[:40].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    return f"{readable}-{digest}" if readable else digest


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn an OSError within into a StateError that says what to do."""
    try:
        yield
    except StateError:
        raise
    except OSError as error:
        raise StateError(
            f"the state folder {folder} cannot be used: {error.strerror or error}"
            f" ({error.filename or folder}); name a folder on a local disk that may be written,"
            " with --state or SPAREKEY_STATE"
        ) from error


def _readable(file: Path) -> StartRecord | None:
    try:
        return record.read(file, StartRecord)
    except (record.Damaged, OSError):
        return None  # its application makes it anew, with a warning, when it starts


def _identity(folder: Path) -> str:
    """The id that whoever came first made: exclusively, synced, and read back."""
    file = folder / "system.json"
    try:
        known = record.read(file, _Identity)
        if known is None:
            known = _first_identity(file)
    except record.Damaged:
        with host.held(host.Lock(folder / "system.lock"), _REPAIR_PATIENCE):
            known = record.recover(file, _Identity) or _first_identity(file)
    return known.id


def _first_identity(file: Path) -> _Identity:
    with suppress(FileExistsError):  # another application was first
        host.create_exclusively(file, record.encode(_Identity(secrets.token_hex(16))), mode=0o644)
    made = record.read(file, _Identity)
    if made is None:
        raise FileNotFoundError(f"{file} vanished while it was made")
    return made


def _system_name(given: str | None) -> str:
    name = given or os.environ.get("SPAREKEY_SYSTEM") or socket.gethostname()
    printable = "".join(c if " " <= c <= "~" else "?" for c in name).strip()
    return printable[:LONGEST_NAME] or "system"
