"""Which clients are trusted: those whose certificate lies in the folder `trusted`.

The certificate of one that was refused is put into `rejected`: who knows it moves it to `trusted`. Both folders are
looked at anew for each client, so that nothing has to be restarted.
"""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sparekey.host import read_at_most, write_atomically

LARGEST: Final = 64 * 1024
MOST_REJECTED: Final = 20
"""Anybody can make certificates: the oldest go (T6)."""
_NAME_LIMIT: Final = 64


class Clients:
    """The trusted and the rejected clients of one server."""

    def __init__(self, folder: Path) -> None:
        """Make the folders; raise OSError."""
        self.trusted = folder / "trusted"
        self.rejected = folder / "rejected"
        for each in (self.trusted, self.rejected):
            each.mkdir(parents=True, exist_ok=True)

    def trusts(self, certificate: x509.Certificate) -> bool:
        """Whether this very certificate lies in `trusted`, as DER or PEM; a file that is none counts for nothing."""
        return any(_read(file) == certificate for file in self.trusted.iterdir())

    def reject(self, certificate: x509.Certificate) -> None:
        """Keep it for the administrator to look at."""
        thumbprint = sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest()
        readable = "".join(c if c.isalnum() or c in " .-_" else "_" for c in name_of(certificate))
        file = self.rejected / f"{readable} [{thumbprint}].der"
        write_atomically(file, certificate.public_bytes(Encoding.DER), mode=0o644, sync=False)
        for old in sorted(self.rejected.glob("*.der"), key=_age)[:-MOST_REJECTED]:
            old.unlink(missing_ok=True)


def name_of(certificate: x509.Certificate) -> str:
    """Its common name, by which people know the client."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return name[:_NAME_LIMIT].strip() or "a client without a name"


def _read(file: Path) -> x509.Certificate | None:
    try:
        data = read_at_most(file, LARGEST)
        is_pem = data.lstrip().startswith(b"-----")
        return x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
    except (OSError, ValueError):
        return None


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
