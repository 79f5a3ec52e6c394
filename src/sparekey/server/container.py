"""The container: a license server's identity and everything it keeps, in its state folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import msgspec

from sparekey.core.timing import LONGEST_TTL
from sparekey.host import Lock, Locked, create_exclusively, sync_folder, write_atomically
from sparekey.server.facts import Facts
from sparekey.server.folder import StateFolder
from sparekey.server.issues import in_force
from sparekey.trust import (
    PrivateKey,
    PublicKey,
    SignedLicense,
    TrustError,
    make_request,
    read_license_file,
    vendor_keys,
    write_license_file,
)

LONGEST_NAME = 128
_RESTORE = "nothing was changed: restore container.key and container.json from one backup"


class ContainerError(ValueError):
    """The state folder does not allow it; the text says why and what to do."""


class Container:
    """A container in its state folder. `name` is for people; `id` is its key's thumbprint."""

    def __init__(self, folder: StateFolder, key: PrivateKey, facts: Facts) -> None:
        self.folder = folder
        self.key = key
        self.name = facts.name
        self.id = facts.id
        self.longest_ttl = facts.longest_ttl
        self.last_block = facts.last_block

    @classmethod
    def init(cls, path: Path, name: str) -> Container:
        """Make a new container, of the key that is there where an `init` was killed or container.json was lost.

        Raise ContainerError rather than change one that is there. What a server that has run here answered is no longer
        known, so it counts as the longest possible (S4).
        """
        folder = StateFolder(path)
        _check_name(name)
        if path.exists() and not path.is_dir():
            raise ContainerError(f"{path} is a file, and a container is a folder; name another place for it")
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.licenses.mkdir(exist_ok=True)
            folder.vendors.mkdir(exist_ok=True)
            if folder.facts.exists():
                raise FileExistsError
            key = PrivateKey.load(folder.key) if folder.key.exists() else _new_key(folder)
            facts = Facts(name, key.thumbprint, LONGEST_TTL if folder.lock.exists() else 0.0)
            create_exclusively(folder.facts, bytes(facts), mode=0o644)
        except FileExistsError:
            raise ContainerError(f"{path} has a container already; it stays as it is") from None
        except OSError as error:
            raise ContainerError(f"{error.filename}: {error.strerror}") from None
        except TrustError as error:
            raise ContainerError(f"{error}; {_RESTORE}") from None
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Container:
        """Open the container of a state folder; raise ContainerError where there is none or its files do not fit."""
        folder = StateFolder(path)
        try:
            facts = Facts.load(folder.facts)
            key = PrivateKey.load(folder.key)
        except FileNotFoundError:
            raise ContainerError(_missing(folder)) from None
        except OSError as error:
            raise ContainerError(f"{error.filename}: {error.strerror}") from None
        except ValueError as error:
            raise ContainerError(f"{error}; {_RESTORE}") from None
        if key.thumbprint != facts.id:
            raise ContainerError(f"{folder.key} is not the key of {folder.facts}: restore both from one backup")
        return cls(folder, key, facts)

    def lock(self) -> Lock:
        """Keep every other server out of the state folder, for as long as the lock is held (S5)."""
        lock = Lock(self.folder.lock)
        try:
            lock.acquire()
        except Locked:
            raise ContainerError(
                f"another license server has {self.folder.path} open; one state folder serves one server"
            ) from None
        except OSError as error:
            raise ContainerError(f"{self.folder.lock}: {error.strerror}") from None
        return lock

    def remember_ttl(self, ttl: float) -> None:
        """Note, synced, that leases of this ttl may be answered from now on (S4)."""
        if ttl > self.longest_ttl:
            self.longest_ttl = ttl
            self._write_facts()

    def remember_block(self, block: int) -> None:
        """Note, synced, that this block of fencing numbers is opened (S3)."""
        self.last_block = block
        self._write_facts()

    def _write_facts(self) -> None:
        facts = Facts(self.name, self.id, self.longest_ttl, self.last_block)
        try:
            write_atomically(self.folder.facts, bytes(facts), mode=0o644)
        except OSError as error:
            raise ContainerError(
                f"{self.folder.facts} cannot be written: {error.strerror}; it stays as it was, and the server starts"
                " where it can be"
            ) from None

    def request(self, now: int) -> str:
        """An activation request for the vendor; `now` is Unix time."""
        return make_request(self.key, self.name, now)

    # licenses

    def vendor_keys(self) -> tuple[PublicKey, ...]:
        """The pinned vendor keys, none on a container without licenses; raise TrustError where one cannot be read."""
        files = sorted(self.folder.vendors.glob("*.json"))
        return vendor_keys(files) if files else ()

    def pin(self, key: PublicKey) -> None:
        """Trust this vendor from now on."""
        path = self.folder.vendors / f"{key.thumbprint}.json"
        if not path.exists():
            write_atomically(path, msgspec.json.encode(key.to_jwk()) + b"\n", mode=0o644)

    def owns(self, signed: SignedLicense) -> bool:
        """Whether the license is bound to this container."""
        return signed.container == self.key.public

    def install(self, file: Path, keys: tuple[PublicKey, ...], now: float) -> tuple[SignedLicense, ...]:
        """Install every license of the file, or none: raise TrustError or ContainerError and change nothing.

        An issue that begins later, or has expired, leaves the one in force at `now`, Unix time, beside it (S7).
        """
        licenses = read_license_file(file, keys or self.vendor_keys())
        installed = self.installed()
        for new in licenses:
            self._check_installable(file, new, installed.get(new.terms.serial))
        for key in keys:
            if key.thumbprint in {new.vendor for new in licenses}:
                self.pin(key)
        present = in_force([*self._issues(), *licenses], now)
        for serial, new in _newest(licenses).items():
            comment = f"{new.terms.product} {new.terms.version}, serial number {serial}"
            kept = dict.fromkeys([new.token, present[serial].token])
            write_license_file(self._license_file(serial), kept, comment)
        return licenses

    def remove(self, serial: str) -> None:
        """Remove a license; raise ContainerError, naming those there are, where it is not installed."""
        holding = [file for file, licenses in self._files().items() if serial in _serials(licenses)]
        if not holding:
            known = ", ".join(sorted(self.installed())) or "none"
            raise ContainerError(f"no license {serial} is installed; installed are: {known}")
        for file in holding:
            kept = [kept.token for kept in self._files()[file] if kept.terms.serial != serial]
            if kept:
                write_license_file(file, kept)
            else:
                file.unlink()
        sync_folder(self.folder.licenses)

    def installed(self) -> dict[str, SignedLicense]:
        """The newest issue of each license in the state folder, as far as its files can be read."""
        return _newest(self._issues())

    def _issues(self) -> list[SignedLicense]:
        return [signed for licenses in self._files().values() for signed in licenses]

    def _files(self) -> dict[Path, tuple[SignedLicense, ...]]:
        keys = self.vendor_keys()
        files: dict[Path, tuple[SignedLicense, ...]] = {}
        for file in self.folder.license_files():
            try:
                files[file] = read_license_file(file, keys)
            except (TrustError, OSError):
                continue  # the running server says so
        return files

    def _check_installable(self, file: Path, new: SignedLicense, old: SignedLicense | None) -> None:
        serial = new.terms.serial
        if not self.owns(new):
            bound = f"container {new.container.thumbprint}" if new.container else "no container (a demo license)"
            raise ContainerError(
                f"{file}: license {serial} is bound to {bound}; this is container {self.id}: have it issued for the"
                f" request of `sparekey server request {self.folder.path}`"
            )
        if old and new.terms.issued < old.terms.issued:
            raise ContainerError(
                f"{file}: license {serial} is an older issue than the one that is installed, which stays"
            )

    def _license_file(self, serial: str) -> Path:
        return self.folder.licenses / f"{quote(serial, safe='')}.lic"


def _newest(issues: Iterable[SignedLicense]) -> dict[str, SignedLicense]:
    return {signed.terms.serial: signed for signed in sorted(issues, key=lambda signed: signed.terms.issued)}


def _new_key(folder: StateFolder) -> PrivateKey:
    key = PrivateKey.generate()
    key.save(folder.key)
    return key


def _missing(folder: StateFolder) -> str:
    init = f"`sparekey server init {folder.path} --name NAME`"
    if folder.key.exists():
        return f"{folder.facts} is missing; {_RESTORE}, or have {init} make it anew of the key"
    if folder.facts.exists():
        return f"{folder.key} is missing, and its licenses are bound to it; {_RESTORE}"
    return f"{folder.path} has no container ({folder.facts.name} is missing); make one with {init}"


def _serials(licenses: tuple[SignedLicense, ...]) -> set[str]:
    return {signed.terms.serial for signed in licenses}


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ContainerError(f"{name[:80]!r} is no name: 1 to {LONGEST_NAME} printable characters")
