"""Base64url and JSON as JOSE wants them, read strictly."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from sparekey.json import UNREADABLE
from sparekey.trust.error import TrustError
from sparekey.trust.files import without_line_ends

T = TypeVar("T")


def to_base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str, what: str) -> bytes:
    """Read it back. Only the one canonical spelling passes; TrustError names `what` does not."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if to_base64url(data) != text:
        raise TrustError(f"{what} is not base64url without padding (RFC 7515)")
    return data


def from_json(decoder: msgspec.json.Decoder[T], data: str | bytes, what: str) -> T:
    """Read JSON of the decoder's type; TrustError names `what` is not."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise TrustError(f"{what} does not fit: {error}") from None
    except UNREADABLE:
        raise TrustError(f"{what} is not JSON") from None


def from_json_file(decoder: msgspec.json.Decoder[T], text: str, what: str) -> T:
    """Read JSON that was carried as a file: none of its strings has a line end, so one in it came by mail."""
    try:
        return decoder.decode(without_line_ends(text))
    except msgspec.ValidationError as error:
        raise TrustError(f"{what} does not fit: {error}") from None
    except UNREADABLE:
        raise TrustError(f"{what} is not JSON{_place(text)}") from None


def _place(text: str) -> str:
    """Where the JSON ends to be some, as people count; msgspec tells a byte, and of a cut text none."""
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()):
            return ": it is cut short; get it again"
        return f": line {error.lineno}, column {error.colno}; get it again, or save it as plain text"
    except UNREADABLE:
        pass
    return ""
