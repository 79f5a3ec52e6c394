"""The page of a drill: whole in itself, true to the report, safe from what is in it, and well drawn."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from drill.reports import BACKUP, failed, passed
from sparekey.core.entries import Entry
from sparekey.drill.page import page
from sparekey.drill.report import Delivery, DrillReport
from sparekey.drill.timeline import LEFT, WIDTH, timeline

REPORTS = {"passed": passed(), "failed": failed(), "slow": passed(deliveries=(Delivery("hook", 29.7),))}

each_report = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)


def picture(report: DrillReport) -> ElementTree.Element:
    return ElementTree.fromstring(timeline(report))  # noqa: S314 - it is our own


@each_report
def test_each_mark_is_a_point_at_its_time_with_its_label(report: DrillReport) -> None:
    points = list(picture(report).iter("circle"))
    assert [point.get("class") for point in points] == [f"mark {mark.key}" for mark in report.marks]
    places = [float(point.get("cx", "")) for point in points]
    assert places[0] == LEFT
    assert all(place <= WIDTH for place in places)
    for place, mark in zip(places, report.marks, strict=True):
        assert place - LEFT == pytest.approx((places[-1] - LEFT) * mark.at / report.marks[-1].at, abs=0.1)
    labels = ["".join(text.itertext()) for text in picture(report).iter("text")]
    assert all(any(label.endswith(f"{mark.at:.2f} s") for label in labels) for mark in report.marks)


@each_report
def test_the_bars_are_the_licenses_in_use_one_after_the_other(report: DrillReport) -> None:
    bars = [
        (bar.get("class"), float(bar.get("x", "")), float(bar.get("width", ""))) for bar in picture(report).iter("rect")
    ]
    assert [kind for kind, _, _ in bars] == (["before", "after"] if report.after else ["before"])
    if report.after:
        (_, begin, width), (_, following, _) = bars
        assert begin + width == pytest.approx(following, abs=2.0)


@each_report
def test_the_scale_has_a_few_round_seconds(report: DrillReport) -> None:
    ticks = [text.text for text in picture(report).iter("text") if text.get("class") == "scale"]
    assert 3 <= len(ticks) <= 9
    assert ticks[0] == "0 s"


@each_report
def test_the_page_loads_nothing_and_serves_light_dark_and_paper(report: DrillReport) -> None:
    html = page(report)
    assert not re.search(r"<(script|link|img|iframe)|src=|href=|url\(|@import|https?://", html)
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert "$" not in html, "all places are filled"


def test_names_from_elsewhere_are_text_and_never_markup() -> None:
    evil = '<script>alert("&")</script>'
    outlets = (Delivery(evil, 0.5), Delivery("mail", None, evil, owes=True))
    report = passed(app=evil, system=evil, after=Entry(1, evil, BACKUP.location), deliveries=outlets)
    html = page(report)
    assert "<script" not in html
    assert "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;" in html
    assert picture(report).tag == "svg"


def test_long_names_are_cut_in_the_picture_and_whole_in_the_table() -> None:
    name = "line-" * 40
    html = page(passed(deliveries=(Delivery(name, 0.5),)))
    assert f"<td>outlet {name} has delivered</td>" in html
    assert f"outlet {name}" not in timeline(passed(deliveries=(Delivery(name, 0.5),)))
    assert "$app" in page(passed(app="$app")), "what looks like a place to fill is text as well"
