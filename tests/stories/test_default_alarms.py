"""Each alarm of the shipped reactions, raised by what it is about: real servers that die, fill up, end, or are copied.

Those of a license server that is watched are raised in notify/test_server_watch.py, a switch in test_alarms.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from plant import Client, Seeker, terms
from sparekey.notify.places import SHIPPED
from stories.alarm_list import alarms, until_alarm, until_over
from stories.stage import BACKUP, HOME, Stage
from systems import Reachable, System

pytestmark = pytest.mark.plant


def impatient(stage: Stage, *entries: tuple[str, Reachable | str], **keys: object) -> System:
    """A system that asks its backups each second; its reactions are the shipped ones, without their delays."""
    system = stage.system(*entries, CHECK=1, **keys)
    shipped = SHIPPED.read_text(encoding="utf-8")
    shorter = re.sub(r"^delay = \d+$", "delay = 0.1", shipped, flags=re.MULTILINE).replace('notify = ["*"]', "")
    (system.folder / "reactions.toml").write_text(shorter)
    return system


def test_a_license_that_is_lost_is_the_worst_alarm_until_there_is_one_again(stage: Stage) -> None:
    server = stage.server(HOME)
    system = impatient(stage, (HOME, server))
    application = system.start()
    server.kill()
    application.until("change")
    alarm = until_alarm(system, "no-license")
    assert alarm["text"].startswith("Runtime: no license (")
    assert (alarm["severity"], alarm["priority"]) == (1000, "urgent")
    server.start()
    until_over(system, "no-license")


def test_r6_the_demo_license_is_an_alarm_until_it_is_not_needed(stage: Stage) -> None:
    server = stage.server(HOME)
    system = impatient(stage, (HOME, server), DEMO=1)
    system.demo = stage.demo(3600)
    application = system.start()
    server.kill()
    application.until("change")
    assert until_alarm(system, "no-license", "demo")["severity"] == 900
    server.start()
    until_over(system, "no-license")


def test_r13_a_backup_that_is_down_is_an_alarm_and_so_is_that_too_few_are_left(stage: Stage) -> None:
    home, backup = stage.server(HOME), stage.server(BACKUP)
    system = impatient(stage, (HOME, home), (BACKUP, backup))
    system.start()
    backup.kill()
    assert "is down (" in until_alarm(system, "backup")["text"]
    assert until_alarm(system, "redundancy")["text"].startswith("Runtime: backups missing: 1.")
    backup.start()
    until_over(system, "backup")
    until_over(system, "redundancy")


def test_r13_a_backup_that_is_full_is_told_apart_from_one_that_is_down(stage: Stage) -> None:
    home, backup = stage.server(HOME), stage.server(BACKUP, ttl=60)
    system = impatient(stage, (HOME, home), (BACKUP, backup))
    other = Seeker(BACKUP)
    with Client(backup.location) as client:
        other.take(client)
        system.start()
        assert "is full, its server is up (in use by Runtime on pc-1)" in until_alarm(system, "backup")["text"]
        other.release(client)
    until_over(system, "backup")


def test_r3_a_backup_that_is_worse_is_an_alarm_that_says_in_what(stage: Stage) -> None:
    home, backup = stage.server(HOME), stage.server(terms(BACKUP, limits={"tags": 500}))
    system = impatient(stage, (HOME, home), (BACKUP, backup))
    system.start()
    assert "will not do: worse (tags 500 < 1500)" in until_alarm(system, "backup")["text"]


@pytest.mark.parametrize(("days", "in_use", "backup"), [(30, 400, 300), (7, 700, 500), (1, 900, 700)])
def test_licenses_that_end_soon_are_alarms_the_one_in_use_and_the_backup(
    stage: Stage, days: int, in_use: int, backup: int
) -> None:
    last = datetime.now(UTC).date() + timedelta(days=days)
    server = stage.server(terms(HOME, valid_until=last), terms(BACKUP, valid_until=last))
    system = impatient(stage, (HOME, server), (BACKUP, server))
    system.start()
    assert until_alarm(system, "expiry")["severity"] == in_use
    assert until_alarm(system, "backup-expiry")["severity"] == backup


def test_r5_a_bad_list_is_an_alarm_with_its_line_until_it_is_mended(stage: Stage) -> None:
    home, backup = stage.server(HOME), stage.server(BACKUP)
    system = impatient(stage, (HOME, home), (BACKUP, backup))
    system.start()
    good = system.config.read_text()
    system.config.write_text(good.replace("SERIAL1 =", "SERIAL2 ="))
    assert f"the last good list stays in force: {system.config}" in until_alarm(system, "license-ini")["text"]
    system.config.write_text(good)
    until_over(system, "license-ini")


def test_s5_a_container_that_answers_at_two_addresses_is_an_alarm(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    system = impatient(stage, (HOME, server), (BACKUP, f"localhost:{server.port}"))
    system.start()
    text = until_alarm(system, "container-met-twice")["text"]
    assert f"{server.container.id[:8]} at {server.location} and localhost:{server.port}" in text


def test_an_application_that_is_killed_is_an_alarm_and_one_that_ends_is_none(stage: Stage) -> None:
    server = stage.server(HOME, "7-1")
    system = impatient(stage, (HOME, server))
    system.config.write_text(
        f"{system.config.read_text()}[Batch]\nSERIAL0 = 7-1\nSERIAL0_LOCATION = {server.location}\n"
    )
    system.start("Batch").close()
    system.start().kill()
    assert until_alarm(system, "application-gone")["app"] == "Runtime"
    assert [alarm["app"] for alarm in alarms(system, "--all").values()] == ["Runtime"]
    system.start()
    until_over(system, "application-gone")
