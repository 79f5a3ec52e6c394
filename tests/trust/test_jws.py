"""Tokens: one algorithm, one type, and nothing else passes (T1). joserfc is the independent judge."""

from __future__ import annotations

import base64
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from sparekey.trust import PrivateKey, TrustError
from sparekey.trust.jws import LARGEST_TOKEN, Kind, sign, verify

KEY = PrivateKey.generate()
OTHER = PrivateKey.generate()
JUDGE = OKPKey.import_key({**KEY.to_jwk()})
PAYLOAD = b'{"serial":"5-1042"}'
HEADER = {"alg": "Ed25519", "typ": Kind.LEASE}
TOKEN = sign(KEY, Kind.LEASE, PAYLOAD)


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: dict[str, object] | bytes, payload: bytes = PAYLOAD, key: PrivateKey = KEY) -> str:
    """A token with any header at all, its signature right."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = f"{part(text)}.{part(payload)}"
    return f"{body}.{part(key.sign(body.encode()))}"


def test_t1_another_implementation_verifies_our_tokens() -> None:
    judged = jws.deserialize_compact(TOKEN, JUDGE, algorithms=["Ed25519"])
    assert judged.payload == PAYLOAD
    assert judged.headers() == HEADER


def test_t1_we_verify_the_tokens_of_another_implementation() -> None:
    token = jws.serialize_compact({**HEADER, "kid": "any"}, PAYLOAD, JUDGE, algorithms=["Ed25519"])
    assert verify(token, Kind.LEASE, [KEY.public]) == (PAYLOAD, KEY.public)


def test_t1_the_key_that_signed_is_found_among_many() -> None:
    assert verify(TOKEN, Kind.LEASE, [OTHER.public, KEY.public])[1] == KEY.public


def test_t1_a_kid_in_the_header_chooses_no_key() -> None:
    token = signed({**HEADER, "kid": KEY.thumbprint, "jwk": OTHER.public.to_jwk()}, key=OTHER)
    with pytest.raises(TrustError, match="not signed by the right key"):
        verify(token, Kind.LEASE, [KEY.public])


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({**HEADER, "alg": "none"}, "alg"),
        ({**HEADER, "alg": "EdDSA"}, "alg"),
        ({**HEADER, "alg": "ed25519"}, "alg"),
        ({**HEADER, "typ": Kind.LICENSE}, "typ"),
        ({**HEADER, "typ": "JWT"}, "typ"),
        ({**HEADER, "crit": []}, "crit"),
        ({**HEADER, "crit": ["b64"], "b64": False}, "crit"),
        ({**HEADER, "crit": None}, "crit"),
        ({"alg": "Ed25519"}, "missing required field `typ`"),
        ({"typ": Kind.LEASE}, "missing required field `alg`"),
        ({**HEADER, "alg": ["Ed25519"]}, "Expected `str`"),
        (b"[]", "Expected `object`"),
        (b"Ed25519", "not JSON"),
        (b"[" * 5000, "header"),
        (b'{"alg":"Ed25519","typ":"sparekey-lease","x":' + b"[" * 5000, "not JSON"),
    ],
)
def test_t1_no_other_header_passes_however_well_signed(header: dict[str, object] | bytes, reason: str) -> None:
    with pytest.raises(TrustError, match=reason):
        verify(signed(header), Kind.LEASE, [KEY.public])


@pytest.mark.parametrize("other", [kind for kind in Kind if kind is not Kind.LEASE])
def test_t1_a_lease_passes_for_nothing_else(other: Kind) -> None:
    with pytest.raises(TrustError, match=f"this is no {other}"):
        verify(TOKEN, other, [KEY.public])


def test_t1_a_mac_with_the_public_key_as_its_secret_does_not_pass() -> None:
    body = f"{part(json.dumps({**HEADER, 'alg': 'HS256'}).encode())}.{part(PAYLOAD)}"
    secret = base64.urlsafe_b64decode(KEY.public.to_jwk()["x"] + "=")
    token = f"{body}.{part(hmac.digest(secret, body.encode(), 'sha256'))}"
    with pytest.raises(TrustError, match="HS256"):
        verify(token, Kind.LEASE, [KEY.public])


HEAD, BODY, SIGNATURE = TOKEN.split(".")


@pytest.mark.parametrize(
    "token",
    [
        f"{HEAD}.{BODY}.",
        f"{HEAD}.{BODY}",
        f"{TOKEN}.",
        f"{TOKEN}.{SIGNATURE}",
        f"{TOKEN}==",
        f"{HEAD}.{BODY}=.{SIGNATURE}",
        f" {TOKEN}",
        f"{TOKEN}\n",
        f"{HEAD}. {BODY}.{SIGNATURE}",
        f"{HEAD}.{part(PAYLOAD.replace(b'2', b'3'))}.{SIGNATURE}",
        f"{HEAD}.{BODY}.{part(bytes(64))}",
        f"{HEAD}.{BODY}.{SIGNATURE[:-4]}",
        f"{HEAD}..{SIGNATURE}",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}é",
        "",
    ],
)
def test_t1_a_changed_token_does_not_pass(token: str) -> None:
    with pytest.raises(TrustError):
        verify(token, Kind.LEASE, [KEY.public])


def test_t1_a_token_has_one_spelling_only() -> None:
    """64 bytes leave unused bits in the last character; a decoder that ignored them would take many spellings."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = TOKEN[:-1] + alphabet[alphabet.index(TOKEN[-1]) + 1]
    assert base64.urlsafe_b64decode(other.rpartition(".")[2] + "==") == base64.urlsafe_b64decode(SIGNATURE + "==")
    with pytest.raises(TrustError, match="not base64url"):
        verify(other, Kind.LEASE, [KEY.public])


def test_t1_another_key_does_not_verify() -> None:
    with pytest.raises(TrustError, match="not signed by the right key"):
        verify(TOKEN, Kind.LEASE, [OTHER.public])


def test_t6_a_token_is_bounded() -> None:
    with pytest.raises(TrustError, match=str(LARGEST_TOKEN)):
        verify("x" * (LARGEST_TOKEN + 1), Kind.LEASE, [KEY.public])
    with pytest.raises(TrustError, match=str(LARGEST_TOKEN)):
        sign(KEY, Kind.LEASE, bytes(LARGEST_TOKEN))


@given(st.text() | st.text("aA0-_.=", max_size=40))
def test_t6_any_text_is_refused_with_a_reason(token: str) -> None:
    with pytest.raises(TrustError):
        verify(token, Kind.LEASE, [KEY.public])


@given(st.binary(), st.binary(), st.binary())
def test_t6_any_three_parts_are_refused_with_a_reason(header: bytes, payload: bytes, signature: bytes) -> None:
    with pytest.raises(TrustError):
        verify(f"{part(header)}.{part(payload)}.{part(signature)}", Kind.LEASE, [KEY.public])


@given(st.integers(0, len(TOKEN) - 1), st.characters(max_codepoint=127))
def test_t1_no_character_can_be_changed(position: int, character: str) -> None:
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]
    if changed != TOKEN:
        with pytest.raises(TrustError):
            verify(changed, Kind.LEASE, [KEY.public])
