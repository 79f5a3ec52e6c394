"""What anybody may ask of a license server: its API in this process, with a real container, ledger and seats."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from functools import cache
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.types import ASGIApp

from fuzz.answers import loop
from fuzz.carried import VENDOR
from fuzz.target import Target, folder
from plant import terms
from sparekey import wire
from sparekey.server import api
from sparekey.server.container import Container
from sparekey.server.process import _service
from sparekey.server.service import now
from sparekey.server.shelf import Shelf
from sparekey.trust import issue_license, write_license_file

KNOWN = {200, 201, 204, 400, 403, 404, 405, 409, 410, 413, 422, 503}


@cache
def _app() -> ASGIApp:
    return loop().run_until_complete(_opened())


async def _opened() -> ASGIApp:
    container = Container.init(folder("api"), "server-a")
    licenses = (terms(seats=1000), terms("5-1043"))
    file = folder("api") / "new.lic"
    write_license_file(file, [issue_license(VENDOR, each, container.key.public) for each in licenses])
    container.install(file, (VENDOR.public,), 0.0)
    service = await _STACK.enter_async_context(_service(container, 30.0))
    service.share(Shelf(container).look(now().wall))
    return api.build(service)


_STACK = AsyncExitStack()
"""The server runs as long as this process: its writer is a daemon."""


def call(data: bytes) -> None:
    """A line `METHOD PATH SECRET`, then the body."""
    app = _app()
    line, _, body = data.partition(b"\n")
    method, path, secret = [*line.split(b" ", 2), b"", b"", b""][:3]
    status, answered = loop().run_until_complete(_call(app, method.decode("latin-1"), path, secret, body))
    assert status in KNOWN, status
    if status >= 400:
        problem = msgspec.json.decode(answered, type=wire.ProblemBody)
        assert problem.status == status
        assert problem.title
    elif status != 204 and not path.startswith(b"/metrics"):
        json.loads(answered)


async def _call(app: ASGIApp, method: str, path: bytes, secret: bytes, body: bytes) -> tuple[int, bytes]:
    raw, _, query = path.partition(b"?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": unquote(raw.decode("latin-1")),
        "raw_path": raw,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"server-a"), (b"authorization", b"Bearer " + secret)],
        "client": ("127.0.0.1", 40_000),
        "server": ("127.0.0.1", 6350),
    }
    half = len(body) // 2
    parts = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:], "more_body": False},
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


ID, SECRET, NONCE = b"i" * 22, b"x" * 22, "n" * 22
TAKE = wire.TakeBody(ID.decode(), "5-1042", "system", "Runtime", SECRET.decode(), 1_000_001, NONCE, "pc-1")
CALLS = (
    b"POST /v1/leases \n" + wire.encode(TAKE),
    b"POST /v1/leases/%s/renew %s\n" % (ID, SECRET) + wire.encode(wire.RenewBody(NONCE, spare=True)),
    b"DELETE /v1/leases/%s %s\n" % (ID, SECRET),
    b"GET /v1/licenses?serial=5-1042&product=p&after=a&limit=10 \n",
    b"GET /v1/server \n",
    b"GET /healthz \n",
    b"GET /metrics \n",
    b"GET /openapi.json \n",
)
WORDS = (ID, SECRET, b"/", b"?", b"%00", b"%ff", b"..", b"5-1043", *(call.partition(b" ")[0] for call in CALLS), *CALLS)
TARGETS = (Target("request", call, CALLS, (*WORDS, b'"order":', b'"spare":', b'"lease":"', str(2**63).encode())),)
