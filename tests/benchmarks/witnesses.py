"""Who notes when an alarm arrives: one witness for each kind of outlet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from asyncua.sync import Client as OpcUaClient
from paho.mqtt.client import Client as MqttClient
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from notify.mosquitto import PROGRAM, mosquitto
from notify.recipients import MailServer, Recipient, Webhook, free_port
from plant import until
from sparekey.host import boot_clock
from systems import PATIENCE


class Witness(Protocol):
    """`table` is its outlet in reactions.toml. `attend` is called when the notifier serves."""

    table: str

    def attend(self) -> None: ...

    @property
    def arrivals(self) -> list[float]:
        """When each alarm arrived, boot clock."""


class Told:
    """A recipient of messages."""

    def __init__(self, name: str, recipient: Recipient) -> None:
        self.table = f'[outlet.{name}]\nurl = "{recipient.url}"\n'
        self._recipient = recipient

    def attend(self) -> None:
        """It is there already."""

    @property
    def arrivals(self) -> list[float]:
        return [told.at for told in self._recipient.told]


class MqttWitness:
    """Listens at a broker for messages of alarms."""

    def __init__(self, port: int) -> None:
        self.table = f'[outlet.mqtt]\nurl = "mqtt://127.0.0.1:{port}"\n'
        self.arrivals: list[float] = []
        self._client = MqttClient(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._note
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("sparekey/+/alarms", qos=1)
        self._client.loop_start()

    def attend(self) -> None:
        """It listens already."""

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _note(self, _client: MqttClient, _data: object, _message: MQTTMessage) -> None:
        self.arrivals.append(boot_clock())


class OpcUaWitness:
    """Subscribes to the events of the server. Its outlet cannot be watched before it serves."""

    def __init__(self) -> None:
        self._endpoint = f"opc.tcp://127.0.0.1:{free_port()}"
        self.table = f'[outlet.opcua]\nendpoint = "{self._endpoint}"\n'
        self.arrivals: list[float] = []
        self._client: OpcUaClient | None = None

    def attend(self) -> None:
        for _ in until(PATIENCE):
            client = OpcUaClient(self._endpoint)
            try:
                client.connect()
            except OSError:
                client.tloop.stop()
                continue
            self._client = client
            break
        assert self._client
        self._client.create_subscription(10, self).subscribe_events()

    def event_notification(self, _event: Any) -> None:
        self.arrivals.append(boot_clock())

    def close(self) -> None:
        if self._client:
            self._client.disconnect()


@contextmanager
def witnesses(folder: Path) -> Iterator[dict[str, Witness]]:
    """Those that there can be on this machine, by the name of what they speak."""
    mail, webhook, opcua = MailServer(), Webhook(), OpcUaWitness()
    mail.start()
    webhook.start()
    found: dict[str, Witness] = {"SMTP": Told("mail", mail), "webhook": Told("hook", webhook), "OPC UA": opcua}
    try:
        if PROGRAM is None:
            yield found
            return
        with mosquitto(folder) as broker:
            mqtt = MqttWitness(broker.port)
            try:
                yield {**found, "MQTT": mqtt}
            finally:
                mqtt.close()
    finally:
        opcua.close()
        webhook.stop()
        mail.stop()
