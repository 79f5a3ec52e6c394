"""The marks of a fire drill, as its variable carries them."""

from __future__ import annotations

import pytest

from sparekey.core.decisions import Kind
from sparekey.core.drills import STEPS, Mark, Step


@pytest.mark.parametrize("step", Step)
def test_a_mark_is_read_as_it_was_written(step: Step) -> None:
    assert Mark.parse(str(Mark(step, "3f2a91c0"))) == Mark(step, "3f2a91c0")


@pytest.mark.parametrize("value", ["", None, "begun", "begun ", "ended 3f2a91c0", 7])
def test_what_is_no_mark_is_none(value: str | int | None) -> None:
    assert Mark.parse(value) is None


def test_a_drill_ends_with_its_switch_or_with_a_failure() -> None:
    assert [step for step in Step if step.is_last] == [Step.SWITCHED, Step.FAILED, Step.REFUSED]


def test_a_real_fault_during_a_drill_is_its_failure() -> None:
    assert {STEPS[kind] for kind in (Kind.SUSPECT, Kind.REFUSED, Kind.LOST)} == {Step.FAILED}
