"""Whether a spare would be found."""

from __future__ import annotations

import shlex

import pytest

from doctor.clinic import look_at
from plant import EXPIRED, Client, Seeker, sparekey, terms
from stories.stage import BACKUP, HOME, Stage

pytestmark = pytest.mark.plant


def test_r3_no_spare_that_is_equal_or_better_is_told_with_the_reasons(stage: Stage) -> None:
    server = stage.server(HOME)
    worse = stage.server(terms(BACKUP, limits={"tags": 500}, modules=frozenset()))
    report = look_at(stage.system((HOME, server), (BACKUP, worse)))
    reasons = "tags 500 < 1500, module history is missing"
    assert report.fault("no spare: no backups could be taken now, 1 wanted", f"backup 1: {reasons}")
    assert "equal or better" in report.warning(f"backup 1, {BACKUP} at {worse.location}", reasons)


def test_r3_without_known_terms_the_way_to_get_them_is_told(stage: Stage) -> None:
    down = stage.stopped_server(HOME)
    report = look_at(stage.system((HOME, down), (BACKUP, stage.server(BACKUP))))
    assert report.warning(f"the terms of {HOME} are not known")
    assert report.fault("no spare")


def test_r13_too_few_backups_are_a_fault_and_which_are_enough_is_not(stage: Stage) -> None:
    server, other = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, server), (BACKUP, other), MIN_BACKUPS=2)
    assert look_at(system).fault("1 backup could be taken now, 2 wanted")
    system.list((HOME, server), (BACKUP, other))
    assert look_at(system).is_well


def test_r2_no_backup_is_listed(stage: Stage) -> None:
    report = look_at(stage.system((HOME, stage.server(HOME))))
    assert report.fault("no backup is listed").startswith("sparekey config add --app Runtime")


def test_a_next_command_looks_at_the_same_files_when_it_is_pasted(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)))
    system.config.write_text(system.config.read_text().replace("[Runtime]", "[Line 1]"))
    backup = stage.server(BACKUP)
    add = look_at(system).fault("no backup is listed")
    assert sparekey(*pasted(add.replace("SERIAL", BACKUP).replace("HOST:PORT", backup.location))).returncode == 0
    assert look_at(system).is_well
    backup.stop()
    said = sparekey(*pasted(look_at(system).fault("[Line 1]: no spare")))
    assert f"{backup.location} refused the connection" in said.stdout


def pasted(cure: str) -> list[str]:
    """The arguments of the command in a cure, as a shell takes it."""
    return shlex.split(cure.partition("sparekey ")[2])


def test_r13_a_backup_that_is_in_use_is_told_with_its_holder(stage: Stage) -> None:
    other = stage.server(BACKUP, ttl=600)
    with Client(other.location) as client:
        assert Seeker(BACKUP, application="Archive").take(client).status == 201
        report = look_at(stage.system((HOME, stage.server(HOME)), (BACKUP, other)))
    assert "sparekey status" in report.warning(BACKUP, "in use by Archive on pc-1")


def test_an_initial_license_that_has_expired_or_is_not_there_is_a_fault(stage: Stage) -> None:
    server = stage.server(terms(HOME, valid_until=EXPIRED), BACKUP)
    report = look_at(stage.system((HOME, server), (BACKUP, server)))
    assert "sparekey server install" in report.fault(f"initial license, {HOME}", "expired on 2020-12-31")
    gone = look_at(stage.system(("5-7", server), (BACKUP, server)))
    assert "sparekey server status" in gone.fault("initial license, 5-7", "has no license 5-7")


def test_an_application_that_runs_is_looked_at_as_it_is(stage: Stage) -> None:
    server, other = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, server), (BACKUP, other))
    application = system.start()
    assert look_at(system).is_well
    server.kill()
    system.until_status(lambda status: status["serial"] == BACKUP and status["state"] == "hold")
    report = look_at(system)
    assert report.fault("[Runtime]: no spare")
    assert report.fault(server.location, "refused the connection")
    assert application.never_invalid
