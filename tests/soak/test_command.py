"""A soak of one kill: it ends, its history holds, and nothing is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from history.judge import Judge
from history.records import Belief, Changed, Grant, decode

pytestmark = pytest.mark.plant

ROOT = Path(__file__).parents[2]


def test_one_kill_leaves_a_history_without_a_breach_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    history = tmp_path / "history.jsonl"
    command = (sys.executable, "-m", "tests.soak", "--kills", "1", "--history", str(history))
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": str(place)}, capture_output=True, text=True, check=False
    )
    assert "1 of 1 kills" in done.stdout, done.stdout + done.stderr
    assert "unlicensed: 0.000 s" in done.stdout
    records = [decode(line) for line in history.read_bytes().splitlines()]
    judge = Judge()
    for record in records:
        judge.hear(record)
    assert judge.breaches == []
    assert [record.new for record in records if isinstance(record, Changed)] == ["5-1043", "5-1042"]
    assert len([record for record in records if isinstance(record, Grant)]) == 3
    believed = {record.serial for record in records if isinstance(record, Belief)}
    assert believed == {"plant-1/5-1042", "plant-1/5-1043"}
    assert list(place.iterdir()) == []
