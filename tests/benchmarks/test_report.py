"""What is made of the rounds, without measuring anything."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.report import plot, results, table
from benchmarks.report.figures import MILLISECONDS, RATIO, Figure, Quantity, Target, measured, ratio

OURS, FLOOR = Quantity("renewals", at="1 connection"), Quantity("renewals", "floor", "1 connection")
SHARE = Quantity("renewals of the floor", at="1 connection", unit=RATIO)


def share(*values: float) -> Figure:
    return Figure(SHARE, values, Target(0.85))


def stored(*figures: Figure) -> results.Results:
    return results.Results("2026-11-25T09:00:00+00:00", 5, "abc", {"processor": "2 x fast"}, 0.5, {"calls": [*figures]})


def test_a_figure_is_the_median_of_its_rounds_with_their_spread() -> None:
    (figure,) = measured([{OURS: 3.0}, {OURS: 1.0}, {OURS: 2.0}])
    assert (figure.median, figure.low, figure.high) == (2.0, 1.0, 3.0)


def test_a_ratio_is_made_round_by_round() -> None:
    figure = ratio([{OURS: 1.0, FLOOR: 2.0}, {OURS: 3.0, FLOOR: 3.0}], "renewals of the floor", OURS, FLOOR)
    assert figure.values == (0.5, 1.0)
    assert figure.quantity == SHARE


@pytest.mark.parametrize(("at_least", "value", "reached"), [(True, 2.0, True), (True, 0.5, False), (False, 2.0, False)])
def test_a_target_says_whether_and_by_how_much(at_least: bool, value: float, reached: bool) -> None:
    target = Target(1.0, at_least=at_least)
    assert target.is_reached(value) is reached
    assert (target.distance(value) >= 0) is reached


def test_only_a_ratio_beyond_the_spread_of_both_runs_has_moved() -> None:
    last = [share(0.8, 0.9), Figure(OURS, (1000.0,))]
    assert not list(results.moves(last, [share(0.85, 0.95), Figure(OURS, (10.0,))]))
    (move,) = results.moves(last, [share(0.5, 0.6)])
    assert (round(move.was, 2), round(move.now, 2)) == (0.85, 0.55)


def test_results_are_kept_beside_those_measured_before(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert results.load(file) is None
    results.save(file, stored(share(0.9)))
    now = results.Results("2026-11-26T09:00:00+00:00", 5, "def", {}, 0.0, {"sdk": [Figure(OURS, (1.0,))]})
    whole = results.joined(results.load(file), now)
    assert whole.measurements == {"calls": [share(0.9)], "sdk": [Figure(OURS, (1.0,))]}


def test_a_store_that_cannot_be_read_says_which_file_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text("{")
    with pytest.raises(results.StoreError, match=r"results\.json .* remove it"):
        results.load(file)


def test_the_table_has_a_row_for_a_thing_and_a_column_for_a_condition() -> None:
    other = Figure(Quantity("renewals of the floor", at="32 connections", unit=RATIO), (1.0,))
    text = table.markdown(stored(share(0.8, 0.9), other), {"calls": "Calls"})
    assert "| what | of | unit | 1 connection | 32 connections |" in text
    assert "0.850 (0.800 .. 0.900) >= 0.85: reached by 0% | 1.00 |" in text


def test_a_plot_is_drawn_of_what_has_several_conditions() -> None:
    figures = [Figure(Quantity("takes", "x & y", at, MILLISECONDS), (1.0, 20.0)) for at in ("1", "32")]
    (drawn,) = plot.plots([*figures, share(0.5)]).values()
    assert "x & y" in "".join(ElementTree.fromstring(drawn).itertext())  # noqa: S314 - our own
