"""The backup of a container: what must not be lost, in one tar file, made while its server runs.

The ledger stays out: restored later it would be one that was rolled back, which shows only when a holder comes with a
newer token, whereas a missing one is seen at the start (S4).
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sparekey.core.timing import DEFAULT_TTL
from sparekey.host import create_exclusively, read_at_most, write_atomically
from sparekey.json import UNREADABLE
from sparekey.server.container import Container, ContainerError
from sparekey.server.facts import Facts
from sparekey.server.folder import StateFolder
from sparekey.trust import PrivateKey, TrustError

LARGEST = 256 * 1024 * 1024
"""Bytes of a backup; one license has some thousand."""

_KEY, _FACTS = "container.key", "container.json"
_NAME = re.compile(r"container\.(?:key|json)|licenses/[^/\0]+\.[lL][iI][cC]|vendors/[^/\0]+\.json")
_SECRET, _PUBLIC = 0o600, 0o644

_JSON = msgspec.json.Decoder(dict[str, object])
_FACTS_JSON = msgspec.json.Decoder(Facts)


class BackupError(ValueError):
    """The file is no whole backup; the text names it and says what is missing."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What is in a backup: each file of the state folder by its name there."""

    files: Mapping[str, bytes]

    @classmethod
    def of(cls, state: Path) -> Backup:
        """Read the container of a state folder, whose server may run; raise ContainerError where there is none."""
        folder = Container.open(state).folder
        return cls({path.relative_to(state).as_posix(): data for path, data in _contents(folder)})

    @classmethod
    def load(cls, file: Path) -> Backup:
        """Read a backup file; raise BackupError where it is none, or not whole."""
        try:
            with tarfile.open(fileobj=io.BytesIO(read_at_most(file, LARGEST)), mode="r:") as archive:
                backup = cls(dict(_members(archive)))
            backup._check()
        except (tarfile.TarError, TrustError, BackupError, *UNREADABLE) as error:
            raise BackupError(f"{file} is no whole backup of a license server: {error}; restore another one") from None
        return backup

    @property
    def licenses(self) -> int:
        """How many license files are in it."""
        return sum(name.startswith("licenses/") for name in self.files)

    def save(self, file: Path) -> None:
        """Write it, atomically and for its owner only: it has the private key (T4)."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            for name, content in self.files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), _mode(name)
                archive.addfile(member, io.BytesIO(content))
        write_atomically(file, data.getvalue(), mode=_SECRET)

    def restore(self, state: Path) -> Container:
        """Make the state folder anew; raise ContainerError rather than change a container that is there."""
        folder = StateFolder(state)
        if any(path.exists() for path in (folder.key, folder.facts, folder.ledger)):
            raise ContainerError(f"{state} has a container already; it stays as it is: restore into an empty folder")
        for path in (folder.path, folder.licenses, folder.vendors):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in sorted(self.files, key=lambda name: name == _FACTS):  # which makes it a container, so it is last
            create_exclusively(state / name, self.files[name], mode=_mode(name))
        return Container.open(state)

    def _check(self) -> None:
        if missing := {_KEY, _FACTS} - self.files.keys():
            raise BackupError(f"{' and '.join(sorted(missing))} missing")
        key = PrivateKey.from_jwk(_JSON.decode(self.files[_KEY]))
        if _FACTS_JSON.decode(self.files[_FACTS]).id != key.thumbprint:
            raise BackupError(f"its {_KEY} is not the key of its {_FACTS}")


def _contents(folder: StateFolder) -> Iterator[tuple[Path, bytes]]:
    yield folder.key, folder.key.read_bytes()
    yield folder.facts, bytes(_of_a_server_that_ran(Facts.load(folder.facts)))
    for path in (*folder.license_files(), *sorted(folder.vendors.glob("*.json"))):
        try:
            yield path, path.read_bytes()
        except FileNotFoundError:  # removed at this moment
            continue


def _of_a_server_that_ran(facts: Facts) -> Facts:
    """A container that never ran needs no recovery, but its backup does: it may be restored after it ran (S4)."""
    return msgspec.structs.replace(facts, longest_ttl=facts.longest_ttl or DEFAULT_TTL)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    left = LARGEST
    for member in archive:
        left -= member.size
        name = member.name.removeprefix("./")
        if not member.isreg():
            continue
        if not _NAME.fullmatch(name) or left < 0:
            raise BackupError(f"{name!r} does not belong into one")
        stream = archive.extractfile(member)
        data = stream.read() if stream else b""
        if len(data) != member.size:
            raise BackupError(f"it ends in the middle of {name}")
        yield name, data


def _mode(name: str) -> int:
    return _SECRET if name == _KEY else _PUBLIC
