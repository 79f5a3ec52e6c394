"""Firewalls that let one direction through: what was done is not known, or not done (R7, S1)."""

from __future__ import annotations

import pytest

from faults.site import Site
from stories.stage import BACKUP, HOME
from systems import PATIENCE

pytestmark = [pytest.mark.plant, pytest.mark.needs("net")]


@pytest.mark.parametrize(
    "hook",
    [
        pytest.param("output", id="requests arrive, answers do not"),
        pytest.param("input", id="requests do not arrive", marks=pytest.mark.long),
    ],
)
def test_r7_silence_one_way_at_the_server(site: Site, hook: str) -> None:
    primary, backup = site.server(HOME), site.server(BACKUP)
    application = site.system((HOME, primary), (BACKUP, backup)).start()
    host = site.host_of(primary)
    host.drops(hook)
    assert application.until("change")["new"] == BACKUP
    host.drops_nothing()
    site.until_free(primary, HOME)
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid


@pytest.mark.long
@pytest.mark.parametrize("hook", ["output", "input"])
def test_r7_silence_one_way_at_the_system_while_it_starts(site: Site, hook: str) -> None:
    """What it has asked for, and the server may have granted, keeps no rival away for longer than the ttl (R12, S2)."""
    primary = site.server(HOME)
    system = site.system((HOME, primary), INITIAL_WAIT=1)
    host = site.host_of(system)
    host.drops(hook)
    reasons = system.application().refused()
    assert "took no connection within" in reasons[0]
    rival = site.system((HOME, primary)).start(wait=PATIENCE)
    assert rival.acquired["serial"] == HOME


@pytest.mark.long
def test_s1_renewals_that_arrive_unanswered_keep_the_seat_for_nobody_else(site: Site) -> None:
    """The server goes on counting from what it heard, the holder from what was answered: no rival comes too early."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    application = site.system((HOME, primary), (BACKUP, backup)).start()
    site.host_of(primary).drops("output", f"ip daddr {site.host_of(site.systems[0]).v4}")
    rival = site.system((HOME, primary)).start(wait=PATIENCE)
    assert rival.acquired["serial"] == HOME
    assert application.look()["serial"] == BACKUP
    assert application.never_invalid
