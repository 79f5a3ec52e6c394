"""The license files of a container: readable, its own, and within their days (S7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sparekey.core.terms import Terms, Validity, validity
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.server.container import Container
from sparekey.trust import PublicKey, SignedLicense, TrustError, read_license_file

SOON = 30
"""Days before its end that a license is worth a warning."""


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A license file; none of its licenses counts where `error` says why."""

    path: Path
    licenses: tuple[SignedLicense, ...] = ()
    error: str = ""


def look(container: Container) -> tuple[list[LicenseFile], str]:
    """All license files, and why the vendor keys that they are checked with cannot be read."""
    try:
        keys = container.vendor_keys()
    except (TrustError, OSError) as error:
        return [], str(error)
    return [_read(path, keys) for path in container.folder.license_files()], ""


def judge(container: Container, files: Sequence[LicenseFile], keys_error: str, wall: float) -> Iterator[Diagnosis]:
    """`wall` is this machine's time, Unix time: a license server judges by its own clock."""
    state = container.folder.path
    if keys_error:
        cure = f"restore it from a backup, or: sparekey server install {state} FILE.lic --vendor-key vendor.pub.json"
        yield Diagnosis.fault(container.folder.vendors, keys_error, cure)
        return
    for file in files:
        yield from _judge_file(container, file)
    own = [each for file in files for each in file.licenses if container.owns(each)]
    for serial in sorted({each.terms.serial for each in own}):
        yield _judge_license(state, serial, [each.terms for each in own if each.terms.serial == serial], wall)
    if not files:
        cure = f"sparekey server request {state} --out request.json; send that file to the vendor"
        yield Diagnosis.warning(container.folder.licenses, "no license is installed", cure)


def _read(path: Path, keys: tuple[PublicKey, ...]) -> LicenseFile:
    try:
        return LicenseFile(path, read_license_file(path, keys))
    except TrustError as error:
        return LicenseFile(path, error=str(error))
    except OSError as error:
        return LicenseFile(path, error=error.strerror or str(error))


def _judge_file(container: Container, file: LicenseFile) -> Iterator[Diagnosis]:
    state = container.folder.path
    if file.error:
        yield Diagnosis.fault(
            file.path, file.error, f"sparekey server install {state} FILE.lic, with the file as the vendor sent it"
        )
    for foreign in (each for each in file.licenses if not container.owns(each)):
        bound = f"container {foreign.container.thumbprint}" if foreign.container else "no container"
        yield Diagnosis.fault(
            file.path,
            f"license {foreign.terms.serial} is bound to {bound}; this is container {container.id}",
            f"have it issued for this container: sparekey server request {state} --out request.json",
        )


def _judge_license(state: Path, serial: str, issues: Iterable[Terms], wall: float) -> Diagnosis:
    """Of several issues the one that is valid longest tells."""
    where = f"license {serial}"
    cure = f"order a new one, then: sparekey server install {state} FILE.lic"
    best = max(issues, key=lambda terms: (validity(terms, wall) is Validity.VALID, _days_left(terms, wall)))
    match validity(best, wall):
        case Validity.EXPIRED:
            return Diagnosis.fault(where, f"expired on {best.valid_until}", cure)
        case Validity.NOT_YET:
            return Diagnosis.warning(
                where, f"not valid before {best.valid_from}", "wait, or mend the clock: timedatectl"
            )
    days = _days_left(best, wall)
    if days <= SOON:
        return Diagnosis.warning(where, f"ends on {best.valid_until}, in {days:g} days", cure)
    return Diagnosis.well(where, f"valid until {best.valid_until}" if best.valid_until else "valid without an end")


def _days_left(terms: Terms, wall: float) -> float:
    """Days until its last one begins."""
    if terms.valid_until is None:
        return float("inf")
    return (terms.valid_until - datetime.fromtimestamp(wall, UTC).date()).days
