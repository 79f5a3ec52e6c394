"""Leases over real sockets, from real servers: R1, R9, S1 to S6."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from plant import Answer, Client, Seeker, Server, plant, sparekey, terms, until, used

pytestmark = pytest.mark.plant


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server.location)


def at_once(server: Server, calls: list[Callable[[Client], Answer]]) -> list[Answer]:
    """Make every call on a connection of its own, all at the same time."""

    def make(call: Callable[[Client], Answer]) -> Answer:
        with Client(server.location) as own:
            return call(own)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))


def test_r1_of_two_that_race_for_one_seat_one_gets_it(server: Server, client: Client) -> None:
    for _ in range(100):
        rivals = [Seeker(), Seeker()]
        answers = at_once(server, [rival.take for rival in rivals])
        assert sorted(answer.status for answer in answers) == [201, 409]
        winner = rivals[[answer.status for answer in answers].index(201)]
        loser = next(answer for answer in answers if answer.status == 409)
        assert [holder["system"] for holder in loser.body["holders"]] == [winner.system]
        assert winner.release(client).status == 204


def test_s6_twenty_repeats_at_once_are_one_lease(server: Server, client: Client) -> None:
    body = Seeker().request()
    answers = at_once(server, [lambda own: own.call("POST", "/v1/leases", body)] * 20)
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({(answer.body["id"], answer.body["fence"]) for answer in answers}) == 1
    assert used(client) == 1


def test_s6_a_release_that_overtakes_its_take(client: Client) -> None:
    seeker = Seeker()
    body = seeker.request()
    assert seeker.release(client).status == 204
    late = client.call("POST", "/v1/leases", body)
    assert (late.status, late.problem) == (410, "taken-over")
    assert used(client) == 0


def test_s6_a_release_is_repeated_by_its_holder_and_nobody_else(client: Client) -> None:
    seeker = Seeker()
    seeker.take(client)
    assert client.call("DELETE", f"/v1/leases/{seeker.lease}", secret="x" * 22).problem == "wrong-secret"
    assert client.call("DELETE", f"/v1/leases/{seeker.lease}").status == 403
    assert [seeker.release(client).status for _ in range(2)] == [204, 204]
    assert used(client) == 0


def test_r9_a_restarted_application_takes_its_own_seat_at_once(client: Client) -> None:
    first = Seeker()
    first.take(client)
    crashed, first.order = first.lease, 2_000_000
    assert first.take(client).status == 201
    old = client.call("POST", f"/v1/leases/{crashed}/renew", {"nonce": "n" * 22}, secret=first.secret)
    assert (old.status, old.problem) == (410, "taken-over")


def test_t2_a_lease_is_renewed_with_its_secret_only(client: Client) -> None:
    seeker = Seeker()
    seeker.take(client)
    assert seeker.renew(client).status == 200
    seeker.secret = "x" * 22
    refused = seeker.renew(client)
    assert (refused.status, refused.problem) == (403, "wrong-secret")
    assert "refusal" not in refused.body


def test_s2_no_answered_grant_is_lost_by_a_kill(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(terms(seats=1000))
        server.start()
        granted: list[Seeker] = []

        def take_until_it_dies(_: int) -> None:
            with Client(server.location) as own:
                while True:
                    seeker = Seeker()
                    try:
                        answer = seeker.take(own)
                    except (OSError, HTTPException):
                        return
                    assert answer.status == 201
                    granted.append(seeker)

        with ThreadPoolExecutor(8) as pool:
            loaders = [pool.submit(take_until_it_dies, number) for number in range(8)]
            for _ in until(20):
                if len(granted) >= 50:
                    break
            server.kill()
            for loader in loaders:
                loader.result()
        server.start()
        with Client(server.location) as again:
            assert {seeker.renew(again).status for seeker in granted} == {200}


def test_s2_a_released_seat_stays_free_over_a_kill(server: Server, client: Client) -> None:
    seeker = Seeker()
    seeker.take(client)
    seeker.release(client)
    server.kill()
    server.start()
    with Client(server.location) as again:
        assert used(again) == 0


def test_s3_fences_grow_over_a_kill_and_a_lost_ledger(tmp_path: Path) -> None:
    fences = []
    with plant(tmp_path, "server", ttl=5) as (server,):
        server.install(terms(seats=10))
        for lost in (False, False, True):
            if lost:
                for part in server.state.glob("ledger.db*"):
                    part.unlink()
            server.start()
            with Client(server.location) as client:
                for _ in until(15):
                    answer = Seeker().take(client)
                    if answer.status == 201:
                        break
                fences.append(answer.body["fence"])
            server.kill()
    assert fences == sorted(set(fences))


def test_s4_a_server_without_its_ledger_gives_seats_back_and_no_new_ones(server: Server, client: Client) -> None:
    holder = Seeker()
    holder.take(client)
    server.kill()
    for part in server.state.glob("ledger.db*"):
        part.unlink()
    server.start()
    with Client(server.location) as again:
        stranger = Seeker().take(again)
        assert (stranger.status, stranger.problem) == (503, "recovering")
        assert 1 <= int(stranger.headers["retry-after"]) <= 30
        assert again.get("/healthz").problem == "recovering"
        assert "its ledger was lost" in again.get("/v1/server").body["alarm"]
        assert holder.renew(again).problem == "no-such-lease"
        assert holder.take(again).status == 201


def test_s4_a_ledger_that_was_rolled_back_is_an_alarm_until_the_next_start(server: Server, client: Client) -> None:
    holder = Seeker()
    holder.take(client)
    holder.release(client)
    server.stop()
    older = {part: part.read_bytes() for part in server.state.glob("ledger.db*")}
    server.start()
    with Client(server.location) as before:
        holder.take(before)
    server.kill()
    for part in server.state.glob("ledger.db*"):
        part.unlink()
    for part, content in older.items():
        part.write_bytes(content)
    server.start()
    with Client(server.location) as after:
        assert after.get("/v1/server").body["alarm"] == ""
        holder.renew(after)
        assert "its ledger was rolled back" in after.get("/v1/server").body["alarm"]


def test_s4_a_damaged_ledger_is_kept_and_counts_as_lost(server: Server) -> None:
    server.stop()
    (server.state / "ledger.db").write_bytes(b"no ledger at all" * 1000)
    server.start()
    with Client(server.location) as client:
        assert Seeker().take(client).problem == "recovering"
    assert (server.state / "ledger.db.damaged-1").read_bytes().startswith(b"no ledger")


def test_s5_a_second_server_on_one_state_folder_is_refused(server: Server) -> None:
    second = sparekey("server", "run", str(server.state), "--listen", "127.0.0.1:0")
    assert second.returncode == 1
    assert "another license server has" in second.stderr


def limit_file_size(server: Server, size: int) -> None:
    """Let the server write no further than this into any file, as a full disk would."""
    assert server.process
    _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard if size < 0 else size, hard))


def test_a_full_disk_is_said_and_got_over(server: Server, client: Client) -> None:
    holder, stranger = Seeker(), Seeker()
    body = holder.request()
    limit_file_size(server, 0)
    full = client.call("POST", "/v1/leases", body)
    assert (full.status, full.problem, full.headers["retry-after"]) == (503, "storage-full", "1")
    assert client.get("/healthz").problem == "storage-full"
    assert stranger.take(client).problem == "no-free-seat"
    limit_file_size(server, -1)
    assert client.call("POST", "/v1/leases", body).status == 200
    assert client.get("/healthz").status == 200
    server.kill()
    server.start()
    with Client(server.location) as again:
        assert holder.renew(again).status == 200


def test_sigterm_ends_it_at_once_with_connections_kept_open(server: Server, client: Client) -> None:
    Seeker().take(client)
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5  # far below the time that a kept connection may last
