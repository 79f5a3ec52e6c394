"""A license server that is being emptied: what it answers, and how it hears of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from damage import DAMAGE
from plant import Answer, Client, Seeker, Server, plant, terms, until
from sparekey.server.notices import find_listening, mark_draining
from sparekey.trust import LeaseClaims, read_lease

pytestmark = pytest.mark.plant


def claims(answer: Answer, server: Server) -> LeaseClaims:
    return read_lease(answer.body["lease"], server.container.key.public)


def drain(server: Server, client: Client, *, on: bool = True) -> None:
    """Mark it, and wait until the running server has seen that."""
    mark_draining(server.container.folder, on=on)
    for _ in until(10):
        if client.get("/v1/server").body["draining"] is on:
            return


def the_holder(client: Client) -> dict[str, Any]:
    (shown,) = client.get("/v1/licenses?serial=5-1042").body["licenses"]
    (holder,) = shown["holders"]
    return {name: holder[name] for name in ("told", "stays")}


def test_a_renewal_says_that_the_server_is_being_emptied_and_is_no_refusal(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        take = seeker.request()
        assert not claims(client.call("POST", "/v1/leases", take), server).drain
        drain(server, client)
        renewed = seeker.renew(client)
        assert (renewed.status, claims(renewed, server).drain) == (200, True)
        repeated = client.call("POST", "/v1/leases", take)
        assert (repeated.status, claims(repeated, server).drain) == (200, True)
        drain(server, client, on=False)
        assert not claims(seeker.renew(client), server).drain


def test_nothing_new_is_granted_and_a_holder_takes_its_own_seat_over(server: Server) -> None:
    server.install(terms(seats=2, issued=2000))
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        drain(server, client)
        refused = Seeker().take(client)
        assert (refused.status, refused.problem, refused.headers["retry-after"]) == (503, "draining", "5")
        assert "refusal" not in refused.body
        seeker.order = 2_000_000
        assert seeker.take(client).status == 201


def test_whoever_asks_sees_it_and_so_does_who_watches_its_health(server: Server) -> None:
    with Client(server.location) as client:
        drain(server, client)
        assert client.get("/v1/licenses").body["draining"] is True
        assert client.get("/healthz").problem == "draining"
        assert "sparekey_draining 1\n" in client.get("/metrics").content.decode()


def test_a_holder_is_shown_as_told_once_it_is_and_with_the_reason_why_it_stays(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        drain(server, client)
        assert the_holder(client) == {"told": False, "stays": ""}
        body = {"nonce": "n" * 22, "stays": "b:6350 is silent"}
        client.call("POST", f"/v1/leases/{seeker.lease}/renew", body, secret=seeker.secret)
        assert the_holder(client) == {"told": True, "stays": "b:6350 is silent"}
        assert client.get("/v1/server").body["leases"] == 1
        seeker.release(client)
        assert client.get("/v1/server").body["leases"] == 0


def test_it_goes_on_being_emptied_over_a_restart(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(terms())
        mark_draining(server.container.folder, on=True)
        server.start()
        with Client(server.location) as client:
            assert Seeker().take(client).problem == "draining"
        server.kill()
        with Client(server.start().location) as client:
            assert Seeker().take(client).problem == "draining"


def test_a_running_server_leaves_word_where_it_listens(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        folder = server.container.folder
        server.start(host="0.0.0.0")
        found = find_listening(folder)
        assert found
        assert [str(place) for place in found.locations()] == [server.location]
        assert server.process
        assert found.pid == server.process.pid
        server.stop()
        assert find_listening(folder) is None


@pytest.mark.parametrize("damage", sorted(DAMAGE.keys() - {"huge"}))
def test_a_damaged_word_is_none(server: Server, damage: str) -> None:
    server.container.folder.listening.write_bytes(DAMAGE[damage](b'{"pid":1,"at":["127.0.0.1:6350"]}'))
    assert find_listening(server.container.folder) is None


@pytest.mark.parametrize("text", ["[]", json.dumps({"pid": 1, "at": ["::1:::"]})])
def test_a_word_that_makes_no_sense_is_none(server: Server, text: str) -> None:
    server.container.folder.listening.write_text(text)
    assert find_listening(server.container.folder) is None
