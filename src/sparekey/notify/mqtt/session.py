"""What a system tells a broker: what is retained first, then that it is online, then all that is new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Final

import msgspec
from aiomqtt import Client, MqttError

from sparekey.notify.feed import Feed, Home, News
from sparekey.notify.mqtt import payloads
from sparekey.notify.mqtt.patience import answered
from sparekey.notify.mqtt.topics import Place, VariableTopics
from sparekey.notify.outlet import Outbox

LOOK: Final = 3.0
"""Seconds for a look at what the broker keeps; one where this user may not read shows nothing."""
FAREWELL: Final = 1.0
"""Seconds for each of the last words, that it goes offline and that the connection ends."""


class Session:
    """One connection, at one place."""

    def __init__(self, client: Client, place: Place, home: Home, topics: VariableTopics) -> None:
        self._client = client
        self._place = place
        self._home = home
        self._topics = topics

    async def look(self) -> Mapping[str, bytes]:
        """What the broker keeps of this place, from whoever was there before, by topic."""
        asked = [(topic, 1) for topic in (self._place.system, self._place.online, self._place.alarm("+"))]
        await answered(self._client.subscribe(asked))
        claim = payloads.of_system(self._home)
        await answered(self._client.publish(self._place.system, claim, qos=1))
        kept: dict[str, bytes] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                async for message in self._client.messages:
                    if message.payload == claim and not message.retain:
                        break  # our own word, sent when all that is kept had been: there is no more
                    if message.retain and isinstance(message.payload, bytes):
                        kept[message.topic.value] = message.payload
        await answered(self._client.unsubscribe([topic for topic, _ in asked]))
        return kept

    def is_taken(self, kept: Mapping[str, bytes]) -> bool:
        """Whether another system is online at this place. One that is not has left it, as a PC that was replaced."""
        if kept.get(self._place.online) != b"true" or self._place.system not in kept:
            return False
        try:
            return msgspec.json.decode(kept[self._place.system], type=payloads.SystemClaim).id != self._home.system
        except msgspec.DecodeError:
            return False

    async def serve(self, kept: Mapping[str, bytes], feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:
        """Publish until cancelled; raise MqttError."""
        try:
            await self._retain(self._place.system, payloads.of_system(self._home))
            await self._forget_alarms(kept, feed)
            await _until_one_fails(self._watch(), self._tell_news(feed, well), self._send(outbox))
        finally:
            with suppress(MqttError):
                await answered(self._client.publish(self._place.online, b"false", retain=True), FAREWELL)

    async def _watch(self) -> None:
        """Wait for the end of the connection."""
        try:
            async for _ in self._client.messages:
                pass
        except MqttError:
            raise MqttError("the connection broke") from None

    async def _forget_alarms(self, kept: Mapping[str, bytes], feed: Feed) -> None:
        """Alarms that went while nobody could tell the broker."""
        standing = {self._place.alarm(key) for key in feed.alarms}
        for topic in kept:
            if topic.startswith(self._place.alarm("")) and topic not in standing:
                await self._retain(topic, b"")

    async def _tell_news(self, feed: Feed, well: Callable[[], None]) -> None:
        subscription = feed.subscribe()
        try:
            await self._tell(await subscription.news())
            await self._retain(self._place.online, b"true")
            well()
            while True:
                await self._tell(await subscription.news())
        finally:
            feed.unsubscribe(subscription)

    async def _tell(self, news: News) -> None:
        """In the order of their names, so that two that would share a topic get the same ones at each start."""
        for key, alarm in news.alarms.items():
            await self._retain(self._place.alarm(key), b"" if alarm.is_gone else payloads.of_alarm(alarm))
        for name in sorted(news.readings, key=str):
            await self._retain(self._topics.of(name, self._place), payloads.of_reading(name, news.readings[name]))

    async def _send(self, outbox: Outbox) -> None:
        while True:
            message = await outbox.next()
            await answered(self._client.publish(self._place.alarms, payloads.of_message(message), qos=1))
            outbox.delivered(message)

    async def _retain(self, topic: str, payload: bytes) -> None:
        """An empty payload is retained no more."""
        await answered(self._client.publish(topic, payload, qos=1, retain=True))


async def _until_one_fails(*works: Coroutine[None, None, None]) -> None:
    """Like a TaskGroup, but with the exception itself, not a group of them."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
