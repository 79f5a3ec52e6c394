"""License files: one license a line; blank lines and lines that begin with `#` are for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from sparekey.trust.error import TrustError
from sparekey.trust.files import read_bounded, replace_file
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
    replace_file(path, "".join(f"{line}\n" for line in lines).encode())


def _read(path: Path, read: Callable[[str], T]) -> tuple[T, ...]:
    licenses = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if (token := line.strip()) and not token.startswith("#"):
            try:
                licenses.append(read(token))
            except TrustError as error:
                raise TrustError(f"{path}, line {number}: {error}") from None
    if not licenses:
        raise TrustError(f"{path}: there is no license in it")
    return tuple(licenses)


def _text(path: Path) -> str:
    data = read_bounded(path, LARGEST_LICENSE_FILE)
    if len(data) > LARGEST_LICENSE_FILE:
        raise TrustError(f"{path}: it is larger than {LARGEST_LICENSE_FILE // 1024} KiB and no license file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TrustError(f"{path}: it is not UTF-8 text and no license file") from None
