"""How every command prints facts, and how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import pytest

from sparekey.cli.output import Failure, Unlicensed, explained, print_json, print_table
from sparekey.core.entries import EntryError
from sparekey.host import Lock


def test_an_expected_error_exits_1_and_no_license_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    for failure, exit_code in ((Failure("why"), 1), (Unlicensed("why"), 3)):
        assert failure.exit_code == exit_code
        failure.show()
        assert capsys.readouterr() == ("", "error: why\n")


def test_an_error_of_the_operating_system_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="nowhere: No such file or directory"), explained():
        (tmp_path / "nowhere").read_text()


def test_an_error_of_this_project_is_told_as_it_is() -> None:
    with pytest.raises(Failure, match=r"^no such entry$"), explained():
        raise EntryError("no such entry")


def test_a_lock_that_another_holds_is_told(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    lock.acquire()
    with pytest.raises(Failure, match="is locked by a running process"), explained():
        Lock(tmp_path / "lock").acquire()
    lock.release()


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    with pytest.raises(ValueError, match="invalid literal"), explained():
        int("x")


def test_json_tells_dates_and_any_language(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"day": date(2026, 1, 1), "name": "Grüße"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"day": "2026-01-01", "name": "Grüße"}
    assert "Grüße" in printed


def test_a_table_cuts_nothing_and_obeys_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    print_table(("variable", "value"), [("[Project summary] [red]Serial[/red]", "a\x1b[2Jb"), (long, "")])
    printed = capsys.readouterr().out
    assert "[Project summary] [red]Serial[/red]" in printed
    assert "\x1b" not in printed
    assert printed.count("x") == len(long)


def test_a_command_imports_only_what_it_needs() -> None:
    code = ["import sys", "from sparekey.cli import main", "main(['vendor', '--help'], standalone_mode=False)"]
    program = "; ".join([*code, "print(*sys.modules)"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "sparekey.cli.vendor" in done.stdout
    assert not {"sparekey.server", "sparekey.client", "starlette", "uvicorn", "rich"} & set(done.stdout.split())


def test_the_command_tells_its_version_and_its_groups() -> None:
    def typed(*arguments: str) -> str:
        command = [sys.executable, "-m", "sparekey", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert typed("--version").startswith("sparekey, version ")
    assert all(f"\n  {name} " in typed("--help") for name in ("config", "demo", "run", "server", "status", "vendor"))


def test_wrong_usage_exits_2() -> None:
    done = subprocess.run([sys.executable, "-m", "sparekey", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == click.UsageError.exit_code == 2
    assert "No such command 'nonsense'" in done.stderr
