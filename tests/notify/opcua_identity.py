"""Certificates of OPC UA clients, as an operator station has one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """A client's name, URI, certificate and key (PEM)."""

    name: str
    uri: str
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str, life: timedelta = timedelta(days=1)) -> ClientIdentity:
        """A new one; `life` counts from now, negative for one that has run out."""
        folder.mkdir(parents=True, exist_ok=True)
        readable = name.replace("/", "_")
        made = cls(
            name, f"urn:plant:{readable.replace(' ', '-')}", folder / f"{readable}.pem", folder / f"{readable}.key"
        )
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        made.certificate.write_bytes(made._certificate(key, life).public_bytes(Encoding.PEM))
        return made

    def read(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes())

    def sign(self, text: bytes) -> bytes:
        """As Basic256Sha256 does."""
        key = load_pem_private_key(self.key.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(text, PKCS1v15(), SHA256())

    def shown(self) -> dict[str, str]:
        return {"certificate": str(self.certificate), "key": str(self.key), "uri": self.uri}

    def _certificate(self, key: rsa.RSAPrivateKey, life: timedelta) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(self.uri), x509.DNSName("localhost")])
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + life)
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(True, True, True, True, False, True, False, False, False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(key, SHA256())
        )
