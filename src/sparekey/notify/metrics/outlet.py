"""The outlet `[outlet.metrics]`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sparekey.core.entries import Location
from sparekey.notify.feed import Feed
from sparekey.notify.library import with_library
from sparekey.notify.outlet import Outbox
from sparekey.notify.outlet_settings import Metrics

_Serve: TypeAlias = Callable[[Location, Feed, Callable[[], None]], Awaitable[None]]


class MetricsOutlet:
    """Answers whoever asks for the readings and alarms as they are now."""

    takes_messages = False

    def __init__(self, settings: Metrics) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.name

    async def run(self, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:  # noqa: ARG002
        serve = await with_library(_load, "metrics")
        await serve(self._settings.listen, feed, well)


def _load() -> _Serve:
    from sparekey.notify.metrics.server import serve

    return serve
