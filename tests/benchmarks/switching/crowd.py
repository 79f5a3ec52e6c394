"""Simulated systems: a thousand of them, by the real core and its calls, in a few processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.dialogue import hear, tell
from benchmarks.places import MEMORY
from benchmarks.program import start
from benchmarks.switching.orders import Begin, Done, Systems
from benchmarks.switching.outcome import Outcome
from stories.stage import Stage


class Crowd:
    """So many of them, with one list; a process for each core. In reality each would have a disk of its own."""

    def __init__(self, stage: Stage, stack: ExitStack, entries: Sequence[tuple[str, str]], count: int) -> None:
        folder = stack.enter_context(TemporaryDirectory(dir=MEMORY))
        system = stage.system(*entries, INITIAL_WAIT=60)
        processes = os.cpu_count() or 1
        names = [f"pc-{number}" for number in range(count)]
        self._orders = [
            Systems(str(system.config), str(system.vendor_key), folder, names[first::processes])
            for first in range(processes)
        ]
        self._processes = [stack.enter_context(start("benchmarks.switching")) for _ in self._orders]

    def hold(self) -> None:
        """All open their state folders first, so that they come to the server at once."""
        self._all_do(self._orders)
        self._all_do([Begin() for _ in self._orders])

    def outcome(self) -> Outcome:
        said = [hear(process, Outcome) for process in self._processes]
        return Outcome(
            [time for each in said for time in each.secured],
            [time for each in said for time in each.switched],
            sum(each.unlicensed for each in said),
            max(each.busy for each in said),
        )

    def _all_do(self, orders: Sequence[msgspec.Struct]) -> None:
        for process, order in zip(self._processes, orders, strict=True):
            tell(process, order)
        for process in self._processes:
            hear(process, Done)
