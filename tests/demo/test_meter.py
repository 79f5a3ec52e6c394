"""The demo's application measures honestly."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparekey.demo.application import Measurement, Meter, Status, measure, read_status
from sparekey.host import boot_clock


def measured(*looks: tuple[float, float | None]) -> Measurement:
    meter = Meter()
    for now, valid_until in looks:
        meter.look(now, valid_until)
    return meter.measurement


def test_time_within_the_lease_is_licensed() -> None:
    assert measured((10.0, 15.0), (12.0, 17.0), (16.9, 17.0)).unlicensed_seconds == 0


def test_time_beyond_the_lease_counts_also_where_it_was_renewed_before_the_next_look() -> None:
    assert measured((10.0, 15.0), (16.0, 21.0)).unlicensed_seconds == pytest.approx(1.0)


def test_no_license_counts_from_the_look_that_saw_it() -> None:
    assert measured((10.0, None), (12.0, None), (13.0, 20.0)).unlicensed_seconds == pytest.approx(3.0)


def test_a_lease_that_was_over_already_counts_from_the_look_on() -> None:
    assert measured((10.0, 5.0), (12.0, 5.0)).unlicensed_seconds == pytest.approx(2.0)


def test_the_longest_gap_between_two_looks_is_kept() -> None:
    found = measured((10.0, 99.0), (10.5, 99.0), (12.0, 99.0), (12.1, 99.0))
    assert found.longest_gap == pytest.approx(1.5)
    assert found.looks == 4


def test_a_status_file_that_says_nothing_is_no_license(tmp_path: Path) -> None:
    assert read_status(tmp_path / "none") == Status()
    (tmp_path / "half").write_text('{"serial": "5-10')
    assert read_status(tmp_path / "half").valid_until_boottime is None


def test_it_looks_until_it_is_over(tmp_path: Path) -> None:
    status = tmp_path / "status.json"
    status.write_text(f'{{"serial": "5-1042", "valid_until_boottime": {boot_clock() + 60}, "entry": 0}}')
    looks = iter([False, False, True])
    found = measure(status, lambda: next(looks))
    assert (found.looks, found.unlicensed_seconds) == (3, 0.0)
