"""An outlet kept at work: what is told of its faults, and what becomes of the messages that it could not deliver."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from faults.disk import SmallDisk, skip_where_none_can_be_mounted, small_disk
from notify.kept import Desk
from sparekey.core.consequences import Notify, Occasion
from sparekey.core.variables import SERIAL_NUMBER, Name
from sparekey.host import boot_clock
from sparekey.notify.feed import Feed
from sparekey.notify.outlet import Outbox, OutletFault
from sparekey.notify.outlets import MOST_FAULTS, Keeper
from sparekey.notify.store import MOST_DELIVERIES, MOST_MESSAGES, Store

SOON = 0.0
"""Seconds between two attempts."""


class Bell:
    """An outlet that notes what it is told, as long as it works."""

    name = "bell"
    takes_messages = True

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.rung: list[str] = []
        self.runs = 0

    async def run(self, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:
        self.runs += 1
        while True:
            if self.fault:
                raise self.fault
            well()
            message = await outbox.next()
            if self.fault:
                raise self.fault
            self.rung.append(message.what.text)
            outbox.delivered(message)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state")


@pytest.fixture
def disk(desk: Desk) -> Iterator[SmallDisk]:
    """The desk's state folder on a disk of its own; the store is opened on it."""
    skip_where_none_can_be_mounted()
    folder = desk.folder
    desk.store.close()
    with small_disk(folder) as disk:
        desk.store = Store(folder)
        yield disk
        desk.store.close()


@asynccontextmanager
async def kept(desk: Desk, bell: Bell) -> AsyncIterator[Keeper]:
    async with desk.keep(bell, SOON) as keeper:
        yield keeper


async def until_run_again(desk: Desk, bell: Bell, times: int = 3) -> None:
    goal = bell.runs + times
    await desk.until(lambda: bell.runs >= goal)


async def test_an_outlet_that_fails_is_one_event_and_its_return_another(desk: Desk) -> None:
    bell = Bell()
    bell.fault = OutletFault("no power")
    async with kept(desk, bell) as keeper:
        desk.notify("A", keeper, outlet="bell")
        await until_run_again(desk, bell, 4)
        assert desk.events() == ["outlet bell: no power"]
        bell.fault = None
        await desk.until(lambda: bell.rung == ["A"])
    assert desk.events() == ["outlet bell: no power", "outlet bell: it works again"]


async def test_a_notifier_that_comes_after_another_tells_no_fault_twice_and_tells_its_end(desk: Desk) -> None:
    bell = Bell()
    bell.fault = OutletFault("no power")
    for _ in range(2):
        async with kept(desk, bell):
            await until_run_again(desk, bell)
    bell.fault = None
    async with kept(desk, bell):
        await desk.until(lambda: len(desk.events()) == 2)
    assert desk.events() == ["outlet bell: no power", "outlet bell: it works again"]


async def test_who_was_told_of_a_change_and_when_is_remembered_and_who_is_not_yet(desk: Desk) -> None:
    bell, began = Bell(), boot_clock()
    async with kept(desk, bell) as keeper:
        for change in (4, 5):
            desk.notify("A", keeper, change=change, outlet="bell")
        desk.notify("A", keeper, change=5, outlet="mqtt")
        await desk.until(lambda: desk.store.deliveries(5))
    assert began <= desk.store.deliveries(4)["bell"] <= desk.store.deliveries(5)["bell"] <= boot_clock()
    assert (desk.store.owing(4), desk.store.owing(5)) == (frozenset(), frozenset({"mqtt"}))


async def test_so_many_deliveries_are_remembered_and_no_more(desk: Desk) -> None:
    name = Name("Runtime", SERIAL_NUMBER)
    with desk.store.transaction():
        for change in range(1, MOST_DELIVERIES + 2):
            desk.store.add_message("bell", Notify((), Occasion.EVENT, "m", name, "", None, None, change, 0.0))
        desk.store.note_delivery("bell", MOST_DELIVERIES + 1, 12.5)
        desk.store.shorten()
    assert (desk.store.deliveries(1), desk.store.deliveries(2)) == ({}, {"bell": 12.5})


async def test_another_fault_than_the_one_that_was_told_is_told_once_and_not_without_end(desk: Desk) -> None:
    bell = Bell()
    async with kept(desk, bell) as keeper:
        bell.fault = OutletFault("fault 0")
        desk.notify("A", keeper, outlet="bell")
        for number in [*range(1, 4), *range(4), *range(MOST_FAULTS + 3)]:
            await until_run_again(desk, bell, 2)
            bell.fault = OutletFault(f"fault {number}")
    assert desk.events() == [f"outlet bell: fault {number}" for number in range(MOST_FAULTS)]


async def test_t4_an_outlet_that_breaks_is_tried_again_and_its_error_is_not_shown(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    bell = Bell()
    bell.fault = ZeroDivisionError("s3cret")
    async with kept(desk, bell):
        await until_run_again(desk, bell)
        bell.fault = None
        await desk.until(lambda: len(desk.events()) == 2)
    assert desk.events()[0] == "outlet bell: it broke, which is a fault of the program (ZeroDivisionError)"
    assert "s3cret" not in caplog.text
    assert "test_outlets.py" in caplog.text


async def test_what_waits_for_a_dead_outlet_is_bounded_and_what_gave_way_is_an_event(desk: Desk) -> None:
    name = Name("Runtime", SERIAL_NUMBER)
    with desk.store.transaction():
        for change in range(1, MOST_MESSAGES + 2):
            what = Notify((), Occasion.EVENT, "serial-number", name, str(change), None, None, change, 0.0)
            desk.store.add_message("bell", what)
        desk.store.add_message("other", what)
        desk.store.shorten()
    dropped = MOST_MESSAGES // 10 + 1
    assert desk.events() == [f"outlet bell: too much waits, so the {dropped} oldest messages are dropped"]
    oldest = desk.store.next_message("bell")
    assert oldest
    assert oldest.what.change == dropped + 1
    assert not desk.has_sent_all("other")


async def test_what_was_delivered_while_the_disk_was_full_is_not_sent_again_and_its_return_is_told_later(
    desk: Desk, disk: SmallDisk
) -> None:
    bell = Bell()
    async with kept(desk, bell) as keeper:
        bell.fault = OutletFault("no power")
        for text in "ABC":
            desk.notify(text, keeper, outlet="bell")
        await desk.until(desk.events)
        fill(desk.store, disk)
        await until_run_again(desk, bell)
        bell.fault = None
        await desk.until(lambda: bell.rung == ["A", "B", "C"])
        assert not desk.has_sent_all("bell"), "nothing can be removed from it"
        disk.clear()
        desk.notify("D", keeper, outlet="bell")
        await desk.until(lambda: desk.has_sent_all("bell") and len(desk.events()) == 2)
    assert bell.rung == ["A", "B", "C", "D"]
    assert desk.events() == ["outlet bell: no power", "outlet bell: it works again"]


def fill(store: Store, disk: SmallDisk) -> None:
    """Until nothing can be written, not even over what the store has of its own."""
    disk.fill()
    name = Name("Runtime", SERIAL_NUMBER)
    filler = Notify((), Occasion.EVENT, "filler", name, "x" * 1000, None, None, 0, 0.0)
    with suppress(sqlite3.OperationalError):
        while True:
            with store.transaction():
                store.add_message("nobody", filler)
