"""`make bench QUICK=1` measures; what comes of it is asserted by nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import MEASURES
from benchmarks.places import ROOT
from benchmarks.report import results


@pytest.mark.plant
@pytest.mark.timeout(300)
def test_a_quick_run_measures_everything(tmp_path: Path) -> None:
    subprocess.run(
        (sys.executable, "-m", "benchmarks", "--quick", "--results", tmp_path),
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        check=True,
        timeout=280,
    )
    stored = results.load(tmp_path / "results.json")
    assert stored
    assert set(stored.measurements) == {measure.name for measure in MEASURES if not measure.obstacle()}
    assert all(figure.values for figures in stored.measurements.values() for figure in figures)
    assert (tmp_path / "table.md").read_text().count("\n## ") == len(stored.measurements)
    assert list(tmp_path.glob("*.svg"))
