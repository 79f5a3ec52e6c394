"""State folders that cannot be used."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from doctor.clinic import as_usual, look_at
from faults.disk import small_disk
from stories.stage import HOME, Stage
from systems import System

pytestmark = pytest.mark.plant

NOBODY = 65_534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def system(stage: Stage) -> System:
    """A system that has run once."""
    system = stage.system((HOME, stage.server(HOME)), MIN_BACKUPS=0)
    system.start().close()
    return system


def test_a_folder_that_can_be_used_is_well(system: System) -> None:
    assert look_at(system).is_well
    before = sorted(system.state.rglob("*"))
    look_at(system)
    assert sorted(system.state.rglob("*")) == before


def test_a_folder_that_may_not_be_written_is_told_with_its_owner(system: System) -> None:
    system.state.chmod(0o555)
    report = look_at(system, through=as_usual())
    assert report.fault(str(system.state), "Permission denied; it belongs to") == f"chmod -R u+rwX {system.state}"
    system.state.chmod(0o755)


def test_what_may_not_even_be_read_is_told_as_the_fault_that_it_is(system: System) -> None:
    system.state.chmod(0)
    assert look_at(system, through=as_usual()).fault(str(system.state), "Permission denied")
    system.state.chmod(0o755)
    system.config.chmod(0)
    assert look_at(system, through=as_usual()).fault(str(system.config), "let this user read it")
    system.config.chmod(0o644)
    system.vendor_key.chmod(0)
    assert look_at(system, through=as_usual()).fault(str(system.vendor_key), "let this user read it")


def test_a_folder_that_cannot_be_made(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), MIN_BACKUPS=0)
    system.state = system.folder / "locked" / "state"
    system.state.parent.mkdir(mode=0o555)
    assert look_at(system, through=as_usual()).fault(str(system.state), "Permission denied")


@as_root
def test_a_folder_that_may_not_even_be_looked_into(system: System) -> None:
    above = system.state.parent / "above"
    above.mkdir(mode=0o700)
    system.state = system.state.rename(above / "state")
    os.chown(above, NOBODY, NOBODY)
    assert look_at(system, through=as_usual()).fault(str(system.state), "Permission denied").startswith("chown")


def test_a_file_in_the_place_of_the_folder(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), MIN_BACKUPS=0)
    system.state.touch()
    assert "ls -ld" in look_at(system).fault(str(system.state), "Not a directory")


@as_root
def test_a_folder_of_somebody_else(system: System) -> None:
    for path in (system.state, *system.state.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    assert "sudo -u" in look_at(system).warning(str(system.state), "the folder belongs to", "and this is root")


@as_root
def test_a_file_that_a_start_as_root_has_left_behind(system: System) -> None:
    (secret,) = system.state.rglob("secret.json")
    for path in (system.state, *system.state.rglob("*")):
        if path != secret:
            os.chown(path, NOBODY, NOBODY)
    report = look_at(system)
    assert report.fault(str(secret), "the folder belongs to").startswith("chown -R")
    assert secret.read_text() not in str(report)


def test_a_disk_for_reading_only(system: System, mounting: None) -> None:
    with small_disk(system.state, 64 * 1_048_576):
        subprocess.run(("mount", "-o", "remount,ro", system.state), check=True)
        report = look_at(system)
        assert "findmnt" in report.fault(str(system.state), "Read-only file system")


def test_a_disk_that_is_full(system: System, mounting: None) -> None:
    with small_disk(system.state) as disk:
        disk.fill()
        assert "df -h" in look_at(system).fault(str(system.state), "No space left on device")


def test_a_disk_that_is_nearly_full(system: System, mounting: None) -> None:
    with small_disk(system.state, 8 * 1_048_576):
        assert "df -h" in look_at(system).fault("the disk is nearly full", "MB are free")


def test_a_disk_that_is_filling_up(system: System, mounting: None) -> None:
    with small_disk(system.state, 64 * 1_048_576):
        report = look_at(system)
        assert report.warning("the disk is filling up")
        assert report.code == 0


def test_damaged_files_that_were_put_aside(system: System) -> None:
    (damaged,) = (path.with_name(f"{path.name}.damaged") for path in system.state.rglob("held.json"))
    damaged.touch()
    assert "smartctl" in look_at(system).warning("damaged files were put aside", str(damaged))


def test_a_system_file_that_was_cut_is_no_traceback(system: System) -> None:
    Path(system.state / "system.json").write_bytes(b"{")
    assert look_at(system).code == 0
