"""One whole request answered by an ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from sparekey.server.messages import Request
from sparekey.server.replies import Headers, Reply, http_problem

_FAILED: Final = http_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the license server's log says what went wrong")


async def relay(app: ASGIApp, request: Request, respond: Callable[[Reply], None]) -> None:
    """Have `respond` take what the application answers, once all of it is there."""
    reply = _FAILED
    try:
        reply = await _reply(app, request)
    finally:
        respond(reply)


async def _reply(app: ASGIApp, request: Request) -> Reply:
    status, headers, body = 0, Headers(), b""

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body}

    async def send(message: Message) -> None:
        nonlocal status, headers, body
        if message["type"] == "http.response.start":
            status, headers = message["status"], message["headers"]
        else:
            body += message["body"]

    await app(_scope(request), receive, send)
    # Its length is counted when it is sent, as that of every reply.
    return Reply(status, body, "", tuple(header for header in headers if header[0] != b"content-length"))


def _scope(request: Request) -> Scope:
    path, _, query = request.target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [*request.headers.items()],
        "client": (request.host, 0),
        "server": None,
    }
