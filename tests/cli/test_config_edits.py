"""`sparekey config add|remove|move`: what people are told, and what becomes of the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sparekey.cli import main
from sparekey.config import file

LIST = """\
[Runtime]
SERIAL0 = 5-1 ; main
SERIAL1 = 5-2
SERIAL1_LOCATION = server-b
SERIAL2 = *
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "License.ini"
    path.write_text(LIST)
    return path


def edit(command: str, path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", command, "--app", "Runtime", "--config", str(path), *arguments])


def serials(path: Path) -> list[str]:
    return [entry.serial for entry in file.read(path, "Runtime", {}).entries]


def test_a_removed_backup_is_told_with_what_remains(path: Path) -> None:
    said = edit("remove", path, "--at", "1")
    assert said.exit_code == 0
    assert f"[Runtime] no longer has 5-2 at server-b:6350, backup 1, in {path}" in said.stdout
    assert path.read_text() == "[Runtime]\nSERIAL0 = 5-1 ; main\nSERIAL1 = *\n"
    assert ["backup", "1", "any", "127.0.0.1:6350"] in [line.split() for line in said.stdout.splitlines()]


def test_without_its_initial_license_the_first_backup_becomes_it_and_that_is_told(path: Path) -> None:
    said = edit("remove", path, "--at", "0")
    assert "5-2 is the initial license now: a start takes it, backups are measured by it" in said.stdout
    assert serials(path) == ["5-2", "*"]


def test_an_entry_is_moved_and_the_new_order_is_told(path: Path) -> None:
    said = edit("move", path, "--at", "2", "--to", "1")
    assert said.exit_code == 0
    assert f"[Runtime] has * at 127.0.0.1:6350 as backup 1, no longer as backup 2, in {path}" in said.stdout
    assert "initial license now" not in said.stdout
    assert serials(path) == ["5-1", "*", "5-2"]


def test_a_backup_that_is_moved_to_the_front_is_the_initial_license(path: Path) -> None:
    assert "5-2 is the initial license now" in edit("move", path, "--at", "1", "--to", "0").stdout
    assert serials(path) == ["5-2", "5-1", "*"]


def test_edits_are_told_to_programs(path: Path) -> None:
    moved = json.loads(edit("move", path, "--at", "1", "--to", "2", "--json").stdout)
    assert (moved["from"], moved["entry"], moved["serial"]) == (1, 2, "5-2")
    assert [entry["serial"] for entry in moved["entries"]] == ["5-1", "*", "5-2"]
    removed = json.loads(edit("remove", path, "--at", "1", "--json").stdout)
    assert removed["removed"] == {"entry": 1, "serial": "*", "location": "127.0.0.1:6350"}
    assert [entry["entry"] for entry in removed["entries"]] == [0, 1]


@pytest.mark.parametrize(
    ("command", "arguments", "code", "said"),
    [
        (
            "remove",
            ["--at", "3"],
            1,
            "has no entry 3; there are 0 (5-1 at 127.0.0.1:6350), 1 (5-2 at server-b:6350), 2",
        ),
        ("move", ["--at", "0", "--to", "3"], 1, "has no entry 3; there are 0 (5-1"),
        ("move", ["--at", "2", "--to", "0"], 1, "'*' is for backups"),
        ("remove", ["--at", "11"], 2, "0<=x<=10"),
        ("remove", [], 2, "--at"),
        ("move", ["--at", "1"], 2, "--to"),
        ("add", ["--serial", "5-2", "--server", "server-b:6350"], 1, "has 5-2 at server-b:6350 already, as entry 1"),
    ],
)
def test_what_cannot_be_is_told_and_the_file_is_as_it_was(
    command: str, arguments: list[str], code: int, said: str, path: Path
) -> None:
    refused = edit(command, path, *arguments)
    assert refused.exit_code == code
    assert said in refused.stderr
    assert path.read_text() == LIST


@pytest.mark.parametrize(("command", "more"), [("remove", []), ("move", ["--to", "1"])])
def test_an_edit_of_a_file_that_is_missing_is_told_and_makes_none(
    command: str, more: list[str], tmp_path: Path
) -> None:
    missing = tmp_path / "more" / "License.ini"
    said = edit(command, missing, "--at", "0", *more)
    assert said.exit_code == 1
    assert "no such file; name one with --config or SPAREKEY_CONFIG" in said.stderr
    assert not missing.parent.exists()


def test_an_entry_is_listed_also_where_its_terms_cannot_be_kept(path: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    said = edit("add", path, "--serial", "5-3", "--state", str(tmp_path / "state"), "--vendor-key", str(key(tmp_path)))
    assert said.exit_code == 0
    assert "the terms of 5-3 are not kept: the state folder" in said.stderr
    assert serials(path) == ["5-1", "5-2", "*", "5-3"]


def key(folder: Path) -> Path:
    CliRunner().invoke(main, ["vendor", "init", str(folder / "acme")])
    return folder / "acme" / "vendor.pub.json"


@pytest.mark.plant
def test_edits_of_several_processes_at_once_do_not_lose_one_another(path: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "sparekey", "config", "add", "--app", "Runtime", "--config", str(path))
    environ = {**os.environ, "SPAREKEY_STATE": str(tmp_path / "state")}
    started = [
        subprocess.Popen((*command, "--serial", f"7-{number}"), env=environ, stdout=subprocess.PIPE)
        for number in range(8)
    ]
    for each in started:
        each.communicate()
    assert [each.returncode for each in started] == [0] * 8
    assert serials(path)[:3] == ["5-1", "5-2", "*"]
    assert set(serials(path)[3:]) == {f"7-{number}" for number in range(8)}
    assert {found.name for found in tmp_path.iterdir()} <= {"License.ini", "state"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("vendor.pub.json", "{", "is not JSON"), ("other.json", None, "other.json: No such file")],
    ids=["damaged", "named and missing"],
)
def test_an_entry_is_listed_also_where_the_vendors_key_is_bad(
    path: Path, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    added = edit("add", path, "--serial", "5-3", "--vendor-key", str(tmp_path / name))
    assert added.exit_code == 0
    assert serials(path) == ["5-1", "5-2", "*", "5-3"]
    assert "the terms of 5-3 are not kept: vendor key: " in added.stderr
    assert said in added.stderr


def test_a_key_that_has_not_come_yet_is_no_matter_for_an_edit(path: Path) -> None:
    assert edit("add", path, "--serial", "5-3").stderr == ""
