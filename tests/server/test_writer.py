"""The ledger's thread: groups, order, failures."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sparekey.core.leases import Close, Closed, Open
from sparekey.server.ledger import Ledger, LedgerError
from sparekey.server.writer import Writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    writer = Writer(Ledger(tmp_path / "ledger.db"))
    writer.start()
    await writer.commit((Open(1),))
    yield writer
    await writer.close()


def closed(path: Path) -> list[str]:
    ledger = Ledger(path / "ledger.db")
    try:
        return [each.id for each in ledger.load().closed]
    finally:
        ledger.close()


async def test_s2_a_commit_returns_when_it_is_on_the_disk(writer: Writer, tmp_path: Path) -> None:
    await writer.commit((Close(Closed("1", "hash")),))
    assert closed(tmp_path) == ["1"]


async def test_s2_commits_that_wait_together_are_committed_together(writer: Writer, tmp_path: Path) -> None:
    before = writer.commits
    blocker = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    waiting = [writer.commit((Close(Closed(f"{number:03}", "hash")),)) for number in range(100)]
    await asyncio.sleep(0)
    blocker.execute("COMMIT")
    blocker.close()
    await asyncio.gather(*waiting)
    assert closed(tmp_path) == [f"{number:03}" for number in range(100)]
    assert writer.commits - before < 10


async def test_what_nobody_waits_for_goes_in_the_same_order(writer: Writer, tmp_path: Path) -> None:
    writer.post((Close(Closed("1", "hash")),))
    await writer.commit((Close(Closed("2", "hash")),))
    assert closed(tmp_path) == ["1", "2"]


async def test_a_failure_is_told_and_made_good_when_there_is_room_again(writer: Writer, tmp_path: Path) -> None:
    blocker = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="locked"):
        await writer.commit((Close(Closed("1", "hash")),))
    assert writer.failing
    blocker.execute("COMMIT")
    blocker.close()
    await writer.commit((Close(Closed("2", "hash")),))
    assert not writer.failing
    assert closed(tmp_path) == ["1", "2"]


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    writer = Writer(Ledger(tmp_path / "ledger.db"))
    writer.post((Open(1), Close(Closed("1", "hash"))))
    writer.start()
    await writer.close()
    assert closed(tmp_path) == ["1"]
