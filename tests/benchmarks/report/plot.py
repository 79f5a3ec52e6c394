"""Plots as SVG: a line for each of those compared, over the conditions, with the spread of the rounds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from benchmarks.report.figures import Figure
from benchmarks.report.table import number

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 78, 150, 40, 48
COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#64748b", "#b91c1c")


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to pixels, logarithmic; `low` and `high` are powers of ten."""

    low: int
    high: int

    def y(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    @property
    def ticks(self) -> Iterator[float]:
        return (10.0**power for power in range(self.low, self.high + 1))


def scale(values: Iterable[float]) -> Scale:
    """One that has room for all of them; they are above 0."""
    powers = [math.log10(value) for value in values]
    low = math.floor(min(powers))
    return Scale(low, max(low + 1, math.ceil(max(powers))))


def plots(figures: Sequence[Figure]) -> Mapping[str, str]:
    """An SVG for each quantity that was measured under several conditions, by its name."""
    drawn: dict[str, str] = {}
    ordered = sorted(figures, key=_subject)
    for (what, unit), group in groupby(ordered, key=_subject):
        of_one = [each for each in group if each.quantity.at and each.low > 0]
        conditions = list(dict.fromkeys(each.quantity.at for each in of_one))
        if len(conditions) > 1:
            drawn[f"{what} {unit}"] = drawing(f"{what}, {unit}", conditions, of_one)
    return drawn


def file_name(subject: str) -> str:
    """The subject as part of a file's name."""
    return "-".join(re.findall(r"[a-z0-9]+", subject.lower()))


def drawing(title: str, conditions: Sequence[str], figures: Sequence[Figure]) -> str:
    """One plot; `conditions` are the places along its floor."""
    vertical = scale([value for each in figures for value in (each.low, each.high)])
    parts = [_text(LEFT, 22, title, "start", size=15), *_grid(vertical), *_floor(conditions)]
    by_whom = groupby(sorted(figures, key=_whom), key=_whom)
    for row, (whom, group) in enumerate(by_whom):
        colour = COLOURS[row % len(COLOURS)]
        parts += _line(list(group), conditions, vertical, colour)
        parts += [_text(WIDTH - RIGHT + 14, TOP + 14 + 18 * row, whom, "start", colour=colour)]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def _line(figures: Sequence[Figure], conditions: Sequence[str], vertical: Scale, colour: str) -> Iterator[str]:
    places = [(_x(conditions.index(each.quantity.at), conditions), each) for each in figures]
    points = " ".join(f"{x:.1f},{vertical.y(each.median):.1f}" for x, each in places)
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, each in places:
        low, high = vertical.y(each.low), vertical.y(each.high)
        yield f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{colour}" stroke-width="5" stroke-opacity="0.35"/>'
        yield f'<circle cx="{x:.1f}" cy="{vertical.y(each.median):.1f}" r="3.5" fill="{colour}"/>'
        yield _text(x, vertical.y(each.median) - 8, number(each.median), "middle", size=10, colour=colour)


def _grid(vertical: Scale) -> Iterator[str]:
    for tick in vertical.ticks:
        y = vertical.y(tick)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d4d4d8"/>'
        yield _text(LEFT - 8, y + 4, f"{tick:,g}" if tick < 1 else f"{tick:,.0f}", "end")


def _floor(conditions: Sequence[str]) -> Iterator[str]:
    for place, condition in enumerate(conditions):
        yield _text(_x(place, conditions), HEIGHT - BOTTOM + 20, condition, "middle", size=11)


def _x(place: int, conditions: Sequence[str]) -> float:
    step = (WIDTH - LEFT - RIGHT) / len(conditions)
    return LEFT + step * (place + 0.5)


def _text(x: float, y: float, text: str, anchor: str, *, size: int = 12, colour: str = "#27272a") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
    )


def _subject(figure: Figure) -> tuple[str, str]:
    return figure.quantity.what, figure.quantity.unit


def _whom(figure: Figure) -> str:
    return figure.quantity.of
