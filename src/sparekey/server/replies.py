"""What the server answers: HTTP replies, problem documents (RFC 9457), and what the container signs (T1)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final, TypeAlias

from msgspec import Struct

from sparekey.core.leases import Grant
from sparekey.core.problems import Problem
from sparekey.core.requests import Occupant, Refused
from sparekey.trust import LeaseClaims, PrivateKey, RefusalClaims, SignedLicense, sign_lease, sign_refusal
from sparekey.wire import (
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TYPE,
    GrantedBody,
    HolderBody,
    ProblemBody,
    RenewedBody,
    encode,
    rfc3339,
)

Header: TypeAlias = tuple[bytes, bytes]
Headers: TypeAlias = tuple[Header, ...]

JSON: Final = "application/json"
ANY_PROBLEM: Final = "about:blank"
"""The type of a problem that its HTTP status says all about (RFC 9457, section 4.2.1)."""

STATUS: Final = {
    Problem.NO_FREE_SEAT: HTTPStatus.CONFLICT,
    Problem.NO_SUCH_LICENSE: HTTPStatus.NOT_FOUND,
    Problem.NO_SUCH_LEASE: HTTPStatus.NOT_FOUND,
    Problem.LICENSE_WITHDRAWN: HTTPStatus.GONE,
    Problem.LICENSE_EXPIRED: HTTPStatus.GONE,
    Problem.LICENSE_NOT_YET_VALID: HTTPStatus.CONFLICT,
    Problem.TAKEN_OVER: HTTPStatus.GONE,
    Problem.WRONG_SECRET: HTTPStatus.FORBIDDEN,
    Problem.INVALID_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,
    Problem.RECOVERING: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem.DRAINING: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem.STORAGE_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
}
TITLES: Final = {
    Problem.NO_FREE_SEAT: "Every seat of this license is in use",
    Problem.NO_SUCH_LICENSE: "This license server has no such license",
    Problem.NO_SUCH_LEASE: "There is no such lease, or its time was over",
    Problem.LICENSE_WITHDRAWN: "The license was withdrawn",
    Problem.LICENSE_EXPIRED: "The license has expired",
    Problem.LICENSE_NOT_YET_VALID: "The license is not valid yet",
    Problem.TAKEN_OVER: "The lease is over: its holder released it or took its seat over",
    Problem.WRONG_SECRET: "The lease is not yours",
    Problem.INVALID_REQUEST: "The request does not fit",
    Problem.RECOVERING: "The license server recovers from a lost ledger and grants nothing new yet",
    Problem.DRAINING: "The license server is being emptied",
    Problem.STORAGE_FULL: "The license server cannot write its ledger now",
}


class Reply(Struct, frozen=True):
    """An HTTP answer, ready to be sent."""

    status: int
    body: bytes = b""
    media_type: str = JSON
    headers: Headers = ()


def reply(body: Struct, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    return Reply(status, encode(body))


def problem(kind: Problem, detail: str = "", *, retry_after: float = 0.0, status: HTTPStatus | None = None) -> Reply:
    """A refusal that needs no signature."""
    status = status or STATUS[kind]
    body = ProblemBody(PROBLEM_TYPE + kind, TITLES[kind], status, detail)
    return _problem_reply(body, retry_after)


def http_problem(status: HTTPStatus, detail: str = "", headers: Headers = ()) -> Reply:
    """A problem of HTTP itself, such as a path that is none."""
    return Reply(status, encode(ProblemBody(ANY_PROBLEM, status.phrase, status, detail)), PROBLEM_MEDIA_TYPE, headers)


def holders(occupants: Iterable[Occupant]) -> list[HolderBody]:
    return [
        HolderBody(o.system, o.system_name, o.application, rfc3339(o.since), o.spare, o.told, o.stays)
        for o in occupants
    ]


class Notary:
    """Signs with the container's key, over the caller's nonce. `drain` says that the server is being emptied."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def granted(self, grant: Grant, nonce: str, license_token: str, *, repeat: bool, drain: bool = False) -> Reply:
        lease = self._lease(grant, nonce, drain=drain)
        body = GrantedBody(grant.id, grant.ttl, grant.fence, license_token, lease)
        return reply(body, HTTPStatus.OK if repeat else HTTPStatus.CREATED)

    def renewed(self, grant: Grant, nonce: str, *, drain: bool = False) -> Reply:
        return reply(RenewedBody(grant.ttl, self._lease(grant, nonce, drain=drain)))

    def refused(
        self, refused: Refused, nonce: str | None, known: SignedLicense | None = None, detail: str = ""
    ) -> Reply:
        """A problem document, signed where that makes it final (T1); without a nonce there is nothing to sign over.

        `known` is the license in question: it names the container's key, so that everybody can check whose refusal
        this is.
        """
        kind = refused.problem
        body = ProblemBody(PROBLEM_TYPE + kind, TITLES[kind], STATUS[kind], detail)
        if refused.occupants:
            body.holders = holders(refused.occupants)
        if kind.signed and nonce is not None:
            claims = RefusalClaims(nonce, refused.serial, refused.lease, body.type)
            body.refusal = sign_refusal(self._key, claims)
            body.license = known.token if known else None
        return _problem_reply(body, refused.retry_after)

    def _lease(self, grant: Grant, nonce: str, *, drain: bool) -> str:
        holder = grant.holder
        claims = LeaseClaims(
            lease=grant.id,
            serial=holder.serial,
            system=holder.system,
            application=holder.application,
            fence=grant.fence,
            block=grant.block,
            ttl=grant.ttl,
            nonce=nonce,
            container=self._key.thumbprint,
            drain=drain,
        )
        return sign_lease(self._key, claims)


def _problem_reply(body: ProblemBody, retry_after: float) -> Reply:
    headers: Headers = ((b"retry-after", b"%d" % math.ceil(retry_after)),) if retry_after else ()
    return Reply(body.status, encode(body), PROBLEM_MEDIA_TYPE, headers)
