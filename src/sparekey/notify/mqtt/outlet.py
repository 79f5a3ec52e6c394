"""The outlet `[outlet.mqtt]`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sparekey.notify.feed import Feed
from sparekey.notify.library import with_library
from sparekey.notify.mqtt.topics import VariableTopics
from sparekey.notify.outlet import Outbox
from sparekey.notify.outlet_settings import Mqtt

_Serve: TypeAlias = Callable[[Mqtt, VariableTopics, Feed, Outbox, Callable[[], None]], Awaitable[None]]


class MqttOutlet:
    """Publishes readings, alarms and messages."""

    takes_messages = True

    def __init__(self, settings: Mqtt) -> None:
        self._settings = settings
        self._topics = VariableTopics()

    @property
    def name(self) -> str:
        return self._settings.name

    async def run(self, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:
        serve = await with_library(_load, "mqtt")
        await serve(self._settings, self._topics, feed, outbox, well)


def _load() -> _Serve:
    from sparekey.notify.mqtt.connection import serve

    return serve
