"""Fencing numbers and what a container knows of its past: S3, S4."""

from __future__ import annotations

from sparekey.core.history import FENCES_A_SECOND, History, Recovery, Shown
from sparekey.core.moment import Moment

AT = Moment(10.0, 1000.0)


def token(fence: int, block: int, ttl: float = 30.0) -> Shown:
    return Shown("lease", "5-1042", "system", "Runtime", fence, block, ttl)


def test_s3_a_block_begins_above_the_wall_clock() -> None:
    assert History({}, 0, AT).block > 1000 * FENCES_A_SECOND


def test_s3_a_block_begins_above_all_that_the_ledger_knows() -> None:
    highest = 5000 * FENCES_A_SECOND
    assert History({}, highest, AT).block > highest
    assert History({7: highest}, 0, AT).block > highest
    assert History({highest: 1}, 0, AT).block > highest


def test_s3_a_block_begins_above_all_of_the_last_one_where_ledger_and_clock_are_lost() -> None:
    first = History({}, 0, AT)
    given = [first.next_fence() for _ in range(1000)]
    set_back = Moment(AT.boot, AT.wall - 86_400)
    assert History({}, 0, set_back, last_block=first.block).block > given[-1]


def test_s4_a_state_folder_put_back_after_a_restart_opens_another_block() -> None:
    copied = History({}, 0, AT)
    known = {copied.block: copied.next_fence()}
    first, second = (
        History(known, known[copied.block], Moment(AT.boot, AT.wall + later), last_block=copied.block)
        for later in (10.0, 20.0)
    )
    given = Shown("lease", "5-1042", "system", "Runtime", first.next_fence(), first.block, 30.0)
    assert not second.knows(given)
    assert second.next_fence() > given.fence


def test_s3_numbers_grow_within_a_block() -> None:
    history = History({}, 0, AT)
    numbers = [history.next_fence() for _ in range(5)]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > history.block


def test_s4_it_knows_the_numbers_that_it_gave() -> None:
    history = History({100: 105}, 105, AT)
    assert history.knows(token(105, 100))
    assert history.knows(token(history.next_fence(), history.block))


def test_s4_it_does_not_know_a_later_number_or_another_block() -> None:
    history = History({100: 105}, 105, AT)
    assert not history.knows(token(106, 100))
    assert not history.knows(token(51, 50))


def test_s4_there_is_no_recovery_in_ordinary_life() -> None:
    assert Recovery(10.0, 60.0, ledger_lost=False).remaining(10.0) == 0


def test_s4_recovery_counts_from_the_start() -> None:
    recovery = Recovery(10.0, 60.0, ledger_lost=True)
    assert recovery.remaining(10.0) == 60
    assert recovery.remaining(69.0) == 1
    assert recovery.remaining(70.0) == 0


def test_s4_a_token_may_show_a_longer_ttl_than_was_known() -> None:
    recovery = Recovery(10.0, 60.0, ledger_lost=False)
    recovery.ledger_is_behind(token(1, 1, ttl=3600.0))
    assert recovery.rolled_back
    assert recovery.remaining(10.0) == 3600


def test_s4_a_lost_ledger_is_no_rollback() -> None:
    recovery = Recovery(10.0, 60.0, ledger_lost=True)
    recovery.ledger_is_behind(token(1, 1))
    assert not recovery.rolled_back
