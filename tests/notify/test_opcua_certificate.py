"""The server's own certificate and key."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sparekey.notify.opcua.certificate import LIFE, Application, own_identity
from sparekey.notify.outlet import OutletFault

NOW = datetime(2026, 11, 25, tzinfo=UTC)
APPLICATION = Application("urn:sparekey:system:4f5a9c", "Sparekey line-3", "line-3")


def certificate(folder: Path) -> x509.Certificate:
    return x509.load_der_x509_certificate((folder / "certificate.der").read_bytes())


def key(folder: Path) -> RSAPrivateKey:
    read = load_pem_private_key((folder / "private_key.pem").read_bytes(), None)
    assert isinstance(read, RSAPrivateKey)
    return read


def test_it_names_the_application_and_the_host_and_belongs_to_the_key(tmp_path: Path) -> None:
    own_identity(tmp_path, APPLICATION, NOW)
    names = certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [APPLICATION.uri]
    assert names.get_values_for_type(x509.DNSName) == ["line-3"]
    assert certificate(tmp_path).public_key() == key(tmp_path).public_key()


def test_t4_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    identity = own_identity(tmp_path, APPLICATION, NOW)
    assert stat.S_IMODE(identity.key.stat().st_mode) == 0o600


def test_both_are_kept(tmp_path: Path) -> None:
    own_identity(tmp_path, APPLICATION, NOW)
    before = certificate(tmp_path), key(tmp_path).private_numbers()
    own_identity(tmp_path, APPLICATION, NOW + timedelta(days=365))
    assert (certificate(tmp_path), key(tmp_path).private_numbers()) == before


@pytest.mark.parametrize(
    ("application", "later"),
    [
        pytest.param(APPLICATION, LIFE, id="it has run out"),
        pytest.param(
            Application("urn:sparekey:system:77", "Sparekey line-3", "line-3"), timedelta(0), id="another system"
        ),
    ],
)
def test_a_certificate_that_serves_no_more_is_made_anew_with_the_same_key(
    tmp_path: Path, application: Application, later: timedelta
) -> None:
    own_identity(tmp_path, APPLICATION, NOW)
    before = certificate(tmp_path)
    own_identity(tmp_path, application, NOW + later)
    assert certificate(tmp_path).serial_number != before.serial_number
    assert certificate(tmp_path).public_key() == before.public_key()


def test_a_certificate_of_another_key_is_made_anew(tmp_path: Path) -> None:
    own_identity(tmp_path / "a", APPLICATION, NOW)
    own_identity(tmp_path / "b", APPLICATION, NOW)
    (tmp_path / "a" / "certificate.der").replace(tmp_path / "b" / "certificate.der")
    own_identity(tmp_path / "b", APPLICATION, NOW)
    assert certificate(tmp_path / "b").public_key() == key(tmp_path / "b").public_key()


@pytest.mark.parametrize("name", ["certificate.der", "private_key.pem"])
def test_a_damaged_file_is_named_with_the_cure_and_stays(tmp_path: Path, name: str) -> None:
    own_identity(tmp_path, APPLICATION, NOW)
    (tmp_path / name).write_bytes(b"no certificate")
    with pytest.raises(OutletFault, match=f"{name} is damaged; .* or remove it"):
        own_identity(tmp_path, APPLICATION, NOW)
    assert (tmp_path / name).read_bytes() == b"no certificate"
