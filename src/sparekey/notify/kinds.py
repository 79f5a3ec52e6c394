"""From the settings of an outlet to the outlet; its library is imported when it is used."""

from __future__ import annotations

from pathlib import Path

from sparekey.notify.metrics.outlet import MetricsOutlet
from sparekey.notify.mqtt.outlet import MqttOutlet
from sparekey.notify.outlet import Outlet
from sparekey.notify.outlet_settings import Metrics, Mqtt
from sparekey.notify.outlet_settings import Outlet as Settings


def make_outlet(settings: Settings, folder: Path) -> Outlet:
    """The outlet of these settings; `folder` is the state folder, where it may keep what it needs."""
    match settings:
        case Mqtt():
            return MqttOutlet(settings)
        case Metrics():
            return MetricsOutlet(settings)
        case _:
            raise NotImplementedError(f"outlet {settings.name} in {folder}")
