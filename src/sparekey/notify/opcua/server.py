"""The OPC UA server: one for each run of the outlet."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.uaerrors import UaError

from sparekey.notify.feed import Feed, Home, News
from sparekey.notify.opcua.acknowledgements import Acknowledgements
from sparekey.notify.opcua.address_space import AddressSpace
from sparekey.notify.opcua.certificate import Application, Identity, own_identity
from sparekey.notify.opcua.clients import Clients
from sparekey.notify.opcua.conditions import Conditions
from sparekey.notify.opcua.session import Reception
from sparekey.notify.outlet import OutletFault
from sparekey.notify.outlet_settings import OpcUa

PORT: Final = 4840
"""Where the endpoint names none."""
REFRESH_SEVERITY: Final = 100
_SECURITY: Final = [ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt]
_CURES: Final = {
    errno.EADDRINUSE: "another program listens there; end it, or name another port",
    errno.EADDRNOTAVAIL: "this machine has no such address; name one that it has, or 0.0.0.0 for all",
    errno.EACCES: "this user may not; name a port above 1023",
}


@dataclass(frozen=True, slots=True)
class _Plant:
    """What the server shows."""

    space: AddressSpace
    conditions: Conditions

    async def show(self, news: News) -> None:
        for name, reading in news.readings.items():
            await self.space.show(name, reading)
        for alarm in news.alarms.values():
            await self.conditions.announce(alarm, time.time())
            await asyncio.sleep(0)  # others of this loop come between


async def serve(settings: OpcUa, folder: Path, feed: Feed, well: Callable[[], None]) -> None:
    """Serve until cancelled; certificates lie in `folder`. Raise OutletFault."""
    endpoint = _endpoint(settings)
    try:
        application = _application(feed.home)
        identity = await asyncio.to_thread(own_identity, folder, application, datetime.now(UTC))
        clients = await asyncio.to_thread(Clients, folder)
    except OSError as error:
        raise OutletFault(f"the folder for certificates cannot be used: {error}") from error
    acknowledgements = Acknowledgements(feed)
    server = await _new_server(Reception(clients, acknowledgements), endpoint, application, identity)
    space = await AddressSpace.create(server)
    plant = _Plant(space, Conditions(server, space, acknowledgements))
    subscription = feed.subscribe()
    try:
        await plant.show(await subscription.news())
        async with _listening(server, settings):
            well()
            while True:
                await plant.show(await subscription.news())
    except UaError as error:
        raise OutletFault(f"asyncua: {error}") from error
    finally:
        feed.unsubscribe(subscription)


async def _new_server(reception: Reception, endpoint: str, application: Application, identity: Identity) -> Server:
    """A server that does not listen yet."""
    # a traceback for every stranger's mistake is no message to people
    logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)
    reception.bind_condition_methods = REFRESH_SEVERITY  # before `init`: later it is not looked at
    server = Server(iserver=reception)
    server.name = application.name
    server.manufacturer_name = "Sparekey"
    server.product_uri = "urn:sparekey:product"
    server.application_type = ua.ApplicationType.Server
    await server.init()
    await server.set_application_uri(application.uri)
    release = version("sparekey")
    await server.set_build_info(server.product_uri, "Sparekey", "Sparekey", release, release, datetime.now(UTC))
    await server.load_certificate(identity.certificate)
    await server.load_private_key(identity.key)
    server.set_security_policy(_SECURITY)
    server.set_identity_tokens([ua.AnonymousIdentityToken])
    server.set_endpoint(endpoint)
    return server


@asynccontextmanager
async def _listening(server: Server, settings: OpcUa) -> AsyncIterator[None]:
    try:
        await server.start()
    except OSError as error:
        cure = _CURES.get(error.errno or 0, f"{error.strerror or error}; correct the endpoint")
        raise OutletFault(f"cannot listen at {settings.endpoint}: {cure}") from error
    try:
        yield
    finally:
        await server.stop()


def _endpoint(settings: OpcUa) -> str:
    """The endpoint with its port."""
    try:
        url = urlsplit(settings.endpoint)
        host, port = url.hostname, url.port or PORT
    except ValueError:
        host, port = None, PORT
    if not host:
        raise OutletFault(f"endpoint {settings.endpoint} cannot be read; it is written opc.tcp://HOST:PORT")
    written = f"[{host}]" if ":" in host else host
    return f"opc.tcp://{written}:{port}{url.path}"


def _application(home: Home) -> Application:
    return Application(f"urn:sparekey:system:{quote(home.system, safe='')}", f"Sparekey {home.name}", _host_name())


def _host_name() -> str:
    """As a certificate takes it: ASCII, or its form in DNS."""
    name = socket.gethostname()
    return name if name.isascii() else name.encode("idna").decode("ascii")
