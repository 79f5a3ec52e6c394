"""The load generator's requests are those of a holder, and its eyes see a whole answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load.__main__ import carry_out, speed
from benchmarks.load.connection import is_whole
from benchmarks.load.orders import Order
from benchmarks.load.seekers import Unexpected
from plant import Client, Server, plant, terms, used
from sparekey.trust import PrivateKey

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_an_answer_is_whole_when_its_last_byte_is_there(end: int) -> None:
    assert not is_whole(WHOLE[:end])
    assert is_whole(WHOLE)


def test_an_answer_without_a_body_is_whole_after_its_head() -> None:
    assert is_whole(b"HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n")


def test_of_a_hundred_latencies_the_slowest_hundredth_is_one() -> None:
    told = speed([number / 1000 for number in range(100)], 2.0)
    assert (told.rate, told.p50, told.p99) == (50.0, 50.0, 99.0)


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Server]:
    """A running license server with one license of ten seats."""
    with plant(tmp_path, "server") as (only,):
        only.install(terms(seats=10))
        yield only.start()


@pytest.mark.plant
def test_an_order_takes_renews_and_releases_real_seats(many: Server) -> None:
    key = many.container.key.public.to_jwk()
    tale = asyncio.run(carry_out(Order(many.location, "5-1042", 2, 10, 0.1, key)))
    assert (tale.takes.count, tale.releases.count) == (10, 10)
    assert tale.renewals.count >= 2
    with Client(many.location) as client:
        assert used(client) == 0


@pytest.mark.plant
def test_what_no_holder_can_use_counts_for_nothing(many: Server) -> None:
    stranger = PrivateKey.generate().public.to_jwk()
    with pytest.raises(Unexpected, match="not signed by the right key"):
        asyncio.run(carry_out(Order(many.location, "5-1042", 1, 1, 0.1, stranger)))
    with pytest.raises(Unexpected, match="no-free-seat"):
        asyncio.run(carry_out(Order(many.location, "5-1042", 1, 11, 0.1)))
