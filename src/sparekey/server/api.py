"""The HTTP API: who holds what, the server itself, and its health. The calls on leases are in `hot`."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from importlib.metadata import version
from itertools import islice
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sparekey.core.pools import Pool
from sparekey.core.terms import Terms, validity
from sparekey.host import boot_clock
from sparekey.server import metrics, openapi
from sparekey.server.hot import HotCalls, InvalidError, is_loopback
from sparekey.server.replies import Headers, Reply, holders, http_problem, reply
from sparekey.server.service import Service, now
from sparekey.wire import LicenseBody, LicensesBody, ServerBody

LARGEST_PAGE: Final = 100


def build(service: Service) -> HotCalls:
    """The whole API of one license server."""
    views = _Views(service)
    rest = Starlette(
        routes=[
            Route("/v1/licenses", views.licenses),
            Route("/v1/server", views.server),
            Route("/healthz", views.health),
            Route("/metrics", views.metrics),
            Route("/openapi.json", views.openapi),
        ],
        exception_handlers={HTTPException: _http_error, InvalidError: _invalid},
    )
    rest.router.redirect_slashes = False
    return HotCalls(service, rest)


class _Views:
    """What can be seen; nothing here changes anything."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def licenses(self, request: Request) -> Response:
        """A page of licenses by serial number, of all or of one product, or the one of a serial number.

        `holders=0` leaves out who holds them.
        """
        query = request.query_params
        limit = _limit(query.get("limit"))
        found = list(islice(self._found(request), limit + 1))
        named = query.get("holders") != "0"
        page = [self._license(pool, terms, named=named) for pool, terms in found[:limit]]
        after = page[-1].serial if len(found) > limit else None
        body = LicensesBody(page, next=after, draining=self._service.lessor.draining)
        return _response(reply(body))

    async def server(self, request: Request) -> Response:  # noqa: ARG002 - starlette's signature
        container, lessor = self._service.container, self._service.lessor
        boot = boot_clock()
        body = ServerBody(
            name=container.name,
            container=container.id,
            key=container.key.public.to_jwk(),
            version=version("sparekey"),
            uptime=round(boot - self._service.started, 3),
            ttl=lessor.ttl,
            draining=lessor.draining,
            leases=lessor.held,
            recovering=lessor.recovering(boot) > 0,
            alarm=self._service.alarm,
        )
        return _response(reply(body))

    async def health(self, request: Request) -> Response:  # noqa: ARG002 - starlette's signature
        """ok only when grants are possible."""
        return _response(self._service.obstacle() or Reply(HTTPStatus.OK, b'{"status":"ok"}'))

    async def metrics(self, request: Request) -> Response:  # noqa: ARG002 - starlette's signature
        return _response(Reply(HTTPStatus.OK, metrics.exposition(self._service), metrics.MEDIA_TYPE))

    async def openapi(self, request: Request) -> Response:  # noqa: ARG002 - starlette's signature
        return _response(Reply(HTTPStatus.OK, openapi.document()))

    def _found(self, request: Request) -> Iterator[tuple[Pool, Terms]]:
        query = request.query_params
        product, after = query.get("product"), query.get("after", "")
        local = is_loopback(request.client.host if request.client else "")
        for pool in self._pools(query.get("serial"), after):
            if pool.terms and self._service.visible(pool, local=local):  # noqa: SIM102
                if product in (None, pool.terms.product):
                    yield pool, pool.terms

    def _pools(self, serial: str | None, after: str) -> Iterator[Pool]:
        if serial is None:
            yield from self._service.lessor.pools(after)
        elif (pool := self._service.lessor.pool(serial)) and serial > after:
            yield pool

    def _license(self, pool: Pool, terms: Terms, *, named: bool) -> LicenseBody:
        signed = self._service.license(pool.serial)
        return LicenseBody(
            serial=pool.serial,
            product=terms.product,
            terms=terms.as_json(),
            license=signed.token if signed else "",
            seats=terms.seats,
            used=len(pool.leases),
            holders=holders(pool.occupants()) if named else [],
            validity=validity(terms, now().wall),
        )


def _limit(text: str | None) -> int:
    if text is None:
        return LARGEST_PAGE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= LARGEST_PAGE):
        raise InvalidError(f"limit is a number from 1 to {LARGEST_PAGE}")
    return int(text)


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status, media_type=reply.media_type)
    response.raw_headers.extend(reply.headers)
    return response


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    headers: Headers = tuple((name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items())
    known = ", ".join(dict.fromkeys(operation.path for operation in openapi.OPERATIONS))
    detail = f"there are: {known}" if error.status_code == HTTPStatus.NOT_FOUND else f"not with {request.method}"
    return _response(http_problem(HTTPStatus(error.status_code), detail, headers))


async def _invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001 - starlette's signature
    assert isinstance(error, InvalidError)  # noqa: S101 - registered for no other
    return _response(error.reply)
