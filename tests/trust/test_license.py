"""Licenses: signed by the vendor, bound to one container (T1)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from sparekey.core.terms import Terms
from sparekey.trust import PrivateKey, TrustError, issue_license, peek_license, read_license
from sparekey.trust.jws import Kind, sign

VENDOR = PrivateKey.generate()
CONTAINER = PrivateKey.generate()
TERMS = Terms(
    "5-1042",
    "scada-runtime",
    "14.0",
    seats=2,
    limits={"tags": 1500, "clients": -1},
    modules=frozenset({"history", "energy"}),
    valid_from=date(2026, 1, 1),
    valid_until=date(2036, 12, 31),
    shared=False,
    issued=1_800_000_000,
)
CLAIMS: dict[str, object] = {
    "iss": VENDOR.thumbprint,
    "iat": 1,
    "serial": "5-1042",
    "product": "scada-runtime",
    "version": "14.0",
    "seats": 1,
    "limits": {},
    "modules": [],
    "shared": True,
    "cnf": {"jwk": CONTAINER.public.to_jwk()},
}


def signed(**changes: object) -> str:
    """A license with other claims, its signature right; a claim that is None is left out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return sign(VENDOR, Kind.LICENSE, json.dumps(claims).encode())


def test_t1_a_license_reads_as_it_was_issued() -> None:
    token = issue_license(VENDOR, TERMS, CONTAINER.public)
    license_ = read_license(token, [VENDOR.public])
    assert (license_.terms, license_.container, license_.token) == (TERMS, CONTAINER.public, token)
    assert license_.vendor == VENDOR.thumbprint


def test_t1_another_implementation_reads_a_license() -> None:
    token = issue_license(VENDOR, TERMS, CONTAINER.public)
    judged = jws.deserialize_compact(token, OKPKey.import_key({**VENDOR.public.to_jwk()}), algorithms=["Ed25519"])
    assert json.loads(judged.payload or b"") == {
        "iss": VENDOR.thumbprint,
        "iat": 1_800_000_000,
        "serial": "5-1042",
        "product": "scada-runtime",
        "version": "14.0",
        "seats": 2,
        "limits": {"tags": 1500, "clients": -1},
        "modules": ["energy", "history"],
        "valid_from": "2026-01-01",
        "valid_until": "2036-12-31",
        "shared": False,
        "cnf": {"jwk": CONTAINER.public.to_jwk()},
    }


def test_t1_a_license_of_another_vendor_is_refused() -> None:
    token = issue_license(PrivateKey.generate(), TERMS, CONTAINER.public)
    with pytest.raises(TrustError, match="not signed by the right key"):
        read_license(token, [VENDOR.public])


def test_t1_an_edited_license_is_refused() -> None:
    head, _, signature = signed().split(".")
    _, edited, _ = signed(seats=100).split(".")
    with pytest.raises(TrustError, match="changed after it was signed"):
        read_license(f"{head}.{edited}.{signature}", [VENDOR.public])


def test_a_claim_from_the_future_is_ignored() -> None:
    assert read_license(signed(colour="blue"), [VENDOR.public]).terms.serial == "5-1042"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cnf": None}, "bound to no container"),
        ({"cnf": None, "demo_seconds": 0}, "demo_seconds"),
        ({"demo_seconds": 1800}, "a demo license"),
        ({"cnf": {"jwk": {"kty": "RSA"}}}, "no Ed25519 key"),
        ({"cnf": {"jwk": CONTAINER.to_jwk()}}, "private key"),
        ({"cnf": {}}, "jwk"),
        ({"iss": "another"}, "iss"),
        ({"serial": None}, "serial"),
        ({"seats": 0}, "seats"),
        ({"seats": True}, "Expected `int`"),
        ({"seats": "1"}, "Expected `int`"),
        ({"seats": 2**80}, "seats"),
        ({"limits": {"tags": -2}}, "tags"),
        ({"limits": {"tags": 1.5}}, "Expected `int`"),
        ({"valid_until": "tomorrow"}, "RFC3339"),
        ({"iat": -1}, "issued"),
    ],
)
def test_a_license_with_wrong_claims_is_refused_however_well_signed(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(TrustError, match=reason):
        read_license(signed(**changes), [VENDOR.public])


def test_r6_a_demo_license_is_bound_to_no_container() -> None:
    demo = replace(TERMS, demo_seconds=1800)
    license_ = read_license(issue_license(VENDOR, demo, None), [VENDOR.public])
    assert (license_.terms.demo_seconds, license_.container) == (1800, None)
    with pytest.raises(TrustError, match="a demo license"):
        issue_license(VENDOR, demo, CONTAINER.public)


def test_a_license_that_is_bound_to_nothing_is_never_issued() -> None:
    with pytest.raises(TrustError, match="bound to no container"):
        issue_license(VENDOR, TERMS, None)


def test_an_unchecked_license_is_read_as_such() -> None:
    peeked = peek_license(signed())
    assert (peeked.terms.serial, peeked.container, peeked.vendor) == ("5-1042", CONTAINER.public, VENDOR.thumbprint)


@given(st.binary())
def test_t6_any_signed_bytes_are_refused_with_a_reason(payload: bytes) -> None:
    token = sign(VENDOR, Kind.LICENSE, payload)
    with pytest.raises(TrustError):
        read_license(token, [VENDOR.public])
    with pytest.raises(TrustError):
        peek_license(token)
