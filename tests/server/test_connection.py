"""Calls are answered alike, whichever way they come: usual, pipelined, in chunks, to be continued, to the end."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3

import pytest

from plant import Client, Seeker, Server, token

pytestmark = pytest.mark.plant


def message(line: str, body: bytes = b"", *headers: str) -> bytes:
    lines = (f"{line} HTTP/1.1", "Host: x", *headers, f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def take(seeker: Seeker) -> bytes:
    return json.dumps(seeker.request()).encode()


def answers(server: Server, *sent: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        for each in sent:
            connection.sendall(each)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def statuses(received: bytes) -> list[bytes]:
    return [piece[:3] for piece in received.split(b"HTTP/1.1 ")[1:]]


def test_pipelined_calls_on_a_lease_are_answered_in_order(server: Server) -> None:
    seeker = Seeker()
    taking = message("POST /v1/leases", take(seeker))
    bearer = f"Authorization: Bearer {seeker.secret}"
    renewing = message(f"POST /v1/leases/{seeker.lease}/renew", json.dumps({"nonce": token()}).encode(), bearer)
    releasing = message(f"DELETE /v1/leases/{seeker.lease}", b"", bearer)
    asking = message("GET /v1/licenses?serial=5-1042", b"", "Connection: close")
    received = answers(server, taking + renewing + releasing + renewing + asking)
    assert statuses(received) == [b"201", b"200", b"204", b"410", b"200"]
    assert b'"used":0' in received


@pytest.mark.parametrize("headers", [("Connection: close",), ("Connection: close", "Upgrade: h2c")])
def test_a_call_that_ends_the_connection_is_answered_first(server: Server, headers: tuple[str, ...]) -> None:
    received = answers(server, message("POST /v1/leases", take(Seeker()), *headers))
    assert statuses(received) == [b"201"]
    assert b"connection: close\r\n" in received


def test_a_caller_that_waits_to_go_on_is_told_to(server: Server) -> None:
    """RFC 9110, section 10.1.1."""
    body = take(Seeker())
    head = message("POST /v1/leases", body, "Expect: 100-continue", "Connection: close").removesuffix(body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head)
        assert statuses(connection.recv(65536)) == [b"100"]
        connection.sendall(body)
        assert statuses(connection.recv(65536)) == [b"201"]


def test_a_caller_is_told_to_go_on_once_and_after_earlier_answers(server: Server) -> None:
    body = take(Seeker())
    head = message("POST /v1/leases", body, "Expect: 100-continue", "Connection: close").removesuffix(body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(message("GET /healthz") + head)
        received = b""
        while len(statuses(received)) < 2:
            received += connection.recv(65536)
        for piece in (body[:1], body[1:]):
            connection.sendall(piece)
        while piece := connection.recv(65536):
            received += piece
    assert statuses(received) == [b"200", b"100", b"201"]


def test_a_body_in_chunks_is_read(server: Server) -> None:
    body = take(Seeker())
    head = b"POST /v1/leases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    received = answers(server, head, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    assert statuses(received) == [b"201"]


def test_a_call_in_pieces_is_answered_when_it_is_whole(server: Server) -> None:
    whole = message("POST /v1/leases", take(Seeker()))
    bye = message("GET /healthz", b"", "Connection: close")
    received = answers(server, *(whole[at : at + 7] for at in range(0, len(whole), 7)), bye)
    assert statuses(received) == [b"201", b"200"]


def test_t6_a_call_that_does_not_fit_is_answered_by_a_problem(server: Server) -> None:
    bye = message("GET /healthz", b"", "Connection: close")
    received = answers(server, message("POST /v1/leases", b"{"), message("POST /v1/leases/x/renew", b"{}"), bye)
    assert statuses(received) == [b"422", b"422", b"200"]


def test_an_answer_to_head_has_no_body(server: Server) -> None:
    bye = message("GET /healthz", b"", "Connection: close")
    received = answers(server, message("HEAD /v1/leases"), bye)
    assert statuses(received) == [b"405", b"200"]
    assert b'"status"' not in received.partition(b"HTTP/1.1 200")[0]


def test_a_target_in_absolute_form_is_understood(server: Server) -> None:
    """RFC 9112, section 3.2.2."""
    taking = message("POST http://server:27001/v1/leases", take(Seeker()))
    received = answers(server, taking, message("GET http://server/v1/server", b"", "Connection: close"))
    assert statuses(received) == [b"201", b"200"]


def test_a_caller_that_says_no_more_is_still_answered(server: Server) -> None:
    with (
        contextlib.closing(sqlite3.connect(server.state / "ledger.db", isolation_level=None)) as blocker,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection,
    ):
        blocker.execute("BEGIN IMMEDIATE")
        connection.sendall(message("POST /v1/leases", take(Seeker())))
        connection.shutdown(socket.SHUT_WR)
        with Client(server.location) as other:
            assert other.get("/healthz").status == 200  # by now the server knows
        blocker.execute("COMMIT")
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert statuses(received) == [b"201"]
