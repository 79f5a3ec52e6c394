"""HTTP requests as they are read, and as bytes what answers them (RFC 9112)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from sparekey.server.replies import JSON, Header, Reply
from sparekey.wire import PROBLEM_MEDIA_TYPE

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINE: Final = {int(status): f"HTTP/1.1 {status} {status.phrase}\r\n".encode() for status in HTTPStatus}
_NO_CONTENT: Final = int(HTTPStatus.NO_CONTENT)
_CONTENT_TYPE: Final = {kind: f"content-type: {kind}\r\n".encode() for kind in (JSON, PROBLEM_MEDIA_TYPE)}


class Request(Struct):
    """A whole request.

    `target` is its path and query as they were sent. `host` is the caller's address, "" where it is unknown.
    `last` says that its answer ends the connection.
    """

    method: str
    target: str
    headers: Mapping[bytes, bytes]
    body: bytes
    host: str = ""
    last: bool = False


def last_head(request: Request) -> bytes:
    """Its head as bytes again, for HTTP/1.1 and nothing after it."""
    headers = {name: value for name, value in request.headers.items() if name != b"upgrade"}
    lines = b"".join([b"%s: %s\r\n" % header for header in {**headers, b"connection": b"close"}.items()])
    return f"{request.method} {request.target} HTTP/1.1\r\n".encode("latin-1") + lines + b"\r\n"


def origin_form(target: str) -> str:
    """The path and query of a target in absolute form (RFC 9112, section 3.2.2)."""
    return "/" + target.partition("://")[2].partition("/")[2]


def response(reply: Reply, general: Iterable[Header], *, last: bool, bodiless: bool) -> bytes:
    """The reply as bytes. `general` are the headers of every answer; `bodiless` answers HEAD."""
    head = b"".join([b"%s: %s\r\n" % header for header in (*general, *reply.headers)])
    if reply.status != _NO_CONTENT:
        head += b"%scontent-length: %d\r\n" % (_CONTENT_TYPE.get(reply.media_type, b""), len(reply.body))
    end = b"connection: close\r\n\r\n" if last else b"\r\n"
    return b"".join((_STATUS_LINE[reply.status], head, end, b"" if bodiless else reply.body))
