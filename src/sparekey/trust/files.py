"""Files that people carry by mail or stick: read within bounds, whatever editors and mailers did to them (T6)."""

from __future__ import annotations

import codecs
from enum import StrEnum
from pathlib import Path
from typing import Final

from sparekey.host import read_at_most
from sparekey.trust.error import TrustError


class FileKind(StrEnum):
    """What a file is, as people are told: they take one for another."""

    LICENSE = "a license file"
    REQUEST = "an activation request"
    KEY = "a key (JWK)"
    ORDER = "an order"
    PEM = "PEM text"


def read_bounded(path: Path, largest: int) -> bytes:
    """Read a file of at most `largest` bytes; raise TrustError, or OSError where it cannot be read."""
    data = read_at_most(path, largest + 1)
    if len(data) > largest:
        raise TrustError(f"it is larger than {largest // 1024} KiB, which none of its kind is; name the right file")
    return data


def read_text(path: Path, largest: int, wanted: FileKind) -> str:
    """The text of such a file, whichever Unicode its editor wrote; raise TrustError or OSError."""
    return checked_text(read_bounded(path, largest), wanted)


def checked_text(data: bytes, wanted: FileKind) -> str:
    """Decode UTF-8 or UTF-16, with or without its mark; raise TrustError where it is no text, or of another kind."""
    text = _decoded(data)
    if not text.strip("\0 \t\r\n"):
        raise TrustError(f"it is empty: {_DAMAGED}")
    if "\0" in text:
        raise TrustError(f"line {_line(text, text.index(chr(0)))} has a NUL character: {_DAMAGED}")
    found = _kind(text)
    if found not in (wanted, None):
        raise TrustError(f"this is {found}, not {wanted}; name the right file")
    return text


def without_line_ends(text: str) -> str:
    """One long line again, where line ends mean nothing and a mailer may have put some in."""
    return text.replace("\r", "").replace("\n", "")


_DAMAGED: Final = "it was damaged on its way; get it again, attached or zipped"


def _decoded(data: bytes) -> str:
    encoding = _encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise TrustError(f"it is not whole {encoding.upper()} text: {_DAMAGED}") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise TrustError(f"it is not UTF-8 text from line {line} on; save it as UTF-8, or get it again") from None


def _encoding(data: bytes) -> str:
    """UTF-16 is known by its mark, or by its first two characters, which are Latin ones in all these files."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = tuple(byte == 0 for byte in data[:4])
    if zeros == (False, True, False, True):
        return "utf-16-le"
    return "utf-16-be" if zeros == (True, False, True, False) else "utf-8"


def _kind(text: str) -> FileKind | None:
    """What the text is clearly meant to be, None where it may be anything."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    if first.startswith("-----BEGIN "):
        return FileKind.PEM
    if first.startswith(("[[license]]", "[license]")):
        return FileKind.ORDER
    if first.startswith("eyJ"):  # how the base64url of every JSON object begins
        return FileKind.LICENSE
    if not first.startswith(("{", "[")):
        return None
    if '"container"' in text or '"request"' in text:
        return FileKind.REQUEST
    return FileKind.KEY if '"kty"' in text else None


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
