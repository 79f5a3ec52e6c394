"""Licenses that end: expired, not yet valid, expiring or withdrawn in use. R3, R7, S7."""

from __future__ import annotations

import sys

import pytest

from plant import EXPIRED, NOT_YET, terms
from stories.stage import BACKUP, HOME, Stage, until_free

pytestmark = pytest.mark.plant


def test_r3_what_is_not_valid_now_is_passed_over(stage: Stage) -> None:
    server = stage.server(
        terms(HOME, valid_until=EXPIRED),
        terms("5-1044", valid_until=EXPIRED),
        terms("5-1045", valid_from=NOT_YET),
        BACKUP,
    )
    system = stage.system(*((serial, server) for serial in (HOME, "5-1044", "5-1045", BACKUP)))
    assert system.start().acquired["serial"] == BACKUP


def test_r3_what_is_not_valid_now_is_said_so_of_each(stage: Stage) -> None:
    server = stage.server(
        terms(HOME, valid_until=EXPIRED), terms("5-1044", valid_until=EXPIRED), terms("5-1045", valid_from=NOT_YET)
    )
    system = stage.system(*((serial, server) for serial in (HOME, "5-1044", "5-1045")))
    assert system.application().refused() == {
        0: f"expired on {EXPIRED}",
        1: f"expired on {EXPIRED}",
        2: f"not valid before {NOT_YET}",
    }


def test_r7_a_license_that_expires_in_use_is_left_for_the_backup(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP)
    application = stage.system((HOME, server), (BACKUP, server)).start()
    (file,) = (file for file in server.container.folder.license_files() if HOME in file.name)
    server.vendor.issue(server.container, terms(HOME, issued=2000, valid_until=EXPIRED), out=file)  # as if time went on
    assert "expired" in application.until("change")["reason"]
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid
    until_free(server)


def test_r7_a_license_withdrawn_in_use_is_left_for_the_other_on_the_same_server(stage: Stage) -> None:
    server = stage.server(HOME, BACKUP, "5-1044")
    application = stage.system((HOME, server), (BACKUP, server)).start()
    neighbour = stage.system(("5-1044", server)).start()
    server.remove(HOME)
    assert "withdrawn" in application.until("change")["reason"]
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid
    assert neighbour.look()["valid"]
    assert (neighbour.changes, neighbour.never_invalid) == ([], True)


def test_r7_a_refusal_switches_as_soon_as_a_spare_is_held(stage: Stage) -> None:
    """It does not wait for 0.6 of the ttl, as silence does."""
    server = stage.server(HOME, BACKUP, ttl=12)
    running = stage.system((HOME, server), (BACKUP, server)).run(sys.executable, "-c", "input()")
    running.until("acquired")
    server.remove(HOME)
    refused = running.until("refused")
    assert running.until("switched")["t"] - refused["t"] < 0.3 * 12


def test_r7_what_remains_of_a_withdrawn_lease_may_be_used_and_no_more(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    application = system.start()
    server.remove(HOME)
    end = system.until_status(lambda status: "withdrawn" in status["trouble"])["valid_until_boottime"]
    assert 0 <= application.until("invalid")["t"] - end < 0.5
    assert not application.look()["valid"]
