"""The server's own certificate and key: made at the first start, and kept.

The certificate names the application by its URI, as OPC 10000-6, 6.2.2 asks for. It is made anew, with the same key,
when it has run out or names another application; its clients have to trust it again then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sparekey.host import read_at_most, write_atomically
from sparekey.notify.outlet import OutletFault

LIFE: Final = timedelta(days=3653)
KEY_BITS: Final = 2048
"""What Basic256Sha256 takes, and every client of a plant."""
LARGEST: Final = 64 * 1024
_SUBJECT_LIMIT: Final = 64
"""Characters of a common name (RFC 5280, ub-common-name)."""


@dataclass(frozen=True, slots=True)
class Application:
    """Whom the certificate names: its URI, the name that people read, and the host that it runs on."""

    uri: str
    name: str
    host: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Where certificate (DER) and private key (PEM, mode 0600: T4) lie."""

    certificate: Path
    key: Path


def own_identity(folder: Path, application: Application, now: datetime) -> Identity:
    """Make what is missing. Raise OutletFault where a file is damaged, OSError where the folder cannot be used."""
    folder.mkdir(parents=True, exist_ok=True)
    identity = Identity(folder / "certificate.der", folder / "private_key.pem")
    if not identity.key.exists():
        write_atomically(identity.key, _new_key(), mode=0o600)
        identity.certificate.unlink(missing_ok=True)
    key = _read_key(identity.key)
    if not _serves(identity.certificate, key, application.uri, now):
        certificate = _new_certificate(application, key, now)
        write_atomically(identity.certificate, certificate.public_bytes(Encoding.DER), mode=0o644)
    return identity


def _new_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read_key(path: Path) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(read_at_most(path, LARGEST), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged(path) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _damaged(path)
    return key


def _serves(path: Path, key: rsa.RSAPrivateKey, uri: str, now: datetime) -> bool:
    """Whether there is a certificate of this key that names this application and has not run out."""
    if not path.exists():
        return False
    try:
        certificate = x509.load_der_x509_certificate(read_at_most(path, LARGEST))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        raise _damaged(path) from None
    is_ours = certificate.public_key() == key.public_key()
    is_named = uri in names.get_values_for_type(x509.UniformResourceIdentifier)
    return is_ours and is_named and now < certificate.not_valid_after_utc


def _damaged(path: Path) -> OutletFault:
    return OutletFault(f"{path} is damaged; put it back from a backup, or remove it: then a new one is made to trust")


def _new_certificate(application: Application, key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, application.name[:_SUBJECT_LIMIT])])
    names = x509.SubjectAlternativeName(
        [x509.UniformResourceIdentifier(application.uri), x509.DNSName(application.host)]
    )
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clients whose clock is behind
        .not_valid_after(now + LIFE)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, SHA256())
    )


_USE: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=True,
    data_encipherment=True,
    key_cert_sign=True,  # it signs itself: some clients refuse it otherwise
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
