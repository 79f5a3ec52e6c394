"""What can be seen over HTTP, and what is answered to requests that do not fit: T2, T6."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from plant import Client, Seeker, Server, plant, terms, token
from sparekey.server.openapi import OPERATIONS
from sparekey.server.reader import LARGEST_HEAD
from sparekey.wire import LARGEST_REQUEST

pytestmark = pytest.mark.plant


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests, with 205 licenses besides 5-1042."""
    with plant(tmp_path_factory.mktemp("plant"), "server") as (only,):
        only.install(terms(seats=1000), *(terms(f"6-{number:04}", product="other") for number in range(205)))
        yield only.start()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.location) as client:
        yield client


def raw(server: Server, data: bytes) -> bytes:
    """Send bytes, and read until the server closes; it may close before it has read them all."""
    received = b""
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection,
        contextlib.suppress(ConnectionResetError, BrokenPipeError),
    ):
        connection.sendall(data)
        while more := connection.recv(65536):
            received += more
    return received


def test_the_licenses_come_in_pages_by_serial_number(client: Client) -> None:
    serials: list[str] = []
    pages, after = 0, ""
    while after is not None:
        page = client.get(f"/v1/licenses?product=other&after={after}").body
        serials += [shown["serial"] for shown in page["licenses"]]
        pages, after = pages + 1, page["next"]
    assert serials == [f"6-{number:04}" for number in range(205)]
    assert pages == 3


def test_one_license_is_found_by_its_serial_number(client: Client) -> None:
    body = client.get("/v1/licenses?serial=6-0007&limit=1").body
    assert [shown["serial"] for shown in body["licenses"]] == ["6-0007"]
    assert body["next"] is None
    assert client.get("/v1/licenses?serial=9-9").body == {"licenses": [], "next": None, "draining": False}


def test_a_license_shows_its_terms_its_seats_and_its_holders(server: Server, client: Client) -> None:
    seeker = Seeker(serial="6-0001")
    seeker.take(client, spare=True)
    (shown,) = client.get("/v1/licenses?serial=6-0001").body["licenses"]
    assert (shown["seats"], shown["used"], shown["validity"]) == (1, 1, "valid")
    assert shown["terms"]["limits"] == {"tags": 1500}
    (holder,) = shown["holders"]
    assert holder.pop("since").endswith("Z")
    who = {"system": seeker.system, "system_name": "pc-1", "application": "Runtime", "spare": True}
    assert holder == {**who, "told": False, "stays": ""}
    (bare,) = client.get("/v1/licenses?serial=6-0001&holders=0").body["licenses"]
    assert (bare["used"], bare["holders"]) == (1, [])


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "%C2%B2"])
def test_a_page_has_one_to_a_hundred_licenses(client: Client, limit: str) -> None:
    assert client.get(f"/v1/licenses?limit={limit}").problem == "invalid-request"


def test_the_server_tells_who_it_is(server: Server, client: Client) -> None:
    body = client.get("/v1/server").body
    assert (body["name"], body["container"]) == ("server", server.container.id)
    assert body["key"] == server.container.key.public.to_jwk()
    assert (body["ttl"], body["alarm"]) == (server.ttl, "")


def test_the_metrics_count(client: Client) -> None:
    def number(name: str) -> float:
        lines = client.get("/metrics").content.decode().splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " "))

    names = ("sparekey_grants_total", "sparekey_renewals_total", "sparekey_releases_total")
    before = [number(name) for name in names]
    seeker = Seeker()
    seeker.take(client)
    seeker.renew(client)
    seeker.release(client)
    assert [number(name) for name in names] == [count + 1 for count in before]
    assert number('sparekey_seats{serial="5-1042"}') == 1000


def test_the_description_is_true_to_the_code(client: Client) -> None:
    description = client.get("/openapi.json").body
    for operation in OPERATIONS:
        assert operation.method in description["paths"][operation.path]
        path = operation.path.replace("{id}", token())
        answer = client.call(operation.method.upper(), path)
        assert answer.status in {*operation.answers, *operation.problems}
        other = client.call("PATCH", path)
        assert (other.status, other.headers["content-type"]) == (405, "application/problem+json")
        assert operation.method.upper() in other.headers["allow"]


def test_every_schema_that_is_referred_to_is_there(client: Client) -> None:
    text = client.get("/openapi.json").content.decode()
    schemas = json.loads(text)["components"]["schemas"]
    referred = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)
    assert {"TakeBody", "GrantedBody", "ProblemBody", "LicensesBody"} <= referred


