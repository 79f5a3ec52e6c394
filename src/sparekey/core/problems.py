"""Why a license server says no."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """The kinds of refusal; the value is the last part of `urn:sparekey:problem:NAME`."""

    NO_FREE_SEAT = "no-free-seat"
    NO_SUCH_LICENSE = "no-such-license"
    NO_SUCH_LEASE = "no-such-lease"
    LICENSE_WITHDRAWN = "license-withdrawn"
    LICENSE_EXPIRED = "license-expired"
    LICENSE_NOT_YET_VALID = "license-not-yet-valid"
    TAKEN_OVER = "taken-over"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - the name of a problem
    INVALID_REQUEST = "invalid-request"
    RECOVERING = "recovering"
    DRAINING = "draining"
    STORAGE_FULL = "storage-full"

    @property
    def signed(self) -> bool:
        """Whether the container signs it over the caller's nonce: only such a refusal is final (T1)."""
        return self in _SIGNED


_SIGNED = frozenset(
    {
        Problem.NO_FREE_SEAT,
        Problem.NO_SUCH_LICENSE,
        Problem.NO_SUCH_LEASE,
        Problem.LICENSE_WITHDRAWN,
        Problem.LICENSE_EXPIRED,
        Problem.LICENSE_NOT_YET_VALID,
        Problem.TAKEN_OVER,
    }
)
