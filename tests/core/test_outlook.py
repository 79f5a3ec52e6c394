"""What would become of an application that lost its license now: the real search says it (R6, R12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scripted import entry, listed, terms
from sparekey.core.entries import Entry
from sparekey.core.findings import Finding, State
from sparekey.core.outlook import demo_seconds, first_choice

B, C, ANY = entry(1, "B"), entry(2, "C"), entry(3, "*")
DEMO = replace(terms("demo"), demo_seconds=1800)


def choice(*findings: tuple[Entry, State]) -> Entry | None:
    return first_choice({asked: Finding(state, asked.serial, "") for asked, state in findings})


def test_r12_of_those_that_are_ready_the_first_of_the_list_is_taken() -> None:
    assert choice((B, State.READY), (C, State.READY)) == B
    assert choice((B, State.FULL), (C, State.READY)) == C


@pytest.mark.parametrize("state", [state for state in State if state is not State.READY])
def test_what_is_not_ready_is_not_taken(state: State) -> None:
    assert choice((B, state)) is None


def test_of_a_star_the_license_that_would_be_taken_is_named() -> None:
    assert first_choice({ANY: Finding(State.READY, "D", "free", also=("E",))}) == replace(ANY, serial="D")


def test_where_nothing_is_listed_nothing_is_taken() -> None:
    assert first_choice({}) is None


@pytest.mark.parametrize(
    ("allowed", "used", "product", "seconds"),
    [(True, 0.0, "scada", 1800), (True, 1700.0, "scada", 100), (True, 1800.0, "scada", 0), (False, 0.0, "scada", 0),
     (True, 0.0, "other", 0)],
)  # fmt: skip
def test_r6_the_demo_license_serves_where_it_is_allowed_for_the_time_that_is_left(
    allowed: bool, used: float, product: str, seconds: float
) -> None:
    entries = replace(listed("A"), demo=allowed, product=product)
    assert demo_seconds(entries, None, DEMO, used) == seconds


def test_r6_without_a_demo_license_there_is_no_demo() -> None:
    assert demo_seconds(replace(listed("A"), demo=True), None, None, 0.0) == 0