def test_an_unknown_path_is_a_problem_that_names_those_there_are(client: Client) -> None:
    for path in ("/", "/v2/leases", "/v1/leases/a/b/c", "/v1/licenses/", "//"):
        answer = client.get(path)
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
        assert "/v1/licenses" in answer.body["detail"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "short"},
        {"id": "x" * 129},
        {"id": "blank " * 5},
        {"id": 7},
        {"serial": ""},
        {"serial": "5 1042"},
        {"serial": "x" * 65},
        {"system": "é"},
        {"application": ""},
        {"application": "x" * 201},
        {"secret": None},
        {"order": -1},
        {"order": 2**63},
        {"order": "1"},
        {"nonce": "x"},
        {"spare": 1},
        {"lease": "x" * 5000},
        {"system_name": "x" * 201},
    ],
)
def test_t6_a_field_that_does_not_fit_is_named(client: Client, change: dict[str, object]) -> None:
    answer = Seeker().take(client, **change)
    assert (answer.status, answer.problem) == (422, "invalid-request")
    assert next(iter(change)) in answer.body["detail"]


def test_s6_an_id_that_another_holder_has_is_named(client: Client) -> None:
    first = Seeker()
    first.take(client)
    answer = Seeker().take(client, id=first.lease)
    assert (answer.status, answer.problem) == (422, "invalid-request")
    assert "another holder has this id" in answer.body["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"', b"[" * 16000, b'{"a":' * 3000, b'{"id": "\\ud800"}', b"\x00"]
)
def test_t6_a_body_that_is_no_request(client: Client, body: bytes) -> None:
    answer = client.call("POST", "/v1/leases", body)
    assert (answer.status, answer.problem) == (422, "invalid-request")


def test_t6_a_surrogate_or_a_nul_in_a_name_harms_nothing(client: Client) -> None:
    body = json.dumps(Seeker().request(system_name="\x00\x1b[2J"))
    assert client.call("POST", "/v1/leases", body.encode()).status == 201
    surrogate = body.replace("\\u001b", "\\ud800").encode()
    assert client.call("POST", "/v1/leases", surrogate).status in (200, 422)
    assert client.get("/healthz").status == 200


def test_unknown_fields_are_ignored(client: Client) -> None:
    assert Seeker().take(client, colour="green", deep={"er": [1, 2]}).status == 201


def test_a_token_that_is_not_the_containers_own_is_ignored(client: Client) -> None:
    assert Seeker().take(client, lease="e30.e30.e30").status == 201


def test_t6_a_body_that_is_too_large_is_refused_and_the_connection_closed(server: Server) -> None:
    with Client(server.location) as client:
        answer = client.call("POST", "/v1/leases", b"x" * (LARGEST_REQUEST + 1))
        assert (answer.status, answer.problem) == (413, "invalid-request")
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a greeting by TLS",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT example.net:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /v1/leases HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/leases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (LARGEST_HEAD + 1) + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * LARGEST_HEAD + b"\r\n",
        b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 2_000_000,
    ],
)
def test_t6_what_is_no_request_is_answered_by_a_problem_or_a_close(server: Server, data: bytes) -> None:
    received = raw(server, data)
    assert not received or (received.startswith(b"HTTP/1.1 4") and b"application/problem+json" in received)
    with Client(server.location) as client:
        assert client.get("/healthz").status == 200


def test_t6_a_request_that_never_ends_keeps_nobody_else_waiting(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(b"POST /v1/leases HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with Client(server.location) as client:
            assert Seeker().take(client).status == 201


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /v1/server HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = raw(server, one * 3 + last)
    assert received.count(b"HTTP/1.1 200") == 4
    assert b'"uptime"' in received.rpartition(b"\r\n\r\n")[2]


def test_a_forwarding_header_makes_nobody_local(server: Server) -> None:
    with Client(server.location) as client:
        answer = client.call("GET", "/v1/licenses?serial=6-0002", headers={"X-Forwarded-For": "203.0.113.7"})
        assert len(answer.body["licenses"]) == 1


def test_t2_nothing_that_is_shown_or_logged_holds_a_secret(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(terms())
        server.start()
        seeker = Seeker()
        with Client(server.location) as client:
            seen = [seeker.take(client), seeker.renew(client), Seeker().take(client)]
            seen.append(seeker.take(client, id="x"))
            seen += [client.get(path) for path in ("/v1/licenses", "/v1/server", "/metrics")]
            for answer in seen:
                assert seeker.secret.encode() not in answer.content
        assert server.process
        assert server.process.stderr
        server.process.terminate()
        log = server.process.stderr.read()
        server.wait()
        assert seeker.secret not in log
        for file in server.state.iterdir():
            if file.is_file():
                assert seeker.secret.encode() not in file.read_bytes()


def test_a_connection_is_kept(server: Server) -> None:
    connection = http.client.HTTPConnection(server.location, timeout=10)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    kept = connection.sock
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b'{"status":"ok"}'
    assert connection.sock is kept
    connection.close()
