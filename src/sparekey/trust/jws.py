"""Compact JWS (RFC 7515) with one algorithm, Ed25519 (RFC 9864): no header decides how it is verified (T1)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from sparekey.trust.encoding import from_base64url, from_json, to_base64url
from sparekey.trust.error import TrustError
from sparekey.trust.keys import PrivateKey, PublicKey

ALGORITHM = "Ed25519"
UPGRADE = "it needs a later version of Sparekey on this machine"
LARGEST_TOKEN = 16 * 1024
"""Characters of a token (T6)."""
SIGNATURE_LENGTH = 86
"""Characters of an Ed25519 signature, 64 bytes."""


class Kind(StrEnum):
    """What a token is, its header's `typ`: one kind can never pass for another."""

    LICENSE = "sparekey-license"
    REQUEST = "sparekey-request"
    LEASE = "sparekey-lease"
    REFUSAL = "sparekey-refusal"


class UnsignedError(TrustError):
    """A token that is whole, but that none of the keys signed as it is."""


class _Header(msgspec.Struct):
    alg: str
    typ: str
    crit: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_HEADER = msgspec.json.Decoder(_Header)
_HEADERS = {kind: to_base64url(msgspec.json.encode(_Header(ALGORITHM, kind))) + "." for kind in Kind}
"""The first part of every token of a kind, made once."""


def sign(key: PrivateKey, kind: Kind, payload: bytes) -> str:
    """A token of this kind; raise TrustError where it would be too large to be read."""
    signed = _HEADERS[kind] + to_base64url(payload)
    token = f"{signed}.{to_base64url(key.sign(signed.encode()))}"
    _check_size(token)
    return token


def verify(token: str, kind: Kind, keys: Iterable[PublicKey]) -> tuple[bytes, PublicKey]:
    """The payload, and which of the keys signed it; raise TrustError where none did or it is no token of this kind."""
    payload, signature, signed = _split(token, kind)
    for key in keys:
        if key.verifies(signature, signed):
            return payload, key
    raise UnsignedError(f"the {kind} is not signed by the right key, or was changed after it was signed")


def is_whole(text: str) -> bool:
    """Whether nothing is missing at the end of a token."""
    parts = text.split(".")
    return len(parts) > 2 and len(parts[2]) >= SIGNATURE_LENGTH


def begins(text: str, kind: Kind) -> bool:
    """Whether a token of this kind begins here, and is not one that goes on."""
    return text.startswith(_HEADERS[kind])


def peek(token: str, kind: Kind) -> bytes:
    """The payload of a token whose signature nobody checked."""
    return _split(token, kind)[0]


def _split(token: str, kind: Kind) -> tuple[bytes, bytes, bytes]:
    """Payload, signature, and the characters that were signed."""
    _check_size(token)
    parts = token.split(".")
    if len(parts) != 3:
        raise TrustError(f"this is no {kind}: a token has three parts, separated by dots; this has {len(parts)}")
    header, payload, signature = (
        from_base64url(part, f"the {name}")
        for part, name in zip(parts, ("header", "payload", "signature"), strict=True)
    )
    _check_header(from_json(_HEADER, header, "the header"), kind)
    return payload, signature, token.rpartition(".")[0].encode()


def _check_header(header: _Header, kind: Kind) -> None:
    if header.typ != kind:
        later = f" of a later format; {UPGRADE}" if header.typ.startswith(kind) else ""
        raise TrustError(f"this is no {kind}: the header's typ is {header.typ[:40]!r}{later}")
    if header.alg != ALGORITHM:
        raise TrustError(f"the header's alg is {header.alg[:20]!r}; only {ALGORITHM} is taken here")
    if header.crit is not msgspec.UNSET:
        raise TrustError(f"the header's crit asks for extensions that are not known here; {UPGRADE}")


def _check_size(token: str) -> None:
    if len(token) > LARGEST_TOKEN:
        raise TrustError(f"the token has {len(token)} characters; {LARGEST_TOKEN} are the limit")
