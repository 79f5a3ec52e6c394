"""Who a client of the OPC UA server is, and what it may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import UserRole
from asyncua.ua.status_codes import StatusCodes
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from notify.opcua_identity import ClientIdentity
from notify.opcua_plant import Technicians
from sparekey.notify.opcua.acknowledgements import Acknowledgements
from sparekey.notify.opcua.certificate import Application, own_identity
from sparekey.notify.opcua.clients import Clients
from sparekey.notify.opcua.session import Guests, Reception, Session


@asynccontextmanager
async def session(folder: Path) -> AsyncIterator[Session]:
    """A session that waits for its client to say who it is."""
    identity = own_identity(folder, Application("urn:server", "server", "localhost"), datetime.now(UTC))
    reception = Reception(Clients(folder), Acknowledgements(Technicians().feed))
    reception.certificate = x509.load_der_x509_certificate(identity.certificate.read_bytes())
    made = reception.create_session("client", external=True)
    assert isinstance(made, Session)
    await made.create_session(ua.CreateSessionParameters())
    try:
        yield made
    finally:
        await made.close_session()
        reception.method_service.stop()


def station(folder: Path, life: timedelta = timedelta(days=1)) -> ClientIdentity:
    made = ClientIdentity.make(folder, "Operator station 3", life)
    trusted = folder / "trusted"
    trusted.mkdir(exist_ok=True)
    (trusted / "station.pem").write_bytes(made.certificate.read_bytes())
    return made


def challenge(of: Session) -> bytes:
    assert of.nonce is not None
    own: x509.Certificate = of.iserver.certificate
    return own.public_bytes(Encoding.DER) + of.nonce


def activate(of: Session, shown: ClientIdentity, signature: bytes | None) -> str:
    params = ua.ActivateSessionParameters(UserIdentityToken=ua.AnonymousIdentityToken())
    params.ClientSignature.Signature = signature and ua.ByteString(signature)
    of.activate_session(params, shown.read().public_bytes(Encoding.DER))
    return of.client


async def test_who_signs_the_challenge_is_known_by_the_name_of_its_certificate(tmp_path: Path) -> None:
    shown = station(tmp_path)
    async with session(tmp_path) as of:
        assert activate(of, shown, shown.sign(challenge(of))) == "Operator station 3"


async def test_who_shows_a_trusted_certificate_without_its_key_is_nobody(tmp_path: Path) -> None:
    shown, other = station(tmp_path), ClientIdentity.make(tmp_path, "another")
    async with session(tmp_path) as of:
        assert activate(of, shown, None) == ""
        assert activate(of, shown, other.sign(challenge(of))) == ""


async def test_a_signature_of_an_earlier_challenge_proves_nothing(tmp_path: Path) -> None:
    shown = station(tmp_path)
    async with session(tmp_path) as of:
        signature = shown.sign(challenge(of))
        assert activate(of, shown, signature) == "Operator station 3"
        assert activate(of, shown, signature) == ""


@pytest.mark.parametrize(
    ("trusted", "life", "refusal"),
    [(False, 1, StatusCodes.BadCertificateUntrusted), (True, -1, StatusCodes.BadCertificateTimeInvalid)],
)
async def test_a_certificate_that_is_not_trusted_or_has_run_out_is_refused(
    tmp_path: Path, trusted: bool, life: int, refusal: int
) -> None:
    shown = station(tmp_path, timedelta(days=life))
    if not trusted:
        (tmp_path / "trusted" / "station.pem").unlink()
    async with session(tmp_path) as of:
        of.client = "whoever it was before"
        with pytest.raises(ServiceError) as refused:
            activate(of, shown, shown.sign(challenge(of)))
        assert refused.value.code == refusal
        assert of.client == ""


async def test_nobody_is_known_by_a_password(tmp_path: Path) -> None:
    async with session(tmp_path) as of:
        user = Guests().get_user(of.iserver, username="admin", password="admin")  # noqa: S106
        assert user.role is UserRole.User


async def test_t6_tokens_of_sessions_cannot_be_guessed(tmp_path: Path) -> None:
    async with session(tmp_path) as one, session(tmp_path) as two:
        tokens = (one.auth_token.Identifier, two.auth_token.Identifier)
        assert all(isinstance(token, bytes) and len(token) == 32 for token in tokens)
        assert tokens[0] != tokens[1]


async def test_this_is_no_discovery_server(tmp_path: Path) -> None:
    async with session(tmp_path) as of:
        with pytest.raises(ServiceError) as refused:
            of.iserver.register_server(ua.RegisteredServer())
        assert refused.value.code == StatusCodes.BadServiceUnsupported
