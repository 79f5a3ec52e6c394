"""The activation request: readable, and proof that the container has its key (T1)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.trust import PrivateKey, TrustError, make_request, read_request

CONTAINER = PrivateKey.generate()
OTHER = PrivateKey.generate()
TEXT = make_request(CONTAINER, "server-a", 1_800_000_000)


def edited(**changes: object) -> str:
    return json.dumps({**json.loads(TEXT), **changes})


def test_t1_a_request_names_its_container() -> None:
    request = read_request(TEXT)
    assert (request.name, request.container) == ("server-a", CONTAINER.public)


def test_people_can_read_a_request() -> None:
    document = json.loads(TEXT)
    assert (document["name"], document["container"]) == ("server-a", CONTAINER.thumbprint)
    assert "\n" in TEXT


def test_t4_a_request_has_no_secret() -> None:
    assert CONTAINER.to_jwk()["d"] not in TEXT


def test_a_request_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(TEXT)
    assert read_request(path) == read_request(TEXT)
    path.write_text("{}")
    with pytest.raises(TrustError, match=r"request\.json: "):
        read_request(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (edited(name="server-b"), "was edited"),
        (edited(container=OTHER.thumbprint), "was edited"),
        (edited(key=OTHER.public.to_jwk()), "not signed by the right key"),
        (edited(key=CONTAINER.to_jwk()), "private key"),
        (edited(request=json.loads(make_request(OTHER, "server-a", 1))["request"]), "not signed by the right key"),
        (edited(request="x"), "three parts"),
        (edited(request=None), "request"),
        ("{}", "missing required field"),
        ("", "not JSON"),
    ],
)
def test_t1_a_changed_request_is_refused(text: str, reason: str) -> None:
    with pytest.raises(TrustError, match=reason):
        read_request(text)


def test_t6_a_huge_request_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(" " * 100_000 + TEXT)
    with pytest.raises(TrustError, match="larger than 64 KiB"):
        read_request(path)


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 129])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(TrustError, match="no name"):
        make_request(CONTAINER, name, 1)


@given(st.text())
def test_t6_any_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(TrustError):
        read_request(text)
