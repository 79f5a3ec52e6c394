"""Licenses: terms signed by the vendor and bound to one container, or a demo license bound to none (T1, R6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from sparekey.core.terms import Terms, TermsError
from sparekey.trust.encoding import from_json
from sparekey.trust.error import TrustError
from sparekey.trust.jws import Kind, UnsignedError, peek, sign, verify
from sparekey.trust.keys import PrivateKey, PublicKey


class OtherVendorError(UnsignedError):
    """A license of a vendor whose key is not pinned here, as far as its own word goes."""


@dataclass(frozen=True, slots=True)
class SignedLicense:
    """A license whose signature was checked. `container` is None for a demo license; `vendor` is the thumbprint of the
    key that signed it."""

    terms: Terms
    container: PublicKey | None
    token: str
    vendor: str


@dataclass(frozen=True, slots=True)
class UncheckedLicense:
    """What a license says whose signature nobody checked: to be shown, never to be trusted."""

    terms: Terms
    container: PublicKey | None
    vendor: str


class _Confirmation(msgspec.Struct):
    """The key that the license is bound to (RFC 7800, section 3.2)."""

    jwk: dict[str, object]


class _Claims(msgspec.Struct, omit_defaults=True):
    iss: str
    iat: int
    serial: str
    product: str
    version: str
    seats: int
    limits: dict[str, int]
    modules: list[str]
    shared: bool
    valid_from: date | None = None
    valid_until: date | None = None
    demo_seconds: int | None = None
    cnf: _Confirmation | None = None


_CLAIMS = msgspec.json.Decoder(_Claims)


def issue_license(vendor_key: PrivateKey, terms: Terms, container: PublicKey | None) -> str:
    """Sign `terms` for a container, or for none where they are a demo license's."""
    _check_binding(terms, container)
    claims = _Claims(
        iss=vendor_key.thumbprint,
        iat=terms.issued,
        serial=terms.serial,
        product=terms.product,
        version=terms.version,
        seats=terms.seats,
        limits=dict(sorted(terms.limits.items())),
        modules=sorted(terms.modules),
        shared=terms.shared,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        demo_seconds=terms.demo_seconds,
        cnf=_Confirmation({**container.to_jwk()}) if container else None,
    )
    return sign(vendor_key, Kind.LICENSE, msgspec.json.encode(claims))


def read_license(token: str, vendor_keys: Sequence[PublicKey]) -> SignedLicense:
    """Check a license against the pinned vendor keys; raise TrustError where it is not to be trusted."""
    try:
        payload, key = verify(token, Kind.LICENSE, vendor_keys)
    except UnsignedError as error:
        raise _explained(error, token, vendor_keys) from None
    claims = from_json(_CLAIMS, payload, "the license")
    if claims.iss != key.thumbprint:
        raise TrustError("the license names another vendor key (iss) than the one that signed it")
    return SignedLicense(_terms(claims), _container(claims), token, key.thumbprint)


def peek_license(token: str) -> UncheckedLicense:
    """What a license says, its signature not checked; raise TrustError where it cannot be read."""
    claims = from_json(_CLAIMS, peek(token, Kind.LICENSE), "the license")
    return UncheckedLicense(_terms(claims), _container(claims), claims.iss)


def _explained(error: UnsignedError, token: str, keys: Sequence[PublicKey]) -> TrustError:
    """Why no key signed a license; what it says of its vendor is a hint and no more."""
    try:
        vendor = peek_license(token).vendor
    except TrustError:
        return error
    ours = {key.thumbprint for key in keys}
    if vendor in ours:
        return UnsignedError(f"{error}: it names the right key, so it was changed")
    return OtherVendorError(f"{error}: it names vendor key {vendor[:43]!r}, and here is {', '.join(ours) or 'none'}")


def _terms(claims: _Claims) -> Terms:
    try:
        return Terms(
            serial=claims.serial,
            product=claims.product,
            version=claims.version,
            seats=claims.seats,
            limits=claims.limits,
            modules=frozenset(claims.modules),
            valid_from=claims.valid_from,
            valid_until=claims.valid_until,
            shared=claims.shared,
            issued=claims.iat,
            demo_seconds=claims.demo_seconds,
        )
    except TermsError as error:
        raise TrustError(f"the license does not fit: {error}") from None


def _container(claims: _Claims) -> PublicKey | None:
    container = PublicKey.from_jwk(claims.cnf.jwk) if claims.cnf else None
    _check_binding(_terms(claims), container)
    return container


def _check_binding(terms: Terms, container: PublicKey | None) -> None:
    """A license is bound to a container or is a demo license, and never both."""
    if container is None and terms.demo_seconds is None:
        raise TrustError("the license is bound to no container (cnf) and is no demo license (demo_seconds)")
    if container is not None and terms.demo_seconds is not None:
        raise TrustError("a demo license (demo_seconds) is bound to no container")
