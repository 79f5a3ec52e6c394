"""The three calls that every application makes all the time: take, renew, release."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Final, TypeVar

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from sparekey.core.problems import Problem
from sparekey.server.asgi import relay
from sparekey.server.messages import Request, origin_form
from sparekey.server.replies import Reply, http_problem, problem
from sparekey.server.service import Respond, Service
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
        self._asked: set[asyncio.Task[None]] = set()
        """A loop keeps no task alive by itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything else, as ASGI has it; a connection asks for an `answer`."""
        await self._rest(scope, receive, send)

    def answer(self, request: Request, respond: Respond) -> None:
        """Have `respond` take the reply, at once or later; raise InvalidError where the request does not fit."""
        target = request.target
        if not target.startswith(LEASES):
            self._answer_other(request, respond)
            return
        match request.method, target[len(LEASES) :].split("/"):
            case "POST", ["", id, "renew"]:
                self._renew(id, request, respond)
            case "POST", [""]:
                self._take(request, respond)
            case "DELETE", ["", id]:
                self._release(id, request, respond)
            case _, [""] | ["", _, "renew"]:
                respond(_not_allowed("POST"))
            case _, ["", _]:
                respond(_not_allowed("DELETE"))
            case _:
                self._ask_rest(request, respond)

    def _take(self, request: Request, respond: Respond) -> None:
        self._service.take(_decode(_TAKE, request.body), respond, local=is_loopback(request.host))

    def _renew(self, id: str, request: Request, respond: Respond) -> None:  # noqa: A002 - the field's own name
        body = _decode(_RENEW, request.body)
        if secret := _secret(request):
            self._service.renew(_checked(id), secret, body, respond)
        else:
            respond(_no_secret())

    def _release(self, id: str, request: Request, respond: Respond) -> None:  # noqa: A002 - the field's own name
        if secret := _secret(request):
            self._service.release(_checked(id), secret, respond)
        else:
            respond(_no_secret())

    def _answer_other(self, request: Request, respond: Respond) -> None:
        """It may be a call on leases by its full URL."""
        if request.target.startswith("/"):
            self._ask_rest(request, respond)
        else:
            request.target = origin_form(request.target)
            self.answer(request, respond)

    def _ask_rest(self, request: Request, respond: Respond) -> None:
        task = asyncio.get_running_loop().create_task(relay(self._rest, request, respond))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)


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
