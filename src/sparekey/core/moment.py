"""The time, as the cores are given it."""

from __future__ import annotations

from typing import NamedTuple


class Moment(NamedTuple):
    """Now, on both clocks, in seconds.

    `boot` goes on during suspend and never jumps: leases live by it (S1). `wall` is Unix time: it serves validity dates
    and people only (S7).
    """

    boot: float
    wall: float
