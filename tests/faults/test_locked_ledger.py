"""A ledger that another process keeps locked: who holds a license goes on, and so do grants when it is free. S2."""

from __future__ import annotations

import time

import pytest

from faults.diary import Diary
from faults.ledger_files import locked, verdict
from plant import STARTS_WITHIN, start_sparekey, terms
from sparekey.host import boot_clock
from stories.stage import BACKUP, HOME, Stage

pytestmark = pytest.mark.plant


@pytest.mark.parametrize("seconds", [3.0, pytest.param(20.0, marks=pytest.mark.long)])
def test_s2_a_ledger_locked_by_another_process(stage: Stage, diary: Diary, seconds: float) -> None:
    server = stage.server(terms(HOME, seats=3))
    holder, waiting = diary.holder(server), diary.holder(server)
    holder.take()
    with locked(server.container.folder.ledger):
        until = boot_clock() + seconds
        answer = waiting.take()
        assert (answer.status, answer.problem) == (503, "storage-full")
        assert int(answer.headers["retry-after"]) >= 1
        while boot_clock() < until:
            assert holder.renew().status == 200
            time.sleep(0.2)
    assert waiting.take().status == 201
    server.kill()
    assert verdict(server.container.folder.ledger) == "ok"
    server.start()
    assert (holder.renew().status, waiting.renew().status) == (200, 200)


@pytest.mark.long
def test_r12_an_application_that_starts_meanwhile_takes_the_backup(stage: Stage) -> None:
    server, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, server), (BACKUP, backup), INITIAL_WAIT=1)
    earlier = system.start()
    system.until_renewed()
    earlier.close()
    with locked(server.container.folder.ledger):
        assert system.start().acquired["serial"] == BACKUP


@pytest.mark.long
def test_a_server_that_starts_meanwhile_says_so(stage: Stage) -> None:
    server = stage.server(HOME)
    server.stop()
    ledger = server.container.folder.ledger
    with locked(ledger):
        start = start_sparekey("server", "run", str(server.state), "--listen", server.location)
        errors = start.communicate(timeout=STARTS_WITHIN)[1]
    assert start.returncode == 1
    assert errors.startswith(f"error: {ledger} cannot be opened: database is locked")
    server.start()
