"""Several issues of one license: which of them is in force."""

from __future__ import annotations

from collections.abc import Iterable

from sparekey.core.terms import Validity, validity
from sparekey.trust import SignedLicense


def in_force(licenses: Iterable[SignedLicense], wall: float) -> dict[str, SignedLicense]:
    """By serial number, at `wall`, Unix time: of several issues the newest that is valid; where none is, the newest.

    So an issue that has expired hides no renewal, and a renewal that has not begun ends nothing (S7).
    """

    def merit(signed: SignedLicense) -> tuple[bool, int]:
        return validity(signed.terms, wall) is Validity.VALID, signed.terms.issued

    chosen: dict[str, SignedLicense] = {}
    for signed in sorted(licenses, key=merit):
        chosen[signed.terms.serial] = signed
    return chosen
