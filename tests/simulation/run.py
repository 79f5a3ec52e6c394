"""Many seeds on all cores, with a table of what they met; or one seed with every event."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sparekey.core.transitions import TABLE

from .faults import FAULTS
from .story import MINUTES, Outcome, tell
from .trace import Trace

ENOUGH_FOR_ALL_ROWS = 30_000
"""Of so many seeds each row of the table of transitions must be met."""
UNREACHED: frozenset[tuple[str, str]] = frozenset()
"""Rows that are there for safety and no plant reaches."""


@dataclass(slots=True)
class Tally:
    """What all seeds together met."""

    seeds: int = 0
    hours: float = 0.0
    events: int = 0
    met: Counter[str] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.seeds += 1
        self.hours += outcome.hours
        self.events += outcome.events
        self.met += outcome.met
        self.rows += outcome.rows
        self.excused += outcome.excused
        if outcome.breaches:
            self.failed.append(outcome)

    @property
    def rows_never_met(self) -> list[tuple[str, str]]:
        return [
            (state, signal)
            for state, rows in TABLE.items()
            for signal in rows
            if not self.rows[state, signal] and (state, signal) not in UNREACHED
        ]


def run_seeds(seeds: Iterable[int], minutes: float = MINUTES, most_failures: int = 5) -> Tally:
    """Tell all seeds on all cores; stop early when so many have failed."""
    todo = list(seeds)
    tally = Tally()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    begun = time.monotonic()
    with multiprocessing.Pool() as pool, Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("seeds", total=len(todo), speed="")
        for outcome in pool.imap_unordered(partial(_tell_one, minutes=minutes), todo, chunksize=4):
            tally.add(outcome)
            speed = tally.hours / (time.monotonic() - begun)
            progress.update(task, advance=1, speed=f"{speed:.1f} simulated hours a second")
            if outcome.breaches:
                progress.console.print(f"seed {outcome.seed}: {outcome.breaches[0]}", highlight=False, soft_wrap=True)
            if len(tally.failed) >= most_failures:
                pool.terminate()
                break
    return tally


def _tell_one(seed: int, minutes: float) -> Outcome:
    gc.disable()
    try:
        return tell(seed, minutes)
    finally:
        gc.enable()
        if seed % 8 == 0:
            gc.collect()


def show(tally: Tally, seconds: float) -> int:
    """Print what came of it; return how the process is to exit."""
    console = Console()
    console.print(_fault_table(tally))
    console.print(_row_table(tally))
    for reason, count in sorted(tally.excused.items()):
        console.print(f"admitted, {reason}: {count}")
    console.print(
        f"{tally.seeds} seeds, {tally.hours:.0f} simulated hours, {tally.events} events in {seconds:.0f} s:"
        f" {tally.hours / seconds:.1f} simulated hours a second"
    )
    for outcome in tally.failed:
        console.print(f"[red]seed {outcome.seed}[/red]: {outcome.breaches[0]}", highlight=False)
    if tally.failed:
        _show_trace(console, tally.failed[0].seed)
        return 1
    if tally.seeds >= ENOUGH_FOR_ALL_ROWS and tally.rows_never_met:
        console.print(f"[red]never met[/red]: {tally.rows_never_met}")
        return 1
    return 0


def _show_trace(console: Console, seed: int) -> None:
    """The end of the first story that failed, shortened."""
    console.print(f"the last of seed {seed}; all of it: make sim SEED={seed}", highlight=False)
    for line in replay(seed).tail():
        console.print(line[:200], markup=False, highlight=False)


def replay(seed: int, minutes: float = MINUTES) -> Trace:
    """The seed with every event."""
    trace = Trace()
    tell(seed, minutes, trace)
    return trace


def show_seed(seed: int, minutes: float) -> int:
    trace = Trace()
    outcome = tell(seed, minutes, trace)
    sys.stdout.write("\n".join(trace.lines) + "\n")
    print(f"trace {trace.fingerprint}")
    for breach in outcome.breaches:
        print(f"seed {seed}: {breach}")
    return 1 if outcome.breaches else 0


def _fault_table(tally: Tally) -> Table:
    table = Table("fault", "times", title="what went wrong")
    for name in sorted({*FAULTS, *tally.met}):
        table.add_row(name, str(tally.met[name]))
    return table


def _row_table(tally: Tally) -> Table:
    table = Table("state", "signal", "times", title="rows of the table of transitions")
    for state, rows in TABLE.items():
        for signal in rows:
            times = tally.rows[state, signal]
            table.add_row(state, signal, str(times) if times else "[red]never[/red]")
    return table
