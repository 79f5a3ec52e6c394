"""What `make soak` does: plants side by side, their kills, and the judgement."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from history.records import Record, encode
from sparekey.host import tied_to_parent

from .distribution import Distribution
from .kills import Ended, Kill, soak

MEDIAN_SPARE, MOST_SPARE = 1.0, 2.0
"""Seconds in which the spare is to be in hand."""
LATEST = 1.0
"""Seconds that a switch may come after its moment."""


@click.command()
@click.option("--kills", type=click.IntRange(1), default=100, show_default=True)
@click.option("--plants", type=click.IntRange(1), default=4, show_default=True, help="So many side by side.")
@click.option("--history", type=click.Path(path_type=Path), help="Write what happened, for `python -m tests.history`.")
@click.option("--seed", default="", help="Of the moments; else other ones each time.")
def main(kills: int, plants: int, history: Path | None, seed: str) -> None:
    """Kill the primary license server at random moments; exit 1 where an application was not saved in time."""
    found, ended = _suffer(_shares(kills, min(plants, kills)), seed or os.urandom(8).hex(), record=history is not None)
    if history:
        _write(history, [record for one in ended for record in one.history])
    failures = [one.failure for one in ended if one.failure]
    _show(found)
    wrong = [*failures, *_wrong(found), *_missed(found)]
    for text in wrong:
        click.echo(f"WRONG: {text}")
    click.echo(f"{len(found)} of {kills} kills, {'no application lost' if not wrong else f'{len(wrong)} faults'}")
    sys.exit(1 if wrong or len(found) < kills else 0)


def _shares(kills: int, plants: int) -> list[int]:
    return [kills // plants + (number < kills % plants) for number in range(plants)]


def _suffer(shares: Sequence[int], seed: str, *, record: bool) -> tuple[list[Kill], list[Ended]]:
    """Each plant in a process of its own, so that none waits for another."""
    context = multiprocessing.get_context("fork")
    news: SimpleQueue[Kill | Ended] = context.SimpleQueue()
    tie = tied_to_parent()
    workers = [
        context.Process(
            target=_work, args=(tie, f"plant-{number}", share, f"{seed}-{number}", news), kwargs={"record": record}
        )
        for number, share in enumerate(shares, start=1)
    ]
    click.echo(f"{sum(shares)} kills in {len(shares)} plants side by side, seed {seed}")
    for worker in workers:
        worker.start()
    try:
        return _follow(news, sum(shares), len(shares))
    finally:
        for worker in workers:
            worker.join()


def _work(
    tie: Callable[[], None], name: str, kills: int, seed: str, news: SimpleQueue[Kill | Ended], *, record: bool
) -> None:
    """One plant, in a process that dies with the one that hears the news."""
    tie()
    end = Ended((), f"{name} broke off")
    try:
        end = soak(name, kills, seed, news.put, record=record)
    finally:
        news.put(end)


def _follow(news: SimpleQueue[Kill | Ended], kills: int, plants: int) -> tuple[list[Kill], list[Ended]]:
    """Hear all plants to their end."""
    found: list[Kill] = []
    ended: list[Ended] = []
    columns = (TextColumn("kills"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("kills", total=kills)
        while len(ended) < plants:
            match news.get():
                case Kill() as kill:
                    found.append(kill)
                    progress.advance(task)
                case Ended() as end:
                    ended.append(end)
    return found, ended


def _show(found: Sequence[Kill]) -> None:
    if not found:
        return
    sections = {
        "From the kill to the spare in hand": [kill.spare for kill in found],
        "From the kill to the switch": [kill.switch for kill in found],
        "The switch against its moment, 0.6 ttl after the last answered renewal was sent": [
            kill.lateness for kill in found
        ],
    }
    for title, times in sections.items():
        click.echo(f"\n{title}:")
        for line in Distribution.of(times).lines():
            click.echo(f"  {line}")
    unlicensed = sum(kill.unlicensed for kill in found)
    gap = max(kill.longest_gap for kill in found)
    click.echo(f"\nunlicensed: {unlicensed:.3f} s in all; longest time between two looks: {gap * 1000:.0f} ms")


def _wrong(found: Sequence[Kill]) -> list[str]:
    """Kills after which an application was unlicensed, on the wrong license, or late."""
    texts: list[str] = []
    for number, kill in enumerate(found, start=1):
        faults = list(kill.faults)
        if kill.unlicensed > 0:
            faults.append(f"unlicensed for {kill.unlicensed:.3f} s")
        if kill.lateness > LATEST:
            faults.append(f"switched {kill.lateness:.3f} s after its moment")
        texts += (f"kill {number}: {fault}" for fault in faults)
    return texts


def _missed(found: Sequence[Kill]) -> list[str]:
    """Goals of the whole that were missed."""
    if not found:
        return []
    spare = Distribution.of(kill.spare for kill in found)
    texts = []
    if spare.median >= MEDIAN_SPARE:
        texts.append(f"the median time to the spare is {spare.median:.3f} s, not below {MEDIAN_SPARE:g} s")
    if spare.most >= MOST_SPARE:
        texts.append(f"the longest time to the spare is {spare.most:.3f} s, not below {MOST_SPARE:g} s")
    return texts


def _write(path: Path, records: Sequence[Record]) -> None:
    """The joined history, in order of time; records of one plant at one time keep their order."""
    path.write_bytes(b"".join(encode(record) + b"\n" for record in sorted(records, key=lambda record: record.t)))
