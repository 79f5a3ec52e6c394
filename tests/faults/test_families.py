"""Addresses of both families, and of one alone (R4)."""

from __future__ import annotations

import pytest

from faults.site import Site
from stories.stage import BACKUP, HOME

pytestmark = [pytest.mark.plant, pytest.mark.needs("net")]


def test_r7_a_plant_of_ipv6_alone(site: Site) -> None:
    """It starts, and it switches."""
    primary, backup = site.stopped_server(HOME), site.stopped_server(BACKUP)
    for server in (primary, backup):
        host = site.host_of(server)
        host.loses(host.v4)
        server.address = host.v6
        server.start()
    system = site.system((HOME, primary), (BACKUP, backup))
    host = site.host_of(system)
    host.loses(host.v4)
    application = system.start()
    primary.kill()
    assert application.until("change")["new"] == BACKUP
    assert application.never_invalid


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_r4_localhost_is_of_both_families_and_its_server_of_one(site: Site, address: str) -> None:
    server = site.stopped_server(HOME, ttl=30)
    server.address = address
    server.start()
    system = site.system((HOME, f"localhost:{server.port}"))
    site.move(system, site.host_of(server))
    before = system.start()
    assert before.acquired["serial"] == HOME
    server.restart()
    until = system.until_status(lambda status: status["state"] == "hold")["valid_until_boottime"]
    system.until_status(lambda status: status["valid_until_boottime"] > until)
    assert before.never_invalid
