"""The demo's processes: `sparekey` as people start it, none of which outlives the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sparekey.demo.failure import DemoFailure
from sparekey.host import tied_to_parent

_OURS = ("SPAREKEY_", "RUNTIME_LICENSING_")
"""Environment variables that would have the demo use another plant's files."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end the demo."""
_PATIENCE = 2.0
"""Seconds that a killed process may take to be gone."""


@dataclass(slots=True)
class Program:
    """A process with its output in files, and whether it is meant to run."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path
    errors: Path
    wanted: bool = True

    def said(self) -> list[str]:
        """The whole lines that it has written so far."""
        text = self.output.read_text(encoding="utf-8")
        return text[: text.rfind("\n") + 1].splitlines()

    def has_spoken(self) -> bool:
        """Whether it has written its first line, by which servers and applications say that they are ready."""
        return bool(self.said())

    def check(self) -> None:
        """Raise DemoFailure where it has ended unasked."""
        if self.wanted and self.is_over():
            raise self.failure()

    def failure(self) -> DemoFailure:
        """That it has ended, and what it said last."""
        last = self.errors.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
        return DemoFailure(f"{self.name} ended with exit code {self.process.returncode}: {last or 'it said nothing'}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal that ends it."""
        self.wanted = False
        self.process.send_signal(number)

    def is_over(self) -> bool:
        return self.process.poll() is not None


class Processes:
    """Starts programs; all that still run at its end are killed, and so they are when the demo itself is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs: list[Program] = []

    def start(self, name: str, *arguments: str, lasting: bool = True) -> Program:
        """Start `sparekey ARGUMENTS` in the folder, in a process group of its own: Ctrl-C is the demo's to handle.

        `lasting`: it is not meant to end unasked.
        """
        number = len(self._programs)
        output, errors = (self._folder / f"{number}-{name}.{kind}" for kind in ("out", "err"))
        with output.open("wb") as out, errors.open("wb") as err, _signals_waiting() as mask:
            process = subprocess.Popen(
                (sys.executable, "-m", "sparekey", *arguments),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self._folder,
                env=_environment(),
                process_group=0,
                preexec_fn=_prepared(mask),
            )
            program = Program(name, process, output, errors, wanted=lasting)
            self._programs.append(program)
        return program

    def check(self) -> None:
        """Raise DemoFailure where one has ended unasked."""
        for program in self._programs:
            program.check()

    def close(self) -> None:
        """Kill whatever still runs, children of children too, and wait until it is gone."""
        for program in self._programs:
            with suppress(ProcessLookupError):
                os.killpg(program.process.pid, signal.SIGKILL)
        for program in self._programs:
            program.process.wait()
            _await_end(program.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _signals_waiting() -> Iterator[set[int]]:
    """Hold back what would end the demo: the hooks of a fork swallow exceptions, and a program that is half started
    would be lost. Yield the signals that were held back before."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield set(before)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepared(mask: set[int]) -> Callable[[], None]:
    """Return a `preexec_fn`: the program dies with the demo, and hears the signals that it would hear else."""
    tie = tied_to_parent()

    def prepare() -> None:
        tie()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    return prepare


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def _await_end(group: int) -> None:
    """Wait until the process group is empty."""
    end = time.monotonic() + _PATIENCE
    with suppress(ProcessLookupError):
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.005)
