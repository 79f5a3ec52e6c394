"""Whether two machines have the same time of day."""

from __future__ import annotations

from collections.abc import Iterator

from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Met

LARGEST_DIFFERENCE = 3600.0
"""Seconds: more than this is no drift, somebody set a clock or its zone wrong."""


def judge(met: Met) -> Iterator[Diagnosis]:
    """Only validity dates depend on it, and there the server's clock judges (S7)."""
    if met.ahead is None or abs(met.ahead) <= LARGEST_DIFFERENCE:
        return
    side = "ahead of" if met.ahead > 0 else "behind"
    yield Diagnosis.fault(
        met.location,
        f"the clock of {met.name} is {_shown(abs(met.ahead))} {side} this machine's; leases do not depend on it,"
        " but validity dates are judged by the license server's clock",
        f"timedatectl, here and on {met.location.host}; set the wrong one right",
    )


def _shown(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.0f} days"
