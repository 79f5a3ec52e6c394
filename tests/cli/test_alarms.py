"""`sparekey alarms` and `sparekey events` as people use them, slips of the pen among them."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sparekey.cli import main
from sparekey.client.system import System
from sparekey.core.variables import SERIAL_NUMBER, Name, Quality, Reading
from sparekey.host import boot_clock
from sparekey.journal import Journal, Observation


def sparekey(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--state", str(state)])


def journaled(state: Path, *serials: str, owner: str = "Runtime") -> None:
    """What an application has written of itself."""
    System.open(state)
    readings = [Reading(serial, Quality.GOOD, time.time()) for serial in serials]
    name = Name(owner, SERIAL_NUMBER)
    Journal(state).append([Observation(name, None, reading, "why", boot_clock()) for reading in readings])


@pytest.mark.parametrize(
    "arguments",
    [("alarms", "list"), ("alarms", "list", "--json"), ("alarms", "ack", "1"), ("events",), ("events", "--csv")],
    ids=" ".join,
)
def test_that_nothing_has_run_with_a_state_folder_is_no_all_clear(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = sparekey(tmp_path / "typo", *arguments)
    assert (said.exit_code, said.stdout) == (1, "")
    assert (
        said.stderr == f"error: nothing has run with the state folder {tmp_path}/typo; name another one with --state\n"
    )
    assert list(tmp_path.iterdir()) == [], "who only looks makes no folder"


def test_a_bad_reactions_file_hides_no_alarm_and_keeps_nobody_from_acknowledging_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SPAREKEY_CONFIG", str(tmp_path / "License.ini"))
    journaled(tmp_path, "5-1042", "5-1043")
    assert "license changed from 5-1042 to 5-1043" in sparekey(tmp_path, "alarms", "list").stdout
    (tmp_path / "reactions.toml").write_text("[[matrx]]\n")
    assert "license changed from 5-1042 to 5-1043" in sparekey(tmp_path, "alarms", "list").stdout
    assert f"the alarm list is not up to date: {tmp_path}/reactions.toml:1: unknown table 'matrx'" in caplog.text
    assert sparekey(tmp_path, "alarms", "ack", "1", "--by", "anna").exit_code == 0
    assert "acknowledged by anna" in sparekey(tmp_path, "events").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("ack", "9" * 30),
        ("ack", "0"),
        ("shelve", "1", "--minutes", "nan"),
        ("shelve", "1", "--minutes", "1e308"),
        ("shelve", "1", "--minutes", "0"),
    ],
    ids=" ".join,
)
def test_a_number_that_cannot_be_is_wrong_usage(arguments: tuple[str, ...], tmp_path: Path) -> None:
    journaled(tmp_path, "5-1042", "5-1043")
    said = sparekey(tmp_path, "alarms", *arguments)
    assert said.exit_code == 2
    assert "is not in the range" in said.stderr


def test_what_somebody_wrote_does_not_move_the_cursor(tmp_path: Path) -> None:
    journaled(tmp_path, "5-1042", "5-1043")
    said = CliRunner().invoke(main, ["alarms", "ack", "1", "--by", "an\x1b[2Jna", "--state", str(tmp_path)], color=True)
    assert "by an\N{REPLACEMENT CHARACTER}[2Jna: Runtime" in said.stdout


def test_a_spreadsheet_takes_no_name_for_a_formula(tmp_path: Path) -> None:
    journaled(tmp_path, "5-1042", '5-1043","x', owner="=HYPERLINK(1)")
    rows = list(csv.DictReader(sparekey(tmp_path, "events", "--csv").stdout.splitlines()))
    assert {row["app"] for row in rows} == {"'=HYPERLINK(1)"}
    assert any(row["text"].startswith("'=HYPERLINK(1): license changed") for row in rows)
    assert any('5-1043","x' in row["text"] for row in rows)
    facts = json.loads(sparekey(tmp_path, "events", "--json").stdout)
    assert {fact["app"] for fact in facts} == {"=HYPERLINK(1)"}
