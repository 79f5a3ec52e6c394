"""The list of an application (R2)."""

from __future__ import annotations

import pytest

from scripted import entry, listed
from sparekey.core.entries import MAX_BACKUPS, UNLISTED, Entry, EntryError, LicenseList, Location


def test_r2_one_initial_license_and_ten_backups_are_a_list() -> None:
    entries = listed(*"ABCDEFGHIJK")
    assert entries.initial == entry(0, "A")
    assert len(entries.backups) == MAX_BACKUPS


def test_r2_an_eleventh_backup_cannot_be() -> None:
    with pytest.raises(EntryError, match="entry 11: there are the initial license 0 and the backups 1 to 10"):
        entry(11, "L")


@pytest.mark.parametrize("numbers", [(), (1,), (0, 2), (1, 0)])
def test_r2_a_list_begins_with_the_initial_license_and_has_no_gap(numbers: tuple[int, ...]) -> None:
    with pytest.raises(EntryError, match="begins with entry 0 and has no gap"):
        LicenseList(tuple(entry(number, "A") for number in numbers))


def test_r5_what_is_no_longer_listed_has_a_number_of_its_own() -> None:
    assert entry(UNLISTED, "A").number == -2


def test_the_initial_license_is_not_any() -> None:
    with pytest.raises(EntryError, match="for backups"):
        entry(0, "*")


@pytest.mark.parametrize("serial", ["", "a b", "ä", "x" * 65, "a\n"])
def test_a_serial_number_is_printable_ascii_without_blanks(serial: str) -> None:
    with pytest.raises(EntryError, match="no serial number"):
        Entry(0, serial)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("server-a", Location("server-a", 6350)),
        ("server-a:7000", Location("server-a", 7000)),
        (" 10.0.0.7 ", Location("10.0.0.7", 6350)),
        ("[::1]", Location("::1", 6350)),
        ("[::1]:7000", Location("::1", 7000)),
    ],
)
def test_r4_a_location_is_read_and_written_alike(text: str, location: Location) -> None:
    assert Location.parse(text) == location
    assert Location.parse(str(location)) == location


def test_r4_no_location_is_this_machine() -> None:
    assert str(Location()) == "127.0.0.1:6350"


@pytest.mark.parametrize(
    "text", ["", ":6350", "a:", "a:0", "a:65536", "a:x", "a:²", "::1", "[::1", "[::1]x", "a/b", "a b"]
)
def test_a_text_that_is_no_location_is_refused(text: str) -> None:
    with pytest.raises(EntryError, match="no location"):
        Location.parse(text)


def test_an_address_without_brackets_is_told_that_it_needs_them() -> None:
    with pytest.raises(EntryError, match=r"stands in brackets, \[::1\]:6350"):
        Location.parse("::1")


# R5: under which entry a license is listed


STAR = Entry(2, "*", Location("b"))
LIST = LicenseList((entry(0, "A"), entry(1, "B"), STAR))


@pytest.mark.parametrize(
    ("serial", "host", "number"),
    [("A", "a", 0), ("A", "elsewhere", 0), ("B", "b", 1), ("X", "b", 2), ("B", "elsewhere", 1)],
)
def test_r5_a_license_is_listed_here_by_name_or_star_else_by_name_elsewhere(
    serial: str, host: str, number: int
) -> None:
    listed_as = LIST.find(serial, Location(host))
    assert listed_as is not None
    assert listed_as.number == number


def test_r5_a_license_that_no_entry_means_is_not_listed() -> None:
    assert LIST.find("X", Location("a")) is None
