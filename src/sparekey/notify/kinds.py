"""From the settings of an outlet to the outlet; its library is imported when it is used."""

from __future__ import annotations

from pathlib import Path

from sparekey.notify.messages.outlet import MessagesOutlet
from sparekey.notify.metrics.outlet import MetricsOutlet
from sparekey.notify.mqtt.outlet import MqttOutlet
from sparekey.notify.opcua.outlet import OpcUaOutlet
from sparekey.notify.outlet import Outlet
from sparekey.notify.outlet_settings import Messages, Metrics, Mqtt, OpcUa
from sparekey.notify.outlet_settings import Outlet as Settings


def make_outlet(settings: Settings, folder: Path) -> Outlet:
    """The outlet of these settings; `folder` is the state folder, where it may keep what it needs."""
    match settings:
        case Mqtt():
            return MqttOutlet(settings)
        case Metrics():
            return MetricsOutlet(settings)
        case Messages():
            return MessagesOutlet(settings)
        case OpcUa():
            return OpcUaOutlet(settings, folder)
