"""A connection to an MQTT broker, from its login to its end."""

from __future__ import annotations

import asyncio
import hashlib
import math
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiomqtt import Client, MqttError, Will
from aiomqtt.exceptions import MqttCodeError

from sparekey.notify.feed import Feed
from sparekey.notify.mqtt.broker import Broker
from sparekey.notify.mqtt.patience import KEEPALIVE, answered
from sparekey.notify.mqtt.session import FAREWELL, Session
from sparekey.notify.mqtt.topics import Place, VariableTopics, fit
from sparekey.notify.outlet import Outbox, OutletFault
from sparekey.notify.outlet_settings import Mqtt

MOST_INCOMING: Final = 10_000


async def serve(settings: Mqtt, topics: VariableTopics, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:
    """Publish until cancelled; raise OutletFault where the broker cannot be reached, refuses or is silent."""
    broker = Broker.parse(settings.url)
    tls = await asyncio.to_thread(_tls, settings.ca) if broker.tls else None
    identity = _identity(feed.home.system, settings.name)
    try:
        for place in _places(settings.topic, feed):
            async with _connected(_client(broker, tls, place, identity)) as client:
                session = Session(client, place, feed.home, topics)
                kept = await session.look()
                if not session.is_taken(kept):
                    await session.serve(kept, feed, outbox, well)
    except MqttError as error:
        raise OutletFault(f"{broker}: {_reason(error)}") from None
    raise OutletFault(f"{broker}: other systems are called {feed.home.name}, too; name one with SPAREKEY_SYSTEM")


def _places(topic: str, feed: Feed) -> tuple[Place, Place]:
    """Its name's, and the one where it stands while another system of that name is online at the first."""
    prefix = f"{topic.strip('/')}/{fit(feed.home.name)}"
    return Place(prefix), Place(f"{prefix}-{feed.home.system[:8]}")


@asynccontextmanager
async def _connected(client: Client) -> AsyncIterator[Client]:
    await answered(client.__aenter__())
    try:
        yield client
    finally:
        with suppress(MqttError):
            await answered(client.__aexit__(None, None, None), FAREWELL)


def _client(broker: Broker, tls: ssl.SSLContext | None, place: Place, identity: str) -> Client:
    return Client(
        broker.at.host,
        broker.at.port,
        username=broker.user,
        password=broker.password,
        identifier=identity,
        will=Will(place.online, b"false", qos=1, retain=True),
        timeout=math.inf,
        keepalive=KEEPALIVE,
        max_queued_incoming_messages=MOST_INCOMING,
        tls_context=tls,
    )


def _identity(system: str, outlet: str) -> str:
    """The client identifier: the same for ever, so that the broker ends an earlier connection that it still believes
    in, last will included, before this one says that it is online. Every broker takes 23 characters (MQTT 3.1.1,
    3.1.3.1)."""
    return "sparekey" + hashlib.sha256(f"{system} {outlet}".encode()).hexdigest()[:15]


def _tls(authority: str | None) -> ssl.SSLContext:
    """Trust this file, else what the operating system trusts; raise OutletFault."""
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise OutletFault(f"the authority {authority} cannot be read: {error.strerror or error}") from None


def _reason(error: MqttError) -> str:
    """What the broker said, without the number that it has in the library."""
    return str(error).rpartition("] ")[2] if isinstance(error, MqttCodeError) else str(error)
