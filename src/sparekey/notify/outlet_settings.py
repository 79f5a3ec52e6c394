"""The outlets of reactions.toml: a table `[outlet.NAME]` for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import Struct

from sparekey.core.entries import EntryError, Location
from sparekey.notify.findings import Findings
from sparekey.notify.mqtt.broker import PORTS, Broker
from sparekey.notify.positions import Position

OPC_UA, MQTT, METRICS = "opcua", "mqtt", "metrics"
"""The names of outlets that say what they are; another one is known by its keys."""


@dataclass(frozen=True, slots=True)
class OpcUa:
    """An OPC UA server at this endpoint, `opc.tcp://HOST:PORT`."""

    name: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Mqtt:
    """An MQTT broker. The URL may carry user and password (T4); `ca` is a file with the authorities to trust."""

    name: str
    url: str = field(repr=False)
    topic: str
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics for Prometheus, at this address."""

    name: str
    listen: Location


@dataclass(frozen=True, slots=True)
class Messages:
    """Whatever apprise knows by its URL, in which there may be passwords and tokens (T4)."""

    name: str
    url: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """What can be shown of the URL."""
        return self.url.partition("://")[0].lower()


Outlet: TypeAlias = OpcUa | Mqtt | Metrics | Messages


class _OpcUaTable(Struct):
    endpoint: str


class _MqttTable(Struct):
    url: str
    topic: str = "sparekey"
    ca: str | None = None


class _MetricsTable(Struct):
    listen: str


class _MessagesTable(Struct):
    url: str


_SHAPES: Mapping[str, type[_OpcUaTable | _MqttTable | _MetricsTable | _MessagesTable]] = {
    OPC_UA: _OpcUaTable,
    MQTT: _MqttTable,
    METRICS: _MetricsTable,
}


def read_outlets(tables: object, found: Findings) -> dict[str, Outlet]:
    """The outlets by name; what is wrong with the others is among the findings."""
    if not isinstance(tables, dict):
        found.fault(("outlet",), "an outlet is a table with its name, such as [outlet.mail]")
        return {}
    outlets = {name: _outlet(name, table, found) for name, table in tables.items()}
    return {name: outlet for name, outlet in outlets.items() if outlet}


def _outlet(name: str, table: object, found: Findings) -> Outlet | None:
    where: Position = ("outlet", name)
    settings = found.shaped(where, table, _SHAPES.get(_kind(name, table), _MessagesTable))
    match settings:
        case _OpcUaTable():
            return found.attempt((*where, "endpoint"), lambda: OpcUa(name, _endpoint(settings.endpoint)))
        case _MqttTable():
            return found.attempt((*where, "url"), lambda: _mqtt(name, settings))
        case _MetricsTable():
            return found.attempt((*where, "listen"), lambda: Metrics(name, _listen(settings.listen)))
        case _MessagesTable():
            return found.attempt((*where, "url"), lambda: Messages(name, _url(settings.url)))
        case None:
            return None


def _kind(name: str, table: object) -> str:
    """By its name, else by its keys."""
    if name in _SHAPES or not isinstance(table, dict):
        return name
    if "endpoint" in table:
        return OPC_UA
    if "listen" in table:
        return METRICS
    return MQTT if str(table.get("url")).startswith(tuple(f"{scheme}://" for scheme in PORTS)) else ""


def _endpoint(text: str) -> str:
    scheme, _, place = text.partition("://")
    try:
        Location.parse(place.partition("/")[0] if scheme == "opc.tcp" else "")
    except EntryError:
        raise EntryError("endpoint: it is written opc.tcp://HOST:PORT") from None
    return text


def _listen(text: str) -> Location:
    if not text.rpartition(":")[2].isdigit():
        raise EntryError("listen: it is written HOST:PORT, such as 127.0.0.1:9363")
    return Location.parse(text)


def _mqtt(name: str, settings: _MqttTable) -> Mqtt:
    """No text of an error shows the URL: there may be a password in it (T4)."""
    try:
        broker = Broker.parse(settings.url)
    except EntryError as error:
        raise EntryError(f"url: {error}") from None
    if settings.ca and not broker.tls:
        raise EntryError("ca: it is for a broker with TLS, mqtts://HOST:PORT")
    if not settings.topic.strip("/") or any(c in settings.topic for c in "+#\0"):
        raise EntryError("topic: it begins every topic, such as sparekey, and has neither + nor #")
    return Mqtt(name, settings.url, settings.topic, settings.ca)


def _url(text: str) -> str:
    scheme, divided, _ = text.partition("://")
    if not (divided and scheme.isascii() and scheme.isalnum()):
        raise EntryError(
            "url: it is written SCHEME://..., such as mailto://USER:PASSWORD@HOST or json://HOST:PORT/PATH"
        )
    return text
