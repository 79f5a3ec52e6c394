"""What goes over the network, as types: one class a body, JSON by msgspec. Unknown fields are ignored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from sparekey.core.problems import Problem

PROBLEM_TYPE: Final = "urn:sparekey:problem:"
PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
LARGEST_REQUEST: Final = 16_384
"""Bytes of a request's body at most (T6)."""
LARGEST_ORDER: Final = 2**62
LONGEST_REASON: Final = 500

Token = Annotated[str, Meta(min_length=22, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
"""128 bits or more of the caller's own randomness, base64url or hex."""
is_token: Final = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII).fullmatch
"""Whether a text is a Token, asked where it stands in no body."""
Serial = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
SystemId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[ -~]+$")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Jws = Annotated[str, Meta(max_length=4096)]


class TakeBody(Struct, omit_defaults=True):
    """`POST /v1/leases`: a seat of `serial`. `lease` is the last token of this run, shown to get the seat back (S4)."""

    id: Token
    serial: Serial
    system: SystemId
    application: Name
    secret: Token
    order: Annotated[int, Meta(ge=0, le=LARGEST_ORDER)]
    nonce: Token
    system_name: Annotated[str, Meta(max_length=200)] = ""
    spare: bool = False
    lease: Jws | None = None


class RenewBody(Struct, omit_defaults=True):
    """`POST /v1/leases/{id}/renew`. `stays`: why its holder cannot leave a server that is being emptied."""

    nonce: Token
    spare: bool | None = None
    lease: Jws | None = None
    stays: Annotated[str, Meta(max_length=LONGEST_REASON)] = ""


class GrantedBody(Struct):
    """A seat for `ttl` seconds from when the request was sent, with the vendor's JWS and the container's."""

    id: str
    ttl: float
    fence: int
    license: str
    lease: str


class RenewedBody(Struct):
    """The lease goes on for `ttl` seconds from when the request was sent."""

    ttl: float
    lease: str


class HolderBody(Struct):
    """Who holds a seat; `since` is RFC 3339.

    `told`: it has heard that the server is being emptied. `stays`: why it cannot leave, in its own words.
    """

    system: str
    system_name: str
    application: str
    since: str
    spare: bool = False
    told: bool = False
    stays: str = ""


class ProblemBody(Struct, omit_defaults=True):
    """RFC 9457. `refusal` is the container's JWS; `license` the vendor's, which names the container's key."""

    type: str
    title: str
    status: int
    detail: str = ""
    holders: list[HolderBody] | None = None
    refusal: str | None = None
    license: str | None = None

    @property
    def problem(self) -> Problem | None:
        """The kind of refusal; None for one that this version does not know."""
        name = self.type.removeprefix(PROBLEM_TYPE)
        return Problem(name) if self.type != name and name in set(Problem) else None


class LicenseBody(Struct):
    """One license of `GET /v1/licenses`; `validity` (valid, expired, not-yet-valid) is by the server's clock (S7)."""

    serial: str
    product: str
    terms: dict[str, object]
    license: str
    seats: int
    used: int
    holders: list[HolderBody]
    validity: str = "valid"


class LicensesBody(Struct):
    """A page of licenses by serial number; `next` goes into `after` for the page behind it.

    `draining`: the server is being emptied, and grants nothing new.
    """

    licenses: list[LicenseBody]
    next: str | None = None
    draining: bool = False


class ServerBody(Struct):
    """`GET /v1/server`: `uptime` and `ttl`, that of a new lease, in seconds; `key` as JWK.

    `leases` counts those in force, also where their licenses are not listed; `recovering`: there may be more, which the
    ledger has lost. `draining`: the server is being emptied. `alarm`: what somebody should see to, in words.
    """

    name: str
    container: str
    key: dict[str, str]
    version: str
    uptime: float
    ttl: float
    draining: bool = False
    leases: int = 0
    recovering: bool = False
    alarm: str = ""


def encode(body: Struct) -> bytes:
    """The body as JSON."""
    return msgspec.json.encode(body)


def rfc3339(unix: float) -> str:
    """Unix time in seconds as RFC 3339, UTC."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
