"""What the outlets see: every reading and alarm as it is now, and news of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sparekey.core.alarms import Alarm
from sparekey.core.variables import Name, Reading


@dataclass(frozen=True, slots=True)
class Home:
    """The system that is told of: its id, and the name by which people know it."""

    system: str
    name: str


@dataclass(frozen=True, slots=True)
class News:
    """What has changed. An alarm that is gone comes once more, in the state NORMAL."""

    readings: Mapping[Name, Reading] = field(default_factory=dict)
    alarms: Mapping[int, Alarm] = field(default_factory=dict)


class Subscription:
    """News since they were fetched last; of each variable and alarm the latest, so that it is bounded."""

    def __init__(self, readings: Mapping[Name, Reading], alarms: Mapping[int, Alarm]) -> None:
        self._readings = dict(readings)
        self._alarms = dict(alarms)
        self._some = asyncio.Event()
        self._some.set()

    async def news(self) -> News:
        """Wait for news; the first are all that there is."""
        await self._some.wait()
        self._some.clear()
        news = News(self._readings, self._alarms)
        self._readings, self._alarms = {}, {}
        return news

    def tell(self, news: News) -> None:
        self._readings |= news.readings
        self._alarms |= news.alarms
        self._some.set()


class Feed:
    """Shared by all outlets of one notifier, in its loop.

    `readings` has all variables; `alarms` those that are not gone, by key. Who acknowledges an alarm by an outlet does
    so with `acknowledge(key, by, comment)`, which raises NotPossible.
    """

    def __init__(self, home: Home, acknowledge: Callable[[int, str, str], None]) -> None:
        self.home = home
        self.readings: dict[Name, Reading] = {}
        self.alarms: dict[int, Alarm] = {}
        self.acknowledge = acknowledge
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        subscription = Subscription(self.readings, self.alarms)
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.remove(subscription)

    def publish(self, news: News) -> None:
        """Tell everybody. Never waits."""
        self.readings |= news.readings
        self.alarms |= news.alarms
        self.alarms = {key: alarm for key, alarm in self.alarms.items() if not alarm.is_gone}
        for subscription in self._subscriptions:
            subscription.tell(news)
