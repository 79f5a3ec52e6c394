"""`sparekey status`: what this system holds, and what the technician should do."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from click.testing import CliRunner

from sparekey.cli.status import status
from sparekey.client import record
from sparekey.client.running import ApplicationStatus
from sparekey.client.system import StartRecord, System
from sparekey.core.variables import ENTRY, SERIAL_NUMBER, Name, Quality, Reading, Value
from sparekey.host import boot_clock
from sparekey.journal import Journal, Observation
from sparekey.notify.alarm_list import AlarmList
from sparekey.notify.catch_up import up_to_date
from sparekey.notify.glance import MOST_CHANGES


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


def journaled(state: Path, variable: str, values: Sequence[Value], owner: str = "Runtime") -> None:
    """What an application has written of itself."""
    name = Name(owner, variable)
    readings = [Reading(value, Quality.GOOD, time.time()) for value in values]
    Journal(state).append([Observation(name, None, reading, "why", boot_clock()) for reading in readings])


def test_r10_alarms_are_counted_where_no_notifier_ever_ran_and_nothing_is_written(tmp_path: Path) -> None:
    running(tmp_path)
    journaled(tmp_path, SERIAL_NUMBER, ["5-1042", "5-1043"])
    journaled(tmp_path, ENTRY, [0, 1])
    before = sorted(tmp_path.rglob("*"))
    assert "Runtime: 2 alarms, 1 not acknowledged: 'sparekey alarms list' says which" in shown(tmp_path)
    facts = json.loads(shown(tmp_path, "--json"))
    assert facts["alarms"] == facts["applications"][0]["alarms"] == {"total": 2, "unacknowledged": 1}
    assert sorted(tmp_path.rglob("*")) == before


def test_an_alarm_that_was_acknowledged_is_counted_as_seen(tmp_path: Path) -> None:
    running(tmp_path)
    journaled(tmp_path, SERIAL_NUMBER, ["5-1042", ""])
    with up_to_date(System.open(tmp_path)) as store:
        for alarm in store.alarms():
            AlarmList(store).acknowledge(alarm.key, "anna")
    assert "Runtime: 1 alarm: 'sparekey alarms list'" in shown(tmp_path)
    journaled(tmp_path, SERIAL_NUMBER, ["5-1042"])
    assert "Runtime: 1 alarm, 1 not acknowledged" in shown(tmp_path), "what comes after the notifier is seen, too"


def test_the_alarms_of_a_license_server_are_counted_beside_those_of_an_application(tmp_path: Path) -> None:
    running(tmp_path)
    journaled(tmp_path, "[Server] Alarm", ["its ledger was rolled back"], owner="server hall")
    assert "server hall: 1 alarm, 1 not acknowledged" in shown(tmp_path)
    facts = json.loads(shown(tmp_path, "--json"))
    assert (facts["alarms"]["total"], facts["applications"][0]["alarms"]["total"]) == (1, 0)


def test_alarms_that_cannot_be_seen_are_no_alarms_that_are_not_there(tmp_path: Path) -> None:
    running(tmp_path, config=str(tmp_path / "License.ini"))
    journaled(tmp_path, SERIAL_NUMBER, ["5-1042", "5-1043"])
    (tmp_path / "reactions.toml").write_text("[[matrx]]\n")
    assert f"the alarms cannot be seen: {tmp_path}/reactions.toml:1: unknown table 'matrx'" in shown(tmp_path)
    facts = json.loads(shown(tmp_path, "--json"))
    assert facts["alarms"] is facts["applications"][0]["alarms"] is None


def test_a_long_journal_is_left_to_those_who_have_the_time(tmp_path: Path) -> None:
    running(tmp_path)
    journaled(tmp_path, ENTRY, range(MOST_CHANGES + 1))
    assert "wait for a notifier: 'sparekey alarms list' handles them" in shown(tmp_path)
