"""Which clients of the OPC UA server are trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from notify.opcua_identity import ClientIdentity
from sparekey.notify.opcua.clients import MOST_REJECTED, Clients


def new(folder: Path, name: str) -> x509.Certificate:
    return ClientIdentity.make(folder / "made", name).read()


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_a_client_is_trusted_as_long_as_its_certificate_lies_there(tmp_path: Path, encoding: Encoding) -> None:
    clients, station = Clients(tmp_path), new(tmp_path, "station")
    assert not clients.trusts(station)
    file = clients.trusted / "whatever name"
    file.write_bytes(station.public_bytes(encoding))
    assert clients.trusts(station)
    file.unlink()
    assert not clients.trusts(station)


def test_another_certificate_of_the_same_name_is_not_trusted(tmp_path: Path) -> None:
    clients, station = Clients(tmp_path), new(tmp_path, "station")
    (clients.trusted / "station.der").write_bytes(station.public_bytes(Encoding.DER))
    assert not clients.trusts(new(tmp_path, "station"))


def test_what_is_no_certificate_counts_for_nothing(tmp_path: Path) -> None:
    clients, station = Clients(tmp_path), new(tmp_path, "station")
    (clients.trusted / "notes.txt").write_text("ask Anna")
    (clients.trusted / "old").mkdir()
    (clients.trusted / "station.der").write_bytes(station.public_bytes(Encoding.DER))
    assert clients.trusts(station)


def test_a_rejected_certificate_is_kept_under_a_name_that_leads_nowhere_else(tmp_path: Path) -> None:
    clients, stranger, evil = Clients(tmp_path), new(tmp_path, "station"), new(tmp_path, "../../Anna")
    for each in (stranger, evil, evil):
        clients.reject(each)
    assert len({file.name for file in clients.rejected.iterdir()}) == 2
    assert {x509.load_der_x509_certificate(file.read_bytes()) for file in clients.rejected.iterdir()} == {
        stranger,
        evil,
    }


def test_t6_the_oldest_of_many_rejected_go(tmp_path: Path) -> None:
    clients = Clients(tmp_path)
    for number in range(MOST_REJECTED + 5):
        (clients.rejected / f"{number}.der").write_bytes(b"")
    clients.reject(new(tmp_path, "the newest"))
    kept = [file.name for file in clients.rejected.iterdir()]
    assert len(kept) == MOST_REJECTED
    assert any(name.startswith("the newest [") for name in kept)
