"""License servers that are killed one after the other (SIGKILL). R7, R8."""

from __future__ import annotations

import pytest

from stories.stage import BACKUP, HOME, Stage

pytestmark = [pytest.mark.plant, pytest.mark.long]

THIRD = "5-1044"
LONG = 12.0


def test_r7_a_spare_whose_server_dies_too_is_replaced_before_the_switch(stage: Stage) -> None:
    servers = {serial: stage.server(serial, ttl=LONG) for serial in (HOME, BACKUP, THIRD)}
    system = stage.system(*servers.items())
    application = system.start()
    servers[HOME].kill()
    first = system.until_spare()["serial"]
    servers[first].kill()
    (left,) = {BACKUP, THIRD} - {first}
    system.until_status(lambda status: status["spare"] and status["spare"]["serial"] == left)
    application.until("change")
    assert application.changes == [(HOME, left)]
    assert application.never_invalid
