"""The tables of figures: on the screen, and as Markdown. What was measured under several conditions is one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from rich.console import Group
from rich.table import Table

from benchmarks.report.figures import Figure
from benchmarks.report.results import Results

Heading: TypeAlias = tuple[str, ...]
_NAMES: Heading = ("what", "of", "unit")


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one thing, one for each condition."""

    figures: tuple[Figure, ...]

    @property
    def heading(self) -> Heading:
        """The columns that it needs: the names, then its conditions."""
        return (*_NAMES, *(each.quantity.at or "median (spread)" for each in self.figures))

    @property
    def cells(self) -> tuple[str, ...]:
        first = self.figures[0].quantity
        return first.what, first.of, first.unit, *(cell(each) for each in self.figures)


def rows(figures: Sequence[Figure]) -> list[Row]:
    """In the order of the figures."""
    by_name: dict[Heading, list[Figure]] = {}
    for each in figures:
        what = each.quantity
        by_name.setdefault((what.what, what.of, what.unit), []).append(each)
    return [Row(tuple(group)) for group in by_name.values()]


def tables(figures: Sequence[Figure]) -> Iterator[tuple[Heading, list[Row]]]:
    """Rows that need the same columns, in one table each."""
    for heading, group in groupby(rows(figures), key=lambda row: row.heading):
        yield heading, list(group)


def cell(figure: Figure) -> str:
    """Median, spread, and whether the target is reached."""
    text = number(figure.median)
    if figure.low < figure.high:
        text += f" ({number(figure.low)} .. {number(figure.high)})"
    if figure.target:
        met = "reached" if figure.reached else "missed"
        text += f" {figure.target}: {met} by {abs(figure.target.distance(figure.median)):.0%}"
    return text


def number(value: float) -> str:
    """Three digits that count, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def screen(title: str, figures: Sequence[Figure]) -> Group:
    shown = []
    for heading, group in tables(figures):
        table = Table(*heading, title=title, title_justify="left")
        for row in group:
            table.add_row(*row.cells, style=_style(row))
        shown.append(table)
        title = ""
    return Group(*shown)


def _style(row: Row) -> str | None:
    verdicts = {each.reached for each in row.figures}
    return "red" if False in verdicts else "green" if True in verdicts else None


def markdown(results: Results, titles: Mapping[str, str]) -> str:
    """All of it; `titles` are those of the measurements."""
    lines = ["# Results of `make bench`", "", f"{results.measured}, at {results.commit}: {results.rounds} rounds", ""]
    lines += [f"- {name}: {text}" for name, text in results.machine.items()]
    lines += [f"- processes that wanted to run when it began: {results.load:.1f}"]
    for name, figures in results.measurements.items():
        lines += ["", f"## {titles.get(name, name)}"]
        for heading, group in tables(figures):
            lines += ["", _line(heading), _line(["---"] * len(heading)), *(_line(row.cells) for row in group)]
    return "\n".join(lines) + "\n"


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"
