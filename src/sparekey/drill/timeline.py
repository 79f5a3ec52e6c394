"""The timeline of a drill as a picture (SVG), whose colours its page gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from sparekey.drill.report import DrillReport, Mark

WIDTH: Final = 760
LEFT: Final = 110
"""Where time begins, and what names the bars stands before."""
RIGHT: Final = 24
ROW: Final = 26
BAR: Final = 14
MOST_TICKS: Final = 8
LONGEST: Final = 44
"""Characters of a label; what is longer is in the table beside it."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From seconds to places, `end` at the right."""

    end: float

    def x(self, seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.end

    def ticks(self) -> Iterator[float]:
        step = 10.0 ** math.floor(math.log10(self.end / MOST_TICKS))
        step *= next(factor for factor in (1, 2, 5, 10) if self.end / (step * factor) <= MOST_TICKS)
        return (number * step for number in range(math.floor(self.end / step + 1e-9) + 1))


def timeline(report: DrillReport) -> str:
    """The picture: a bar for each license in use, a row for each mark, and the seconds below."""
    marks = report.marks
    scale = _Scale(max(1.0, 1.05 * marks[-1].at))
    rows = [*_bars(report, scale), *(_mark(mark, scale) for mark in marks)]
    drawn = "\n".join(f'<g transform="translate(0 {ROW * number})">{row}</g>' for number, row in enumerate(rows, 1))
    bottom = ROW * (len(rows) + 1)
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + 24}" role="img" aria-labelledby="timeline-title">\n'
        f'<title id="timeline-title">{escape(report.title)}</title>\n'
        f"{_axis(scale, bottom)}\n{drawn}\n</svg>"
    )


def _axis(scale: _Scale, bottom: int) -> str:
    return "".join(
        f'<line class="tick" x1="{scale.x(tick):.1f}" y1="6" x2="{scale.x(tick):.1f}" y2="{bottom}"/>'
        f'<text class="scale" x="{scale.x(tick):.1f}" y="{bottom + 16}" text-anchor="middle">{tick:g} s</text>'
        for tick in scale.ticks()
    )


def _bars(report: DrillReport, scale: _Scale) -> Iterator[str]:
    switched = report.switched if report.switched is not None else scale.end
    yield _bar(report.before.serial, "before", 0.0, switched, scale)
    if report.after:
        yield _bar(report.after.serial, "after", switched, scale.end, scale)


def _bar(serial: str, kind: str, begin: float, end: float, scale: _Scale) -> str:
    width = max(2.0, scale.x(end) - scale.x(begin))
    return (
        f'<text class="serial" x="{LEFT - 8}" y="4" text-anchor="end">{escape(_cut(serial, 14))}</text>'
        f'<rect class="{kind}" x="{scale.x(begin):.1f}" y="{-BAR / 2:g}" width="{width:.1f}" height="{BAR}" rx="3"/>'
    )


def _mark(mark: Mark, scale: _Scale) -> str:
    """A point, with its label on the side where there is room."""
    x = scale.x(mark.at)
    is_late = x > WIDTH / 2
    side = f'x="{x - 10:.1f}" text-anchor="end"' if is_late else f'x="{x + 10:.1f}"'
    return (
        f'<circle class="mark {mark.key}" cx="{x:.1f}" cy="0" r="5"/>'
        f'<text {side} y="4">{escape(_cut(mark.text, LONGEST))} <tspan class="at">{mark.at:.2f} s</tspan></text>'
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
