"""What a license server, or what passes for one, may answer: HTTP by its bytes, and bodies by what they claim."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache, partial

import msgspec

from fuzz.target import Target, told
from plant import terms
from sparekey import wire
from sparekey.client.calls import Calls, RefusedBy, Seat
from sparekey.client.connection import Connection, Connections, ServerSilent
from sparekey.client.stream import LARGEST_BODY, Request, Response, Stream, StreamEnded
from sparekey.core.entries import Entry, Location
from sparekey.trust import LeaseClaims, PrivateKey, RefusalClaims, issue_license, sign_lease, sign_refusal

VENDOR, CONTAINER = PrivateKey.generate(), PrivateKey.generate()
LICENSE = issue_license(VENDOR, terms(), CONTAINER.public)
WITHDRAWN = "urn:sparekey:problem:license-withdrawn"
TTL = 30.0


@cache
def loop() -> asyncio.AbstractEventLoop:
    """One loop for all that is asked in this process."""
    return asyncio.new_event_loop()


# HTTP by its bytes


class Sink(asyncio.Transport):
    """A connection whose requests nobody reads."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert data

    def abort(self) -> None:
        return


def http_answer(data: bytes) -> None:
    loop().run_until_complete(_exchange(data))


async def _exchange(data: bytes) -> None:
    """The answer comes in pieces, then the peer closes."""
    stream = Stream(lambda _: None)
    stream.connection_made(Sink())
    answer = asyncio.ensure_future(stream.exchange(Request("GET", "/v1/licenses", {"Host": "server-a"})))
    await asyncio.sleep(0)
    for at in range(0, len(data), 1 + len(data) // 3):
        stream.data_received(data[at : at + 1 + len(data) // 3])
        await asyncio.sleep(0)
    stream.eof_received()
    try:
        response = await answer
    except StreamEnded as end:
        told(end)
        return
    assert 100 <= response.status <= 999
    assert len(response.body) <= LARGEST_BODY


# Bodies by what they claim


class Server(Connections):
    """Answers every request with one body, in which LEASE, REFUSAL and LICENSE stand for what is rightly signed."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__()
        self.status, self.body = status, body

    def get(self, location: Location) -> Connection:
        return _Answers(location, self)


class _Answers(Connection):
    def __init__(self, location: Location, server: Server) -> None:
        super().__init__(location)
        self._server = server

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> Response:
        asked = msgspec.json.decode(body) if body else {}
        nonce, lease = asked.get("nonce", ""), asked.get("id", SEAT)
        granted = LeaseClaims(lease, "5-1042", "system", "Runtime", 7, 1, TTL, nonce, CONTAINER.thumbprint)
        signed = {
            b"LEASE": sign_lease(CONTAINER, granted),
            b"REFUSAL": sign_refusal(CONTAINER, RefusalClaims(nonce, "5-1042", lease, WITHDRAWN)),
            b"LICENSE": LICENSE,
        }
        answer = self._server.body
        for word, token in signed.items():
            answer = answer.replace(word, token.encode())
        return Response(self._server.status, {}, answer)


SEAT = "s" * 22
STATUSES = (200, 201, 204, 404, 409, 410, 500)


def answer(data: bytes) -> None:
    """The first byte is the status, the rest the body."""
    server = Server(STATUSES[data[0] % len(STATUSES)] if data else 204, data[1:])
    calls = Calls(server, (VENDOR.public,), ("system", "pc-1"), "Runtime")
    loop().run_until_complete(_calls(calls, server.body))


async def _calls(calls: Calls, body: bytes) -> None:
    seat = Seat(SEAT, 1, "x" * 22, "5-1042", Location())
    try:
        offers, licenses = await calls.ask(Entry(0, "5-1042"), 1.0)
        assert {license_.token for license_ in licenses} <= {LICENSE}
        assert all(offer.free >= 0 for offer in offers)
    except ServerSilent as silence:
        told(silence)
    for call in (partial(calls.take, shown=None), calls.renew):
        signed = b""
        try:
            promise = await call(seat, spare=True, timeout=1.0)
        except ServerSilent as silence:
            told(silence)
        except RefusedBy as refusal:
            told(refusal)
            signed = b"REFUSAL"
        else:
            assert promise.ttl == TTL
            signed = b"LEASE"
        assert signed in body
    try:
        await calls.release(seat, 1.0)
    except ServerSilent as silence:
        told(silence)


HOLDER = wire.HolderBody("system", "pc-1", "Runtime", "2026-01-01T00:00:00.000Z")
BODIES = tuple(
    wire.encode(body)
    for body in (
        wire.GrantedBody(SEAT, TTL, 7, "LICENSE", "LEASE"),
        wire.RenewedBody(TTL, "LEASE"),
        wire.ProblemBody(WITHDRAWN, "withdrawn", 410, "gone", [HOLDER], "REFUSAL", "LICENSE"),
        wire.LicensesBody([wire.LicenseBody("5-1042", "scada-runtime", {}, "LICENSE", 1, 1, [HOLDER])]),
        wire.ServerBody("server-a", "c", {"kty": "OKP"}, "0.1", 1.0, TTL),
    )
)
HTTP = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.0 503 Busy\r\nRetry-After: 1\r\nConnection: close\r\n\r\nbusy",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
)
HTTP_WORDS = (
    b"HTTP/1.1 ",
    b"200 OK",
    b"\r\n",
    b"\r\n\r\n",
    b"Content-Length: ",
    b"Transfer-Encoding: chunked",
    b"fffffffff\r\n",
    b"0\r\n\r\n",
)
TARGETS = (
    Target("HTTP answer", http_answer, HTTP, (*HTTP_WORDS, b"a: " + b"b" * 70_000)),
    Target(
        "answer",
        answer,
        tuple(bytes([status]) + body for status in range(len(STATUSES)) for body in BODIES),
        (*BODIES, b"LEASE", b"REFUSAL", b"LICENSE", b'"0001-01-01T00:00:00"', b'"9999-12-31T23:59:59Z"'),
    ),
)
