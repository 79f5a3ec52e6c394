"""Terms that a system learns without starting: R3 needs the initial license's while its server is down."""

from __future__ import annotations

from collections.abc import Sequence

from sparekey.client.calls import Calls
from sparekey.client.connection import Connections, ServerSilent
from sparekey.client.session import cached_license, is_news
from sparekey.client.system import System
from sparekey.core.entries import Entry
from sparekey.trust import PublicKey, SignedLicense

TIMEOUT = 1.0
"""Seconds that a server has to tell its license's terms, its name's look-up included."""


async def learn(system: System, entry: Entry, vendor_keys: Sequence[PublicKey]) -> bool:
    """Ask an entry's server for its license and keep that; whether its terms are known now. Raise StateError."""
    if entry.takes_any:
        return False
    for license_ in await _fetch(entry, vendor_keys):
        keep(system, license_, vendor_keys)
    return cached_license(system, entry.serial, vendor_keys) is not None


def keep(system: System, license_: SignedLicense, vendor_keys: Sequence[PublicKey]) -> None:
    """Cache a license, unless a newer issue of it is; raise StateError."""
    serial = license_.terms.serial
    if is_news(license_, cached_license(system, serial, vendor_keys)):
        system.cache_license(serial, license_.token)


async def _fetch(entry: Entry, vendor_keys: Sequence[PublicKey]) -> tuple[SignedLicense, ...]:
    async with Connections() as connections:
        try:
            _, licenses = await Calls(connections, vendor_keys, ("check", ""), "check").ask(entry, TIMEOUT)
        except ServerSilent:
            return ()
        return licenses
