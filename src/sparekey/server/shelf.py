"""The license files of a container, looked at again and again: which licenses are in force."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sparekey.server.container import Container
from sparekey.server.issues import in_force
from sparekey.trust import PublicKey, SignedLicense, TrustError, read_license_file

Stamp: TypeAlias = tuple[int, int, int]
"""Inode, size and time of change: a file with the same stamp was not written since."""
LOOKS_TO_WITHDRAW = 2
"""A license is withdrawn when it was absent in so many looks in a row: a file being replaced is no withdrawal."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _File:
    """A license file as it was last seen. `licenses` are the last good ones in it."""

    stamp: Stamp | None = None
    licenses: tuple[SignedLicense, ...] = ()
    absent: int = 0
    fault: str = ""

    def alarm(self, fault: str) -> None:
        kept = "what it had before stays in force" if self.licenses else "it is passed over"
        self.fault = _said_once(self.fault, f"a license file cannot be read, {kept}: {fault}")


@dataclass(slots=True)
class Shelf:
    """Looks at the files; a file that cannot be read keeps its last good licenses in force, with an alarm."""

    container: Container
    _files: dict[Path, _File] = field(default_factory=dict)
    _vendors: dict[Path, Stamp] = field(default_factory=dict)
    _keys: tuple[PublicKey, ...] = ()
    _fault: str = ""

    @property
    def incomplete(self) -> bool:
        """Whether a file could not be read since the start: which licenses it has is then not known."""
        return bool(self._fault) or any(file.fault and not file.licenses for file in self._files.values())

    def look(self, wall: float) -> Mapping[str, SignedLicense]:
        """The licenses in force at `wall`, Unix time, by serial number. It reads the disk: keep it off the loop."""
        try:
            self._look_at_vendors()
            folder = self.container.folder
            self._look_at_files(_stamps(folder.licenses, folder.license_files()))
        except (OSError, TrustError) as error:
            self._fault = _said_once(self._fault, f"{error}; the licenses stay as they were")
        else:
            self._fault = ""
        return in_force((signed for file in self._files.values() for signed in file.licenses), wall)

    def _look_at_vendors(self) -> None:
        """Where another vendor key was pinned, every file deserves another look."""
        folder = self.container.folder.vendors
        vendors = _stamps(folder, folder.glob("*.json"))
        if vendors != self._vendors:
            self._keys = self.container.vendor_keys()
            self._vendors = vendors
            for file in self._files.values():
                file.stamp = None

    def _look_at_files(self, stamps: Mapping[Path, Stamp]) -> None:
        for path in stamps.keys() - self._files.keys():
            self._files[path] = _File()
        for path, file in list(self._files.items()):
            if stamp := stamps.get(path):
                file.absent = 0
                self._read(path, file, stamp)
            else:
                file.absent += 1
                if file.absent >= LOOKS_TO_WITHDRAW:
                    del self._files[path]

    def _read(self, path: Path, file: _File, stamp: Stamp) -> None:
        if stamp == file.stamp:
            return
        try:
            licenses = read_license_file(path, self._keys)
        except FileNotFoundError:
            return  # replaced or removed at this moment: the next look tells which
        except OSError as error:
            file.alarm(f"{error.filename}: {error.strerror}")
            return
        except TrustError as error:
            file.alarm(str(error))
        else:
            file.fault = ""
            file.licenses = tuple(signed for signed in licenses if self._is_ours(path, signed))
        file.stamp = stamp

    def _is_ours(self, path: Path, signed: SignedLicense) -> bool:
        ours = self.container.owns(signed)
        if not ours:
            serial = signed.terms.serial
            log.warning("%s: license %s is bound to another container and not shared here: take it out", path, serial)
        return ours


def _stamps(folder: Path, files: Iterable[Path]) -> dict[Path, Stamp]:
    stamps: dict[Path, Stamp] = {}
    folder.stat()  # a folder that is gone is a fault, and not the removal of all that was in it
    for path in files:
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        stamps[path] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return stamps


def _said_once(before: str, now: str) -> str:
    if now != before:
        log.error("%s", now)
    return now
