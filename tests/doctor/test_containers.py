"""Which container is met where."""

from __future__ import annotations

import shutil

import pytest

from doctor.clinic import look_at
from plant import Client, Server, until
from sparekey.doctor.containers import SAME_START
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE, System

pytestmark = pytest.mark.plant


def replaced(stage: Stage, server: Server, *licenses: str) -> Server:
    """Another server takes the place of this one."""
    other = stage.stopped_server(*licenses)
    other.port = server.port
    server.stop()
    return other.start()


def expect_another(system: System, old: Server, new: Server) -> None:
    report = look_at(system)
    cure = report.fault(new.location, "another container", f"it was {old.container.id}, and is {new.container.id}")
    assert f"sparekey doctor --accept --config {system.config} " in cure


def test_s5_another_container_than_the_doctor_met_last_time_is_a_fault_until_it_is_accepted(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server), MIN_BACKUPS=0)
    system.start().close()
    system.list((HOME, server), (BACKUP, backup := stage.server(BACKUP)))
    assert look_at(system).is_well
    other = replaced(stage, backup, BACKUP)
    expect_another(system, backup, other)
    expect_another(system, backup, other)
    assert look_at(system, "--accept").is_well
    assert look_at(system).is_well


def test_s5_another_container_than_an_application_met_is_a_fault_until_one_has_a_license_of_it(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server), MIN_BACKUPS=0)
    system.start().close()
    other = replaced(stage, server, HOME)
    expect_another(system, server, other)
    system.start().close()
    assert look_at(system).is_well


def test_a_system_that_never_ran_is_looked_at_without_a_trace(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), MIN_BACKUPS=0)
    assert look_at(system).is_well
    assert not system.state.exists()


def test_one_server_under_two_names_is_one_backup_less_than_it_seems(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    report = look_at(stage.system((HOME, server), (BACKUP, f"localhost:{server.port}")))
    assert report.warning("one license server under 2 names", f"localhost:{server.port}")
    assert report.code == 0


def test_s5_a_copy_beside_the_original_is_a_fault(stage: Stage) -> None:
    original, copy = stage.server(HOME, BACKUP), stage.stopped_server("5-7")
    shutil.rmtree(copy.state)
    shutil.copytree(original.state, copy.state, ignore=shutil.ignore_patterns("ledger.db*"))
    with Client(original.location) as client:
        for _ in until(PATIENCE):  # two starts within a second could be one
            if client.get("/v1/server").body["uptime"] > 2 * SAME_START:
                break
    copy.start()
    report = look_at(stage.system((HOME, original), (BACKUP, copy)))
    assert "stop the copy at once" in report.fault(f"container {original.container.id} runs 2 times")
