"""`sparekey status`: what this system holds, and what the technician should do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from click.testing import CliRunner

from sparekey.cli.status import status
from sparekey.client import record
from sparekey.client.running import ApplicationStatus
from sparekey.client.system import StartRecord, System


def shown(state: Path, *options: str) -> str:
    result = CliRunner().invoke(status, ["--state", str(state), *options])
    assert result.exit_code == 0, result.output
    return result.output


def running(state: Path, **changes: object) -> None:
    """An application that has just written its status."""
    system = System.open(state)
    usual = {
        "application": "Runtime",
        "system": system.id,
        "system_name": system.name,
        "pid": 1,
        "written": datetime.now(UTC).isoformat(),
        "since": "2026-01-01T00:00:00Z",
        "reason": "server-a refused the connection",
        "state": "hold",
        "serial": "5-1043",
        "entry": 1,
        "server": "server-b:6350",
        "at_home": False,
        "trouble": "",
        "redundancy": 1,
    }
    folder = system.application_folder("Runtime")
    folder.mkdir(parents=True)
    record.write(folder / "starts.json", StartRecord("Runtime", 1))
    record.write(folder / "status.json", msgspec.convert({**usual, **changes}, ApplicationStatus))


def test_nothing_has_run_here(tmp_path: Path) -> None:
    assert "no application has run" in shown(tmp_path / "none")
    assert json.loads(shown(tmp_path / "none", "--json"))["applications"] == []


def test_r9_who_is_not_home_is_told_to_restart(tmp_path: Path) -> None:
    running(tmp_path)
    assert "Runtime is not home (server-a refused the connection)" in shown(tmp_path)
    assert "restart to go home" in shown(tmp_path)


def test_r13_redundancy_that_is_gone_is_said(tmp_path: Path) -> None:
    running(tmp_path, redundancy=0, at_home=True, entry=0)
    assert "Runtime has no backup that could be taken now" in shown(tmp_path)


def test_r10_a_status_that_is_old_is_of_bad_quality(tmp_path: Path) -> None:
    running(tmp_path, written="2026-01-01T00:00:00Z")
    (one,) = json.loads(shown(tmp_path, "--json"))["applications"]
    assert (one["running"], one["quality"], one["serial"]) == (False, "bad", "5-1043")
    assert "not running" in shown(tmp_path)
