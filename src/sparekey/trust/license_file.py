"""License files: one license a line; blank lines and lines that begin with `#` are for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from sparekey.host import write_atomically
from sparekey.trust.error import TrustError
from sparekey.trust.files import read_bounded
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
        licenses = tuple(_each(_text(path), read))
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from None
    if not licenses:
        raise TrustError(f"{path}: there is no license in it")
    return licenses


def _each(text: str, read: Callable[[str], T]) -> Iterator[T]:
    for number, line in enumerate(text.split("\n"), start=1):
        token = line.strip()
        if not token or token.startswith("#"):
            continue
        try:
            yield read(token)
        except TrustError as error:
            raise TrustError(f"line {number}: {error}") from None


def _text(path: Path) -> str:
    try:
        return read_bounded(path, LARGEST_LICENSE_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TrustError("it is not UTF-8 text and no license file") from None
