"""An OPC UA outlet that serves, and a stand-in for the notifier before it: readings and alarms by hand."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sparekey.core.alarms import Acknowledge, Event, Go, NotPossible, come, receive
from sparekey.core.consequences import RaiseAlarm
from sparekey.core.matrices import Attributes
from sparekey.core.variables import SERIAL_NUMBER, Name, Quality, Reading, Value
from sparekey.notify.feed import Feed, Home, News
from sparekey.notify.opcua.outlet import OpcUaOutlet
from sparekey.notify.outlet import Message
from sparekey.notify.outlet_settings import OpcUa

NAMESPACE = "urn:sparekey"
SERIAL = Name("Runtime", SERIAL_NUMBER)


class Technicians:
    """Stands in for the notifier: it publishes what it is told, and acknowledges by the rules of the core."""

    def __init__(self) -> None:
        self.feed = Feed(Home("4f5a9c", "line-3"), self._acknowledge)

    def read(self, name: Name, value: Value, quality: Quality = Quality.GOOD, at: float | None = None) -> None:
        self.feed.publish(News({name: Reading(value, quality, time.time() if at is None else at)}))

    def alarm(self, key: int, name: Name = SERIAL, *, returns: bool = True) -> None:
        attributes = Attributes("license", "warning", 700)
        text = f"{name.owner}: license changed from 5-1042 to 5-1043"
        raised = RaiseAlarm(key, "serial-number", name, attributes, text, returns, change=key, time=time.time())
        self.feed.publish(News(alarms={key: come(raised)}))

    def go(self, key: int) -> None:
        self._receive(key, Go())

    def _acknowledge(self, key: int, by: str, comment: str) -> None:
        self._receive(key, Acknowledge(by, comment))

    def _receive(self, key: int, event: Event) -> None:
        if key not in self.feed.alarms:
            raise NotPossible(f"alarm {key} is gone")
        self.feed.publish(News(alarms={key: receive(self.feed.alarms[key], event, time.time())}))


class NoMessages:
    """The outbox of an outlet that takes none."""

    async def next(self) -> Message:
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await never

    def delivered(self, message: Message) -> None:
        raise AssertionError("there was none")


@asynccontextmanager
async def serving(technicians: Technicians, folder: Path, endpoint: str) -> AsyncIterator[None]:
    """The outlet serves at this endpoint; what it raises, this raises."""
    well = asyncio.Event()
    running = asyncio.create_task(run(technicians, folder, endpoint, well.set))
    waiting = asyncio.create_task(well.wait())
    try:
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield
    finally:
        for task in (waiting, running):
            task.cancel()
        await asyncio.gather(waiting, running, return_exceptions=True)


async def run(technicians: Technicians, folder: Path, endpoint: str, well: Callable[[], None]) -> None:
    await OpcUaOutlet(OpcUa("opcua", endpoint), folder).run(technicians.feed, NoMessages(), well)


def free_endpoint() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return f"opc.tcp://127.0.0.1:{port}"
