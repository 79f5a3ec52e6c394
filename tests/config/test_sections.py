"""The grammar of License.ini: from a section to the list of an application."""

from __future__ import annotations

import pytest

from sparekey.config import sections
from sparekey.config.document import Document
from sparekey.config.faults import ConfigError
from sparekey.core.entries import Entry, LicenseList, Location


def read(text: str, app: str = "Runtime") -> LicenseList:
    return sections.read(Document.parse(text.encode(), "License.ini"), app)


def fault(text: str, app: str = "Runtime") -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, app)
    return str(caught.value)


def test_the_example_of_the_manual_is_read() -> None:
    found = read("""
[Runtime]
PRODUCT = scada-runtime
SERIAL0 = 5-1042
SERIAL0_LOCATION = server-a:6350
SERIAL1 = 5-1043            ; an inline comment
SERIAL1_LOCATION = server-b
DEMO = 1
""")
    entries = (Entry(0, "5-1042", Location("server-a", 6350)), Entry(1, "5-1043", Location("server-b", 6350)))
    assert found == LicenseList(entries, "scada-runtime", demo=True)
    assert (found.initial_wait, found.check, found.min_backups) == (5.0, 60.0, 1)


def test_keys_stand_in_any_case_and_order_and_unknown_ones_are_left_alone() -> None:
    found = read("[RunTime]\nserial1_location = b\nColour = it's\nSerial1 = 2\nMIN_BACKUPS = 0\nserial0 = 1\ncheck=1.5")
    assert [entry.serial for entry in found.entries] == ["1", "2"]
    assert found.entries[1].location == Location("b")
    assert (found.min_backups, found.check) == (0, 1.5)


@pytest.mark.parametrize(
    ("written", "location"),
    [
        ("", Location("127.0.0.1", 6350)),
        ("SERIAL0_LOCATION =", Location("127.0.0.1", 6350)),
        ("SERIAL0_LOCATION = server-a", Location("server-a", 6350)),
        ("SERIAL0_LOCATION = server-a:7000", Location("server-a", 7000)),
        ("SERIAL0_LOCATION = [fe80::1]", Location("fe80::1", 6350)),
        ("SERIAL0_LOCATION = '[fe80::1]:7000'", Location("fe80::1", 7000)),
    ],
)
def test_r4_no_location_means_this_machine(written: str, location: Location) -> None:
    assert read(f"[Runtime]\nSERIAL0 = 1\n{written}").initial.location == location


def test_r2_there_are_ten_backups() -> None:
    found = read("[Runtime]\n" + "".join(f"SERIAL{n} = {n}\n" for n in reversed(range(11))))
    assert [entry.number for entry in found.backups] == list(range(1, 11))


def test_r2_an_eleventh_backup_is_refused() -> None:
    said = fault("[Runtime]\n" + "".join(f"SERIAL{n} = {n}\n" for n in range(12)))
    assert said.startswith("License.ini:13: SERIAL11: a list has 10 backups at most")


def test_a_star_stands_for_any_license_of_a_backup() -> None:
    assert read("[Runtime]\nSERIAL0 = 1\nSERIAL1 = *").backups[0].takes_any


@pytest.mark.parametrize(
    ("settings", "line", "said"),
    [
        ("SERIAL0 = *", 2, "'*' is for backups"),
        ("SERIAL0 =", 2, "'' is no serial number"),
        ("SERIAL0 = 5 1042", 2, "'5 1042' is no serial number"),
        ("SERIAL0 = " + "5" * 65, 2, "is no serial number"),
        ("SERIAL0 = M\xfcller", 2, "is no serial number"),
        ('SERIAL0 = "5-1042', 2, "the quote is not closed"),
        ("DEMO = 1", 1, "no license is listed"),
        ("SERIAL0 = 1\nSERIAL2 = 2", 3, "SERIAL1 missing before SERIAL2"),
        ("SERIAL0 = 1\nSERIAL4 = 2", 3, "SERIAL1 to SERIAL3 missing before SERIAL4"),
        ("SERIAL1 = 1", 2, "SERIAL0 missing before SERIAL1"),
        ("SERIAL0 = 1\nSERIAL01 = 2", 3, "no zero before it; write 1"),
        ("SERIAL00 = 1", 2, "no zero before it; write 0"),
        ("SERIAL0 = 1\nSERIAL" + "9" * 5000 + " = 2", 3, "10 backups at most"),
        ("SERIAL0 = 1\nSERIAL1_LOCATION = b", 3, "SERIAL1_LOCATION stands without SERIAL1"),
        ("SERIAL0 = 1\nSERIAL11_LOCATION = b", 3, "10 backups at most"),
        ("SERIAL0 = 1\nSERIAL0_LOCATION = fe80::1", 3, "an IPv6 address stands in brackets, [fe80::1]:6350"),
        ("SERIAL0 = 1\nSERIAL0_LOCATION = a:0", 3, "a port is a number from 1 to 65535"),
        ("SERIAL0 = 1\nSERIAL0_LOCATION = http://a:6350", 3, "write HOST or HOST:PORT, without http://"),
        ("SERIAL0 = 1\nDEMO = yes", 3, "DEMO: 'yes' is no whole number from 0 to 1"),
        ("SERIAL0 = 1\nDEMO = 2", 3, "DEMO: '2' is no"),
        ("SERIAL0 = 1\nINITIAL_WAIT = -1", 3, "INITIAL_WAIT: '-1' is no number of seconds from 0"),
        ("SERIAL0 = 1\nINITIAL_WAIT = inf", 3, "INITIAL_WAIT: 'inf' is no"),
        ("SERIAL0 = 1\nCHECK = 0", 3, "CHECK: '0' is no number of seconds from 1"),
        ("SERIAL0 = 1\nCHECK = 1 min", 3, "CHECK: '1 min' is no"),
        ("SERIAL0 = 1\nMIN_BACKUPS = 11", 3, "MIN_BACKUPS: '11' is no whole number from 0 to 10"),
        ("SERIAL0 = 1\nMIN_BACKUPS = 1.5", 3, "MIN_BACKUPS: '1.5' is no"),
        ("SERIAL0 = 1\nPRODUCT = " + "x" * 201, 3, "PRODUCT: a product has"),
        ("SERIAL0 = 1\nSERIAL0 = 2", 3, "SERIAL0 stands in line 2 already"),
        ("SERIAL0 = 1\nSERIAL1", 3, "neither a section nor KEY = VALUE"),
    ],
)
def test_a_fault_is_told_with_file_and_line(settings: str, line: int, said: str) -> None:
    told = fault(f"[Runtime]\n{settings}")
    assert told.startswith(f"License.ini:{line}: ")
    assert said in told


def test_all_faults_of_a_section_are_told_at_once_in_the_order_of_the_file() -> None:
    told = fault("[Runtime]\nDEMO = x\njunk\nSERIAL1 = a b\n[Other]\njunk\n")
    assert [line.split(":")[1] for line in told.splitlines()] == ["2", "3", "4", "4"]


def test_a_section_that_is_missing_is_told_with_those_there_are() -> None:
    said = fault("[Alpha]\nSERIAL0 = 1\n[Beta]\nSERIAL0 = 2\n")
    assert said.startswith("License.ini:1: no section [Runtime]; there are [Alpha], [Beta]")
    assert "there is none at all" in fault("")


def test_a_section_that_may_be_behind_a_broken_header_is_told_with_that() -> None:
    assert "License.ini:2: no name of a section" in fault("[Alpha]\n[Runtime\nSERIAL0 = 1\n")
