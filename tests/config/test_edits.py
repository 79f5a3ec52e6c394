"""Edits of a list: what the file looks like afterwards, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparekey.config import edits, sections
from sparekey.config.document import Document
from sparekey.config.faults import ConfigError
from sparekey.core.entries import EntryError, Location

PLANT = """\
; licenses of the plant
[Runtime]
PRODUCT = scada-runtime
SERIAL0          = 5-1042   ; main
SERIAL0_LOCATION = server-a
; in building B
SERIAL1          = 5-1043
Colour = blue

[Other]
junk
"""
FULL = "[Runtime]\n" + "".join(f"SERIAL{n} = {n}\n" for n in range(11))


def document(text: str) -> Document:
    return Document.parse(text.encode(), "License.ini")


def added(text: str, serial: str, location: Location | None = None, at: int | None = None, app: str = "Runtime") -> str:
    return bytes(edits.add(document(text), app, serial, location, at)).decode()


def test_a_backup_is_added_below_the_last_one_in_the_style_of_its_neighbours() -> None:
    new = "SERIAL1          = 5-1043\nSERIAL2          = 5-1044\nSERIAL2_LOCATION = server-c:6350\n"
    assert added(PLANT, "5-1044", Location("server-c")) == PLANT.replace("SERIAL1          = 5-1043\n", new)


def test_an_inserted_entry_leaves_the_comment_of_the_next_one_with_it() -> None:
    above = "SERIAL0_LOCATION = server-a\n"
    expected = PLANT.replace("SERIAL1 ", "SERIAL2 ").replace(above, above + "SERIAL1          = 5-1044\n")
    assert added(PLANT, "5-1044", at=1) == expected


def test_a_new_initial_license_stands_above_the_one_before() -> None:
    expected = PLANT.replace("SERIAL1 ", "SERIAL2 ").replace("SERIAL0_", "SERIAL1_").replace("SERIAL0 ", "SERIAL1 ")
    main = "SERIAL1          = 5-1042   ; main\n"
    assert added(PLANT, "5-1", at=0) == expected.replace(main, "SERIAL0          = 5-1\n" + main)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[Runtime]\nSERIAL0 = 7\n"),
        ("[Runtime]", "[Runtime]\nSERIAL0 = 7\n"),
        ("[Runtime]\n\n; end\n", "[Runtime]\nSERIAL0 = 7\n\n; end\n"),
        ("[runtime]\r\n  demo=1\r\n", "[runtime]\r\n  demo=1\r\n  serial0=7\r\n"),
        ("[Other]\r\nA = 1", "[Other]\r\nA = 1\r\n\r\n[Runtime]\r\nSERIAL0 = 7\r\n"),
        ("[Other]\nA=1\n\n", "[Other]\nA=1\n\n[Runtime]\nSERIAL0=7\n"),
        ("\ufeff", "\ufeff[Runtime]\nSERIAL0 = 7\n"),
        ("[Runtime]\nserial0=1", "[Runtime]\nserial0=1\nserial1=7\n"),
    ],
)
def test_what_is_missing_is_made(before: str, after: str) -> None:
    assert added(before, "7") == after


@pytest.mark.parametrize("serial", [";x", "#x", '"x', "'x", "\"'x'\"", "'\"", "a;b", 'x"'])
def test_a_serial_number_that_looks_like_something_else_is_quoted(serial: str) -> None:
    edited = edits.add(document("[Runtime]\nSERIAL0=1\n"), "Runtime", serial)
    assert sections.entries(Document.parse(bytes(edited), "License.ini"), "Runtime")[1].serial == serial


@pytest.mark.parametrize("at", [None, 0, 10])
def test_r2_an_eleventh_backup_is_refused(at: int | None) -> None:
    with pytest.raises(EntryError, match="has 10 backups, and there are no more"):
        added(FULL, "7", at=at)


@pytest.mark.parametrize(
    ("serial", "at", "app", "said"),
    [
        ("7", 3, "Runtime", "entry 3 would leave a gap in .Runtime.; the next number is 2"),
        ("*", 0, "Runtime", "'\\*' is for backups"),
        ("*", None, "New", "'\\*' is for backups"),
        ("7 8", None, "Runtime", "is no serial number"),
        ("7", None, "a]b", "cannot name a section"),
        ("7", None, "", "cannot name a section"),
        ("7", None, "a\n[b", "cannot name a section"),
    ],
)
def test_what_makes_no_list_is_refused(serial: str, at: int | None, app: str, said: str) -> None:
    with pytest.raises(EntryError, match=said):
        added(PLANT, serial, at=at, app=app)


@pytest.mark.parametrize(
    "text", ["[Runtime]\njunk\n", "[Runtime]\nSERIAL1 = 1\n", "[Runtime\nSERIAL0 = 1\n", "A = 1\n"]
)
def test_a_section_with_a_fault_is_not_edited(text: str) -> None:
    with pytest.raises(ConfigError, match=r"License.ini:\d+: "):
        added(text, "7")


def test_a_removed_entry_takes_its_lines_along_and_later_ones_move_down() -> None:
    edited = edits.remove(document(PLANT), "Runtime", 0)
    gone = "SERIAL0          = 5-1042   ; main\nSERIAL0_LOCATION = server-a\n"
    assert bytes(edited).decode() == PLANT.replace(gone, "").replace("SERIAL1", "SERIAL0")


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("[Runtime]\nSERIAL0 = 1\n", 0, "only license"),
        ("[Runtime]\nSERIAL0 = 1\nSERIAL1 = *\n", 0, "'\\*' is for backups"),
        (PLANT, 2, r"has no entry 2; there are 0 \(5-1042 at server-a:6350\), 1 \(5-1043 at 127.0.0.1:6350\)"),
        ("[Runtime]\nDEMO = 1\n", 0, "has no entry 0; there are none"),
    ],
)
def test_a_removal_that_leaves_no_list_is_refused(text: str, at: int, said: str) -> None:
    with pytest.raises(EntryError, match=said):
        edits.remove(document(text), "Runtime", at)


@pytest.mark.parametrize("edit", [lambda d: edits.remove(d, "Runtme", 0), lambda d: edits.move(d, "Runtme", 0, 1)])
def test_of_a_section_that_is_missing_those_that_are_there_are_told(edit: Callable[[Document], Document]) -> None:
    with pytest.raises(ConfigError, match=r"no section \[Runtme\]; there are \[Runtime\], \[Other\]"):
        edit(document(PLANT))


@pytest.mark.parametrize(("at", "to", "missing"), [(2, 0, 2), (0, 2, 2), (0, 9, 9)])
def test_a_move_from_or_to_where_no_entry_is_is_refused(at: int, to: int, missing: int) -> None:
    with pytest.raises(EntryError, match=rf"has no entry {missing}; there are 0 \(5-1042"):
        edits.move(document(PLANT), "Runtime", at, to)


def test_a_star_is_not_moved_to_where_the_initial_license_stands() -> None:
    with pytest.raises(EntryError, match="'\\*' is for backups"):
        edits.move(document("[Runtime]\nSERIAL0 = 1\nSERIAL1 = *\n"), "Runtime", 1, 0)


@pytest.mark.parametrize("location", [None, Location("127.0.0.1"), Location("127.0.0.1", 6350)])
def test_the_same_entry_twice_is_refused(location: Location | None) -> None:
    with pytest.raises(EntryError, match=r"has 5-1043 at 127.0.0.1:6350 already, as entry 1"):
        added(PLANT, "5-1043", location)


def test_the_same_license_by_another_address_is_another_entry() -> None:
    assert "SERIAL2_LOCATION = server-b:6350" in added(PLANT, "5-1043", Location("server-b"))


def test_a_move_changes_numbers_and_nothing_else() -> None:
    edited = edits.move(
        document("[Runtime]\nSERIAL0=a\nserial1=b ; B\nSERIAL2=c\nSERIAL2_LOCATION=x\n"), "Runtime", 2, 0
    )
    assert bytes(edited).decode() == "[Runtime]\nSERIAL1=a\nserial2=b ; B\nSERIAL0=c\nSERIAL0_LOCATION=x\n"
