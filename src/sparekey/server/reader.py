"""Bytes of a connection in, whole requests out, bounded in size (T6)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from sparekey.core.problems import Problem
from sparekey.server.messages import Request, last_head
from sparekey.server.replies import Reply, http_problem, problem
from sparekey.wire import LARGEST_REQUEST

LARGEST_HEAD: Final = 16_384
"""Bytes of a request's line and headers at most."""
LARGEST_READ: Final = 262_144
"""Bytes that the loop reads at once at most: several requests may be among them."""

_UNREADABLE: Final = http_problem(HTTPStatus.BAD_REQUEST, "this is no HTTP/1.1 request that this server reads")
_TOO_LARGE: Final = problem(
    Problem.INVALID_REQUEST,
    f"a body has {LARGEST_REQUEST} bytes at most",
    status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)


class _RefusedError(Exception):
    """Ends the parser's work in the middle."""


class Reader:
    """Reads the requests of one connection. `host` is the caller's address."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._parser = HttpRequestParser(self)
        self._whole: list[Request | Reply] = []
        self._refusal = _UNREADABLE
        self._grows = False
        """Whether a head is read, or a chunk: what follows the last one are headers, too."""
        self._since_head = 0
        """Bytes read since the present head began; only one that goes on from read to read grows without end."""
        self.within = False
        """Whether a request has begun that is not whole yet."""
        self.is_awaited = False
        """Whether its caller waits to be told to go on (RFC 9110, section 10.1.1)."""

    def feed(self, data: bytes) -> list[Request | Reply]:
        """The requests that are whole now. A reply among them answers what cannot be read: nothing after it counts."""
        self._whole = []
        try:
            self._parser.feed_data(data)
            if self._grows:
                self._bound(len(data))
        except HttpParserUpgrade as upgrade:
            return self._declined(data[upgrade.args[0] :])
        except (HttpParserError, _RefusedError):
            self._whole.append(self._refusal)
        return self._whole

    def _bound(self, read: int) -> None:
        self._since_head += read
        if self._since_head > LARGEST_HEAD + LARGEST_READ:
            raise _RefusedError

    def _declined(self, rest: bytes) -> list[Request | Reply]:
        """Nothing else is spoken here (RFC 9110, section 7.8): read again, with its body, what asked for it."""
        *before, asked = self._whole
        if not isinstance(asked, Request) or asked.method == "CONNECT":
            return self._whole
        self._parser = HttpRequestParser(self)
        return [*before, *self.feed(last_head(asked) + rest)]

    # What the parser calls

    def on_message_begin(self) -> None:
        self.within = self._grows = True
        self._since_head = self._head = 0
        self._target = self._body = b""
        self._headers: dict[bytes, bytes] = {}

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._head += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value
        self._head += len(name) + len(value)

    def on_headers_complete(self) -> None:
        self._grows = False
        if self._head > LARGEST_HEAD:
            raise _RefusedError
        expects = self._headers.get(b"expect", b"").lower() == b"100-continue"
        self.is_awaited = expects and self._parser.get_http_version() == "1.1"

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > LARGEST_REQUEST:
            self._refusal = _TOO_LARGE
            raise _RefusedError

    def on_chunk_header(self) -> None:
        self._grows = True

    def on_chunk_complete(self) -> None:
        self._grows = False

    def on_message_complete(self) -> None:
        parser = self._parser
        self.within = self.is_awaited = False
        self._whole.append(
            Request(
                parser.get_method().decode("ascii"),
                self._target.decode("latin-1"),
                self._headers,
                self._body,
                self._host,
                last=parser.should_upgrade() or not parser.should_keep_alive(),
            )
        )
