"""Signed tokens: any text, and any content that is well signed."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from fuzz.target import Target
from plant import terms
from sparekey.trust import (
    LeaseClaims,
    PrivateKey,
    RefusalClaims,
    TrustError,
    issue_license,
    peek_license,
    read_lease,
    read_license,
    read_refusal,
    sign_lease,
    sign_refusal,
)
from sparekey.trust.encoding import from_base64url
from sparekey.trust.jws import Kind, sign

KEY = PrivateKey.generate()
LEASE = LeaseClaims("id", "5-1042", "system", "Runtime", 7, 1, 30.0, "nonce", KEY.thumbprint)
REFUSAL = RefusalClaims("nonce", "5-1042", "id", "urn:sparekey:problem:taken-over")
LICENSE = issue_license(KEY, terms(), KEY.public)
TOKENS = tuple(text.encode() for text in (sign_lease(KEY, LEASE), sign_refusal(KEY, REFUSAL), LICENSE))
PAYLOADS = tuple(from_base64url(token.decode().split(".")[1], "") for token in TOKENS)


def token(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with suppress(TrustError):
        assert read_lease(text, KEY.public) == LEASE
    with suppress(TrustError):
        assert read_refusal(text, KEY.public) == REFUSAL
    with suppress(TrustError):
        assert read_license(text, (KEY.public,)).token == LICENSE
    with suppress(TrustError):
        peek_license(text)


def signed_content(data: bytes) -> None:
    """What a key signed may be anything: a later version's, or a mistake."""
    with suppress(TrustError):
        lease = read_lease(sign(KEY, Kind.LEASE, data), KEY.public)
        assert lease.ttl > 0
        assert lease.fence >= 0
        assert read_lease(sign_lease(KEY, lease), KEY.public) == lease
    with suppress(TrustError):
        refusal = read_refusal(sign(KEY, Kind.REFUSAL, data), KEY.public)
        assert read_refusal(sign_refusal(KEY, refusal), KEY.public) == refusal
    with suppress(TrustError):
        license_ = read_license(sign(KEY, Kind.LICENSE, data), (KEY.public,))
        again = read_license(issue_license(KEY, license_.terms, license_.container), (KEY.public,))
        assert again.terms == license_.terms
        msgspec.json.encode(license_.terms.as_json())


TARGETS = (
    Target("token", token, TOKENS, (b".", b"eyJ", *(part for token in TOKENS for part in token.split(b".")))),
    Target("signed content", signed_content, PAYLOADS, PAYLOADS),
)
