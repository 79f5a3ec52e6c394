"""Names of license servers: their addresses change, or nobody answers for them (R5, R7, R12)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.name_server import NameServer
from faults.site import Site
from plant import until
from sparekey.host import boot_clock
from stories.stage import BACKUP, HOME
from systems import PATIENCE

pytestmark = [pytest.mark.plant, pytest.mark.needs("net")]

PRIMARY_NAME, BACKUP_NAME = "server-a.plant", "server-b.plant"
BOUND = 5.0 + 3 * 2.25
"""Seconds: INITIAL_WAIT, and generously what it may take to hold a backup then."""


@pytest.fixture
def names(site: Site) -> Iterator[NameServer]:
    """All hosts that are made from now on ask it."""
    host = site.host()
    site.name_server = host.v4
    with NameServer(host) as names:
        yield names


def test_r7_a_server_restarted_at_a_new_address_is_found_again_under_its_name(site: Site, names: NameServer) -> None:
    primary, system = site.server(HOME, ttl=10), site.system((HOME, PRIMARY_NAME))
    names.knows(PRIMARY_NAME, primary.address)
    application = system.start()
    primary.kill()
    before = system.until_status(lambda status: status["state"] == "suspect")["valid_until_boottime"]
    site.move(primary, site.host())
    primary.start()
    names.knows(PRIMARY_NAME, primary.address)
    system.until_status(lambda status: status["state"] == "hold" and status["valid_until_boottime"] > before)
    assert not application.changes
    assert application.never_invalid


def test_r7_while_names_hang_renewals_go_on_by_the_last_address(site: Site, names: NameServer) -> None:
    """Even over a restart of the server, whose address refuses for a while."""
    primary, system = site.server(HOME, ttl=10), site.system((HOME, PRIMARY_NAME))
    names.knows(PRIMARY_NAME, primary.address)
    application = system.start()
    names.silent = True
    primary.kill()
    before = system.until_status(lambda status: status["state"] == "suspect")["valid_until_boottime"]
    primary.start()
    system.until_status(lambda status: status["state"] == "hold" and status["valid_until_boottime"] > before)
    assert application.never_invalid


@pytest.mark.long
def test_r7_a_switch_is_bounded_though_names_hang(site: Site, names: NameServer) -> None:
    """The backup was asked while its name was known: its address serves."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, PRIMARY_NAME), (BACKUP, BACKUP_NAME), CHECK=1)
    names.knows(PRIMARY_NAME, primary.address)
    names.knows(BACKUP_NAME, backup.address)
    application = system.start()
    system.until_status(lambda status: status["redundancy"] == 1)
    names.silent = True
    primary.kill()
    assert application.until("change")["new"] == BACKUP
    assert application.never_invalid


@pytest.mark.long
def test_r12_a_start_is_bounded_though_names_hang(site: Site, names: NameServer) -> None:
    primary, backup = site.server(HOME), site.server(BACKUP)
    system = site.system((HOME, PRIMARY_NAME), ("5-1044", "server-c.plant"), (BACKUP, backup))
    names.knows(PRIMARY_NAME, primary.address)
    system.start().close()  # so that the terms are known
    names.silent = True
    application = system.application()
    began = boot_clock()
    assert application.acquire().acquired["serial"] == BACKUP
    assert application.acquired["t"] - began < BOUND
    assert names.asked


def test_r12_names_that_nobody_knows_yet_are_asked_for_until_the_wait_is_over(site: Site, names: NameServer) -> None:
    """As after a power cut, where the name server comes back last."""
    primary, system = site.server(HOME), site.system((HOME, PRIMARY_NAME), INITIAL_WAIT=20)
    application = system.application()
    application.tell("acquire")
    for _ in until(PATIENCE):
        if names.asked:
            break
    names.knows(PRIMARY_NAME, primary.address)
    assert application.until("acquired", "refused")["event"] == "acquired"
