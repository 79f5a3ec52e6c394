"""Runs a target for a time, and says what was found."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.target import Target

BATCH = 500
"""Inputs that hypothesis is asked for at once: it remembers all of a batch."""
PATIENCE = 20
"""Seconds that one input may take, on a machine that is busy."""


class Hung(Exception):
    """A parser that does not come back."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The smallest input that was found to break a target, and how it did."""

    data: bytes
    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many inputs a target was given."""

    executions: int
    finding: Finding | None = None


def run(target: Target, seconds: float, first_seed: int = 0) -> Outcome:
    """Give it input until the time is over or it breaks."""
    trial = _Trial(target, time.monotonic() + seconds)
    number = first_seed
    while not trial.over:
        try:
            _batch(trial, number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            return Outcome(trial.executions, Finding(trial.data, _last_line(trial.error or error)))
        number += 1
    return Outcome(trial.executions)


class _Trial:
    """Counts, and keeps the last input and error: where hypothesis gives up, it is the smallest that breaks."""

    def __init__(self, target: Target, end: float) -> None:
        self.target = target
        self.executions = 0
        self.data = b""
        self.error: Exception | None = None
        self._end = end

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end

    def __call__(self, data: bytes) -> None:
        if self.over and self.error is None:  # what was found is made smaller all the same
            return
        self.executions += 1
        self.data = data
        try:
            with _patience(self.target.name):
                self.target.check(data)
        except Exception as error:
            self.error = error
            raise


def _batch(trial: _Trial, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(trial.target.inputs)
    def check(data: bytes) -> None:
        trial(data)

    check()


@contextmanager
def _patience(name: str) -> Iterator[None]:
    def hung(_number: int, _frame: object) -> None:
        raise Hung(f"{name}: no end within {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _last_line(error: Exception) -> str:
    """The last line of the traceback, and where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"
