"""The journal: rows of changes, in order, whole or not at all, behind their writer."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from plant import until
from sparekey.core.variables import SERIAL_NUMBER, Name, Quality, Reading, Value
from sparekey.journal import MOST_ROWS, Journal, JournalWriter, Observation

RUNTIME = Name("Runtime", SERIAL_NUMBER)


def change_to(serial: str, name: Name = RUNTIME) -> Observation:
    return Observation(name, None, Reading(serial, Quality.GOOD, 1_800_000_000.5), "granted", 12.25)


def values(journal: Journal, after: int = 0) -> list[object]:
    return [change.new.value for change in journal.after(after)]


def test_what_was_appended_is_read_in_order_with_numbers_that_grow(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.last == 0
    journal.append([change_to("A"), change_to("B")])
    assert journal.last == 2
    journal.append([change_to("C")])
    changes = journal.after(0)
    assert [change.new.value for change in changes] == ["A", "B", "C"]
    assert [change.number for change in changes] == [1, 2, 3]
    assert changes[0].name == RUNTIME
    assert changes[0].new == Reading("A", Quality.GOOD, 1_800_000_000.5)
    assert (changes[0].old, changes[0].reason, changes[0].at) == (None, "granted", 12.25)
    assert values(journal, after=2) == ["C"]


def test_every_kind_of_value_comes_back_as_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    kinds: list[Value] = ["", "5-1042", 3, -2, 1.5, True, None]
    journal.append([Observation(RUNTIME, None, Reading(value, Quality.BAD, 1.0), "", 0.0) for value in kinds])
    found = values(journal)
    assert found == kinds
    assert [type(value) for value in found] == [type(kind) for kind in kinds]


def test_two_open_the_same_journal_and_each_reads_what_the_other_wrote(tmp_path: Path) -> None:
    one, other = Journal(tmp_path), Journal(tmp_path)
    one.append([change_to("A")])
    other.append([change_to("B")])
    assert values(one) == values(other) == ["A", "B"]
    assert one.id == other.id


def test_a_damaged_journal_is_kept_aside_and_a_new_one_has_another_id(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.close()
    journal.path.write_bytes(b"noise" * 1000)
    anew = Journal(tmp_path)
    anew.append([change_to("A")])
    assert values(anew) == ["A"]
    assert anew.id != journal.id
    assert (tmp_path / "journal.sqlite.damaged").read_bytes() == b"noise" * 1000


def test_a_journal_with_a_damaged_page_is_made_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([change_to("A")] * 500)
    journal.close()
    content = bytearray(journal.path.read_bytes())
    content[8192:12288] = b"\xa5" * 4096
    journal.path.write_bytes(content)
    assert values(Journal(tmp_path)) == []
    assert (tmp_path / "journal.sqlite.damaged").read_bytes() == content


def test_the_journal_is_bounded(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([change_to("A")] * (MOST_ROWS + 10))
    assert journal.after(0)[0].number == 11


def test_a_writer_has_written_what_it_was_given_when_it_is_closed(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    for serial in "ABC":
        writer.put(change_to(serial))
    writer.close()
    assert values(Journal(tmp_path)) == ["A", "B", "C"]


def test_a_writer_tries_again_until_its_folder_takes_the_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "state"
    writer = JournalWriter(folder)
    writer.put(change_to("A"))
    writer.put(change_to("B"))
    for _ in until(30):
        if caplog.records:
            break
    folder.mkdir()
    writer.put(change_to("C"))
    for _ in until(30):
        if (folder / "journal.sqlite").exists() and values(Journal(folder)) == ["A", "B", "C"]:
            break
    assert len(caplog.records) == 1, "one warning"
    writer.close()


def test_two_processes_write_and_one_is_killed_and_every_row_is_whole(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    lasting = context.Process(target=write_many, args=(tmp_path, "lasting", 200))
    dying = context.Process(target=write_many, args=(tmp_path, "dying", 1_000_000))
    lasting.start()
    dying.start()
    journal = Journal(tmp_path)
    while not any(change.name.owner == "dying" for change in journal.after(0)):
        assert dying.is_alive()
    assert dying.pid
    os.kill(dying.pid, signal.SIGKILL)
    dying.join()
    lasting.join()
    changes = journal.after(0, MOST_ROWS)
    assert [change.new.value for change in changes if change.name.owner == "lasting"] == list(range(200))
    killed = [change.new.value for change in changes if change.name.owner == "dying"]
    assert killed == list(range(len(killed)))


def write_many(folder: Path, owner: str, count: int) -> None:
    journal = Journal(folder)
    name = Name(owner, SERIAL_NUMBER)
    for number in range(count):
        journal.append([Observation(name, None, Reading(number, Quality.GOOD, 1.0), "", 0.0)])
