"""Licenses that come, go, end and are renewed while the server runs."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from plant import EXPIRED, NOT_YET, Answer, Client, Seeker, Server, plant, terms, until

pytestmark = pytest.mark.plant


def judged(token: str, key: dict[str, str | list[str]]) -> dict[str, Any]:
    """The claims of a token, as an independent judge reads it with this key."""
    registry = jws.JWSRegistry(algorithms=["Ed25519"])
    claims: dict[str, Any] = json.loads(
        jws.deserialize_compact(token, OKPKey.import_key(key), registry=registry).payload
    )
    return claims


def refusal(answer: Answer, server: Server) -> dict[str, Any]:
    """What the container has signed, checked as by a client that knows nothing but the vendor's key."""
    bound = judged(answer.body["license"], {**server.vendor.key.public.to_jwk()})["cnf"]["jwk"]
    return judged(answer.body["refusal"], bound)


def test_a_removed_license_is_withdrawn_and_what_remains_may_be_used(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        server.remove("5-1042")
        for _ in until(10):
            answer = seeker.renew(client, nonce="n" * 22)
            if answer.status != 200:
                break
        assert (answer.status, answer.problem) == (410, "license-withdrawn")
        assert refusal(answer, server) == {
            "nonce": "n" * 22,
            "serial": "5-1042",
            "lease": seeker.lease,
            "type": "urn:sparekey:problem:license-withdrawn",
        }
        assert client.get("/v1/licenses").body["licenses"] == []
        seeker.release(client)
        assert Seeker().take(client).problem == "no-such-license"


def test_a_newer_issue_replaces_the_older_under_its_holders(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        server.install(terms(seats=2, issued=2000))
        for _ in until(10):
            (shown,) = client.get("/v1/licenses?serial=5-1042").body["licenses"]
            if shown["seats"] == 2:
                break
        assert shown["used"] == 1
        assert seeker.renew(client).status == 200
        assert Seeker().take(client).status == 201


def test_s7_an_issue_that_begins_later_ends_nothing(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        server.install(terms(seats=2, issued=2000))
        server.install(terms(seats=9, issued=3000, valid_from=NOT_YET))
        for _ in until(10):
            (shown,) = client.get("/v1/licenses?serial=5-1042").body["licenses"]
            if shown["seats"] == 2:
                break
        assert shown["validity"] == "valid"
        assert seeker.renew(client).status == 200
        assert Seeker().take(client).status == 201


@pytest.mark.parametrize("names", [("a.lic", "b.lic"), ("b.lic", "a.lic")])
def test_s7_an_expired_issue_hides_no_renewal_in_a_file_beside_it(server: Server, names: tuple[str, str]) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        issues = (terms(issued=500, valid_until=EXPIRED), terms(seats=2, issued=2000))
        for name, issue in zip(names, issues, strict=True):
            server.vendor.issue(server.container, issue, out=server.container.folder.licenses / name)
        for _ in until(10):
            (shown,) = client.get("/v1/licenses").body["licenses"]
            if shown["seats"] == 2:
                break
        assert (shown["validity"], shown["used"]) == ("valid", 1)
        assert seeker.renew(client).status == 200
        assert Seeker().take(client).status == 201
    with Client(server.restart().location) as client:
        assert seeker.renew(client).status == 200


def test_fewer_seats_end_no_lease_and_nobody_new_gets_one_until_fewer_are_used(server: Server) -> None:
    server.install(terms(seats=2, issued=2000))
    with Client(server.location) as client:
        holders = [Seeker(), Seeker()]
        for seeker in holders:
            for _ in until(10):
                if seeker.take(client).status == 201:
                    break
        server.install(terms(seats=1, issued=3000))
        for _ in until(10):
            (shown,) = client.get("/v1/licenses?serial=5-1042").body["licenses"]
            if shown["seats"] == 1:
                break
        assert shown["used"] == 2
        assert [seeker.renew(client).status for seeker in holders] == [200, 200]
    with Client(server.restart().location) as client:
        assert [seeker.renew(client).status for seeker in holders] == [200, 200]
        holders[0].release(client)
        assert Seeker().take(client).problem == "no-free-seat"
        holders[1].release(client)
        assert Seeker().take(client).status == 201


@pytest.mark.parametrize(
    ("days", "problem", "status"),
    [({"valid_until": EXPIRED}, "license-expired", 410), ({"valid_from": NOT_YET}, "license-not-yet-valid", 409)],
)
def test_s7_the_servers_clock_judges_validity(tmp_path: Path, days: dict[str, Any], problem: str, status: int) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(terms(**days))
        with Client(server.start().location) as client:
            answer = Seeker().take(client)
            assert (answer.status, answer.problem) == (status, problem)
            assert refusal(answer, server)["type"] == f"urn:sparekey:problem:{problem}"
            (shown,) = client.get("/v1/licenses").body["licenses"]
            assert shown["validity"] == problem.removeprefix("license-")


def test_the_signed_refusals_of_a_full_and_a_taken_over_license(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        full = Seeker().take(client)
        assert refusal(full, server)["type"] == "urn:sparekey:problem:no-free-seat"
        seeker.order = 1
        late = seeker.take(client)
        assert refusal(late, server) | {"nonce": ""} == {
            "nonce": "",
            "serial": "5-1042",
            "lease": seeker.lease,
            "type": "urn:sparekey:problem:taken-over",
        }


def test_a_lease_is_signed_by_the_container_over_the_callers_nonce(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        body = seeker.take(client, nonce="n" * 22).body
    claims = judged(body["lease"], {**server.container.key.public.to_jwk()})
    assert claims == claims | {
        "lease": seeker.lease,
        "serial": "5-1042",
        "system": seeker.system,
        "application": "Runtime",
        "fence": body["fence"],
        "ttl": 30.0,
        "nonce": "n" * 22,
        "container": server.container.id,
    }


def own_address() -> str:
    """An address of this machine that is not its loopback; empty where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def test_r4_a_license_that_is_not_shared_serves_the_loopback_only(tmp_path: Path) -> None:
    address = own_address()
    if not address:
        pytest.skip("this machine has no address but its loopback")
    with plant(tmp_path, "server") as (server,):
        server.install(terms(shared=False))
        server.start(host="0.0.0.0")
        with Client(f"{address}:{server.port}") as far, Client(server.location) as near:
            refused = Seeker().take(far)
            assert (refused.status, refused.problem) == (404, "no-such-license")
            assert "is not shared" in refused.body["detail"]
            assert refusal(refused, server)["type"] == "urn:sparekey:problem:no-such-license"
            assert far.get("/v1/licenses").body["licenses"] == []
            assert Seeker().take(near).status == 201


def test_r7_a_license_file_that_cannot_be_read_at_a_restart_ends_no_lease(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(terms())
        server.start()
        seeker = Seeker()
        with Client(server.location) as client:
            assert seeker.take(client).status == 201
        server.kill()
        (file,) = (server.state / "licenses").glob("*.lic")
        good = file.read_bytes()
        file.write_bytes(good[:100])
        server.start()
        with Client(server.location) as client:
            refused = seeker.renew(client)
            assert (refused.status, refused.problem) == (503, "recovering")
            assert "refusal" not in refused.body
            file.write_bytes(good)
            for _ in until(5):
                if seeker.renew(client).status == 200:
                    break
