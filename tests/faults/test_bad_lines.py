"""Lines that lose packets, delay them, or forget connections (R7, T1)."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from itertools import pairwise

import pytest

from faults.chronicle import Chronicle
from faults.proxy import Proxy
from faults.site import Site
from history.records import Belief
from plant import until
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE, System

RENEWALS = 10
DELAY = 0.15
"""Seconds, each way."""


@pytest.mark.long
@pytest.mark.plant
@pytest.mark.needs("net")
def test_r7_a_fifth_of_all_packets_lost(site: Site, chronicle: Chronicle) -> None:
    """TCP sends again, and what comes too late is tried again: who may move moves, and nobody is unlicensed."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    for server in (primary, backup):
        site.host_of(server).loses_packets(20)
    until_renewed(chronicle, system, RENEWALS)
    assert application.never_invalid


@pytest.mark.long
@pytest.mark.plant
def test_r7_a_round_trip_of_300_ms_moves_nobody(stage: Stage, chronicle: Chronicle) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    with ExitStack() as stack:
        near, far = (stack.enter_context(Proxy(server)) for server in (primary, backup))
        near.delay = far.delay = DELAY
        system = stage.system((HOME, near), (BACKUP, far))
        running = system.run(sys.executable, "-c", "input()")
        running.until("acquired")
        until_renewed(chronicle, system, RENEWALS // 2)
        assert not running.named("suspect", "secured", "switched", "alarm")


@pytest.mark.plant
def test_r7_a_connection_that_a_router_forgot_costs_one_renewal(stage: Stage) -> None:
    """Half open: no FIN, no RST, no answer. The next attempt makes a new one, and nobody moves."""
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    with Proxy(primary) as router:
        running = stage.system((HOME, router), (BACKUP, backup)).run(sys.executable, "-c", "input()")
        running.until("acquired")
        for _ in range(2):
            router.forget_connections()
            assert running.until("suspect")["serial"] == HOME
            assert running.until("recovered")["serial"] == HOME
        assert not running.named("switched", "alarm")


def until_renewed(chronicle: Chronicle, system: System, times: int) -> None:
    """Wait for so many renewals that were answered; each came before the one before had run out."""
    name = f"{system.folder.name}/Runtime"
    for _ in until(3 * PATIENCE):
        beliefs = [record for record in chronicle.beliefs() if isinstance(record, Belief) and record.holder == name]
        if len(beliefs) > times:
            break
    assert all(later.t < earlier.until for earlier, later in pairwise(beliefs))
