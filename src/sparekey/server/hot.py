"""The three calls that every application makes all the time, as bare ASGI: take, renew, release."""

from __future__ import annotations

from collections.abc import Awaitable
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Final, TypeVar

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from sparekey.core.problems import Problem
from sparekey.server.replies import JSON, Header, Reply, http_problem, problem
from sparekey.server.service import Service
from sparekey.wire import LARGEST_REQUEST, PROBLEM_MEDIA_TYPE, RenewBody, TakeBody, is_token

T = TypeVar("T")

_TAKE = msgspec.json.Decoder(TakeBody)
_RENEW = msgspec.json.Decoder(RenewBody)
_LEASES: Final = "/v1/leases"
_BEARER: Final = b"bearer "
_CONTENT_TYPE: Final = {kind: (b"content-type", kind.encode()) for kind in (JSON, PROBLEM_MEDIA_TYPE)}


class InvalidError(Exception):
    """The request does not fit; `status` says how."""

    def __init__(self, detail: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(detail)
        self.status = status


class ClientGone(Exception):
    """Nobody waits for the answer."""


class HotCalls:
    """Answers the calls on leases and leaves everything else to `rest`."""

    def __init__(self, service: Service, rest: ASGIApp) -> None:
        self._service = service
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_LEASES):
            await self._rest(scope, receive, send)
            return
        call = self._call(scope, receive)
        if call is None:
            await self._rest(scope, receive, send)
            return
        try:
            await send_reply(await call, send)
        except InvalidError as error:
            await send_reply(problem(Problem.INVALID_REQUEST, str(error), status=error.status), send)
        except ClientGone:
            return

    def _call(self, scope: Scope, receive: Receive) -> Awaitable[Reply] | None:
        match scope["method"], scope["path"][len(_LEASES) :].split("/"):
            case "POST", [""]:
                return self._take(scope, receive)
            case "POST", ["", id, "renew"]:
                return self._renew(id, scope, receive)
            case "DELETE", ["", id]:
                return self._release(id, scope)
            case _, [""] | ["", _, "renew"]:
                return _not_allowed("POST")
            case _, ["", _]:
                return _not_allowed("DELETE")
            case _:
                return None

    async def _take(self, scope: Scope, receive: Receive) -> Reply:
        body = _decode(_TAKE, await read_body(receive))
        return await self._service.take(body, local=is_local(scope))

    async def _renew(self, id: str, scope: Scope, receive: Receive) -> Reply:  # noqa: A002 - the field's own name
        body = _decode(_RENEW, await read_body(receive))
        secret = _secret(scope)
        return await self._service.renew(_checked(id), secret, body) if secret else _no_secret()

    async def _release(self, id: str, scope: Scope) -> Reply:  # noqa: A002 - the field's own name
        secret = _secret(scope)
        return await self._service.release(_checked(id), secret) if secret else _no_secret()


async def read_body(receive: Receive) -> bytes:
    """The request's body; raise InvalidError where it is too large (T6), ClientGone where it never ends."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if len(body) > LARGEST_REQUEST:
            raise InvalidError(f"a body has {LARGEST_REQUEST} bytes at most", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        more = message.get("more_body", False)
    return body


async def send_reply(reply: Reply, send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
    await send({"type": "http.response.body", "body": reply.body})


def _headers(reply: Reply) -> list[Header]:
    if reply.status == HTTPStatus.NO_CONTENT:
        return [*reply.headers]
    headers = [_CONTENT_TYPE[reply.media_type], (b"content-length", b"%d" % len(reply.body)), *reply.headers]
    if reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers.append((b"connection", b"close"))
    return headers


def is_local(scope: Scope) -> bool:
    """Whether the request comes from this machine, over its loopback."""
    client = scope.get("client")
    if not client:
        return False
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        raise InvalidError(str(error)) from None


def _checked(id: str) -> str:  # noqa: A002 - the field's own name
    if not is_token(id):
        raise InvalidError("the lease id in the path is 22 to 128 characters of A-Z, a-z, 0-9, _ and -")
    return id


def _secret(scope: Scope) -> str | None:
    """The bearer token of RFC 6750, section 2.1."""
    for name, value in scope["headers"]:
        if name == b"authorization" and value[: len(_BEARER)].lower() == _BEARER:
            secret: str = value[len(_BEARER) :].strip().decode("latin-1")
            return secret or None
    return None


def _no_secret() -> Reply:
    return problem(Problem.WRONG_SECRET, "the header 'Authorization: Bearer SECRET' is missing")


async def _not_allowed(method: str) -> Reply:
    return http_problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} is possible here", ((b"allow", method.encode()),))
