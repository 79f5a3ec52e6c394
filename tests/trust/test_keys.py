"""Keys as JWK, and that private ones stay private (T1, T4)."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from sparekey.trust import KeySource, PrivateKey, TrustError, vendor_keys

RFC_8037 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
"""The key of RFC 8037, appendix A.1; its thumbprint is in appendix A.3."""


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_t1_a_key_is_known_by_its_thumbprint() -> None:
    assert PrivateKey.from_jwk(RFC_8037).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_t1_another_implementation_reads_our_keys_and_we_its() -> None:
    ours = PrivateKey.generate()
    theirs = OKPKey.import_key({**ours.to_jwk()})
    assert theirs.thumbprint() == ours.thumbprint
    made = OKPKey.generate_key("Ed25519")
    assert PrivateKey.from_jwk(cast("dict[str, object]", made.as_dict(private=True))).thumbprint == made.thumbprint()


def test_t4_a_key_file_is_readable_by_its_owner_only(tmp_path: Path, no_umask: None) -> None:
    PrivateKey.generate().save(tmp_path / "vendor.key")
    assert stat.S_IMODE((tmp_path / "vendor.key").stat().st_mode) == 0o600


def test_t4_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "vendor.key"
    first = PrivateKey.generate()
    first.save(path)
    with pytest.raises(FileExistsError):
        PrivateKey.generate().save(path)
    assert PrivateKey.load(path).thumbprint == first.thumbprint
    assert list(tmp_path.iterdir()) == [path]


def test_t4_no_text_of_a_key_has_its_secret() -> None:
    key = PrivateKey.generate()
    assert key.to_jwk()["d"] not in f"{key} {key!r} {key.public!r}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"d": None}, "not the 32 bytes"),
        ({"d": RFC_8037["d"] + "="}, "not base64url"),
        ({"d": RFC_8037["d"][:40]}, "not the 32 bytes"),
        ({"x": "AAAA"}, "do not belong together"),
        ({"kty": "RSA"}, "no Ed25519 key"),
        ({"crv": "X25519"}, "no Ed25519 key"),
    ],
)
def test_t4_no_error_about_a_key_file_has_its_secret(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    path = tmp_path / "vendor.key"
    path.write_text(json.dumps({**RFC_8037, **change}))
    with pytest.raises(TrustError, match=reason) as raised:
        PrivateKey.load(path)
    assert str(path) in str(raised.value)
    assert RFC_8037["d"][:40] not in str(raised.value)


def test_a_public_key_is_no_private_one(tmp_path: Path) -> None:
    path = tmp_path / "vendor.key"
    path.write_text(json.dumps(PrivateKey.generate().public.to_jwk()))
    with pytest.raises(TrustError, match="this is no private key"):
        PrivateKey.load(path)


# Vendor keys, as they are given


KEY = PrivateKey.generate()
JWK = KEY.public.to_jwk()
SET = {"keys": [JWK, PrivateKey.generate().public.to_jwk()]}


@pytest.mark.parametrize(
    "source",
    [JWK, json.dumps(JWK), json.dumps(JWK).encode(), f" \n{json.dumps([JWK])}", [JWK, json.dumps(JWK)]],
    ids=["mapping", "text", "bytes", "list as text", "list"],
)
def test_a_vendor_key_is_taken_in_any_form(source: KeySource) -> None:
    assert vendor_keys(source) == (KEY.public,)


@pytest.mark.parametrize("source", [SET, json.dumps(SET), [SET]], ids=["mapping", "text", "list"])
def test_a_jwk_set_has_many_vendor_keys(source: KeySource) -> None:
    assert [key.to_jwk() for key in vendor_keys(source)] == SET["keys"]


def test_a_vendor_key_is_taken_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "vendor.pub.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(JWK, indent=2).replace("\n", "\r\n").encode())
    assert vendor_keys(path) == vendor_keys(str(path)) == (KEY.public,)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("no-such-file", "no-such-file: No such file"),
        ("\0", "null byte"),
        ("{", "not JSON"),
        ('{"x":' * 50_000, "not JSON"),
        ([], "there is none"),
        ({"keys": []}, "there is none"),
        ({"keys": "x"}, "a list of JWKs"),
        ({"kty": "RSA"}, "no Ed25519 key"),
        ({**JWK, "x": JWK["x"] + "="}, "not base64url"),
    ],
    ids=["missing", "NUL", "broken", "deep", "empty", "empty set", "no set", "RSA", "padded"],
)
def test_a_wrong_vendor_key_says_what_is_wrong_and_where_to_get_one(source: KeySource, reason: str) -> None:
    with pytest.raises(TrustError, match=reason) as raised:
        vendor_keys(source)
    assert "vendor.pub.json" in str(raised.value)


def test_t4_a_private_key_is_refused_where_a_public_one_belongs(tmp_path: Path) -> None:
    KEY.save(tmp_path / "vendor.key")
    with pytest.raises(TrustError, match="private key") as raised:
        vendor_keys(tmp_path / "vendor.key")
    assert KEY.to_jwk()["d"] not in str(raised.value)


def test_t6_a_huge_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huge").write_bytes(b" " * 100_000)
    with pytest.raises(TrustError, match="larger than 64 KiB"):
        vendor_keys(tmp_path / "huge")


@given(st.text() | st.binary() | st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_whatever_is_given_as_a_vendor_key_is_refused_with_a_reason(source: str | bytes | dict[str, object]) -> None:
    with pytest.raises(TrustError):
        vendor_keys(source)
