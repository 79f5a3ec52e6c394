"""License files: one license a line; blank lines and lines that begin with `#` are for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from sparekey.host import write_atomically
from sparekey.trust.error import TrustError
from sparekey.trust.files import FileKind, read_text
from sparekey.trust.jws import LARGEST_TOKEN, Kind, UnsignedError, begins, is_whole
from sparekey.trust.keys import PublicKey
from sparekey.trust.license import SignedLicense, UncheckedLicense, peek_license, read_license

LARGEST_LICENSE_FILE = 1024 * 1024

T = TypeVar("T")


def read_license_file(path: Path, vendor_keys: Sequence[PublicKey]) -> tuple[SignedLicense, ...]:
    """The licenses in the file, at least one, all checked; raise TrustError with file and line where one is wrong."""
    return _read(path, lambda token: read_license(token, vendor_keys))


def peek_license_file(path: Path) -> tuple[UncheckedLicense, ...]:
    """What the licenses in the file say, their signatures not checked."""
    return _read(path, peek_license)


def write_license_file(path: Path, tokens: Iterable[str], comment: str = "") -> None:
    """Write licenses under a comment, atomically."""
    lines = [*(f"# {line}" for line in comment.splitlines()), *tokens]
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode(), mode=0o644)


def _read(path: Path, read: Callable[[str], T]) -> tuple[T, ...]:
    try:
        licenses = tuple(_each(read_text(path, LARGEST_LICENSE_FILE, FileKind.LICENSE), read))
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from None
    if not licenses:
        raise TrustError(f"{path}: there is no license in it; get the file again, attached or zipped")
    return licenses


def _each(text: str, read: Callable[[str], T]) -> Iterator[T]:
    for number, token in _tokens(text):
        try:
            _check_characters(token)
            yield read(token)
        except UnsignedError as error:
            raise TrustError(
                f"line {number}: {error}; get the file, and vendor.pub.json, again from one vendor"
            ) from None
        except TrustError as error:
            raise TrustError(f"line {number}: {error}") from None


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """Each license and the line that it begins in; one that a mailer broke into lines is put together again."""
    begun, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        piece = line.strip(_BLANKS)
        if not piece or piece.startswith("#"):
            continue
        if begun and (begins(piece, Kind.LICENSE) or len(begun) > LARGEST_TOKEN):
            yield first, begun
            begun = ""
        first = first if begun else number
        begun += piece
        if is_whole(begun) or _FOREIGN.search(piece):
            yield first, begun
            begun = ""
    if begun:
        yield first, begun


def _check_characters(token: str) -> None:
    if found := _FOREIGN.search(token):
        place = f"{found[0]!r} after {found.start()} characters"
        raise TrustError(f"this is no license: {place} is none of its characters; {_AGAIN}")
    if not is_whole(token):
        raise TrustError(f"the license is cut short; {_AGAIN}")


_AGAIN: Final = "get the file again, attached or zipped"
_BLANKS: Final = " \t\r\n\v\f\xa0\u200b\ufeff"
"""What editors and mailers put round a line; files that were joined have marks in the midst."""
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_.-]")
