"""The three calls that every application makes all the time: take, renew, release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send

from sparekey.core.problems import Problem
from sparekey.server.replies import JSON, Header, Reply, http_problem, problem
from sparekey.server.service import Answer, Service
from sparekey.wire import LARGEST_REQUEST, PROBLEM_MEDIA_TYPE, RenewBody, TakeBody, is_token

T = TypeVar("T")

_TAKE = msgspec.json.Decoder(TakeBody)
_RENEW = msgspec.json.Decoder(RenewBody)
LEASES: Final = "/v1/leases"
_BEARER: Final = b"bearer "
_CONTENT_TYPE: Final = {kind: (b"content-type", kind.encode()) for kind in (JSON, PROBLEM_MEDIA_TYPE)}


class InvalidError(Exception):
    """The request does not fit; `reply` says how."""

    def __init__(self, detail: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(detail)
        self.reply = problem(Problem.INVALID_REQUEST, detail, status=status)


class ClientGone(Exception):
    """Nobody waits for the answer."""


class Request(Struct):
    """What a call says beside its path. `host` is the caller's address, "" where it is unknown."""

    headers: Mapping[bytes, bytes]
    body: bytes
    host: str


Call: TypeAlias = Callable[[Request], Answer]


class HotCalls:
    """Answers the calls on leases, as ASGI, and leaves everything else to `rest`."""

    def __init__(self, service: Service, rest: ASGIApp) -> None:
        self._service = service
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if call is None:
            await self._rest(scope, receive, send)
            return
        try:
            answer = call(Request(dict(scope["headers"]), await read_body(receive), _host(scope)))
            await send_reply(answer if isinstance(answer, Reply) else await answer, send)
        except InvalidError as error:
            await send_reply(error.reply, send)
        except ClientGone:
            return

    def find(self, method: str, path: str) -> Call | None:
        """What answers this call; it may raise InvalidError. None where it is not one on leases."""
        if not path.startswith(LEASES):
            return None
        match method, path[len(LEASES) :].split("/"):
            case "POST", ["", id, "renew"]:
                return partial(self._renew, id)
            case "POST", [""]:
                return self._take
            case "DELETE", ["", id]:
                return partial(self._release, id)
            case _, [""] | ["", _, "renew"]:
                return partial(_not_allowed, "POST")
            case _, ["", _]:
                return partial(_not_allowed, "DELETE")
            case _:
                return None

    def _take(self, request: Request) -> Answer:
        return self._service.take(_decode(_TAKE, request.body), local=is_loopback(request.host))

    def _renew(self, id: str, request: Request) -> Answer:  # noqa: A002 - the field's own name
        body = _decode(_RENEW, request.body)
        secret = _secret(request)
        return self._service.renew(_checked(id), secret, body) if secret else _no_secret()

    def _release(self, id: str, request: Request) -> Answer:  # noqa: A002 - the field's own name
        secret = _secret(request)
        return self._service.release(_checked(id), secret) if secret else _no_secret()


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
    await send({"type": "http.response.start", "status": reply.status, "headers": headers_of(reply)})
    await send({"type": "http.response.body", "body": reply.body})


def headers_of(reply: Reply) -> list[Header]:
    """The headers that it is sent with."""
    if reply.status == HTTPStatus.NO_CONTENT:
        return [*reply.headers]
    headers = [_CONTENT_TYPE[reply.media_type], (b"content-length", b"%d" % len(reply.body)), *reply.headers]
    if reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers.append((b"connection", b"close"))
    return headers


def is_local(scope: Scope) -> bool:
    """Whether the request comes from this machine."""
    return is_loopback(_host(scope))


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether the address is one of this machine to itself (R4)."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _host(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        raise InvalidError(str(error)) from None


def _checked(id: str) -> str:  # noqa: A002 - the field's own name
    if not is_token(id):
        raise InvalidError("the lease id in the path is 22 to 128 characters of A-Z, a-z, 0-9, _ and -")
    return id


def _secret(request: Request) -> str | None:
    """The bearer token of RFC 6750, section 2.1."""
    value = request.headers.get(b"authorization", b"")
    if value[: len(_BEARER)].lower() != _BEARER:
        return None
    return value[len(_BEARER) :].strip().decode("latin-1") or None


def _no_secret() -> Reply:
    return problem(Problem.WRONG_SECRET, "the header 'Authorization: Bearer SECRET' is missing")


def _not_allowed(method: str, _request: Request) -> Reply:
    return http_problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} is possible here", ((b"allow", method.encode()),))
