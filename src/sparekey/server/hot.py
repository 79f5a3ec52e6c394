"""The three calls that every application makes all the time: take, renew, release."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Final, TypeVar

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from sparekey.core.problems import Problem
from sparekey.server.asgi import respond
from sparekey.server.messages import Request
from sparekey.server.replies import Reply, http_problem, problem
from sparekey.server.service import Answer, Service
from sparekey.wire import RenewBody, TakeBody, is_token

T = TypeVar("T")

_TAKE = msgspec.json.Decoder(TakeBody)
_RENEW = msgspec.json.Decoder(RenewBody)
LEASES: Final = "/v1/leases"
_BEARER: Final = b"bearer "


class InvalidError(Exception):
    """The request does not fit; `reply` says how."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.reply = problem(Problem.INVALID_REQUEST, detail)


class HotCalls:
    """Answers the calls on leases itself, and leaves everything else to `rest`."""

    def __init__(self, service: Service, rest: ASGIApp) -> None:
        self._service = service
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything else, as ASGI has it; a connection asks for an `answer`."""
        await self._rest(scope, receive, send)

    def answer(self, request: Request) -> Answer:
        """Raise InvalidError where the request does not fit."""
        target = request.target
        if not target.startswith(LEASES):
            return respond(self._rest, request)
        match request.method, target[len(LEASES) :].split("/"):
            case "POST", ["", id, "renew"]:
                return self._renew(id, request)
            case "POST", [""]:
                return self._take(request)
            case "DELETE", ["", id]:
                return self._release(id, request)
            case _, [""] | ["", _, "renew"]:
                return _not_allowed("POST")
            case _, ["", _]:
                return _not_allowed("DELETE")
            case _:
                return respond(self._rest, request)

    def _take(self, request: Request) -> Answer:
        return self._service.take(_decode(_TAKE, request.body), local=is_loopback(request.host))

    def _renew(self, id: str, request: Request) -> Answer:  # noqa: A002 - the field's own name
        body = _decode(_RENEW, request.body)
        secret = _secret(request)
        return self._service.renew(_checked(id), secret, body) if secret else _no_secret()

    def _release(self, id: str, request: Request) -> Answer:  # noqa: A002 - the field's own name
        secret = _secret(request)
        return self._service.release(_checked(id), secret) if secret else _no_secret()


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


def _not_allowed(method: str) -> Reply:
    return http_problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} is possible here", ((b"allow", method.encode()),))
