"""The report of a drill as one page, which needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from sparekey.drill.report import DrillReport, named
from sparekey.drill.timeline import timeline
from sparekey.wire import rfc3339


def page(report: DrillReport) -> str:
    """HTML; whatever comes from elsewhere, such as a name, is escaped."""
    facts = {
        "Application": f"{report.app} on {report.system}",
        "Begun": rfc3339(report.began),
        "From": named(report.before),
        "To": named(report.after) if report.after else "nowhere: nothing has changed",
    }
    return _template().substitute(
        title=escape(report.title),
        verdict=report.verdict,
        facts=_lines(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items()),
        faults=_lines(f'<p class="fault">{escape(fault)}</p>' for fault in report.faults),
        timeline=timeline(report),
        marks=_lines(
            f'<tr class="{mark.key}"><td>{mark.at:.2f} s</td><td>{escape(mark.text)}</td></tr>' for mark in report.marks
        ),
        notes=_lines(f"<li>{escape(note)}</li>" for note in report.notes),
    )


@cache
def _template() -> Template:
    return Template(files(__package__).joinpath("page.html").read_text("utf-8"))


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)
