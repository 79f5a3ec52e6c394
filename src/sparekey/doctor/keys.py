"""Whether the vendor key of this system is the one that its licenses are signed with (T1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sparekey.doctor.diagnosis import Diagnosis
from sparekey.trust import PublicKey, TrustError, vendor_keys


@dataclass(frozen=True, slots=True)
class Pinned:
    """The vendor keys that the system trusts, from the file at `path`; none where `error` says why."""

    path: Path
    keys: tuple[PublicKey, ...]
    error: str = ""

    @property
    def thumbprints(self) -> str:
        return ", ".join(key.thumbprint for key in self.keys)


def look(path: Path) -> Pinned:
    """Read the key file."""
    try:
        return Pinned(path, vendor_keys(path))
    except TrustError as error:
        return Pinned(path, (), str(error))


def judge(pinned: Pinned, signers: Mapping[str, str]) -> Iterator[Diagnosis]:
    """`signers` are the vendor keys (thumbprints) that the listed licenses name, by serial number."""
    if pinned.error:
        yield Diagnosis.fault(
            "vendor key", pinned.error, f"put the vendor's vendor.pub.json at {pinned.path}, or name it: --vendor-key"
        )
        return
    trusted = {key.thumbprint for key in pinned.keys}
    strangers = {serial: signer for serial, signer in sorted(signers.items()) if signer not in trusted}
    for signer in sorted(set(strangers.values())):
        serials = ", ".join(serial for serial, its in strangers.items() if its == signer)
        yield Diagnosis.fault(
            "vendor key",
            f"license {serials} is signed with the vendor key {signer}; {pinned.path} has {pinned.thumbprints}",
            f"ask the vendor for the vendor.pub.json with the thumbprint {signer}, and put it at {pinned.path}",
        )
    if not strangers:
        yield Diagnosis.well("vendor key", f"{pinned.thumbprints} in {pinned.path}")
