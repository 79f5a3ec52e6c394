"""Names are looked up beside the loop."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from sparekey.client.names import Address, Names, Unresolved, take_turns
from sparekey.core.entries import Location

SERVER = Location("server-a.invalid", 6350)
FOUR = Address(socket.AF_INET, ("192.0.2.1", 6350))
FOUR_TOO = Address(socket.AF_INET, ("192.0.2.2", 6350))
SIX = Address(socket.AF_INET6, ("2001:db8::1", 6350, 0, 0))


async def test_an_address_needs_no_look_up() -> None:
    def never(_: Location) -> list[Address]:
        raise AssertionError

    found = await Names(never).resolve(Location("127.0.0.1", 6350))
    assert [address.endpoint for address in found] == [("127.0.0.1", 6350)]


async def test_a_name_that_hangs_holds_up_no_other_and_takes_one_thread() -> None:
    release, asked = threading.Event(), []

    def look_up(location: Location) -> list[Address]:
        asked.append(location)
        if location == SERVER:
            release.wait()
        return [FOUR]

    names = Names(look_up)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await names.resolve(SERVER)
    assert await names.resolve(Location("server-b.invalid")) == [FOUR]
    assert asked.count(SERVER) == 1
    last = asyncio.create_task(names.resolve(SERVER))
    await asyncio.sleep(0)
    release.set()
    assert await last == [FOUR]


async def test_a_name_without_address_is_told_as_such() -> None:
    with pytest.raises(Unresolved, match=r"the name server-a\.invalid does not resolve"):
        await Names().resolve(SERVER)


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".ü"])
async def test_what_can_be_no_name_is_told_as_such(host: str) -> None:
    with pytest.raises(Unresolved, match="is no host name"):
        await Names().resolve(Location(host))


def test_the_last_address_that_worked_is_known_until_it_fails() -> None:
    names = Names()
    names.worked(SERVER, FOUR)
    names.failed(SERVER, SIX)
    assert names.last(SERVER) == FOUR
    names.failed(SERVER, FOUR)
    assert names.last(SERVER) is None
    assert names.doubted(SERVER) == FOUR
    names.worked(SERVER, SIX)
    assert names.doubted(SERVER) is None


def test_families_take_turns() -> None:
    assert take_turns([SIX, FOUR, FOUR_TOO]) == [SIX, FOUR, FOUR_TOO]
    assert take_turns([FOUR, FOUR_TOO, SIX]) == [FOUR, SIX, FOUR_TOO]
