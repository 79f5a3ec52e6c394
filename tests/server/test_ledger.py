"""The ledger on a real disk: S2, S4."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparekey.core.leases import Close, Closed, Doubt, Forget, Grant, Holder, Open, Put, Remove
from sparekey.core.requests import Memory
from sparekey.server.ledger import LARGEST_STATEMENT, Ledger, LedgerError, open_ledger

A = Holder("5-1042", "system-a", "Laufzeit ü", "hash-a")


def grant(lease: str, fence: int = 101, name: str = "pc") -> Grant:
    return Grant(lease, A, name, 2**62, fence, 100, 30.0, 1_780_300_000.25, spare=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(path)
    yield ledger
    ledger.close()


def reloaded(path: Path) -> Memory:
    again = Ledger(path)
    try:
        return again.load()
    finally:
        again.close()


def test_what_was_committed_is_loaded(ledger: Ledger, path: Path) -> None:
    closed, early = Closed("2", "hash-a", A, 7), Closed("3", "hash-b")
    ledger.commit([(Open(100), Put(grant("1"))), (Close(closed), Close(early))])
    assert reloaded(path) == Memory((grant("1"),), (closed, early), {100: 101})


def test_what_was_taken_out_is_gone(ledger: Ledger, path: Path) -> None:
    ledger.commit([(Open(100), Put(grant("1")), Close(Closed("2", "hash-a")))])
    ledger.commit([(Remove("1"), Forget("2"))])
    assert reloaded(path) == Memory(blocks={100: 101})


def test_a_large_group_of_all_kinds_is_written_whole(ledger: Ledger, path: Path) -> None:
    grants = tuple(grant(f"{number:03}", 101 + number, "a\0b") for number in range(LARGEST_STATEMENT * 3 + 1))
    closed = tuple(Closed(each.id, "hash-a", A, each.order) for each in grants)
    ledger.commit([(Open(100), Doubt(True)), *((Put(each),) for each in grants), *((Close(each),) for each in closed)])
    assert reloaded(path) == Memory(grants, closed, {100: grants[-1].fence}, lost=True)
    gone = [(Remove(each.id), Forget(each.id)) for each in grants[1:]]
    ledger.commit([*gone, (Doubt(False),)])
    assert reloaded(path) == Memory(grants[:1], closed[:1], {100: grants[-1].fence})


def test_s4_a_new_ledger_counts_as_lost_until_it_opens_a_block(ledger: Ledger, path: Path) -> None:
    assert ledger.load().lost
    ledger.commit([(Open(100),)])
    assert not reloaded(path).lost


def test_putting_a_known_grant_again_is_harmless(ledger: Ledger, path: Path) -> None:
    ledger.commit([(Open(100), Put(grant("1", 105)))])
    ledger.commit([(Put(grant("0", 102)),)])
    ledger.commit([(Put(grant("1", 105)),)])
    memory = reloaded(path)
    assert [kept.id for kept in memory.grants] == ["0", "1"]
    assert memory.blocks == {100: 105}


def test_s3_a_number_given_is_remembered_though_its_lease_went_in_the_same_transaction(
    ledger: Ledger, path: Path
) -> None:
    ledger.commit([(Open(100),), (Put(grant("1", 105)),), (Remove("1"),)])
    assert reloaded(path) == Memory(blocks={100: 105})


def test_s2_what_failed_goes_first_in_the_next_transaction(ledger: Ledger, path: Path) -> None:
    ledger.commit([(Open(100), Put(grant("1")))])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger.commit([(Remove("1"), Put(grant("2", 102)))])
    assert ledger.owes
    assert [kept.id for kept in ledger.load().grants] == ["1"]
    other.execute("COMMIT")
    other.close()
    ledger.commit([(Remove("2"), Put(grant("3", 103)))])
    assert not ledger.owes
    assert [kept.id for kept in reloaded(path).grants] == ["3"]


def test_s2_a_full_disk_is_an_error_and_leaves_all_as_it_was(ledger: Ledger, path: Path) -> None:
    ledger.commit([(Open(100), Put(grant("1")))])
    ledger._connection.execute("PRAGMA max_page_count = 1")
    many = tuple(Put(grant(str(number), 200 + number, "pc" * 1000)) for number in range(100))
    with pytest.raises(LedgerError, match="full"):
        ledger.commit([many])
    assert [kept.id for kept in reloaded(path).grants] == ["1"]
    ledger._connection.execute("PRAGMA max_page_count = 1000000")
    ledger.commit([])
    assert len(reloaded(path).grants) == 100


def test_s4_a_damaged_ledger_is_kept_beside_a_new_one(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number, damaged in enumerate((b"this is no database" * 100, b"nor is this" * 1000), start=1):
        path.write_bytes(damaged)
        fresh = open_ledger(path)
        assert fresh.load().lost
        fresh.close()
        assert path.with_name(f"ledger.db.damaged-{number}").read_bytes() == damaged
        assert f"it is kept as {path}.damaged-{number}" in caplog.text


def test_s4_a_damaged_page_is_seen(ledger: Ledger, path: Path) -> None:
    ledger.commit([(Open(100), *(Put(grant(str(number), 101 + number)) for number in range(500)))])
    ledger.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    path.write_bytes(content)
    again = open_ledger(path)
    assert again.load().lost
    again.close()
    assert path.with_name("ledger.db.damaged-1").read_bytes() == content


def opened(path: Path, content: bytes, log: bytes | None = None) -> Memory:
    """What a start finds in a ledger of this content, and this write-ahead log."""
    for file in path.parent.iterdir():
        file.unlink()
    path.write_bytes(content)
    if log is not None:
        path.with_name(f"{path.name}-wal").write_bytes(log)
    ledger = open_ledger(path)
    try:
        return ledger.load()
    finally:
        ledger.close()


@pytest.fixture
def content(ledger: Ledger, path: Path) -> bytes:
    """A ledger of some pages that was closed in order."""
    closed = (Close(Closed(f"closed-{number}", "hash-a", A, number)) for number in range(20))
    ledger.commit([(Open(100), *(Put(grant(f"lease-{number}", 101 + number)) for number in range(20)), *closed)])
    ledger.close()
    return path.read_bytes()


def test_s4_a_ledger_cut_anywhere_is_whole_or_counts_as_lost(content: bytes, path: Path) -> None:
    whole = opened(path, content)
    for size in range(0, len(content), 2048):
        found = opened(path, content[:size])
        assert found == whole or found.lost


def test_s4_noise_in_a_ledger_is_no_error(content: bytes, path: Path) -> None:
    draw = random.Random(1042)
    lost = 0
    for _ in range(60):
        noise = draw.randbytes(draw.choice([1, 4, 16, 100, 4096]))
        at = draw.randrange(len(content) - len(noise))
        lost += opened(path, content[:at] + noise + content[at + len(noise) :]).lost
    assert lost


def test_s4_text_that_is_none_any_more_is_damage(content: bytes, path: Path) -> None:
    assert opened(path, content.replace("Laufzeit ü".encode(), b"Laufzeit \xff\xff")).lost
    assert path.with_name("ledger.db.damaged-1").exists()


def test_s4_a_write_ahead_log_cut_anywhere_leaves_what_the_ledger_once_was(ledger: Ledger, path: Path) -> None:
    ledger.commit([(Open(100),)])
    once = [ledger.load()]
    for number in range(5):
        ledger.commit([(Put(grant(f"lease-{number}", 101 + number)),)])
        once.append(ledger.load())
    content, log = path.read_bytes(), path.with_name("ledger.db-wal").read_bytes()
    ledger.close()
    for size in range(0, len(log), 2060):  # half a frame, near enough
        found = opened(path, content, log[:size])
        assert found in once or found.lost


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path) -> None:
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(LedgerError, match="newer version"):
        open_ledger(path)
    assert list(path.parent.glob("*damaged*")) == []


def test_a_ledger_that_cannot_be_opened_is_no_damage(path: Path) -> None:
    path.mkdir()
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_ledger(path)
    assert path.is_dir()
