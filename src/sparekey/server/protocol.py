"""HTTP/1.1 as uvicorn speaks it, bounded in size and time (T6)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sparekey.server.replies import http_problem
from sparekey.wire import PROBLEM_MEDIA_TYPE

LARGEST_HEAD: Final = 16_384
"""Bytes of a request's line and headers at most."""
PATIENCE: Final = 10.0
"""How long a request may take to arrive whole, and a new connection to send its first; seconds."""


class TooLargeError(Exception):
    """The head of a request is larger than any that this API needs."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A request that is malformed, too large or too slow ends it."""

    _head = 0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._head = 0
        self._wait_for_request()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Answer what is no HTTP with a problem document."""
        if not self.transport.is_closing():
            self.transport.write(_BAD_REQUEST)
            self.transport.close()

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > LARGEST_HEAD:
            raise TooLargeError

    def _wait_for_request(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(PATIENCE, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None


def _bad_request() -> bytes:
    body = http_problem(HTTPStatus.BAD_REQUEST, "this is no HTTP/1.1 request that this server reads").body
    head = (
        f"HTTP/1.1 400 Bad Request\r\ncontent-type: {PROBLEM_MEDIA_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


_BAD_REQUEST: Final = _bad_request()
