"""Lease tokens and refusals: signed by the container over the caller's nonce (T1)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey
from msgspec.structs import replace

from sparekey.trust import (
    LeaseClaims,
    PrivateKey,
    RefusalClaims,
    TrustError,
    read_lease,
    read_refusal,
    sign_lease,
    sign_refusal,
)
from sparekey.trust.jws import Kind, sign

CONTAINER = PrivateKey.generate()
LEASE = LeaseClaims(
    lease="a-lease-id",
    serial="5-1042",
    system="a-system",
    application="Runtime",
    fence=2**52 + 1,
    block=2**52,
    ttl=30.0,
    nonce="a-nonce",
    container=CONTAINER.thumbprint,
)
REFUSAL = RefusalClaims(nonce="a-nonce", serial="5-1042", lease="a-lease-id", type="taken-over")


def test_t1_a_lease_reads_as_it_was_signed() -> None:
    assert read_lease(sign_lease(CONTAINER, LEASE), CONTAINER.public) == LEASE


def test_t1_a_lease_can_say_that_the_server_is_being_emptied() -> None:
    draining = replace(LEASE, drain=True)
    assert read_lease(sign_lease(CONTAINER, draining), CONTAINER.public) == draining


def test_t1_another_implementation_reads_a_lease_and_finds_a_duration_and_no_date() -> None:
    judged = jws.deserialize_compact(
        sign_lease(CONTAINER, LEASE), OKPKey.import_key({**CONTAINER.public.to_jwk()}), algorithms=["Ed25519"]
    )
    claims = json.loads(judged.payload or b"")
    assert claims["ttl"] == 30
    assert not {"iat", "exp", "nbf"} & set(claims)


def test_t1_a_refusal_reads_as_it_was_signed() -> None:
    assert read_refusal(sign_refusal(CONTAINER, REFUSAL), CONTAINER.public) == REFUSAL


def test_t1_a_lease_and_a_refusal_of_another_container_are_refused() -> None:
    other = PrivateKey.generate().public
    with pytest.raises(TrustError, match="not signed by the right key"):
        read_lease(sign_lease(CONTAINER, LEASE), other)
    with pytest.raises(TrustError, match="not signed by the right key"):
        read_refusal(sign_refusal(CONTAINER, REFUSAL), other)


def test_t1_a_lease_and_a_refusal_never_pass_for_each_other() -> None:
    with pytest.raises(TrustError, match="this is no sparekey-lease"):
        read_lease(sign_refusal(CONTAINER, REFUSAL), CONTAINER.public)
    with pytest.raises(TrustError, match="this is no sparekey-refusal"):
        read_refusal(sign_lease(CONTAINER, LEASE), CONTAINER.public)


@pytest.mark.parametrize(
    "change", [{"ttl": 0}, {"ttl": -1}, {"ttl": "30"}, {"fence": -1}, {"block": 1.5}, {"nonce": 1}]
)
def test_a_lease_with_wrong_claims_is_refused_however_well_signed(change: dict[str, object]) -> None:
    claims = {"lease": "l", "serial": "s", "system": "s", "application": "a", "fence": 1, "block": 1, "ttl": 5}
    text = json.dumps({**claims, "nonce": "n", "container": "c", **change}).encode()
    with pytest.raises(TrustError, match="the lease does not fit"):
        read_lease(sign(CONTAINER, Kind.LEASE, text), CONTAINER.public)


@given(st.text() | st.builds(lambda data: sign(CONTAINER, Kind.LEASE, data), st.binary()))
def test_t6_anything_else_is_refused_with_a_reason(token: str) -> None:
    with pytest.raises(TrustError):
        read_lease(token, CONTAINER.public)
    with pytest.raises(TrustError):
        read_refusal(token, CONTAINER.public)
