"""A full disk under a license server, and under a system: what is held goes on, and nothing is spoilt. S2, R7, R12."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from faults.diary import Diary
from faults.disk import SmallDisk, small_disk
from faults.ledger_files import verdict
from plant import STARTS_WITHIN, Answer, Client, Seeker, Server, sparekey, start_sparekey, terms
from stories.stage import BACKUP, HOME, Stage

pytestmark = [pytest.mark.plant, pytest.mark.needs("mount")]

MANY = 1_000
"""So many grants do not fit into what a ledger may still write over on a full disk."""


@pytest.fixture
def server(stage: Stage) -> Server:
    return stage.stopped_server(terms(HOME, seats=MANY))


@pytest.fixture
def disk(server: Server) -> Iterator[SmallDisk]:
    with small_disk(server.state) as disk:
        yield disk


def until_refused(takes: Iterable[Answer]) -> Answer:
    """What is said where there is no room for another grant."""
    return next(answer for answer in takes if answer.status != 201)


def health(server: Server) -> Answer:
    with Client(server.location) as client:
        return client.get("/healthz")


def test_s2_grants_are_refused_renewals_go_on_and_it_works_again_when_there_is_room(
    server: Server, disk: SmallDisk, diary: Diary
) -> None:
    server.start()
    early = diary.holder(server)
    early.take()
    disk.fill()
    crowd = [diary.holder(server) for _ in range(MANY)]
    answer = until_refused(holder.take() for holder in crowd)
    holders = [early, *(holder for holder in crowd if holder.believed)]
    assert (answer.status, answer.problem) == (503, "storage-full")
    assert int(answer.headers["retry-after"]) >= 1
    assert health(server).problem == "storage-full"
    assert {holder.renew().status for holder in holders} == {200}
    disk.clear()
    assert diary.holder(server).take().status == 201
    assert health(server).status == 200
    server.kill()
    assert verdict(server.container.folder.ledger) == "ok"
    server.start()
    assert {holder.renew().status for holder in holders} == {200}


@pytest.mark.long
def test_s6_a_release_on_a_full_disk_is_asked_for_again_until_it_is_written(
    server: Server, disk: SmallDisk, diary: Diary
) -> None:
    server.start()
    early = diary.holder(server)
    early.take()
    disk.fill()
    until_refused(diary.holder(server).take() for _ in range(MANY))
    assert early.release().problem == "storage-full"
    disk.clear()
    assert early.release().status == 204
    server.kill()
    server.start()
    assert early.renew().problem == "taken-over"


@pytest.mark.long
def test_r12_who_needs_a_license_takes_it_elsewhere_and_who_has_one_goes_on(
    stage: Stage, server: Server, disk: SmallDisk
) -> None:
    server.start()
    backup = stage.server(BACKUP)
    running = stage.system((HOME, server), (BACKUP, backup)).start()
    comes = stage.system((HOME, server), (BACKUP, backup), INITIAL_WAIT=1)
    earlier = comes.start()
    comes.until_renewed()
    earlier.close()
    disk.fill()
    with Client(server.location) as client:
        until_refused(Seeker().take(client) for _ in range(MANY))
    assert comes.start().acquired["serial"] == BACKUP
    assert (running.changes, running.never_invalid) == ([], True)


def test_a_server_that_starts_on_a_full_disk_says_so_and_nothing_is_spoilt(server: Server, disk: SmallDisk) -> None:
    server.start().kill()
    before = server.container.folder.facts.read_bytes()
    disk.fill()
    said = start_sparekey("server", "run", str(server.state), "--listen", server.location)
    errors = said.communicate(timeout=STARTS_WITHIN)[1]
    assert said.returncode == 1
    assert errors.startswith(f"error: {server.container.folder.facts} cannot be written: No space left on device")
    assert server.container.folder.facts.read_bytes() == before
    disk.clear()
    server.start()


def test_an_application_whose_disk_fills_up_keeps_its_license_and_switches_all_the_same(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    with small_disk(system.state) as disk:
        application = system.start()
        system.until_renewed()
        disk.fill()
        primary.kill()
        application.until("change")
        assert application.changes == [(HOME, BACKUP)]
        assert application.never_invalid
        disk.clear()
        system.until_renewed()
        system.until_renewed()  # by then the history has its lease from the ledger
        application.close()
    warnings = application.errors.splitlines()
    assert len(warnings) == len(set(warnings))
    assert all("cannot be written" in warning for warning in warnings)


def test_an_application_that_starts_again_on_a_full_disk_gets_its_license(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server))
    with small_disk(system.state) as disk:
        earlier = system.start()
        system.until_renewed()
        earlier.kill()
        disk.fill()
        running = system.run("true")
        assert running.wait() == 0
        assert [event["event"] for event in running.events] == ["acquired", "released"]
    assert all("cannot be written" in warning for warning in running.errors.splitlines())


@pytest.mark.parametrize("command", [("alarms", "list"), ("events",)], ids="-".join)
def test_an_alarm_list_for_which_there_is_no_room_is_told(stage: Stage, command: tuple[str, ...]) -> None:
    system = stage.system((HOME, stage.server(HOME)))
    with small_disk(system.state) as disk:
        assert system.run("true").wait() == 0
        disk.fill()
        said = sparekey(*command, "--state", str(system.state))
        assert said.returncode == 1
        assert f"error: the alarm list in {system.state} cannot be used: " in said.stderr
        assert "Traceback" not in said.stderr
        disk.clear()
        assert sparekey(*command, "--state", str(system.state)).returncode == 0


def test_an_application_that_starts_for_the_first_time_on_a_full_disk_says_so(stage: Stage) -> None:
    """Its secret must outlive it before a server is shown one."""
    system = stage.system((HOME, stage.server(HOME)))
    with small_disk(system.state) as disk:
        disk.fill()
        running = system.run("true")
        assert running.wait() == 1
    assert running.errors.startswith(f"error: the state folder {system.state} cannot be used: No space left on device")
