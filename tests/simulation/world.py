"""The world: true time, what will happen in it, and chance; everything from one seed."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random
from typing import TypeAlias, TypeVarTuple

from history.judge import Breach, Judge
from history.records import Record

from .trace import Trace

Ts = TypeVarTuple("Ts")
Act: TypeAlias = Callable[..., None]
"""Something that happens; what it is told was given when it was foreseen."""


class World:
    """`now` is true time in seconds. Of things at the same time, the first foreseen happens first."""

    def __init__(self, seed: int, trace: Trace | None = None) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.now = 0.0
        self.trace = trace
        self.judge = Judge()
        self.met: Counter[str] = Counter()
        """How often each fault came about."""
        self.rows: Counter[tuple[str, str]] = Counter()
        """How often each row of the table of transitions was met."""
        self.events = 0
        self._queue: list[tuple[float, int, Act, tuple[object, ...]]] = []
        self._numbers = count()

    def after(self, delay: float, act: Callable[[*Ts], None], *args: *Ts) -> None:
        heapq.heappush(self._queue, (self.now + delay, next(self._numbers), act, args))

    def run(self, until: float) -> None:
        """Let happen what happens, until a rule is broken or the time has come."""
        queue, breaches = self._queue, self.judge.breaches
        while queue and queue[0][0] <= until and not breaches:
            self.now, _, act, args = heapq.heappop(queue)
            self.events += 1
            act(*args)
        self.now = until if not breaches else self.now

    def tell(self, record: Record) -> None:
        """A record of the history."""
        self.judge.hear(record)
        if self.trace is not None:
            self.trace.record(record)

    def note(self, who: str, what: object) -> None:
        """A line of the trace; callers that build a text ask first whether there is one."""
        if self.trace is not None:
            self.trace.note(self.now, who, what)

    def breach(self, rule: str, text: str) -> None:
        self.judge.breaches.append(Breach(self.now, rule, text))
        self.note("breach", f"{rule}: {text}")

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.random.random() < probability
