"""`sparekey doctor` as people see it; what it finds is told in tests/doctor."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from sparekey.cli import main


def doctor(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["doctor", *map(str, arguments)])


def test_a_line_for_each_check_and_the_next_command_below(tmp_path: Path) -> None:
    config = tmp_path / "License.ini"
    config.write_text("[Runtime]\nSERIAL0 = 1\nSERIAL2 = 2\n")
    shown = doctor("--config", config, "--state", tmp_path / "state")
    assert shown.exit_code == 1
    lines = shown.stdout.splitlines()
    assert lines[0].startswith(f"fault    {config}:3: SERIAL1 missing before SERIAL2")
    assert lines[1] == f"         next: mend it, then: sparekey config list --config {config}"
    assert f"ok       {tmp_path / 'state'}: is made at the first start" in lines
    assert shown.stderr == "error: 2 faults found\n"


def test_the_same_for_programs(tmp_path: Path) -> None:
    shown = doctor("--server", tmp_path, "--json")
    assert shown.exit_code == 1
    facts = json.loads(shown.stdout)
    assert (facts["faults"], facts["warnings"]) == (1, 0)
    assert facts["checks"][0]["level"] == "fault"
    assert facts["checks"][0]["cure"].startswith("sparekey server init")
    assert shown.stderr == "error: 1 fault found\n"


def test_a_server_and_a_system_in_one_look(tmp_path: Path) -> None:
    facts = json.loads(doctor("--server", tmp_path, "--config", tmp_path / "License.ini", "--json").stdout)
    said = " ".join(check["what"] for check in facts["checks"])
    assert "no such file" in said
    assert "has no container" in said


def test_wrong_usage_exits_2(tmp_path: Path) -> None:
    assert doctor("--listen", "127.0.0.1").exit_code == 2
    wrong = doctor("--server", tmp_path, "--listen", "::1:6350")
    assert wrong.exit_code == 2
    assert "brackets" in wrong.stderr


def test_help_has_an_example() -> None:
    assert "Example:" in doctor("--help").stdout
