"""What gives access to a broker: a password file, and TLS with an authority of the test's own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def password_file(folder: Path, user: str, password: str) -> str:
    """The option of a broker that lets this user in, and nobody else."""
    file = folder / "passwords"
    subprocess.run(("mosquitto_passwd", "-b", "-c", str(file), user, password), check=True, capture_output=True)
    return f"password_file {file}"


@dataclass(frozen=True, slots=True)
class Authority:
    """The file to trust it by, and the options of a broker that has its certificate."""

    file: Path
    options: tuple[str, ...]


def authority(folder: Path, address: str = "127.0.0.1") -> Authority:
    """An authority, and the certificate of a broker at this address."""
    own, brokers = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plant authority")])
    root = (
        _certificate(name, own, name, own)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(own, hashes.SHA256())
    )
    leaf = (
        _certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")]), brokers, name, own)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .sign(own, hashes.SHA256())
    )
    ca, certificate, key = folder / "ca.pem", folder / "broker.pem", folder / "broker.key"
    ca.write_bytes(root.public_bytes(Encoding.PEM))
    certificate.write_bytes(leaf.public_bytes(Encoding.PEM))
    key.write_bytes(brokers.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Authority(ca, (f"cafile {ca}", f"certfile {certificate}", f"keyfile {key}"))


def _certificate(
    subject: x509.Name, key: EllipticCurvePrivateKey, issuer: x509.Name, issuer_key: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
