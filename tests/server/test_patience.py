"""What has not ended in time is given up (T6)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sparekey.server.patience import PATIENCE, Patience


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time a test moves."""

    at = 0.0

    def time(self) -> float:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += seconds
        self.run_until_complete(asyncio.sleep(0))


@pytest.fixture
def clock() -> Iterator[Clock]:
    loop = Clock()
    yield loop
    loop.close()


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
