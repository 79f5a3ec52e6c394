"""The judge of histories finds what it is there to find, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from .__main__ import main
from .judge import Judge
from .records import Belief, Cease, Changed, Grant, License, Record, Release, Shown, encode

ONE_SEAT = License(0.0, "5-1", "box", 1)


def grant(t: float, holder: str, fence: int, *, repeat: bool = False) -> Grant:
    return Grant(t, "box", "5-1", f"lease-{holder}", holder, fence, repeat)


def belief(t: float, holder: str, until: float, excused: str = "") -> Belief:
    return Belief(t, holder, "5-1", f"lease-{holder}", until, excused)


def rules(*records: Record) -> list[str]:
    judge = Judge()
    for record in records:
        judge.hear(record)
    return [breach.rule for breach in judge.breaches]


def test_r1_two_who_believe_in_one_seat_at_once() -> None:
    both = (ONE_SEAT, grant(1, "a", 1), grant(2, "b", 2), belief(1, "a", 10))
    assert rules(*both, belief(9, "b", 20)) == ["R1"]


def test_r1_one_after_the_other_is_no_breach() -> None:
    both = (ONE_SEAT, grant(1, "a", 1), grant(2, "b", 2), belief(1, "a", 10))
    assert rules(*both, belief(10, "b", 20)) == []
    assert rules(*both, Cease(5, "a", "lease-a"), belief(6, "b", 20)) == []


def test_r1_one_holder_with_two_leases_has_one_seat() -> None:
    second = Grant(2, "box", "5-1", "other", "a", 2)
    assert rules(ONE_SEAT, grant(1, "a", 1), second, belief(1, "a", 9), Belief(2, "a", "5-1", "other", 9)) == []


def test_what_the_design_admits_is_counted_apart() -> None:
    judge = Judge()
    for record in (ONE_SEAT, grant(1, "a", 1), grant(2, "b", 2), belief(1, "a", 10, "stood still"), belief(3, "b", 9)):
        judge.hear(record)
    assert not judge.breaches
    assert judge.excused == {"stood still": 1}


def test_t1_a_belief_in_what_nobody_granted() -> None:
    assert rules(ONE_SEAT, belief(1, "a", 10)) == ["T1"]


def test_s6_a_belief_in_what_was_given_back() -> None:
    assert rules(ONE_SEAT, grant(1, "a", 1), Release(2, "box", "lease-a"), belief(3, "a", 10)) == ["S6"]


def test_s3_a_fencing_number_that_does_not_grow() -> None:
    assert rules(ONE_SEAT, grant(1, "a", 5), grant(2, "b", 5)) == ["S3"]
    assert rules(ONE_SEAT, grant(1, "a", 5), grant(2, "b", 6), grant(3, "a", 5, repeat=True)) == []


def test_r10_a_change_is_told_once() -> None:
    first = Shown(0, "a", "5-1")
    assert rules(first, Changed(1, "a", "5-1", "5-2"), Shown(1, "a", "5-2")) == []
    assert rules(first, Shown(1, "a", "5-2")) == ["R10"]
    assert rules(first, Changed(1, "a", "5-1", "5-1")) == ["R10"]
    assert rules(first, Changed(1, "a", "5-3", "5-2")) == ["R10"]


def test_the_command_judges_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"\n".join(encode(record) for record in (ONE_SEAT, grant(1, "a", 1), belief(1, "a", 10))))
    assert main([str(file)]) == 0
    file.write_bytes(b"\n".join(encode(record) for record in (ONE_SEAT, belief(1, "a", 10))))
    assert main([str(file)]) == 1
    assert "1.000 s: T1: a believes in lease-a, which nobody granted" in capsys.readouterr().out


def test_the_command_refuses_what_is_no_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text("{}\n")
    assert main([str(file)]) == 2
    assert "history.jsonl:1: no record of a history" in capsys.readouterr().err
