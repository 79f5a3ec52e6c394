"""What a client may do: everybody reads, nobody writes, a trusted client acknowledges."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.user_managers import UserManager
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from sparekey.notify.opcua.acknowledgements import Acknowledgements
from sparekey.notify.opcua.clients import Clients, name_of
from sparekey.notify.opcua.event_filter import include_subtypes
from sparekey.notify.opcua.names import standard_node, status

_ACKNOWLEDGE = standard_node(ObjectIds.AcknowledgeableConditionType_Acknowledge)


class Guests(UserManager):
    """Nobody has a password here: whoever comes reads. Who is more than that is known by a certificate."""

    def get_user(self, *_: object, **__: object) -> User:
        return User(role=UserRole.User)


class Reception(InternalServer):
    """Opens the sessions."""

    def __init__(self, clients: Clients, acknowledgements: Acknowledgements) -> None:
        super().__init__(user_manager=Guests())
        self.clients = clients
        self.acknowledgements = acknowledgements

    def create_session(self, name: str, user: User | None = None, external: bool = False) -> InternalSession:
        return Session(self, name, user or User(), external)

    def register_server(self, *_: object, **__: object) -> None:
        """This is no discovery server; who may register would fill its memory (T6)."""
        raise ServiceError(StatusCodes.BadServiceUnsupported)


class Session(InternalSession):
    """One client's session. `client` is the name of a trusted client, "" for anybody else."""

    def __init__(self, reception: Reception, name: str, user: User, external: bool) -> None:
        super().__init__(
            reception, reception.aspace, reception.subscription_service, name, user=user, external=external
        )
        self._reception = reception
        self.client = ""
        if external:
            # asyncua counts them up; who guessed one would take over the session of another client
            reception.unregister_external_session(self)
            self.auth_token = ua.NodeId(ua.ByteString(secrets.token_bytes(32)))
            reception.register_external_session(self)

    def activate_session(
        self, params: ua.ActivateSessionParameters, peer_certificate: bytes | None
    ) -> ua.ActivateSessionResult:
        self.client = ""
        self.client = self._proven_client(peer_certificate, params.ClientSignature.Signature)
        return super().activate_session(params, peer_certificate)

    def _proven_client(self, certificate: bytes | None, signature: bytes | None) -> str:
        """The name of the trusted client that has signed our challenge; "" where nobody did.

        A certificate alone is no proof: it can be shown on an endpoint without security too.
        """
        if not (certificate and signature and self.nonce):
            return ""
        shown = x509.load_der_x509_certificate(certificate)
        own: x509.Certificate = self._reception.certificate
        if not _has_signed(shown, own.public_bytes(Encoding.DER) + self.nonce, signature):
            return ""
        self._check(shown)
        return name_of(shown)

    def _check(self, certificate: x509.Certificate) -> None:
        if not self._reception.clients.trusts(certificate):
            self._reception.clients.reject(certificate)
            raise ServiceError(StatusCodes.BadCertificateUntrusted)
        if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
            raise ServiceError(StatusCodes.BadCertificateTimeInvalid)

    # methods

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        return [await self._call(each) for each in params]

    async def _call(self, request: ua.CallMethodRequest) -> ua.CallMethodResult:
        if request.MethodId == _ACKNOWLEDGE:
            return ua.CallMethodResult(StatusCode=status(self._acknowledge(request)))
        (result,) = await super().call([request])
        return result

    def _acknowledge(self, request: ua.CallMethodRequest) -> int:
        if not self.client:
            return StatusCodes.BadUserAccessDenied
        match [argument.Value for argument in request.InputArguments or ()]:
            case [bytes(event), ua.LocalizedText() | None as comment]:
                text = (comment.Text if comment else None) or ""
                return self._reception.acknowledgements.acknowledge(request.ObjectId, event, text, self.client)
            case [_, _]:
                return StatusCodes.BadInvalidArgument
            case [_, _, _, *_]:
                return StatusCodes.BadTooManyArguments
            case _:
                return StatusCodes.BadArgumentsMissing

    # subscriptions

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        self._check_own(params.SubscriptionId)
        for item in params.ItemsToCreate:
            wanted = item.RequestedParameters.Filter
            if isinstance(wanted, ua.EventFilter):
                include_subtypes(wanted.WhereClause)
        return await super().create_monitored_items(params)

    async def modify_monitored_items(
        self, params: ua.ModifyMonitoredItemsParameters
    ) -> list[ua.MonitoredItemModifyResult]:
        self._check_own(params.SubscriptionId)
        return await super().modify_monitored_items(params)

    async def delete_monitored_items(self, params: ua.DeleteMonitoredItemsParameters) -> list[ua.StatusCode]:
        self._check_own(params.SubscriptionId)
        return await super().delete_monitored_items(params)

    async def set_monitoring_mode(self, params: ua.SetMonitoringModeParameters) -> list[ua.StatusCode]:
        self._check_own(params.SubscriptionId)
        return await super().set_monitoring_mode(params)

    async def set_publishing_mode(self, params: ua.SetPublishingModeParameters) -> list[ua.StatusCode]:
        for each in params.SubscriptionIds:
            self._check_own(each)
        return await super().set_publishing_mode(params)

    async def delete_subscriptions(self, ids: list[int]) -> list[ua.StatusCode]:
        for each in ids:
            self._check_own(each)
        return await super().delete_subscriptions(ids)

    async def transfer_subscriptions(  # type: ignore[override]  # as in asyncua itself
        self, params: ua.TransferSubscriptionsParameters, callback: Callable[..., Any]
    ) -> list[ua.TransferResult]:
        for each in params.SubscriptionIds:
            self._check_own(each)
        return await super().transfer_subscriptions(params, callback)

    def _check_own(self, subscription: int) -> None:
        """Nobody silences the subscription of another client, which asyncua would allow."""
        known = self.subscription_service.subscriptions.get(subscription)
        if known is None or known.session_id != self.session_id:
            raise ServiceError(StatusCodes.BadSubscriptionIdInvalid)


def _has_signed(certificate: x509.Certificate, text: bytes, signature: bytes) -> bool:
    """As Basic256Sha256 signs (OPC 10000-7)."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
