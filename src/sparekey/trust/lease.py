"""What a container signs over the caller's nonce: leases and refusals (T1).

A lease carries a duration, never a date, so no wall clock can lengthen it (S1).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from sparekey.trust.encoding import from_json
from sparekey.trust.jws import Kind, sign, verify
from sparekey.trust.keys import PrivateKey, PublicKey

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class LeaseClaims(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lease as its holder may show it. `ttl` is in seconds, `container` the thumbprint of the key that signs it;
    `drain`: the server is being emptied."""

    lease: str
    serial: str
    system: str
    application: str
    fence: Count
    block: Count
    ttl: Seconds
    nonce: str
    container: str
    drain: bool = False


class RefusalClaims(msgspec.Struct, frozen=True):
    """A refusal that is final; `type` is the type of the problem document that carries it."""

    nonce: str
    serial: str
    lease: str
    type: str


_ENCODER = msgspec.json.Encoder()
_LEASE = msgspec.json.Decoder(LeaseClaims)
_REFUSAL = msgspec.json.Decoder(RefusalClaims)


def sign_lease(container_key: PrivateKey, claims: LeaseClaims) -> str:
    return sign(container_key, Kind.LEASE, _ENCODER.encode(claims))


def read_lease(token: str, container: PublicKey) -> LeaseClaims:
    """What the container granted; raise TrustError where the token is not its own. The caller compares the nonce."""
    payload, _ = verify(token, Kind.LEASE, (container,))
    return from_json(_LEASE, payload, "the lease")


def sign_refusal(container_key: PrivateKey, claims: RefusalClaims) -> str:
    return sign(container_key, Kind.REFUSAL, _ENCODER.encode(claims))


def read_refusal(token: str, container: PublicKey) -> RefusalClaims:
    """What the container refused; raise TrustError where the token is not its own. The caller compares the nonce."""
    payload, _ = verify(token, Kind.REFUSAL, (container,))
    return from_json(_REFUSAL, payload, "the refusal")
