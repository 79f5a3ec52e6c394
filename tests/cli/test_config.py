"""`sparekey config`: stories of the License Manager on the command line."""

from __future__ import annotations

import functools
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sparekey.cli import main


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "License.ini"


def config(*arguments: str | Path, **environ: str) -> Result:
    return CliRunner().invoke(main, ["config", *map(str, arguments)], env=environ)


def test_r2_a_list_is_made_and_shown(path: Path) -> None:
    first = config("add", "--app", "Runtime", "--serial", "5-1042", "--server", "server-a", "--config", path)
    assert first.exit_code == 0
    assert "[Runtime] has 5-1042 at server-a:6350 as initial license" in first.stdout
    assert config("add", "--app", "Runtime", "--serial", "5-1044", "--config", path).exit_code == 0
    added = config("add", "--app", "Runtime", "--serial", "5-1043", "--at", "1", "--config", path, "--json")
    assert json.loads(added.stdout)["entry"] == 1

    shown = config("list", "--config", path)
    assert shown.exit_code == 0
    assert shown.stderr == ""
    rows = [line.split() for line in shown.stdout.splitlines()]
    assert ["initial", "license", "5-1042", "server-a:6350"] in rows
    assert ["backup", "2", "5-1044", "127.0.0.1:6350"] in rows


def test_the_list_is_shown_as_json(path: Path) -> None:
    path.write_text("[Runtime]\nSERIAL0 = 1\nDEMO = 1\n[Other]\nSERIAL0 = 2\n")
    facts = json.loads(config("list", "--config", path, "--json").stdout)
    assert [application["app"] for application in facts["applications"]] == ["Runtime", "Other"]
    assert facts["applications"][0]["entries"] == [{"entry": 0, "serial": "1", "location": "127.0.0.1:6350"}]
    assert facts["applications"][0]["demo"] is True


def test_r2_an_eleventh_backup_exits_1_and_leaves_the_file_as_it_was(path: Path) -> None:
    before = "[Runtime]\n" + "".join(f"SERIAL{n} = {n}\n" for n in range(11))
    path.write_text(before)
    refused = config("add", "--app", "Runtime", "--serial", "7", "--config", path)
    assert refused.exit_code == 1
    assert "[Runtime] has 10 backups, and there are no more; remove one first" in refused.stderr
    assert path.read_text() == before


@pytest.mark.plant
def test_r5_a_disk_that_takes_no_more_leaves_the_file_as_it_was_and_no_other(path: Path) -> None:
    path.write_text("[Runtime]\nSERIAL0 = 1\n")
    command = [sys.executable, "-m", "sparekey", "config", "add", "--app", "Runtime", "--serial", "2"]
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (10, 10))
    refused = subprocess.run(
        [*command, "--config", path], preexec_fn=limit, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert f"{path}: cannot be written: File too large; it is as it was" in refused.stderr
    assert path.read_text() == "[Runtime]\nSERIAL0 = 1\n"
    assert [found.name for found in path.parent.iterdir()] == ["License.ini"]


def test_a_fault_is_told_with_file_and_line_beside_the_good_lists(path: Path) -> None:
    path.write_text("[Runtime]\nSERIAL0 = 1\n[Other]\nSERIAL1 = 2\n")
    shown = config("list", "--config", path)
    assert shown.exit_code == 1
    assert "[Runtime]" in shown.stdout
    assert f"{path}:4: SERIAL0 missing before SERIAL1" in shown.stderr
    assert config("list", "--config", path, "--app", "Runtime").exit_code == 0


def test_a_file_that_is_missing_is_told(path: Path) -> None:
    shown = config("list", "--config", path)
    assert shown.exit_code == 1
    assert (
        f"{path}: no such file; name one with --config or SPAREKEY_CONFIG, or make it with `sparekey config add`"
        in shown.stderr
    )


def test_the_environment_names_the_file(path: Path) -> None:
    path.write_text("[Runtime]\nSERIAL0 = 1\n")
    assert config("list", SPAREKEY_CONFIG=str(path)).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--serial", "a b"], "is no serial number"),
        (["--serial", "1", "--server", "fe80::1"], "an IPv6 address stands in brackets"),
        (["--serial", "1", "--at", "11"], "0<=x<=10"),
        ([], "--serial"),
    ],
)
def test_wrong_usage_exits_2(arguments: list[str], said: str, path: Path) -> None:
    refused = config("add", "--app", "Runtime", *arguments, "--config", path)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not path.exists()


@pytest.mark.parametrize("command", [[], ["list"], ["add"], ["remove"], ["move"], ["check"]])
def test_help_has_an_example(command: list[str]) -> None:
    assert "Example:" in config(*command, "--help").stdout
