"""A cable that is pulled: silence, to both sides (R7, R8)."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

from faults.chronicle import Chronicle
from faults.site import Site
from history.records import Belief
from plant import until
from sparekey.core import timing
from stories.stage import BACKUP, HOME, TTL
from systems import PATIENCE

pytestmark = [pytest.mark.plant, pytest.mark.needs("net")]


def test_r7_a_cable_pulled_at_the_server(site: Site) -> None:
    """The switch comes 0.6 ttl after the last answered renewal was sent; the cable's return moves nobody (R8)."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    site.host_of(primary).unplug()
    believed = system.until_status(lambda status: status["state"] == "secured")["valid_until_boottime"]
    switched = application.until("change")["t"]
    sent = believed - timing.belief(TTL)
    assert sent + 0.6 * TTL <= switched < believed
    site.host_of(primary).plug()
    site.until_free(primary, HOME)  # the old lease is given back as soon as its server can be reached
    assert application.look()["serial"] == BACKUP
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid


@pytest.mark.long
def test_r7_a_cable_pulled_at_the_system_ends_its_command_in_time(site: Site) -> None:
    """There is no spare to be had: SIGTERM, and the end, before the license server may give the seat away (S1)."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, primary), (BACKUP, backup))
    running = system.run(sys.executable, "-c", "input()")
    running.until("acquired")
    deadline = system.until_status(lambda status: status["state"] == "hold")["valid_until_boottime"]
    site.host_of(system).unplug()
    assert running.until("lost")["t"] < deadline + TTL
    assert running.wait() == 3
    assert not running.named("switched")
    rival = site.system((HOME, primary)).start(wait=PATIENCE)
    assert rival.acquired["serial"] == HOME


@pytest.mark.long
def test_r7_a_cable_pulled_for_less_than_a_quarter_of_the_ttl_moves_nobody(site: Site) -> None:
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    site.host_of(primary).unplug()
    before = system.until_status(lambda status: status["state"] in ("suspect", "secured"))["valid_until_boottime"]
    site.host_of(primary).plug()
    system.until_status(lambda status: status["state"] == "hold" and status["valid_until_boottime"] > before)
    assert application.look()["serial"] == HOME
    assert not application.changes
    assert application.never_invalid


@pytest.mark.long
def test_r7_ports_of_the_switch_that_go_down_and_up_again_and_again(site: Site, chronicle: Chronicle) -> None:
    """Between two breaks there is time for a renewal: nobody moves, and none is longer than a quarter of the ttl."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    for _ in range(4):
        heard = len(list(chronicle.beliefs()))
        site.host_of(primary).unplug()
        system.until_status(lambda status: status["state"] != "hold")
        site.host_of(primary).plug()
        for _ in until(PATIENCE):
            if len(list(chronicle.beliefs())) > heard:
                break
    beliefs = [record for record in chronicle.beliefs() if isinstance(record, Belief)]
    assert {record.serial for record in beliefs} == {HOME}
    assert all(later.t < earlier.until for earlier, later in pairwise(beliefs))
    assert application.never_invalid
