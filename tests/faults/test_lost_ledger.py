"""A ledger that is deleted, and a state folder that is put back from a copy. R1, S3, S4."""

from __future__ import annotations

import shutil

import pytest

from faults import ledger_files
from faults.diary import Diary
from plant import Client, Server, terms
from stories.stage import HOME, Stage, holders
from systems import Application, System

pytestmark = pytest.mark.plant

TTL = 30.0
"""Seconds: a holder must live through a restart also where the machine is slow."""


def health(server: Server) -> str:
    with Client(server.location) as client:
        return client.get("/healthz").problem


def rival_gets_the_second_seat(server: Server, first: System, application: Application, rival: Application) -> None:
    """The holder goes on, and the rival waits until no holder can be left that the server does not know of."""
    assert health(server) == "recovering"
    rival.acquire()
    assert health(server) == ""
    first.until_renewed()
    assert (application.changes, application.never_invalid) == ([], True)
    assert len(holders(server)) == 2


@pytest.mark.long
def test_s4_a_ledger_deleted_while_its_server_is_down(stage: Stage) -> None:
    server = stage.server(terms(HOME, seats=2), ttl=TTL)
    first = stage.system((HOME, server))
    application = first.start()
    first.until_renewed()
    server.kill()
    ledger_files.remove(server.container.folder.ledger)
    server.start()
    rival_gets_the_second_seat(server, first, application, stage.system((HOME, server)).application(wait=60))


@pytest.mark.long
def test_s4_a_ledger_deleted_under_its_server(stage: Stage) -> None:
    server = stage.server(terms(HOME, seats=2), ttl=TTL)
    first = stage.system((HOME, server))
    application = first.start()
    first.until_renewed()
    ledger_files.remove(server.container.folder.ledger)
    first.until_renewed()
    server.kill()
    server.start()
    rival_gets_the_second_seat(server, first, application, stage.system((HOME, server)).application(wait=60))


def test_s4_a_state_folder_put_back_gives_later_holders_their_seats(stage: Stage, diary: Diary) -> None:
    server = stage.server(HOME)
    earlier, later, rival = (diary.holder(server) for _ in range(3))
    earlier.take()
    server.stop()
    copy = shutil.copytree(server.state, server.state.with_name("copy"))
    server.start()
    earlier.release()
    assert later.take().status == 201
    server.kill()
    put_back(server, copy)
    assert later.renew().problem == "no-such-lease"
    assert later.take().status == 201
    assert rival.take().problem == "recovering"
    assert health(server) == "recovering"
    server.stop()
    assert "is older than what was done with it" in server.errors


def test_s4_a_seat_given_away_before_that_was_known_ends_at_the_next_renewal(stage: Stage, diary: Diary) -> None:
    server = stage.server(HOME)
    holder, rival = diary.holder(server), diary.holder(server, excused="a state folder was put back")
    server.stop()
    copy = shutil.copytree(server.state, server.state.with_name("copy"))
    server.start()
    holder.take()
    server.kill()
    put_back(server, copy)
    assert rival.take().status == 201
    assert holder.renew().problem == "no-such-lease"
    assert holder.take().status == 201
    assert rival.renew().problem == "taken-over"
    assert holder.renew().status == 200


def put_back(server: Server, copy: object) -> None:
    shutil.rmtree(server.state)
    shutil.copytree(str(copy), server.state)
    server.start()
