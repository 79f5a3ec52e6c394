"""The command: try every mutant out, on two cores, and print which seed found it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .mutant import MismatchError, Mutant
from .table import MUTANTS
from .trial import Verdict, source, try_out

T = TypeVar("T")

WORKERS = 2
SHARE = 50
"""How many seeds of the source as it is are one piece of work."""


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1)
@click.option("--seeds", default=1000, show_default=True, help="How many seeds a mutant may survive.")
@click.option("--first", default=1, show_default=True, help="The first of them.")
def main(names: tuple[str, ...], seeds: int, first: int) -> None:
    """Spoil one line at a time, all of the table or those named, and let seeds happen until one breaks a rule."""
    console = Console()
    hunted = range(first, first + seeds)
    mutants = _named(names)
    with source() as copy:
        if spoiled := _as_it_is(copy, hunted):
            console.print(f"[red]without any mutant[/red] seed {spoiled.seed}: {spoiled.text}", highlight=False)
            sys.exit(1)
        console.print(f"without any mutant {seeds} seeds pass", highlight=False)
        verdicts = _try_all(copy, mutants, hunted)
    console.print(_table(mutants, verdicts, first))
    survivors = sum(not verdict.found for verdict in verdicts)
    console.print(f"{len(mutants)} mutants, {survivors} not found", highlight=False)
    sys.exit(1 if survivors else 0)


def _named(names: tuple[str, ...]) -> list[Mutant]:
    known = {mutant.name: mutant for mutant in MUTANTS}
    if unknown := [name for name in names if name not in known]:
        raise click.BadParameter(f"no such mutant: {', '.join(unknown)}; there are: {'; '.join(known)}")
    return [known[name] for name in names or known]


def _as_it_is(copy: Path, seeds: range) -> Verdict | None:
    """The source without a mutant passes every seed; else the verdict on it."""
    shares = [seeds[start : start + SHARE] for start in range(0, len(seeds), SHARE)]
    with _Bar("seeds without any mutant", len(seeds)) as bar:
        verdicts = bar.on_all(lambda share: try_out(copy, None, share, bar.step), shares)
    return next((verdict for verdict in verdicts if verdict.text), None)


def _try_all(copy: Path, mutants: list[Mutant], seeds: range) -> list[Verdict]:
    with _Bar("mutants", len(mutants)) as bar:

        def try_one(mutant: Mutant) -> Verdict:
            try:
                verdict = try_out(copy, mutant, seeds, lambda: None)
            except MismatchError as error:
                verdict = Verdict(None, str(error), found=False)
            bar.step(f"{mutant.name}: {f'seed {verdict.seed}' if verdict.found else 'survives'}")
            return verdict

        return bar.on_all(try_one, mutants)


class _Bar:
    """A progress bar over work that two threads see to; each waits for a process of its own."""

    def __init__(self, what: str, total: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task(what, total=total)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, line: str = "") -> None:
        """One more is done; the line is shown above the bar."""
        if line:
            self._progress.console.print(line, highlight=False)
        self._progress.advance(self._task)

    def on_all(self, work: Callable[[T], Verdict], things: Iterable[T]) -> list[Verdict]:
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(work, things))


def _table(mutants: list[Mutant], verdicts: list[Verdict], first: int) -> Table:
    table = Table("mutant", "rule", "found by seed", "after", "what broke", title="mutants")
    for mutant, verdict in zip(mutants, verdicts, strict=True):
        seed = str(verdict.seed) if verdict.found else "[red]survives[/red]"
        after = str(verdict.seed - first + 1) if verdict.seed is not None else ""
        table.add_row(mutant.name, mutant.rule, seed, after, verdict.text)
    return table
