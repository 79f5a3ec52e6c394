"""A server that is back in time moves nobody: R7."""

from __future__ import annotations

import sys

import pytest

from plant import terms
from stories.stage import BACKUP, HOME, Stage, holders, until_free

pytestmark = pytest.mark.plant

LONG = 20.0
"""Seconds of a lease, a quarter of which is time enough to restart a server."""


def test_r7_a_server_restarted_within_a_quarter_of_the_ttl_moves_nobody(stage: Stage) -> None:
    primary = stage.server(terms(HOME, seats=3), ttl=LONG)
    backup = stage.server(terms(BACKUP, seats=3), ttl=LONG)
    systems = [stage.system((HOME, primary), (BACKUP, backup)) for _ in range(3)]
    applications = [system.start() for system in systems[:2]]
    reporting = systems[2].run(sys.executable, "-c", "input()")
    reporting.until("acquired")
    primary.restart()
    reporting.until("suspect")
    reporting.until("recovered")
    for system in systems:
        system.until_status(lambda status: status["state"] == "hold")
    assert not reporting.named("switched", "lost", "alarm")
    for application in applications:
        assert application.look()["serial"] == HOME
        assert application.changes == []
        assert application.never_invalid
    until_free(backup, BACKUP)  # spares that were taken meanwhile are given back
    assert len(holders(primary)) == 3


def test_r7_a_server_killed_and_back_renews_what_it_had_granted(stage: Stage) -> None:
    primary = stage.server(HOME, ttl=LONG)
    system = stage.system((HOME, primary))
    application = system.start()
    before = system.until_status(lambda status: status["state"] == "hold")["valid_until_boottime"]
    primary.kill()
    primary.start()
    system.until_status(lambda status: status["state"] == "hold" and status["valid_until_boottime"] > before)
    assert application.changes == []
    assert application.never_invalid
