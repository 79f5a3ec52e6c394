"""The outlet `[outlet.opcua]`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from sparekey.notify.feed import Feed
from sparekey.notify.library import with_library
from sparekey.notify.outlet import Outbox
from sparekey.notify.outlet_settings import OpcUa

_Serve: TypeAlias = Callable[[OpcUa, Path, Feed, Callable[[], None]], Awaitable[None]]


class OpcUaOutlet:
    """Serves readings and alarms at its endpoint. Certificates are kept in the folder `opcua` of the state folder."""

    takes_messages = False

    def __init__(self, settings: OpcUa, folder: Path) -> None:
        """`folder` is the state folder."""
        self._settings = settings
        self._folder = folder / "opcua"

    @property
    def name(self) -> str:
        return self._settings.name

    async def run(self, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:  # noqa: ARG002
        serve = await with_library(_load, "opcua")
        await serve(self._settings, self._folder, feed, well)


def _load() -> _Serve:
    from sparekey.notify.opcua.server import serve

    return serve
