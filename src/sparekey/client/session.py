"""What one run of an application stands on: its list, keys, state folder, and what earlier runs left on record."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparekey.client.application import ApplicationState
from sparekey.client.demo_license import demo_terms, misfit
from sparekey.client.record import logger
from sparekey.client.system import System
from sparekey.config.file import locate, spelled
from sparekey.config.watch import WatchedList
from sparekey.core.entries import UNLISTED, Entry, LicenseList
from sparekey.core.past import Manners, Past
from sparekey.journal import JournalWriter
from sparekey.trust import (
    KeySource,
    OtherVendorError,
    PublicKey,
    SignedLicense,
    TrustError,
    read_license,
    vendor_keys,
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller of `acquire` or `run` names; None is found where it usually is.

    `wait` and `grace` are in seconds; raise ValueError where they are none.
    """

    app: str
    config: Path | None = None
    vendor_key: KeySource | None = None
    state: Path | None = None
    demo: Path | None = None
    system_name: str | None = None
    wait: float = 0.0
    grace: float | None = None
    reactions: Path | None = None

    def __post_init__(self) -> None:
        for name, seconds in (("wait", self.wait), ("grace", self.grace)):
            if seconds is not None and not seconds >= 0:  # so is a nan, which no clock ever reaches
                raise ValueError(f"{name}: {seconds} is no number of seconds from 0")


class Session:
    """Everything a run needs before its first request; the state is locked until `close` (S5)."""

    def __init__(self, wishes: Wishes, environ: Mapping[str, str] | None = None) -> None:
        """Raise ConfigError, TrustError, StateError, or host.Locked where another process holds."""
        environ = os.environ if environ is None else environ
        path = locate(wishes.config, environ)
        self.config = path.absolute()
        self.reactions = wishes.reactions and wishes.reactions.absolute()
        self.list = WatchedList(path, wishes.app, environ)
        self.app = spelled(path, wishes.app, environ)
        self.vendor_keys = vendor_keys(key_source(wishes.vendor_key, path, environ))
        self.demo = demo_terms(wishes.demo, path, self.vendor_keys)
        self.manners = Manners(wishes.wait, wishes.grace)
        self.state = ApplicationState(System.open(wishes.state, wishes.system_name), self.app)
        self.journal = JournalWriter(self.state.system.folder)
        self._cached: dict[str, SignedLicense] = {}
        self._demo_misfit = ""
        self._load(self.list.current)

    @property
    def past(self) -> Past:
        """What the core is told of earlier runs."""
        entries = self.list.current
        reference = self.cached(entries.initial.serial)
        return Past(
            serial=self.state.last_serial,
            reference=reference.terms if reference else None,
            leftovers=_leftovers(self.state, entries),
            demo_used=self.state.demo_used,
        )

    def cached(self, serial: str) -> SignedLicense | None:
        """The license last seen under this serial number, where the vendor signed it (R3); reads no disk."""
        return self._cached.get(serial)

    def refresh_list(self) -> LicenseList:
        """The list as it is now, with what is cached of its licenses; raise ConfigError. It reads the disk."""
        known, entries = self.list.current, self.list.refresh()
        if entries is not known:
            self._load(entries)
        return entries

    def _load(self, entries: LicenseList) -> None:
        """Read what is cached of the licenses that a take may be for, so that no take waits for a disk."""
        serials = {entry.serial for entry in entries.entries} | {serial for serial, _ in self.state.held}
        for serial in serials - self._cached.keys():
            if license_ := cached_license(self.state.system, serial, self.vendor_keys):
                self._cached.setdefault(serial, license_)
        self._check_demo(entries)

    def cache(self, license_: SignedLicense) -> None:
        """Keep a license as it was seen last (R3)."""
        serial = license_.terms.serial
        if is_news(license_, self.cached(serial)):
            self._cached[serial] = license_
            self.state.cache_license(serial, license_.token)
            self._check_demo(self.list.current)

    def _check_demo(self, entries: LicenseList) -> None:
        """Say once that the demo license is of another product, as soon as that is known (R6)."""
        reference = self.cached(entries.initial.serial)
        before, self._demo_misfit = (
            self._demo_misfit,
            misfit(self.demo, entries, reference.terms if reference else None),
        )
        if self._demo_misfit not in ("", before):
            logger.warning("%s", self._demo_misfit)

    def close(self) -> None:
        self.journal.close()
        self.state.close()


def cached_license(system: System, serial: str, keys: Sequence[PublicKey]) -> SignedLicense | None:
    """The license that this system has last seen under the serial number, where the vendor signed it (R3)."""
    token = system.cached_license(serial)
    if token is None:
        return None
    try:
        license_ = read_license(token, keys)
    except OtherVendorError:
        return None  # another application's, of the same number
    except TrustError as damage:
        system.set_license_aside(serial, damage)
        return None
    return license_ if license_.terms.serial == serial else None


def is_news(license_: SignedLicense, known: SignedLicense | None) -> bool:
    """Whether a license is to be cached over the one that is: an older issue does not replace a newer one (R3)."""
    return known is None or (known.token != license_.token and known.terms.issued <= license_.terms.issued)


def key_source(given: KeySource | None, config: Path, environ: Mapping[str, str]) -> KeySource:
    """Where the vendor's key is: as named, else SPAREKEY_VENDOR_KEY, else beside License.ini."""
    if given is not None:
        return given
    named = environ.get("SPAREKEY_VENDOR_KEY")
    return Path(named) if named else config.parent / "vendor.pub.json"


def _leftovers(state: ApplicationState, entries: LicenseList) -> tuple[Entry, ...]:
    """What the last run may have left behind, under its entry in the list where there is one (R9)."""
    found = ((serial, location, entries.find(serial, location)) for serial, location in state.held)
    return tuple(Entry(listed.number if listed else UNLISTED, serial, location) for serial, location, listed in found)
