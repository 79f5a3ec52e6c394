"""What has not ended in time is given up (T6)."""

from __future__ import annotations

from weakref import ref

import pytest

from server.clock import Clock
from sparekey.server.patience import PATIENCE, Patience


@pytest.fixture
def given_up() -> list[str]:
    return []


@pytest.fixture
def patience(clock: Clock, given_up: list[str]) -> Patience:
    return Patience(clock, lambda: given_up.append("closed"))


def test_t6_what_does_not_end_is_given_up(clock: Clock, patience: Patience, given_up: list[str]) -> None:
    patience.begin()
    clock.move(PATIENCE - 1)
    assert not given_up
    clock.move(1)
    assert given_up


def test_t6_what_has_ended_is_not(clock: Clock, patience: Patience, given_up: list[str]) -> None:
    patience.begin()
    patience.end()
    clock.move(2 * PATIENCE)
    assert not given_up


def test_t6_each_request_has_the_whole_time(clock: Clock, patience: Patience, given_up: list[str]) -> None:
    patience.begin()
    clock.move(PATIENCE - 1)
    patience.end()
    patience.begin()
    clock.move(PATIENCE - 1)
    assert not given_up
    clock.move(1)
    assert given_up


def test_nothing_is_kept_of_what_has_ended(clock: Clock) -> None:
    class Given:
        def up(self) -> None:
            """Nobody waits for it."""

    given = Given()
    kept = ref(given)
    patience = Patience(clock, given.up)
    patience.begin()
    patience.end()
    del patience, given
    assert kept() is None
