"""The files of a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drill.reports import failed, passed
from sparekey.drill.files import ReportFolder


def test_a_report_is_three_files_named_by_its_time(tmp_path: Path) -> None:
    folder = ReportFolder.open(tmp_path / "drills" / "2027")
    files = list(folder.write(failed()))
    assert [file.name for file in files] == [
        f"drill-20270115T080000.250000Z.{kind}" for kind in ("txt", "json", "html")
    ]
    assert json.loads(files[1].read_text())["outcome"] == "failed"


def test_an_earlier_report_stays(tmp_path: Path) -> None:
    folder = ReportFolder.open(tmp_path)
    for report in (passed(), passed(began=1_800_000_001.0)):
        list(folder.write(report))
    assert len(list(tmp_path.iterdir())) == 6


def test_a_name_that_is_no_text_is_written_all_the_same(tmp_path: Path) -> None:
    assert all(
        "Run?time" in file.read_text() for file in ReportFolder.open(tmp_path).write(passed(app="Run\udcfftime"))
    )


def test_a_place_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OSError, match="exists"):
        ReportFolder.open(file)
