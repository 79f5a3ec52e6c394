"""Measure Sparekey beside what nobody can go below (`make bench`): table, plots, and what has moved."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import click
from rich.console import Console

from benchmarks.calls import CALLS
from benchmarks.growth import GROWTH
from benchmarks.holders import HOLDERS
from benchmarks.measure import FULL, QUICK, Measure, Pace
from benchmarks.places import RESULTS, ROOT, WORK
from benchmarks.report import machine, plot, results, table
from benchmarks.report.figures import Figure
from benchmarks.sdk import SDK
from benchmarks.slow_disk import SLOW_DISK
from benchmarks.switch import SWITCHES

MEASURES: tuple[Measure, ...] = (CALLS, HOLDERS, GROWTH, SWITCHES, SLOW_DISK, SDK)
_NAMES = {measure.name: measure for measure in MEASURES}

console = Console()


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(_NAMES)))
@click.option("--quick", is_flag=True, help="One short round of each: only whether it measures. Nothing is stored.")
@click.option("--results", "folder", type=click.Path(path_type=Path), help="Where results are stored.")
def main(names: tuple[str, ...], folder: Path | None, *, quick: bool) -> None:
    """Measure all, or those named."""
    pace = QUICK if quick else FULL
    WORK.mkdir(exist_ok=True)
    chosen = [measure for measure in [_NAMES[name] for name in names] or MEASURES if _can(measure)]
    began, load = datetime.now(UTC), machine.load()
    found = {measure.name: _measured(measure, pace) for measure in chosen}
    kept = folder or (None if quick else RESULTS)
    if kept:
        now = results.Results(
            measured=began.isoformat(timespec="seconds"),
            rounds=pace.rounds,
            commit=_commit(),
            machine=dict(machine.description(WORK)),
            load=load,
            measurements={name: list(figures) for name, figures in found.items()},
        )
        _store(kept, now)


def _can(measure: Measure) -> bool:
    if reason := measure.obstacle():
        console.print(f"left out: {measure.title}: {reason}")
    return not reason


def _measured(measure: Measure, pace: Pace) -> tuple[Figure, ...]:
    began = monotonic()
    rounds = []
    with console.status(measure.title) as status:
        for number, one in enumerate(measure.rounds(pace), start=1):
            rounds.append(one)
            status.update(f"{measure.title}: {number} of {pace.rounds} rounds")
    figures = measure.figures(rounds)
    console.print(table.screen(f"{measure.title} ({monotonic() - began:.0f} s)", figures))
    return figures


def _store(folder: Path, now: results.Results) -> None:
    """Say what has moved, and write results, table and plots."""
    file = folder / "results.json"
    last = results.load(file)
    for name, figures in now.measurements.items():
        for move in results.moves(last.measurements.get(name, ()) if last else (), figures):
            console.print(f"moved: {move}")
    whole = results.joined(last, now)
    results.save(file, whole)
    titles = {measure.name: measure.title for measure in MEASURES}
    (folder / "table.md").write_text(table.markdown(whole, titles))
    for name, figures in now.measurements.items():
        for subject, drawing in plot.plots(figures).items():
            (folder / f"{name}-{plot.file_name(subject)}.svg").write_text(drawing)
    console.print(f"results: {folder}")


def _commit() -> str:
    told = subprocess.run(("git", "describe", "--always", "--dirty"), cwd=ROOT, capture_output=True, text=True)
    return told.stdout.strip() or "no commit"


if __name__ == "__main__":
    main()
