"""What became of those whose license server was killed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Outcome(msgspec.Struct, frozen=True):
    """When each of them held a spare first, and when it had switched, boot clock.

    `unlicensed`: how many had no license in between; one that got no spare has the time when it was sure of that.
    `busy`: a process's own share of a core from the first that was suspect to the last that was secured; 0 where each
    of them is a process.
    """

    secured: Sequence[float]
    switched: Sequence[float]
    unlicensed: int
    busy: float = 0.0


class Group(Protocol):
    """Those who hold seats of one license server."""

    def hold(self) -> None:
        """Have all of them hold their initial license."""

    def outcome(self) -> Outcome:
        """Wait until all have switched, after their server was killed."""
