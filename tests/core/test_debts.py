"""What is not wanted any more is given back until that is answered (R12)."""

from __future__ import annotations

from sparekey.core.debts import Debts
from sparekey.core.decisions import Release


def test_r12_a_release_is_sent_at_once() -> None:
    debts = Debts()
    debts.owe(7, 100.0)
    assert debts.next_timer() == 100.0
    assert list(debts.due(100.0)) == [Release(7)]


def test_r12_it_is_sent_again_ever_more_rarely_and_each_eight_seconds_in_the_end() -> None:
    debts = Debts()
    times: list[float] = []
    debts.owe(7, 0.0)
    while len(times) < 9:
        times.append(debts.next_timer())
        assert list(debts.due(times[-1])) == [Release(7)]
    assert times == [0.0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 23.75, 31.75]


def test_r12_an_answer_ends_it() -> None:
    debts = Debts()
    debts.owe(7, 0.0)
    debts.paid(7)
    assert not debts
    assert debts.next_timer() == float("inf")


def test_r12_an_hour_ends_it() -> None:
    debts = Debts()
    debts.owe(7, 0.0)
    assert list(debts.due(3600.0)) == []
    assert not debts


def test_r12_a_lease_that_comes_after_all_has_another_hour() -> None:
    debts = Debts()
    debts.owe(7, 0.0)
    debts.owe(7, 3599.0)
    assert list(debts.due(3600.0)) == [Release(7)]
