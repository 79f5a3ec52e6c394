"""A cable that is pulled: silence, to both sides (R7, R8)."""

from __future__ import annotations

import pytest

from faults.site import Site
from stories.stage import BACKUP, HOME

pytestmark = [pytest.mark.plant, pytest.mark.needs("net")]


def test_r7_a_cable_pulled_at_the_server(site: Site) -> None:
    """The switch comes 0.6 ttl after the last answered renewal was sent, and the cable's return moves nobody (R8)."""
    primary, backup = site.server(HOME), site.server(BACKUP)
    application = site.system((HOME, primary), (BACKUP, backup)).start()
    site.host_of(primary).unplug()
    application.until("change")
    site.host_of(primary).plug()
    site.until_free(primary, HOME)  # the old lease is given back as soon as its server can be reached
    assert application.look()["serial"] == BACKUP
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid
