"""The ledger of what was issued: no number is given twice."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from sparekey.vendor.issued import Issued, IssuedError, append_issued, free_serials, read_issued

FIRST = Issued("1-0001", 1_800_000_000, "scada-runtime", "a-thumbprint")
SECOND = Issued("5-1042", 1_800_000_001, "scada-runtime", None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "issued.jsonl"


def test_records_are_read_as_they_were_appended(path: Path) -> None:
    assert read_issued(path) == ()
    append_issued(path, [FIRST])
    append_issued(path, [SECOND])
    assert read_issued(path) == (FIRST, SECOND)


def test_a_line_that_was_not_written_whole_gives_way_to_the_next(path: Path) -> None:
    append_issued(path, [FIRST])
    with path.open("ab") as file:
        file.write(b'{"serial":"1-00')
    assert read_issued(path) == (FIRST,)
    append_issued(path, [SECOND])
    assert read_issued(path) == (FIRST, SECOND)


def test_an_editor_that_left_out_the_last_line_end_loses_no_record(path: Path) -> None:
    append_issued(path, [FIRST])
    path.write_bytes(path.read_bytes().rstrip().replace(b"\n", b"\r\n"))
    assert read_issued(path) == (FIRST,)
    append_issued(path, [SECOND])
    assert read_issued(path) == (FIRST, SECOND)


def test_a_damaged_line_is_named_and_nothing_is_issued_over_it(path: Path) -> None:
    append_issued(path, [FIRST])
    with path.open("ab") as file:
        file.write(b"damage\n")
    with pytest.raises(IssuedError, match=r"line 2: .* restore the file from a backup"):
        read_issued(path)


@pytest.mark.parametrize(
    ("used", "following"),
    [
        ([], ["1-0001", "1-0002"]),
        (["1-0001", "1-0007"], ["1-0008", "1-0009"]),
        (["5-1042", "abc", "1-7", "11-0009"], ["1-0001", "1-0002"]),
        (["1-9999"], ["1-10000", "1-10001"]),
        (["1-10000", "1-9999"], ["1-10001", "1-10002"]),
    ],
)
def test_the_next_free_number_is_above_all_of_its_form(used: list[str], following: list[str]) -> None:
    assert list(islice(free_serials(used), 2)) == following
