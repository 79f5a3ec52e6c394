"""Real applications, each of a system of its own: `sparekey run` and the command that it runs."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.switching.outcome import Outcome
from stories.stage import Stage
from systems import Program

COMMAND = ("sleep", "1000")


class Applications:
    """So many of them, with one list."""

    def __init__(self, stage: Stage, entries: Sequence[tuple[str, str]], count: int) -> None:
        self._systems = [stage.system(*entries) for _ in range(count)]
        self._programs: list[Program] = []

    def hold(self) -> None:
        self._programs = [system.run(*COMMAND) for system in self._systems]
        for system, program in zip(self._systems, self._programs, strict=True):
            program.until("acquired")
            system.until_renewed()

    def outcome(self) -> Outcome:
        first = [program.until("secured", "lost") for program in self._programs]
        then = [
            one if one["event"] == "lost" else program.until("switched", "lost")
            for program, one in zip(self._programs, first, strict=True)
        ]
        lost = sum(each["event"] == "lost" for each in then)
        return Outcome([each["t"] for each in first], [each["t"] for each in then], lost)
