"""HTTP/1.1, bounded in size and time (T6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from sparekey.server.express import ExpressProtocol
from sparekey.server.replies import http_problem
from sparekey.wire import PROBLEM_MEDIA_TYPE

LARGEST_HEAD: Final = 16_384
"""Bytes of a request's line and headers at most."""
LARGEST_READ: Final = 262_144
"""Bytes that the loop reads at once at most: several requests may be among them."""
PATIENCE: Final = 10.0
"""How long a request may take to arrive whole, and a new connection to send its first; seconds."""


class TooLargeError(Exception):
    """The head of a request is larger than any that this API needs."""


class BoundedProtocol(ExpressProtocol):
    """One connection. A request that is malformed, too large or too slow ends it."""

    _patience: Patience
    _in_head = False
    _head = 0
    """Bytes of the present head in whole reads; only a head that goes on from read to read grows without end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._patience = Patience(self.loop, transport.close)
        self._patience.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > LARGEST_HEAD + LARGEST_READ:
                self.send_400_response("")

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        self._patience.begin()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.url) + sum([len(name) + len(value) for name, value in self.headers]) > LARGEST_HEAD:
            raise TooLargeError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._patience.end()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Answer what is no HTTP with a problem document."""
        if not self.transport.is_closing():
            self.transport.write(_BAD_REQUEST)
            self.transport.close()


class Patience:
    """Calls `give_up` when what was begun has not ended in time.

    A timer is dear beside a request, so one serves all of a connection: where it is early it is set anew.
    """

    __slots__ = ("_due", "_give_up", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, give_up: Callable[[], None]) -> None:
        self._loop = loop
        self._give_up = give_up
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        self._due = self._loop.time() + PATIENCE
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._look)

    def end(self) -> None:
        self._due = None

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._due <= self._loop.time():
            self._give_up()
        else:
            self._timer = self._loop.call_at(self._due, self._look)


def _bad_request() -> bytes:
    body = http_problem(HTTPStatus.BAD_REQUEST, "this is no HTTP/1.1 request that this server reads").body
    head = (
        f"HTTP/1.1 400 Bad Request\r\ncontent-type: {PROBLEM_MEDIA_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


_BAD_REQUEST: Final = _bad_request()
