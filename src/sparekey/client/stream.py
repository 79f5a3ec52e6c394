"""One TCP connection to a license server, and HTTP/1.1 on it: one request and its answer at a time (RFC 9112)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import h11

LARGEST_HEAD = 65_536
"""Bytes of an answer's head at most (T6)."""
LARGEST_BODY = 1_048_576
"""Bytes of an answer's body at most (T6)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; the headers are whole but for `Content-Length`."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class StreamEnded(Exception):
    """No answer will come on this connection; the text says what the peer did. `begun`: an answer began to arrive."""

    def __init__(self, reason: str, *, begun: bool) -> None:
        super().__init__(reason)
        self.begun = begun


class Stream(asyncio.Protocol):
    """A connection that is watched: `on_end(stream)` is called as soon as the peer, or a fault of it, ends it."""

    def __init__(self, on_end: Callable[[Stream], None]) -> None:
        self._on_end = on_end
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._begun = False

    @property
    def usable(self) -> bool:
        """Whether it can carry another request."""
        return self._transport is not None and self._answer is None and self._http.our_state is h11.IDLE

    async def exchange(self, request: Request) -> Response:
        """Send the request and return its answer; raise StreamEnded.

        When this is cancelled the connection is dropped: a late answer must never be taken for the next request's.
        """
        if self._transport is None:
            raise StreamEnded("closed the connection", begun=False)
        self._answer = asyncio.get_running_loop().create_future()
        self._head, self._body, self._begun = None, bytearray(), False
        try:
            self._transport.write(self._message(request))
            return await self._answer
        finally:
            self._answer = None
            if not self.usable:
                self.close()

    def close(self) -> None:
        """Drop the connection, without a word to `on_end`."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _message(self, request: Request) -> bytes:
        headers = {**request.headers, "Content-Length": str(len(request.body))}
        head = h11.Request(method=request.method, target=request.path, headers=list(headers.items()))
        return b"".join(
            self._http.send(event) or b"" for event in (head, h11.Data(data=request.body), h11.EndOfMessage())
        )

    # What the loop calls (asyncio.Protocol)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.done():
            self._end("speaks without being asked")
            return
        self._begun = True
        try:
            self._http.receive_data(data)
            while not answer.done() and (event := self._http.next_event()) is not h11.NEED_DATA:
                self._take(event, answer)
        except h11.RemoteProtocolError as fault:
            self._end(f"does not answer as a license server does: {fault}")

    def eof_received(self) -> None:
        self._end("closed the connection " + ("within its answer" if self._begun else "without an answer"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"broke the connection: {exc}" if exc else "closed the connection")

    def _take(self, event: object, answer: asyncio.Future[Response]) -> None:
        match event:
            case h11.Response():
                self._head = event
            case h11.Data():
                self._body += event.data
                if len(self._body) > LARGEST_BODY:
                    self._end(f"answered with more than {LARGEST_BODY} bytes")
            case h11.EndOfMessage() if self._head is not None:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._head.headers}
                answer.set_result(Response(self._head.status_code, headers, bytes(self._body)))
                self._make_ready()

    def _make_ready(self) -> None:
        both = {self._http.our_state, self._http.their_state}
        nothing_behind = not self._http.trailing_data[0]  # else it could be taken for the next answer
        if both == {h11.DONE} and nothing_behind:
            self._http.start_next_cycle()

    def _end(self, reason: str) -> None:
        if self._transport is None:
            return
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(StreamEnded(reason, begun=self._begun))
            self._answer.exception()  # it may be that the caller was cancelled meanwhile
        else:
            self._on_end(self)
